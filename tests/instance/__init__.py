"""Tests of the instance folder, backups and restores."""
