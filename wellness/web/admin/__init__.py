"""Admin pages."""

from . import people, views

BLUEPRINTS = (views.bp, people.bp)
