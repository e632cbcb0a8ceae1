"""The studio: drafts, videos, packs and publishing."""
