"""Tests of: hTTP."""
