"""The numbers: the week grid, class by class, and the report, school by school.

Both come from the same words (`wellness.domain.told_of`) and count the same way; the report reads the weeks that the
records keep added up, and a test holds it against the grid.
"""

from __future__ import annotations

from .grid import Cell, CellState, Grid, GridFilter, GridRow, grid_rows, week_grid
from .report import Report, ReportLine, Share, make_report
from .totals import Totals

__all__ = [
    "Cell",
    "CellState",
    "Grid",
    "GridFilter",
    "GridRow",
    "Report",
    "ReportLine",
    "Share",
    "Totals",
    "grid_rows",
    "make_report",
    "week_grid",
]
