"""Changing the plan of weeks that are still open, for grades or for one class, and undoing a change.

A change that touches classes which already logged the week says first what they will read, and needs a confirmation.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..domain import (
    GRADES,
    ClassPlanRule,
    Classroom,
    EnteredRole,
    Expectation,
    Person,
    WeekStatus,
    school_day,
    week_of,
)
from ..errors import Forbidden, Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, calendars, classrooms, expected_weeks, plans, settings
from ..records.plans import PlanStep
from .expectations import WeekOver, close_weeks, list_closed_alone, list_expectations
from .moves import Move, count_moves
from .planning import own_schools

_LOGGED = frozenset(status.value for status in WeekStatus)
_NOT_CHANGED = worded("The plan wasn’t changed. Please fix the fields below.")


class Unconfirmed(Invalid):
    """Classes that already logged something would read differently, and nobody has confirmed that.

    `seen` names what `moves` says; it is sent along to confirm exactly that.
    """

    def __init__(self, moves: Sequence[Move]) -> None:
        super().__init__(
            worded("Not changed yet. Some classes already logged that week."),
            {"confirmed": worded("Check what these classes will read, then change the plan.")},
        )
        self.moves = tuple(moves)
        self.seen = ",".join(f"{move.classes} {move.before.value}>{move.after.value}" for move in moves)


@dataclass(frozen=True, slots=True)
class PlannedWeek:
    """`slug` (None: nothing) for these grades of these schools in the week of Monday `week_on`."""

    week_on: date
    school_ids: tuple[str, ...]
    grades: tuple[str, ...]
    slug: str | None


@dataclass(frozen=True, slots=True)
class ClassWeekPlan:
    """What one class does in the week of Monday `week_on` instead of its grade's session, or again as its grade."""

    week_on: date
    rule: ClassPlanRule
    slug: str | None = None


def plan_week(
    records: Records,
    person: Person,
    planned: PlannedWeek,
    *,
    known_slugs: Collection[str],
    at: datetime,
    confirmed: str = "",
) -> str:
    """Plan a session, or nothing, for grades in a week. Returns the batch that can be undone.

    Raises WeekOver when the week is over in one of the schools, Invalid with the field that is wrong, Forbidden for a
    school that is not the person's, Unconfirmed unless `confirmed` names what it changes for classes that logged.
    """
    _check(planned, known_slugs)
    with records.writing() as tx:
        own = {school.id: school.name for school in own_schools(tx, person)}
        if not set(planned.school_ids) <= own.keys():
            raise Forbidden("You can only plan for your own schools.")
        closed = close_weeks(tx, planned.school_ids, at)
        if any(closed.get(one, date.min) >= planned.week_on for one in planned.school_ids):
            raise WeekOver()
        change = _Change(tx, person, at)
        rooms = _list_classes(tx, planned.school_ids, [planned.week_on])
        before = change.expectations(rooms, [planned.week_on])
        for school_id in planned.school_ids:
            plans.set_plan(
                tx, school_id, planned.week_on, planned.grades, planned.slug, person.id, at,
                role=change.role, batch_id=change.batch_id,
            )  # fmt: skip
            grades = " ".join(sorted(planned.grades, key=GRADES.index))
            detail = f"{own[school_id]}, {planned.week_on}, {grades}: {planned.slug or 'nothing'}"
            audit_log.note(tx, person, at, "plan week", "plan", detail)
        change.confirm(before, change.expectations(rooms, [planned.week_on]), confirmed)
    return change.batch_id


def plan_class(
    records: Records,
    person: Person,
    classroom: Classroom,
    planned: ClassWeekPlan,
    *,
    known_slugs: Collection[str],
    at: datetime,
    confirmed: str = "",
) -> str:
    """Plan something else for one class in a week, or end that. Returns the batch that can be undone.

    Raises WeekOver when the week is over, Invalid with the field that is wrong, Unconfirmed as `plan_week` does.
    """
    with records.writing() as tx:
        closed = close_weeks(tx, [classroom.school_id], at)
        if closed.get(classroom.school_id, date.min) >= planned.week_on:
            raise WeekOver()
        _check_class_week(tx, classroom, planned, known_slugs)
        change = _Change(tx, person, at)
        before = change.expectations([classroom], [planned.week_on])
        plans.set_class_plan(
            tx, classroom.id, planned.week_on, planned.rule, planned.slug, person.id, at,
            role=change.role, batch_id=change.batch_id,
        )  # fmt: skip
        detail = f"{planned.week_on}: {planned.slug or planned.rule.value}"
        audit_log.note(tx, person, at, "plan week of class", f"class {classroom.name}", detail)
        change.confirm(before, change.expectations([classroom], [planned.week_on]), confirmed)
    return change.batch_id


@dataclass(frozen=True, slots=True)
class OpenWeek:
    """A week that one class can still be planned for: what its grade does, and what the class does."""

    week_on: date
    grade_slug: str | None
    slug: str | None
    is_exception: bool


def list_open_weeks(tx: Reading, classroom: Classroom) -> list[OpenWeek]:
    """Return the weeks of the class that aren't closed, in order."""
    calendar = calendars.load_calendar(tx, classroom)
    through = expected_weeks.closed_through(tx, [classroom.school_id]).get(classroom.school_id, date.min)
    alone = list_closed_alone(tx, [calendar], calendar.first_on, calendar.last_on)
    weeks = [
        week_on
        for week_on in calendar.weeks
        if week_on > through
        and (classroom.id, week_on) not in alone
        and classroom.meets_on(calendar.due_day_of(classroom.id, week_on) or week_on + timedelta(days=4))
    ]
    plan = plans.load_plan(tx, first=calendar.first_on, last=calendar.last_on, school_ids=[classroom.school_id])
    return [
        OpenWeek(
            week_on,
            plan.of_grade(classroom.school_id, week_on, classroom.grade),
            plan.of_class(classroom, week_on),
            plan.is_exception(classroom.id, week_on),
        )
        for week_on in weeks
    ]


def undo_plan(records: Records, person: Person, batch_id: str, at: datetime) -> date:
    """Plan again what was planned before a batch. Returns the Monday of its first week.

    Raises NotFound for an unknown batch and one of others' schools, Invalid when the plan was changed since or a week is
    over by now.
    """
    with records.writing() as tx:
        steps = plans.list_steps(tx, batch_id)
        school_ids = {step.school_id for step in steps}
        if not steps or not school_ids <= {school.id for school in own_schools(tx, person)}:
            raise NotFound("We couldn’t find that change of the plan.")
        closed = close_weeks(tx, school_ids, at)
        if any(closed.get(step.school_id, date.min) >= step.week_on for step in steps):
            raise WeekOver()
        if not all(step.is_newest for step in steps):
            raise Invalid("The plan was changed again since, so this change can’t be undone.")
        role, undoing = EnteredRole(person.role.value), secrets.token_urlsafe(16)
        for step in steps:
            _undo(tx, step, person, role, undoing, at)
        audit_log.note(tx, person, at, "undo plan", "plan", ", ".join(sorted({str(step.week_on) for step in steps})))
        return min(step.week_on for step in steps)


def may_undo_plan(tx: Reading, person: Person, batch_id: str) -> bool:
    """Whether the batch changed the plan of the person's schools, and nothing was planned there since."""
    steps = plans.list_steps(tx, batch_id)
    own = {school.id for school in own_schools(tx, person)}
    return bool(steps) and all(step.is_newest and step.school_id in own for step in steps)


def _undo(tx: Writing, step: PlanStep, person: Person, role: EnteredRole, batch_id: str, at: datetime) -> None:
    if step.classroom_id is None:
        plans.set_plan(
            tx,
            step.school_id,
            step.week_on,
            [step.grade],
            step.slug_before,
            person.id,
            at,
            role=role,
            batch_id=batch_id,
        )
    else:
        plans.set_class_plan(
            tx, step.classroom_id, step.week_on, step.rule_before, step.slug_before, person.id, at,
            role=role, batch_id=batch_id,
        )  # fmt: skip


class _Change:
    """One change of the plan inside a transaction: its batch, and what classes that logged read before and after."""

    def __init__(self, tx: Reading, person: Person, at: datetime) -> None:
        self._tx = tx
        self._today = school_day(at, settings.load_settings(tx).zone)
        self.role = EnteredRole(person.role.value)
        self.batch_id = secrets.token_urlsafe(16)

    def expectations(self, rooms: Sequence[Classroom], weeks: Sequence[date]) -> dict[tuple[str, date], Expectation]:
        """Return what the weeks expect of the classes now."""
        return list_expectations(self._tx, rooms, weeks)

    def confirm(
        self,
        before: dict[tuple[str, date], Expectation],
        after: dict[tuple[str, date], Expectation],
        confirmed: str,
    ) -> None:
        """Raise Unconfirmed, which undoes the transaction, unless the effect on classes that logged was confirmed."""
        moves = count_moves(
            self._tx, [(one, after[key]) for key, one in before.items() if after[key] != one], self._today
        )
        logged = [move for move in moves if {move.before.value, move.after.value} & _LOGGED]
        unconfirmed = Unconfirmed(logged)
        if logged and confirmed != unconfirmed.seen:
            raise unconfirmed


def _list_classes(tx: Reading, school_ids: Collection[str], weeks: Sequence[date]) -> list[Classroom]:
    first, last_on = weeks[0], weeks[-1] + timedelta(days=6)
    found: list[Classroom] = []
    for year_id in {key[1] for key in calendars.load_calendars_of_schools(tx, school_ids)}:
        listed = classrooms.list_classrooms(tx, year_id=year_id, on_day=first, last_on=last_on)
        found += [one for one in listed if one.school_id in school_ids]
    return found


def _check(planned: PlannedWeek, known_slugs: Collection[str]) -> None:
    """Raise Invalid with every field that is wrong."""
    fields: dict[str, str] = {}
    if planned.slug is not None and planned.slug not in known_slugs:
        fields["slug"] = worded("Choose a session from the list.")
    if not planned.grades or not set(planned.grades) <= set(GRADES):
        fields["grades"] = worded("Choose at least one grade.")
    if not planned.school_ids:
        fields["school_ids"] = worded("Choose at least one school.")
    if planned.week_on != week_of(planned.week_on):
        fields["week_on"] = worded("Choose a week.")
    if fields:
        raise Invalid(_NOT_CHANGED, fields)


def _check_class_week(tx: Reading, classroom: Classroom, planned: ClassWeekPlan, known_slugs: Collection[str]) -> None:
    fields: dict[str, str] = {}
    if planned.rule is ClassPlanRule.SESSION and planned.slug not in known_slugs:
        fields["slug"] = worded("Choose a session from the list.")
    if planned.week_on not in {one.week_on for one in list_open_weeks(tx, classroom)}:
        fields["week_on"] = worded("Choose a week from the list.")
    if fields:
        raise Invalid(_NOT_CHANGED, fields)
