"""The week grid: for every class and week the planned session, its status and the minutes against the target.

The page, the CSV, the print version and the teacher's page all use these functions, so they show the same numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ...domain import (
    Classroom,
    OutsideLesson,
    Person,
    SchoolYear,
    Viewing,
    delivered_minutes,
    find_deciding_viewing,
    week_of,
    week_status_of,
    weeks_between,
)
from ...policy import in_scope
from ...records import Reading, calendars, classrooms, outside_lessons, plans, viewings
from .totals import Totals


class CellState(StrEnum):
    """Status of one class in one week as the grid shows it."""

    NOT_PLANNED = "not planned"
    NO_SCHOOL = "no school"
    OTHER_TERM = "other term"
    NOT_MEETING = "not meeting"
    UPCOMING = "upcoming"
    DUE = "due"
    NOTHING_LOGGED = "nothing logged"
    OPENED = "opened"
    PLAYED = "played"
    DELIVERED = "delivered"
    SHORTENED = "shortened"
    NOT_DONE = "not done"
    ANOTHER = "another session"

    @property
    def is_delivered(self) -> bool:
        """Whether a person logged that the class did the planned session, in full or shortened."""
        return self in (CellState.DELIVERED, CellState.SHORTENED)

    @property
    def key(self) -> str:
        """The state as a CSS class name, like `not-done`."""
        return self.value.replace(" ", "-")


_NOT_EXPECTED = (CellState.NOT_PLANNED, CellState.NO_SCHOOL, CellState.OTHER_TERM, CellState.UPCOMING)


@dataclass(frozen=True, slots=True)
class Cell:
    """One class in one week. Minutes count delivered sessions and other SEL lessons.

    `meets`: the class meets on the due day, or in a week without one on its Friday; otherwise the week isn't counted.
    """

    week_on: date
    slug: str | None
    due_on: date | None
    meets: bool
    state: CellState
    viewing: Viewing | None
    viewings: tuple[Viewing, ...]
    lessons: tuple[OutsideLesson, ...]

    @property
    def is_expected(self) -> bool:
        """Whether the cell counts as planned: a session was planned, the class met, and the due day is today or past."""
        return self.meets and self.state not in _NOT_EXPECTED

    @property
    def session_minutes(self) -> int:
        """Minutes of delivered sessions."""
        return delivered_minutes(self.viewings)

    @property
    def outside_minutes(self) -> int:
        """Minutes of other SEL lessons."""
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def minutes(self) -> int:
        """All SEL minutes of the week."""
        return self.session_minutes + self.outside_minutes


@dataclass(frozen=True, slots=True)
class GridRow:
    """One class and its cells, one per week."""

    classroom: Classroom
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Filter of grid and report: weeks first..last by their Mondays, both included; None means all.

    With `term_id` a school's weeks count only if they belong to that term by the school's own calendar.
    """

    first: date
    last: date
    school_id: str | None = None
    grade: str | None = None
    term_id: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows by school, grade and name; weeks in order."""

    weeks: tuple[date, ...]
    rows: tuple[GridRow, ...]
    totals: Totals
    target: int


def week_grid(tx: Reading, person: Person, year: SchoolYear, chosen: GridFilter, today: date, target: int) -> Grid:
    """Return the grid of the classes in the person's scope. `target` is SEL minutes per class and week."""
    weeks = weeks_between(chosen.first, chosen.last)
    last_on = chosen.last + timedelta(days=6)
    listed = classrooms.list_classrooms(
        tx, year_id=year.id, on_day=chosen.first, last_on=last_on, school_id=chosen.school_id, grade=chosen.grade
    )
    own = [classroom for classroom in listed if in_scope(person, classroom)]
    rows = grid_rows(tx, own, weeks, today, term_id=chosen.term_id)
    return Grid(weeks, rows, _totals(rows, target, today), target)


def grid_rows(
    tx: Reading, own: Sequence[Classroom], weeks: Sequence[date], today: date, *, term_id: str | None = None
) -> tuple[GridRow, ...]:
    """Return the rows of these classes for these weeks (Mondays); with `term_id` other terms' weeks stay blank."""
    if not own or not weeks:
        return tuple(GridRow(classroom, ()) for classroom in own)
    facts = _Facts(tx, own, weeks, term_id)
    return tuple(
        GridRow(classroom, tuple(facts.cell(classroom, week_on, today) for week_on in weeks)) for classroom in own
    )


class _Facts:
    """Plan, calendars, viewings and lessons, read with a few queries for all cells."""

    def __init__(self, tx: Reading, own: Sequence[Classroom], weeks: Sequence[date], term_id: str | None) -> None:
        first, last = weeks[0], weeks[-1] + timedelta(days=6)
        ids = [classroom.id for classroom in own]
        school_ids = {classroom.school_id for classroom in own}
        self._planned = {
            (entry.school_id, entry.week_on, entry.grade): entry.slug
            for entry in plans.list_plan(tx, first=week_of(first), last=last, school_ids=school_ids)
        }
        self._due: dict[tuple[str, str, date], date | None] = {}
        self._other_term: set[tuple[str, str, date]] = set()
        for key, calendar in calendars.load_calendars_of(tx, own).items():
            for week_on in weeks:
                self._due[*key, week_on] = calendar.due_day(week_on)
                if term_id is not None and not calendar.is_in_term(week_on, term_id):
                    self._other_term.add((*key, week_on))
        self._viewings: dict[tuple[str, date], list[Viewing]] = defaultdict(list)
        for viewing in viewings.list_viewings_of_weeks(tx, first=week_of(first), last=last, classroom_ids=ids):
            self._viewings[viewing.classroom_id, viewing.week_on].append(viewing)
        self._lessons: dict[tuple[str, date], list[OutsideLesson]] = defaultdict(list)
        for lesson in outside_lessons.list_outside_lessons(tx, first=first, last=last, classroom_ids=ids):
            self._lessons[lesson.classroom_id, week_of(lesson.on_day)].append(lesson)

    def cell(self, classroom: Classroom, week_on: date, today: date) -> Cell:
        """Return the cell of one class and week."""
        place = (classroom.school_id, classroom.year_id, week_on)
        if place in self._other_term:
            return Cell(week_on, None, None, False, CellState.OTHER_TERM, None, (), ())
        slug = self._planned.get((classroom.school_id, week_on, classroom.grade))
        due_on = self._due[place]
        viewed = tuple(self._viewings.get((classroom.id, week_on), ()))
        meets = classroom.meets_on(counting_day(week_on, due_on))
        status = week_status_of(slug, viewed)
        state = CellState(status.value) if status is not None else _state_before_logging(slug, due_on, meets, today)
        lessons = tuple(self._lessons.get((classroom.id, week_on), ()))
        return Cell(week_on, slug, due_on, meets, state, find_deciding_viewing(slug, viewed), viewed, lessons)


def counting_day(week_on: date, due_on: date | None) -> date:
    """Return the day that decides which classes a week counts: its due day, or without one its Friday."""
    return due_on or week_on + timedelta(days=4)


def _state_before_logging(slug: str | None, due_on: date | None, meets: bool, today: date) -> CellState:
    if due_on is None:
        return CellState.NO_SCHOOL
    if not meets:
        return CellState.NOT_MEETING
    if slug is None:
        return CellState.NOT_PLANNED
    if today < due_on:
        return CellState.UPCOMING
    return CellState.DUE if today == due_on else CellState.NOTHING_LOGGED


def _totals(rows: Sequence[GridRow], target: int, today: date) -> Totals:
    cells = [cell for row in rows for cell in row.cells]
    expected = [cell for cell in cells if cell.slug is not None and cell.is_expected]
    counted = [cell for cell in cells if cell.meets and cell.due_on is not None and cell.due_on <= today]
    delivered = sum(cell.state.is_delivered for cell in expected)
    not_done = sum(cell.state is CellState.NOT_DONE for cell in expected)
    return Totals(
        planned=len(expected),
        delivered=delivered,
        shortened=sum(cell.state is CellState.SHORTENED for cell in expected),
        not_done=not_done,
        open=len(expected) - delivered - not_done,
        on_target=sum(cell.minutes >= target for cell in counted),
        minutes=sum(cell.minutes for cell in counted),
        weeks_counted=len(counted),
    )
