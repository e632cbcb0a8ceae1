"""After amendments, swaps, make-ups, closures and an exception the pages and files still count the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from tests.support.demo_site import MONDAY, TODAY, DemoSite
from tests.support.pages import PageClient
from tests.support.scratch import DONE
from tests.web.coach.test_grid import csv_of as grid_of
from tests.web.coach.test_reports import COUNTS
from tests.web.coach.test_reports import csv_of as report_of
from wellness.domain import ClassPlanRule, Classroom, ClosureKind, ExpectationKind, Language
from wellness.records import schools
from wellness.school import amendments, closures, plan_changes, presenting
from wellness.school.amendments import WeekChange

WEEK = timedelta(weeks=1)
SWAPPED, OTHER = "body-scan", "listening-pairs"
COUNTED = {
    "delivered": ["delivered"], "shortened": ["delivered", "shortened"], "not done": ["not_done"],
    "another session": ["different_session"], "nothing logged": ["not_said"], "due": ["not_said"],
    "opened": ["not_said"], "played": ["not_said"],
}  # fmt: skip
"""In which counts of the report a planned class week of each state is."""


@pytest.fixture
def coach(demo: DemoSite) -> PageClient:
    """A coach's browser, on a site on which everything has happened that changes a number."""
    sevenths = [room for room in demo.classrooms() if room.grade == "7"]
    amend(demo, sevenths[0].school_id, 2, ExpectationKind.SESSION, OTHER)
    amend(demo, sevenths[0].school_id, 3, ExpectationKind.LEFT_OUT)
    amend(demo, sevenths[0].school_id, 4, ExpectationKind.NOTHING_PLANNED)
    log(demo, sevenths[0], SWAPPED, TODAY - WEEK)
    with demo.records.reading() as tx:
        missed = presenting.list_missed(tx, demo.classrooms(), TODAY)
    room, cell = next((room, missed[room.id][0]) for room in demo.classrooms() if missed[room.id])
    log(demo, room, cell.slug or "", TODAY, makes_up_for=cell.week_on)
    snow = closures.ClosedRange(TODAY + 2 * WEEK, TODAY + 2 * WEEK, ClosureKind.CLOSED, False, "Snow")
    closures.add_closure(
        demo.records, demo.person("coach"), snow, school_ids=[sevenths[0].school_id], at=demo.clock(), today=TODAY
    )
    differs = plan_changes.ClassWeekPlan(MONDAY + WEEK, ClassPlanRule.SESSION, OTHER)
    plan_changes.plan_class(
        demo.records, demo.person("coach"), sevenths[-1], differs, known_slugs=[OTHER], at=demo.clock()
    )
    return demo.signed_in("coach")


def amend(demo: DemoSite, school_id: str, back: int, kind: ExpectationKind, slug: str | None = None) -> None:
    """Change what grade 7 was expected to do so many weeks ago."""
    change = WeekChange(MONDAY - back * WEEK, (school_id,), ("7",), kind, slug)
    with demo.records.reading() as tx:
        effect = amendments.preview(tx, demo.person("coach"), change, TODAY)
    amendments.amend(demo.records, demo.person("coach"), change, reason="A trip.", seen=effect.seen, at=demo.clock())


def log(demo: DemoSite, room: Classroom, slug: str, on_day: date, makes_up_for: date | None = None) -> None:
    """The class did a session."""
    shown = presenting.ShownVersion(slug, "r1", Language.EN)
    presenting.log_outcome(
        demo.records, demo.person("coach"), [(room, shown)], on_day=on_day, outcome=DONE, at=demo.clock(), today=TODAY,
        makes_up_for=makes_up_for,
    )  # fmt: skip


def counts_of(rows: list[dict[str, str]]) -> Counter[tuple[str, str, str, str]]:
    """The grid's class weeks that count as planned, by school, grade, week and count."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        is_due = row["due"] and row["due"] <= str(TODAY)
        is_said = row["state"] in ("delivered", "shortened", "not done", "another session", "opened", "played")
        if row["planned_session"] and row["due"] and (is_due or is_said):
            found.update(
                (row["school"], row["grade"], row["week_of"], one) for one in ["planned", *COUNTED[row["state"]]]
            )
    return found


def test_each_count_of_the_report_is_that_of_the_grids_cells(demo: DemoSite, coach: PageClient) -> None:
    reported: Counter[tuple[str, str, str, str]] = Counter()
    for row in report_of(coach, "term=year"):
        reported.update({(row["school"], row["grade"], row["week_of"], one): int(row[one]) for one in COUNTS})
    cells = grid_of(coach, "term=year&school=all")
    assert "amended" in {row["amended"] for row in cells}
    assert "another session" in {row["state"] for row in cells}
    assert counts_of(cells) == +reported


def test_terms_add_up_to_the_year(demo: DemoSite, coach: PageClient) -> None:
    with demo.records.reading() as tx:
        (year,) = schools.list_years(tx)
    assert len(year.terms) > 1
    for table in (report_of, grid_of):
        whole = sorted(map(str, table(coach, "term=year&school=all")))
        assert whole == sorted(str(row) for term in year.terms for row in table(coach, f"term={term.id}&school=all"))


def test_a_teacher_reads_what_the_grid_counts(demo: DemoSite, coach: PageClient) -> None:
    states = {row["class"]: row["state"] for row in grid_of(coach, f"week={MONDAY}")}
    with demo.records.reading() as tx:
        due = presenting.list_due(tx, demo.classrooms(), TODAY)
    assert {room.name: cell.state.value for room, cell in due} == states
