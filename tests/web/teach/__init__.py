"""Tests of: the teacher's classes and the door card."""
