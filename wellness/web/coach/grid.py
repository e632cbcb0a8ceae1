"""The week grid: on screen, as CSV, and the entries behind one cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...catalogue import Card
from ...domain import GRADES, Amendment, Classroom, School, SchoolYear, Severity, week_of, weeks_between
from ...errors import NotFound
from ...policy import Action, has_role
from ...records import Reading, calendars, classrooms, outcomes, publications
from ...records.outcomes import ViewingChange
from ...school import amendments, planning
from ...school.reporting import ELSEWHERE, Cell, Grid, GridFilter, GridRow, grid_rows, week_grid
from .. import labels
from ..access import requires
from ..http.csv import csv_answer
from ..request import reader_language, signed_in, site, today
from .footnotes import footnotes
from .weeks import ALL, asked_weeks, asked_year, list_years


def register(bp: Blueprint) -> None:
    """Add the week grid to the coach's blueprint."""
    bp.add_url_rule("/", view_func=grid)
    bp.add_url_rule("/grid.csv", view_func=grid_csv)
    bp.add_url_rule("/cells/<classroom_id>/<week>", view_func=cell)


@dataclass(frozen=True, slots=True)
class GridPage:
    """What the grid was asked to show, for the screen, the CSV and the filters."""

    year: SchoolYear
    chosen: GridFilter
    term_id: str
    week_on: date | None
    grid: Grid
    schools: list[School]
    cards: dict[str, Card]
    amendments: list[Amendment]


MOST_CLASSES = 150
"""More than so many are shown school by school, unless all of them are asked for: a district's grid is a long page."""


def _read_grid() -> GridPage:
    """Read the filters and fetch the grid, for the screen and for CSV."""
    year = asked_year()
    grade = request.args.get("grade") if request.args.get("grade") in GRADES else None
    with site().records.reading() as tx:
        own = planning.own_schools(tx, signed_in())
        school_id = _asked_school(tx, own, year)
        shown = [school.id for school in own if school_id in (None, school.id)]
        weeks = asked_weeks(year, calendars.load_calendars(tx, year_id=year.id, school_ids=shown).values())
        chosen = GridFilter(weeks.first, weeks.last, school_id, grade, weeks.term_id)
        grid = week_grid(tx, signed_in(), year, chosen, today())
        amended = amendments.list_standing(tx, signed_in(), weeks.first, weeks.last, chosen.school_id)
    slugs = {cell.slug for row in grid.rows for cell in row.cells if cell.slug}
    slugs |= {viewing.slug for row in grid.rows for cell in row.cells for viewing in cell.viewings}
    cards = site().catalogue.list_cards(slugs, reader_language())
    return GridPage(year, chosen, weeks.term, weeks.week_on, grid, own, cards, amended)


def _asked_school(tx: Reading, own: list[School], year: SchoolYear) -> str | None:
    """The school that the address names; without one all of them, or the first where all are too many."""
    asked = request.args.get("school")
    if asked:
        return None if asked == ALL else asked
    spans = classrooms.list_class_spans(tx, year_id=year.id, school_ids=[school.id for school in own])
    if sum(span.classes for span in spans) <= MOST_CLASSES:
        return None
    return next(school.id for school in own if any(span.school_id == school.id for span in spans))


@requires(Action.SEE_GRID)
def grid() -> str:
    """The week grid: classes × planned sessions."""
    shown = _read_grid()
    filters: dict[str, Any] = {
        key: value
        for key, value in request.args.items()
        if key in ("week", "term", "school", "grade", "year") and value
    }
    shared = {key: value for key, value in filters.items() if key != "week" and value != ALL}
    return render_template(
        "coach/grid.html",
        page=shown,
        grid=shown.grid,
        grades=GRADES,
        years=list_years(),
        weeks=weeks_between(shown.year.starts_on, shown.year.ends_on),
        filters=filters,
        before=_week_link(shown, -7, filters),
        after=_week_link(shown, 7, filters),
        csv_url=url_for("coach.grid_csv", **filters),
        report_url=url_for("reports.report", **shared),
        states=labels.CELL_STATES,
        problems=sum(p.severity is Severity.ERROR for p in site().catalogue.list_problems()),
        target=shown.grid.target,
        today=today(),
        notes=footnotes(shown.amendments),
    )


def _week_link(shown: GridPage, days: int, filters: dict[str, Any]) -> str:
    if shown.week_on is None:
        return ""
    week_on = shown.week_on + timedelta(days=days)
    if not week_of(shown.year.starts_on) <= week_on <= week_of(shown.year.ends_on):
        return ""
    return url_for("coach.grid", **{**filters, "week": week_on.isoformat()})


@requires(Action.SEE_GRID)
def grid_csv() -> Response:
    """The same cells as a table for a spreadsheet."""
    shown = _read_grid()
    heads = (
        "school", "class", "grade", "size", "week_of", "planned_session", "due", "state", "reason", "day", "late",
        "entered_by_role", "revision", "session_minutes", "outside_minutes", "total_minutes", "minutes_target",
        "amended", "grades",
    )  # fmt: skip
    rows = (
        _csv_row(row.classroom, cell) for row in shown.grid.rows for cell in row.cells if cell.state not in ELSEWHERE
    )
    return csv_answer(f"week-grid-{shown.chosen.first}.csv", heads, rows)


def _csv_row(classroom: Classroom, cell: Cell) -> list[object]:
    viewing = cell.viewing
    return [
        classroom.school_name,
        classroom.name,
        cell.expected.grade if cell.expected is not None else classroom.grade,
        classroom.size,
        cell.week_on,
        cell.slug or "",
        cell.due_on or "",
        cell.state.value,
        viewing.reason.value if viewing and viewing.reason else "",
        viewing.on_day if viewing else "",
        "late" if viewing and viewing.is_late else "",
        viewing.entered_role.value if viewing else "",
        viewing.revision if viewing else "",
        cell.session_minutes,
        cell.outside_minutes,
        cell.minutes,
        cell.expected.target if cell.expected is not None else "",
        "amended" if cell.is_amended else "",
        ", ".join(classroom.grades),
    ]


@requires(Action.SEE_WEEK)
def cell(classroom: Classroom, week: str) -> str:
    """The rows behind one cell: every viewing and outside lesson of the week, and who said what when."""
    try:
        week_on = week_of(date.fromisoformat(week))
        last_day = week_on + timedelta(days=6)
    except (ValueError, OverflowError) as error:
        raise NotFound("We couldn’t find that week.") from error
    with site().records.reading() as tx:
        row: GridRow = grid_rows(tx, [classroom], [week_on], today())[0]
        found = row.cells[0]
        changes = outcomes.list_changes(tx, classroom.id, first=week_on, last=last_day)
        for made_up in (one for one in found.viewings if one.is_make_up):
            on_that_day = outcomes.list_changes(tx, classroom.id, first=made_up.on_day, last=made_up.on_day)
            changes += [change for change in on_that_day if change.slug == made_up.slug]
        published = publications.list_first_published(tx, {viewing.revision for viewing in found.viewings})
    slugs = {viewing.slug for viewing in found.viewings} | ({found.slug} if found.slug else set())
    return render_template(
        "coach/cell.html",
        classroom=classroom,
        cell=found,
        cards=site().catalogue.list_cards(slugs, reader_language()),
        changes=_spoken(changes),
        state_label=str(labels.CELL_STATES[found.state]),
        entered_label=labels.entered_label,
        versions={one.revision: labels.version_label(one.revision, published) for one in found.viewings},
        target=found.expected.target if found.expected is not None else None,
        week_on=week_on,
        may_visit=has_role(signed_in(), Action.NOTE_WALKTHROUGH),
        may_open_class=has_role(signed_in(), Action.SEE_CLASS),
        may_see_grid=has_role(signed_in(), Action.SEE_GRID),
    )


@dataclass(frozen=True, slots=True)
class SpokenChange:
    """One entry of the history, in words."""

    change: ViewingChange
    said: str
    before: str


def _change_label(change: ViewingChange) -> str:
    return _("Replaced by another entry") if change.is_withdrawal else labels.outcome_label(change.after)


def _spoken(changes: Iterable[ViewingChange]) -> list[SpokenChange]:
    return [
        SpokenChange(change, _change_label(change), labels.outcome_label(change.before) if change.before else "")
        for change in changes
    ]
