"""The report of a district or a school: planned against delivered by school, week and session, on screen, paper and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ...domain import GRADES, Amendment, School, SchoolYear, week_of, weeks_between
from ...policy import Action
from ...records import calendars
from ...school import amendments, planning
from ...school.reporting import GridFilter, Report, ReportLine, make_report
from .. import labels
from ..access import requires
from ..http.csv import csv_answer
from ..request import reader_language, signed_in, site, today
from .footnotes import footnotes
from .weeks import ALL, WHOLE_YEAR, asked_weeks, asked_year, list_years

bp = Blueprint("reports", __name__, url_prefix="/coach")


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What the report was asked to show, and the report. `term` is a term's id or the whole year."""

    year: SchoolYear
    chosen: GridFilter
    term: str
    report: Report
    schools: list[School]
    amendments: list[Amendment]

    @property
    def filters(self) -> dict[str, Any]:
        """The same filters as query parameters."""
        asked = {
            "year": request.args.get("year"),
            "term": self.term,
            "school": self.chosen.school_id,
            "grade": self.chosen.grade,
        }
        return {name: value for name, value in asked.items() if value}


def _read_report() -> ReportPage:
    """Read the filters and make the report, for the screen and for CSV."""
    year = asked_year()
    grade = request.args.get("grade") if request.args.get("grade") in GRADES else None
    asked = request.args.get("school")
    school_id = asked if asked and asked != ALL else None
    with site().records.reading() as tx:
        own = planning.own_schools(tx, signed_in())
        shown = [school.id for school in own if school_id in (None, school.id)]
        own_calendars = calendars.load_calendars(tx, year_id=year.id, school_ids=shown)
        weeks = asked_weeks(year, own_calendars.values(), default=WHOLE_YEAR)
        chosen = GridFilter(weeks.first, weeks.last, school_id, grade, weeks.term_id)
        report = make_report(tx, signed_in(), year, chosen, today())
        amended = amendments.list_standing(tx, signed_in(), weeks.first, weeks.last, chosen.school_id)
    return ReportPage(year, chosen, weeks.term, report, own, amended)


@bp.get("/reports")
@requires(Action.SEE_GRID)
def report() -> str:
    """What was planned and done, added up by school, by week and by session."""
    page = _read_report()
    sessions = page.report.by_session()
    return render_template(
        "coach/report.html",
        page=page,
        report=page.report,
        schools=page.report.by_school(),
        weeks=[week for week in page.report.by_week() if week.totals.planned or week.totals.weeks_counted],
        sessions=sessions,
        cards=site().catalogue.list_cards({session.of for session in sessions}, reader_language()),
        grades=GRADES,
        years=list_years(),
        csv_url=url_for("reports.report_csv", **page.filters),
        span=_span_label(page.chosen),
        notes=footnotes(page.amendments),
    )


def _span_label(chosen: GridFilter) -> str:
    """The days that the numbers are from, Monday to Friday: "Aug 17 – Nov 27, 2026 (15 weeks so far)"."""
    to_friday = timedelta(days=4)
    end = chosen.last + to_friday
    if not chosen.first <= today() < end:
        weeks = ngettext("%(num)s week", "%(num)s weeks", len(weeks_between(chosen.first, end)))
    else:
        end = min(today(), week_of(today()) + to_friday)
        weeks = ngettext("%(num)s week so far", "%(num)s weeks so far", len(weeks_between(chosen.first, end)))
    return f"{labels.day_range_label(chosen.first, end)} ({weeks})"


@bp.get("/reports.csv")
@requires(Action.SEE_GRID)
def report_csv() -> Response:
    """The lines that the report is added up from, as a table for a spreadsheet."""
    page = _read_report()
    heads = (
        "school", "grade", "week_of", "planned_session", "due", "classes", "planned", "delivered", "shortened",
        "not_done", "not_said", "on_target", "classes_counted", "minutes", "minutes_target", "different_session",
    )  # fmt: skip
    rows = (_csv_row(line) for line in page.report.lines)
    return csv_answer(f"report-{page.chosen.first}.csv", heads, rows)


def _csv_row(line: ReportLine) -> list[object]:
    totals = line.totals
    return [
        line.school.name, line.grade, line.week_on, line.slug or "", line.due_on or "", line.classes, totals.planned,
        totals.delivered, totals.shortened, totals.not_done, totals.open, totals.on_target, totals.weeks_counted,
        totals.minutes, line.target, totals.another,
    ]  # fmt: skip
