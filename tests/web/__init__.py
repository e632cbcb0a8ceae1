"""Tests of the pages, one folder for each area of the navigation."""
