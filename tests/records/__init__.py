"""Tests of the records on each engine."""
