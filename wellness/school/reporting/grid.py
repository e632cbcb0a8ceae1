"""The week grid: for every class and week the planned session, its status and the minutes against the target.

The page, the CSV, the print version and the teacher's page all use these functions, so they show the same numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ...domain import (
    Classroom,
    Expectation,
    ExpectationKind,
    OutsideLesson,
    Person,
    SchoolYear,
    Viewing,
    WeekStatus,
    delivered_minutes,
    find_deciding_viewing,
    week_of,
    week_status_of,
    weeks_between,
)
from ...policy import in_scope
from ...records import Reading, calendars, classrooms, expected_weeks, outside_lessons, viewings
from ..expectations import list_expectations
from .totals import Totals, only_target


class CellState(StrEnum):
    """Status of one class in one week as the grid shows it."""

    NOT_PLANNED = "not planned"
    NO_SCHOOL = "no school"
    OTHER_TERM = "other term"
    OTHER_GRADE = "other grade"
    LEFT_OUT = "left out"
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


ELSEWHERE = frozenset({CellState.OTHER_TERM, CellState.OTHER_GRADE})
"""Weeks that count in another term or grade than the grid shows."""
_SAID = frozenset(CellState(status.value) for status in WeekStatus)


@dataclass(frozen=True, slots=True)
class Cell:
    """One class in one week. Minutes count delivered sessions and other SEL lessons.

    `expected` is None in a week in which the class wasn't expected; what it did then counts nowhere.
    """

    week_on: date
    expected: Expectation | None
    state: CellState
    viewing: Viewing | None
    viewings: tuple[Viewing, ...]
    lessons: tuple[OutsideLesson, ...]

    @property
    def slug(self) -> str | None:
        """The planned session."""
        return self.expected.slug if self.expected is not None else None

    @property
    def due_on(self) -> date | None:
        """The day the session is due."""
        return self.expected.due_on if self.expected is not None else None

    @property
    def is_amended(self) -> bool:
        """Whether an amendment changed what the week expects."""
        return self.expected is not None and self.expected.amendment_id is not None

    def has_come(self, today: date) -> bool:
        """Whether the due day is today or past."""
        return self.due_on is not None and self.due_on <= today

    def is_planned(self, today: date) -> bool:
        """Whether the cell counts as planned: its day has come, or something was recorded or logged before it."""
        if self.expected is None or not self.expected.kind.is_planned:
            return False
        return self.has_come(today) or self.state in _SAID or self.expected.due_on is None

    def is_counted(self, today: date) -> bool:
        """Whether the week's minutes count."""
        return self.expected is not None and self.expected.kind.is_counted and self.has_come(today)

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

    With `term_id` a school's weeks count only if they belong to that term by the school's own calendar. A class's week
    counts in the grade that was stored when it was closed; an open one in the grade whose plan the class follows.
    """

    first: date
    last: date
    school_id: str | None = None
    grade: str | None = None
    term_id: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows by school, grade and name; weeks in order.

    `target` is the SEL minutes per class and week, None when the goal changed within these weeks.
    """

    weeks: tuple[date, ...]
    rows: tuple[GridRow, ...]
    totals: Totals
    target: int | None


def week_grid(tx: Reading, person: Person, year: SchoolYear, chosen: GridFilter, today: date) -> Grid:
    """Return the grid of the classes in the person's scope."""
    weeks = weeks_between(chosen.first, chosen.last)
    own = [classroom for classroom in _list_classes(tx, year, chosen) if in_scope(person, classroom)]
    rows = grid_rows(tx, own, weeks, today, term_id=chosen.term_id, grade=chosen.grade)
    expected = (cell.expected for row in rows for cell in row.cells)
    return Grid(weeks, rows, _totals(rows, today), only_target(one.target for one in expected if one is not None))


def _list_classes(tx: Reading, year: SchoolYear, chosen: GridFilter) -> list[Classroom]:
    """The classes that meet, and those that were expected in these weeks but have ended or changed grades since."""
    last_on = chosen.last + timedelta(days=6)
    listed = classrooms.list_classrooms(
        tx, year_id=year.id, on_day=chosen.first, last_on=last_on, school_id=chosen.school_id, grade=chosen.grade
    )
    expected = expected_weeks.list_class_ids(tx, chosen.first, chosen.last, chosen.grade)
    ended = expected - {classroom.id for classroom in listed}
    for classroom in (classrooms.get_classroom(tx, one, last_on) for one in sorted(ended)):
        if classroom.year_id == year.id and chosen.school_id in (None, classroom.school_id):
            listed.append(classroom)
    return sorted(listed, key=classrooms.place) if ended else listed


def grid_rows(
    tx: Reading,
    own: Sequence[Classroom],
    weeks: Sequence[date],
    today: date,
    *,
    term_id: str | None = None,
    grade: str | None = None,
) -> tuple[GridRow, ...]:
    """Return the rows of these classes for these weeks (Mondays); weeks of other terms or grades stay blank."""
    if not own or not weeks:
        return tuple(GridRow(classroom, ()) for classroom in own)
    facts = _Facts(tx, own, weeks, term_id, grade)
    return tuple(
        GridRow(classroom, tuple(facts.cell(classroom, week_on, today) for week_on in weeks)) for classroom in own
    )


class _Facts:
    """Expectations, calendars, viewings and lessons, read with a few queries for all cells."""

    def __init__(
        self, tx: Reading, own: Sequence[Classroom], weeks: Sequence[date], term_id: str | None, grade: str | None
    ) -> None:
        self._grade = grade
        ids = [classroom.id for classroom in own]
        first, last = weeks[0], weeks[-1] + timedelta(days=6)
        self._expected = list_expectations(tx, own, weeks)
        self._other_term: set[tuple[str, str, date]] = set()
        if term_id is not None:
            for key, calendar in calendars.load_calendars_of(tx, own).items():
                self._other_term |= {(*key, one) for one in weeks if not calendar.is_in_term(one, term_id)}
        self._viewings: dict[tuple[str, date], list[Viewing]] = defaultdict(list)
        for viewing in viewings.list_viewings_of_weeks(tx, first=first, last=weeks[-1], classroom_ids=ids):
            self._viewings[viewing.classroom_id, viewing.week_on].append(viewing)
        self._lessons: dict[tuple[str, date], list[OutsideLesson]] = defaultdict(list)
        for lesson in outside_lessons.list_outside_lessons(tx, first=first, last=last, classroom_ids=ids):
            self._lessons[lesson.classroom_id, week_of(lesson.on_day)].append(lesson)

    def cell(self, classroom: Classroom, week_on: date, today: date) -> Cell:
        """Return the cell of one class and week."""
        if (classroom.school_id, classroom.year_id, week_on) in self._other_term:
            return Cell(week_on, None, CellState.OTHER_TERM, None, (), ())
        expected = self._expected.get((classroom.id, week_on))
        if self._grade not in (None, expected.grade if expected is not None else classroom.grade):
            return Cell(week_on, None, CellState.OTHER_GRADE, None, (), ())
        slug = expected.slug if expected is not None else None
        viewed = tuple(self._viewings.get((classroom.id, week_on), ()))
        state = state_of(expected, week_status_of(slug, viewed), today)
        lessons = tuple(self._lessons.get((classroom.id, week_on), ()))
        return Cell(week_on, expected, state, find_deciding_viewing(slug, viewed), viewed, lessons)


_STATES = {
    ExpectationKind.NOTHING_PLANNED: CellState.NOT_PLANNED,
    ExpectationKind.NO_SCHOOL: CellState.NO_SCHOOL,
    ExpectationKind.LEFT_OUT: CellState.LEFT_OUT,
    ExpectationKind.NOT_MEETING: CellState.NOT_MEETING,
}


def state_of(expected: Expectation | None, status: WeekStatus | None, today: date) -> CellState:
    """Return how a class's week reads; `status` is that of the session it expects."""
    if status is not None:
        return CellState(status.value)
    if expected is None:
        return CellState.NOT_MEETING
    if expected.kind in _STATES:
        return _STATES[expected.kind]
    if expected.due_on is None or today > expected.due_on:
        return CellState.NOTHING_LOGGED
    return CellState.DUE if today == expected.due_on else CellState.UPCOMING


def _totals(rows: Sequence[GridRow], today: date) -> Totals:
    cells = [cell for row in rows for cell in row.cells]
    planned = [cell for cell in cells if cell.is_planned(today)]
    counted = [cell for cell in cells if cell.is_counted(today)]
    return Totals.of(
        planned=len(planned),
        statuses=Counter(WeekStatus(cell.state.value) for cell in planned if cell.state in _SAID),
        on_target=sum(cell.expected is not None and cell.minutes >= cell.expected.target for cell in counted),
        minutes=sum(cell.minutes for cell in counted),
        weeks_counted=len(counted),
    )
