"""Tests of: the coach's pages."""
