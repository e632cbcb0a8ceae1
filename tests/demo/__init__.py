"""Tests of the demo school."""
