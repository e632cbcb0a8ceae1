"""A school's calendar: school days, due days and terms. No records, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellness.domain import (
    Calendar,
    ClassWeekday,
    Closure,
    ClosureKind,
    Term,
    WeekdayFrom,
    WeekDecision,
    WeekRule,
    term_weeks,
)

FIRST, LAST = date(2026, 8, 17), date(2027, 6, 8)
"""A Monday and a Tuesday."""
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def closed(first: date, last: date | None = None) -> Closure:
    return Closure("c", "b", "s", first, last or first, ClosureKind.CLOSED, False, "Break")


def half_day(day: date, *, holds_sessions: bool) -> Closure:
    return Closure("c", "b", "s", day, day, ClosureKind.HALF_DAY, holds_sessions, "Conferences")


def calendar(*closures: Closure, weekdays: tuple[WeekdayFrom, ...] = (), terms: tuple[Term, ...] = ()) -> Calendar:
    return Calendar("s", "y", FIRST, LAST, closures, weekdays, terms)


def from_monday_on(weekday: int, valid_from: date = FIRST) -> tuple[WeekdayFrom, ...]:
    return (WeekdayFrom(valid_from, weekday),)


# --- Due days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("no_school", "due"),
    [
        ([], date(2026, 11, 27)),
        ([date(2026, 11, 27)], date(2026, 11, 26)),
        ([date(2026, 11, 26), date(2026, 11, 27)], date(2026, 11, 25)),
        ([date(2026, 11, 23)], date(2026, 11, 27)),
        ([date(2026, 11, 20)], date(2026, 11, 27)),
        ([date(2026, 11, 23 + n) for n in range(1, 5)], date(2026, 11, 23)),
        ([date(2026, 11, 23 + n) for n in range(5)], None),
    ],
    ids=["whole week", "Friday off", "Thanksgiving", "Monday off", "another week's day", "only Monday", "no school"],
)
def test_a_session_is_due_on_friday_or_the_last_school_day_before_it(no_school: list[date], due: date | None) -> None:
    assert calendar(*[closed(day) for day in no_school]).due_day(date(2026, 11, 23)) == due


def test_a_school_with_another_weekday_is_due_then_and_forward_when_it_is_closed() -> None:
    wednesday = from_monday_on(2)
    assert calendar(weekdays=wednesday).due_day(MONDAY) == MONDAY + 2 * DAY
    assert calendar(closed(MONDAY + 2 * DAY), weekdays=wednesday).due_day(MONDAY) == MONDAY + DAY
    assert calendar(closed(MONDAY, MONDAY + 2 * DAY), weekdays=wednesday).due_day(MONDAY) == MONDAY + 3 * DAY
    assert calendar(closed(MONDAY, MONDAY + 4 * DAY), weekdays=wednesday).due_day(MONDAY) is None


def test_a_weekday_counts_from_its_monday_on() -> None:
    weekdays = (*from_monday_on(2, MONDAY), *from_monday_on(0, MONDAY + 14 * DAY))
    due = [calendar(weekdays=weekdays).due_day(MONDAY + n * 7 * DAY) for n in (-1, 0, 1, 2)]
    assert [day and day.weekday() for day in due] == [4, 2, 2, 0]


def test_a_class_may_have_a_weekday_of_its_own() -> None:
    def due(own: Calendar, week_on: date = MONDAY, classroom_id: str = "c") -> date | None:
        weekdays = (ClassWeekday("c", MONDAY, 1), ClassWeekday("c", MONDAY + 14 * DAY, None))
        return replace(own, class_weekdays=weekdays).due_day_of(classroom_id, week_on)

    assert due(calendar()) == MONDAY + DAY
    assert due(calendar(weekdays=from_monday_on(3))) == MONDAY + DAY
    assert due(calendar(), classroom_id="another") == MONDAY + 4 * DAY
    assert [due(calendar(), MONDAY + n * 7 * DAY) for n in (-1, 1, 2)] == [MONDAY + n * DAY for n in (-3, 8, 18)]
    assert due(calendar(closed(MONDAY + DAY))) == MONDAY + 4 * DAY, "its day is closed: with its school"
    assert due(calendar(closed(MONDAY, MONDAY + 4 * DAY))) is None


def test_a_week_left_out_by_the_school_is_still_due_for_a_class_whose_day_is_open() -> None:
    left_out = WeekDecision(MONDAY, WeekRule.LEFT_OUT, None, "b")
    own = replace(
        calendar(closed(MONDAY + 4 * DAY)), decisions=(left_out,), class_weekdays=(ClassWeekday("c", MONDAY, 1),)
    )
    assert (own.due_day(MONDAY), own.due_day_of("c", MONDAY)) == (None, MONDAY + DAY)
    assert own.due_days(MONDAY) == {MONDAY + DAY}


def test_sessions_are_held_on_a_half_day_only_if_it_says_so() -> None:
    friday = MONDAY + 4 * DAY
    assert calendar(half_day(friday, holds_sessions=True)).due_day(MONDAY) == friday
    without = calendar(half_day(friday, holds_sessions=False))
    assert (without.due_day(MONDAY), without.is_school_day(friday)) == (friday - DAY, True)


def test_nothing_is_due_outside_the_year() -> None:
    assert calendar().due_day(date(2027, 6, 7)) == LAST, "the last week ends on a Tuesday"
    assert calendar().due_day(date(2027, 6, 14)) is None
    assert calendar().due_day(FIRST - 7 * DAY) is None
    late = Calendar("s", "y", FIRST + 3 * DAY, LAST, weekdays=from_monday_on(2))
    assert late.due_day(FIRST) == FIRST + 3 * DAY, "a Wednesday school whose year begins on Thursday"


@given(st.integers(0, 4), st.lists(st.integers(0, 300), max_size=200))
def test_a_due_day_is_a_school_day_of_its_week_if_there_is_one(weekday: int, closed_days: list[int]) -> None:
    own = calendar(*[closed(FIRST + n * DAY) for n in closed_days], weekdays=from_monday_on(weekday))
    for week_on in own.weeks:
        days = [week_on + n * DAY for n in range(7) if own.is_school_day(week_on + n * DAY)]
        due_on = own.due_day(week_on)
        assert (due_on is None) == (not days)
        assert due_on is None or due_on in days


# --- School days ------------------------------------------------------------------------------------------------------


def test_the_last_school_day_skips_weekends_closed_days_and_the_summer() -> None:
    own = calendar(closed(MONDAY + 2 * DAY, MONDAY + 4 * DAY))
    assert own.last_school_day(MONDAY) == MONDAY
    assert own.last_school_day(MONDAY + 5 * DAY) == MONDAY + DAY
    assert own.last_school_day(LAST + 40 * DAY) == LAST
    assert own.last_school_day(FIRST - DAY) is None


# --- Terms ------------------------------------------------------------------------------------------------------------

MLK = date(2027, 1, 18)
FALL = Term("fall", "y", "Fall", FIRST, date(2027, 1, 15))
SPRING = Term("spring", "y", "Spring", MLK + DAY, LAST)


def test_a_week_belongs_to_the_term_of_its_due_day() -> None:
    own = calendar(closed(MLK), terms=(FALL, SPRING))
    assert own.term_of(MLK) == SPRING, "the term begins on Tuesday, the session is due on Friday"
    assert calendar(closed(MLK), weekdays=from_monday_on(0), terms=(FALL, SPRING)).term_of(MLK) == SPRING
    assert calendar(weekdays=from_monday_on(0), terms=(FALL, SPRING)).term_of(MLK) == FALL
    no_school = calendar(closed(MLK, MLK + 4 * DAY), terms=(FALL, SPRING))
    assert no_school.term_of(MLK) == SPRING, "without a due day it is that of Friday"
    assert calendar().term_of(MLK) is None


@given(st.lists(st.integers(0, 290), min_size=1, max_size=6, unique=True), st.integers(0, 4))
def test_the_terms_together_have_each_week_of_the_year_once(starts: list[int], weekday: int) -> None:
    begins = sorted(starts)
    terms = tuple(Term(str(n), "y", "", FIRST + n * DAY, FIRST + (n + 1) * DAY) for n in begins)
    own = calendar(weekdays=from_monday_on(weekday), terms=terms)
    weeks = [week_on for term in terms for week_on in term_weeks([own], term.id)]
    assert sorted(weeks) == list(own.weeks)
