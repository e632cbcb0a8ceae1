"""Tests of: admin pages."""
