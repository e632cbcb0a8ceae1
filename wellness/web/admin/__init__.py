"""Admin pages."""

from . import classes, people, targets, views, years

BLUEPRINTS = (views.bp, people.bp, years.bp, classes.bp, targets.bp)
