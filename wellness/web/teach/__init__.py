"""The teacher's classes and the door card."""

from . import classes, door

BLUEPRINTS = (classes.bp, door.bp)
