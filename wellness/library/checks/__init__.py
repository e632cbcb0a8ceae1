"""Checks of a text: each finds problems with their lines."""
