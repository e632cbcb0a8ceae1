"""Checks of a text. Each returns problems with their lines."""
