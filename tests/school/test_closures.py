"""No-school days on real records: which due days they move, in which schools, and what is refused."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pytest

from tests.support.scratch import FRIDAY, MONDAY, NOON, Cast
from wellness.domain import ClosureKind, Person
from wellness.errors import Forbidden, Invalid, NotFound
from wellness.records import Records
from wellness.school import closures, planning
from wellness.school.closures import ClosedRange
from wellness.school.planning import PlanWeek

THURSDAY = FRIDAY - timedelta(days=1)
SUMMER = date(2026, 8, 3)
"""Before the year: nothing is due yet."""


def close(
    records: Records,
    by: Person,
    school_ids: Collection[str],
    first: date,
    last: date | None = None,
    reason: str = "Snow",
) -> None:
    entered = ClosedRange(first, last or first, ClosureKind.CLOSED, False, reason)
    closures.add_closure(records, by, entered, school_ids=school_ids, at=NOON, today=SUMMER)


def week(records: Records, person: Person, cast: Cast, week_on: date = MONDAY) -> PlanWeek:
    with records.reading() as tx:
        listed = planning.list_weeks(tx, person, cast.year)
    return next(one for one in listed if one.week_on == week_on)


def due(records: Records, person: Person, cast: Cast) -> dict[str, date | None]:
    return {school.name: day.due_on for day in week(records, person, cast).due for school in day.schools}


def test_closed_days_move_the_due_day_of_their_schools_only(records: Records, cast: Cast) -> None:
    assert len(week(records, cast.admin, cast).due) == 1, "one date when all schools are equal"
    close(records, cast.admin, [cast.school.id], FRIDAY)
    assert due(records, cast.admin, cast) == {"Elm School": THURSDAY, "Oak School": FRIDAY}
    assert due(records, cast.coach, cast) == {"Elm School": THURSDAY}
    close(records, cast.coach, [cast.school.id], MONDAY, THURSDAY)
    assert due(records, cast.admin, cast) == {"Elm School": None, "Oak School": FRIDAY}


def test_days_entered_together_are_one_entry_with_its_schools(records: Records, cast: Cast) -> None:
    close(records, cast.admin, [cast.school.id, cast.other_school.id], THURSDAY, FRIDAY, " Break ")
    (off,) = week(records, cast.admin, cast).days_off
    assert (off.closure.reason, [school.name for school in off.schools]) == ("Break", ["Elm School", "Oak School"])
    (own,) = week(records, cast.coach, cast).days_off
    assert [school.name for school in own.schools] == ["Elm School"]


def test_a_coach_removes_days_in_her_own_school_only(records: Records, cast: Cast) -> None:
    close(records, cast.admin, [cast.school.id, cast.other_school.id], FRIDAY)
    (off,) = week(records, cast.admin, cast).days_off
    closures.remove_closure(records, cast.coach, closure_id=off.closure.id, at=NOON, today=SUMMER)
    assert due(records, cast.admin, cast) == {"Elm School": FRIDAY, "Oak School": THURSDAY}
    (left,) = week(records, cast.admin, cast).days_off
    with pytest.raises(NotFound):
        closures.remove_closure(records, cast.coach, closure_id=left.closure.id, at=NOON, today=SUMMER)
    closures.remove_closure(records, cast.admin, closure_id=left.closure.id, at=NOON, today=SUMMER)
    with pytest.raises(NotFound):
        closures.remove_closure(records, cast.admin, closure_id=left.closure.id, at=NOON, today=SUMMER)
    assert week(records, cast.admin, cast).days_off == ()


def test_days_need_a_reason_and_a_school_of_the_persons(records: Records, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        close(records, cast.admin, [], MONDAY, reason="  ")
    assert set(refused.value.fields) == {"reason", "school_ids"}
    with pytest.raises(Forbidden):
        close(records, cast.coach, [cast.other_school.id], MONDAY)
    assert week(records, cast.admin, cast).days_off == ()


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (FRIDAY, MONDAY, "after the last day"),
        (FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2), "weekends"),
        (date(2031, 1, 1), date(2031, 1, 1), "outside the school year"),
        (date(2027, 6, 14), date(2027, 6, 21), "outside the school year"),
        (FRIDAY, FRIDAY + timedelta(days=3), "on the list already"),
    ],
)
def test_days_that_cannot_be_are_refused_with_the_reason(
    records: Records, cast: Cast, first: date, last: date, why: str
) -> None:
    close(records, cast.admin, [cast.school.id], FRIDAY)
    with pytest.raises(Invalid) as refused:
        close(records, cast.admin, [cast.school.id, cast.other_school.id], first, last)
    assert why in refused.value.fields["first_on"]
    assert len(week(records, cast.admin, cast).days_off) == 1
