"""Planning the weeks on real records: who may plan what, what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.scratch import FRIDAY, MONDAY, NOON, Cast
from wellness.domain import GRADES, ClosureKind, Person
from wellness.errors import Forbidden, Invalid
from wellness.records import Records, audit_log
from wellness.school import closures, planning
from wellness.school.closures import ClosedRange
from wellness.school.plan_changes import PlannedWeek, plan_week
from wellness.school.planning import PlanWeek

KNOWN = ("four-square", "body-scan")


def plan(records: Records, person: Person, cast: Cast, confirmed: str = "", **changes: Any) -> str:
    chosen: dict[str, Any] = {"school_ids": [cast.school.id], "week_on": MONDAY, "grades": ["6"], "slug": "four-square"}
    return plan_week(
        records, person, PlannedWeek(**(chosen | changes)), known_slugs=KNOWN, at=NOON, confirmed=confirmed
    )


def weeks(records: Records, person: Person, cast: Cast) -> dict[date, PlanWeek]:
    with records.reading() as tx:
        return {week.week_on: week for week in planning.list_weeks(tx, person, cast.year)}


def planned(records: Records, person: Person, cast: Cast) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.school.name, one.slug, one.grades) for one in weeks(records, person, cast)[MONDAY].planned]


def test_a_plan_is_shown_by_school_session_and_grades(records: Records, cast: Cast) -> None:
    plan(records, cast.coach, cast, grades=["10", "6", "K"])
    plan(records, cast.coach, cast, grades=["7"], slug="body-scan")
    plan(records, cast.admin, cast, school_ids=[cast.school.id, cast.other_school.id], grades=["8"])
    assert planned(records, cast.admin, cast) == [
        ("Elm School", "four-square", ("K", "6", "8", "10")),
        ("Elm School", "body-scan", ("7",)),
        ("Oak School", "four-square", ("8",)),
    ]
    assert {name for name, _, _ in planned(records, cast.coach, cast)} == {"Elm School"}


def test_planning_again_replaces_and_planning_nothing_takes_away(records: Records, cast: Cast) -> None:
    plan(records, cast.coach, cast, grades=["6", "7"])
    plan(records, cast.coach, cast, slug="body-scan")
    assert planned(records, cast.coach, cast) == [
        ("Elm School", "body-scan", ("6",)),
        ("Elm School", "four-square", ("7",)),
    ]
    plan(records, cast.coach, cast, grades=["6", "7"], slug=None)
    assert planned(records, cast.coach, cast) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "nothing"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"grades": []}, "grades"),
        ({"grades": ["13"]}, "grades"),
        ({"grades": ["6", ""]}, "grades"),
        ({"school_ids": []}, "school_ids"),
        ({"week_on": FRIDAY}, "week_on"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_its_field(
    records: Records, cast: Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        plan(records, cast.coach, cast, **changes)
    assert list(refused.value.fields) == [field]
    assert planned(records, cast.admin, cast) == []


def test_all_mistakes_are_told_at_once(records: Records, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        plan(records, cast.coach, cast, slug="nothing", grades=[], school_ids=[], week_on=FRIDAY)
    assert set(refused.value.fields) == {"slug", "grades", "school_ids", "week_on"}


def test_a_coach_plans_for_her_own_school_only_all_or_nothing(records: Records, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        plan(records, cast.coach, cast, school_ids=[cast.school.id, cast.other_school.id])
    with pytest.raises(Forbidden):
        plan(records, cast.coach, cast, school_ids=["unknown"])
    assert planned(records, cast.admin, cast) == []


def test_the_year_is_listed_week_by_week(records: Records, cast: Cast) -> None:
    listed = weeks(records, cast.coach, cast)
    assert list(listed) == sorted(listed)
    assert min(listed) == date(2026, 8, 31)
    assert max(listed) == date(2027, 6, 14)
    assert all([due.due_on for due in week.due] == [week.week_on + timedelta(days=4)] for week in listed.values())


def test_everything_that_changes_the_plan_is_in_the_audit_log(records: Records, cast: Cast) -> None:
    plan(records, cast.coach, cast, grades=list(GRADES))
    entered = ClosedRange(MONDAY, MONDAY, ClosureKind.CLOSED, False, "Snow")
    closures.add_closure(records, cast.coach, entered, school_ids=[cast.school.id], at=NOON, today=MONDAY)
    (off,) = weeks(records, cast.coach, cast)[MONDAY].days_off
    closures.remove_closure(records, cast.coach, closure_id=off.closure.id, at=NOON, today=MONDAY)
    with records.reading() as tx:
        listed = [(entry.action, entry.person_name) for entry in audit_log.list_audit(tx)]
    assert listed == [
        ("remove no-school day", "Cora Coach"),
        ("add no-school day", "Cora Coach"),
        ("plan week", "Cora Coach"),
    ]
