"""Content blocks of a text."""
