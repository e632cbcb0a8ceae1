"""Wellness: a site a school hosts itself for Tier 1 sessions, the classes that view them and the teachers who run them."""
