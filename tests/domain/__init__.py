"""Tests of the product's values."""
