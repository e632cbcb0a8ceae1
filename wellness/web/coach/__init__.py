"""The coach's pages."""

from . import grid, reports, staff_training, visits

BLUEPRINTS = (grid.bp, reports.bp, staff_training.bp, visits.bp)
