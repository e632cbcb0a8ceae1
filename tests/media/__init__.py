"""Tests of videos, captions and their storage."""
