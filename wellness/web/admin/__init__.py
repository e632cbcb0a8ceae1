"""Admin pages."""

from . import classes, people, views, years

BLUEPRINTS = (views.bp, people.bp, years.bp, classes.bp)
