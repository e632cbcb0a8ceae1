"""Tests of: teacher training and certificates."""
