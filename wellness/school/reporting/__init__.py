"""The numbers: the week grid by class and the report by school.

Both use the same status of a class and week (`wellness.domain.class_week`) and the same counting. The grid reads viewings,
the report reads stored weekly summaries; a test compares the two.
"""

from __future__ import annotations

from .grid import ELSEWHERE, Cell, CellState, Grid, GridFilter, GridRow, grid_rows, week_grid
from .report import Report, ReportLine, Share, make_report
from .totals import Totals

__all__ = [
    "ELSEWHERE",
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
