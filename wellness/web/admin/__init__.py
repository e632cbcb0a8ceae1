"""Admin pages."""

from . import people, views, years

BLUEPRINTS = (views.bp, people.bp, years.bp)
