"""Tests of: the studio: drafts, videos, packs and publishing."""
