"""Tests of: pages that need no sign-in."""
