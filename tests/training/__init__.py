"""Tests of teacher training."""
