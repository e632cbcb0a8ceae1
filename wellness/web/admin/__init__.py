"""Admin pages."""

from . import classes, people, school_page, targets, views, years

BLUEPRINTS = (views.bp, people.bp, years.bp, classes.bp, targets.bp, school_page.bp)
