"""Tests of drafts, publishing, uploads and packs."""
