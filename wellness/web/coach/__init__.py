"""The coach's pages. Each module's `register` adds its addresses to the one blueprint."""

from flask import Blueprint

from . import amendments, calendar, calendar_import, grid, library_check, plan, reports, staff_training, visits

bp = Blueprint("coach", __name__, url_prefix="/coach")
for module in (grid, plan, amendments, calendar, calendar_import, library_check):
    module.register(bp)

BLUEPRINTS = (bp, reports.bp, staff_training.bp, visits.bp)
