"""Tests of the Markdown library."""
