"""Class weeks: the week of each class added up from its viewings, outside lessons and plan, kept beside them.

Every function that changes one of the three calls `roll_up` in its own transaction, so a class week is never older
than what it was made from. `rebuild` makes all of them again, `list_disagreements` finds the ones that are not what
they should be. What a week says is decided in the domain; here it is only kept and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, delete, insert, literal, select, update

from ..domain import (
    ClassPlanRule,
    ClassWeek,
    Completeness,
    ViewingState,
    WeekStatus,
    delivered_minutes,
    week_of,
    week_status_of,
)
from .database.transactions import Reading, Writing
from .schema import class_plan_entry, class_week, classroom, expected, outside_lesson, plan_entry, viewing

_FIRST, _LAST = date.min, date.max - timedelta(days=6)
"""All weeks there can be."""

# Built once: they run in the transaction of every submit, and building a statement costs as much as running it.
_HELD = (
    select(viewing.c.week_on, viewing.c.slug, viewing.c.on_day, viewing.c.state, viewing.c.extent, viewing.c.minutes)
    .where(
        viewing.c.classroom_id == bindparam("classroom_id"),
        viewing.c.week_on.between(bindparam("first"), bindparam("last")),
    )
    .order_by(viewing.c.week_on)
)
_LESSONS = select(outside_lesson.c.on_day, outside_lesson.c.minutes).where(
    outside_lesson.c.classroom_id == bindparam("classroom_id"),
    outside_lesson.c.on_day.between(bindparam("first"), bindparam("last")),
)
# In the order in which they count: the grade's plan, what the class does instead, what the closed week expected.
_PLANNED = (
    select(
        plan_entry.c.week_on,
        plan_entry.c.slug,
        plan_entry.c.says,
        literal(0).label("place"),
        plan_entry.c.id.label("n"),
    )
    .join(classroom, and_(classroom.c.school_id == plan_entry.c.school_id, classroom.c.grade == plan_entry.c.grade))
    .where(
        classroom.c.id == bindparam("classroom_id"),
        plan_entry.c.week_on.between(bindparam("first"), bindparam("last")),
    )
    .union_all(
        select(
            class_plan_entry.c.week_on,
            class_plan_entry.c.slug,
            class_plan_entry.c.says,
            literal(1),
            class_plan_entry.c.id,
        ).where(
            class_plan_entry.c.classroom_id == bindparam("classroom_id"),
            class_plan_entry.c.week_on.between(bindparam("first"), bindparam("last")),
        ),
        select(expected.c.week_on, expected.c.slug, expected.c.kind, literal(2), expected.c.seq).where(
            expected.c.classroom_id == bindparam("classroom_id"),
            expected.c.week_on.between(bindparam("first"), bindparam("last")),
        ),
    )
    .order_by("place", "n")
)
_OWN = class_week.c.classroom_id == bindparam("own_id")
_KEPT = select(class_week).where(_OWN).order_by(class_week.c.week_on)
_FORGET = delete(class_week).where(_OWN, class_week.c.week_on == bindparam("own_week"))
_CHANGE = (
    update(class_week)
    .where(_OWN, class_week.c.week_on == bindparam("own_week"))
    .values(
        slug=bindparam("slug"),
        told=bindparam("told"),
        delivered_minutes=bindparam("delivered_minutes"),
        outside_minutes=bindparam("outside_minutes"),
    )
)


class _Held(NamedTuple):
    """The columns of a viewing that decide a week's status."""

    slug: str
    on_day: date
    state: ViewingState
    extent: Completeness | None
    minutes: int | None


# --- Keeping them -----------------------------------------------------------------------------------------------------


def roll_up(tx: Writing, classroom_id: str, week_on: date) -> None:
    """Add the week of Monday `week_on` up again: something of it has changed in this transaction."""
    weeks = list(_add_up(tx, classroom_id, week_on, week_on))
    own = {"own_id": classroom_id, "own_week": week_on}
    if not weeks:
        tx.execute(_FORGET, own)
    elif tx.execute(_CHANGE, own | _values(weeks[0])).rowcount == 0:
        tx.execute(insert(class_week).values(_row(weeks[0])))


def roll_up_plan(tx: Writing, school_id: str, week_on: date, grades: Collection[str]) -> None:
    """The plan of these grades has changed: add up the weeks of their classes that have a status."""
    meant = (
        select(class_week.c.classroom_id)
        .join(classroom, classroom.c.id == class_week.c.classroom_id)
        .where(class_week.c.week_on == week_on, classroom.c.school_id == school_id, classroom.c.grade.in_(grades))
    )
    for classroom_id in tx.execute(meant).scalars().all():
        roll_up(tx, classroom_id, week_on)


def list_weeks_with_status(tx: Reading, school_ids: Collection[str], first: date) -> set[tuple[str, date]]:
    """Return the schools and weeks (Mondays) from `first` on in which any class has a status."""
    found = (
        select(classroom.c.school_id, class_week.c.week_on)
        .join(classroom, classroom.c.id == class_week.c.classroom_id)
        .where(class_week.c.week_on >= first, classroom.c.school_id.in_(school_ids))
        .distinct()
    )
    return {(row.school_id, row.week_on) for row in tx.execute(found)}


def roll_up_renamed(tx: Writing, slug: str, new_slug: str) -> None:
    """A session has another name now: add up the weeks for which it was planned, or in which it was shown."""
    planned = select(class_week.c.classroom_id, class_week.c.week_on).where(class_week.c.slug == slug)
    shown = select(viewing.c.classroom_id, viewing.c.week_on).where(viewing.c.slug == new_slug)
    for classroom_id, week_on in tx.execute(planned.union(shown)).all():
        roll_up(tx, classroom_id, week_on)


def roll_up_class(tx: Writing, classroom_id: str) -> int:
    """Add up every week of the class again. Returns how many weeks have a status."""
    rows = [_row(week) for week in _add_up(tx, classroom_id)]
    tx.execute(delete(class_week).where(class_week.c.classroom_id == classroom_id))
    if rows:
        tx.execute(insert(class_week), rows)
    return len(rows)


def rebuild(tx: Writing) -> int:
    """Add up every week of every class again. Returns how many weeks of classes there are."""
    return sum(roll_up_class(tx, classroom_id) for classroom_id in _every_class(tx))


def list_disagreements(tx: Reading) -> Iterator[tuple[str, date]]:
    """The classes and weeks (Mondays) where what is kept is not what their viewings, lessons and plan add up to."""
    for classroom_id in _every_class(tx):
        kept = {row.week_on: dict(row._mapping) for row in tx.execute(_KEPT, {"own_id": classroom_id})}
        made = {week.week_on: _row(week) for week in _add_up(tx, classroom_id)}
        for week_on in sorted(kept.keys() | made.keys()):
            if kept.get(week_on) != made.get(week_on):
                yield classroom_id, week_on


def _add_up(tx: Reading, classroom_id: str, first: date = _FIRST, last: date = _LAST) -> Iterator[ClassWeek]:
    """The class's weeks from Monday to Monday, both included; only those with a status."""
    own = {"classroom_id": classroom_id}
    outside: dict[date, int] = {}
    for lesson in tx.execute(_LESSONS, own | {"first": first, "last": last + timedelta(days=6)}):
        outside[week_of(lesson.on_day)] = outside.get(week_of(lesson.on_day), 0) + lesson.minutes
    shown = tx.execute(_HELD, own | {"first": first, "last": last})
    held = {week_on: [_held(*row[1:]) for row in rows] for week_on, rows in groupby(shown, lambda row: row.week_on)}
    weeks = sorted(held.keys() | outside.keys())
    if not weeks:
        return
    # Only of these weeks: a school's plan of twenty years is long, and a class meets in one of them.
    planned = _planned(tx, classroom_id, weeks[0], weeks[-1])
    for week_on in weeks:
        slug, viewings = planned.get(week_on), held.get(week_on, [])
        minutes = delivered_minutes(viewings)
        yield ClassWeek(classroom_id, week_on, slug, week_status_of(slug, viewings), minutes, outside.get(week_on, 0))


def _planned(tx: Reading, classroom_id: str, first: date, last: date) -> dict[date, str | None]:
    """The class's sessions by Monday: the newest of what counts most."""
    newest = {
        (row.week_on, row.place): row
        for row in tx.execute(_PLANNED, {"classroom_id": classroom_id, "first": first, "last": last})
    }
    return {
        week_on: row.slug for (week_on, _), row in newest.items() if row.says != ClassPlanRule.AS_GRADE.value
    }  # fmt: skip


def _held(slug: str, on_day: date, state: str, extent: str | None, minutes: int | None) -> _Held:
    return _Held(slug, on_day, ViewingState(state), None if extent is None else Completeness(extent), minutes)


def _every_class(tx: Reading) -> list[str]:
    return list(tx.execute(select(classroom.c.id).order_by(classroom.c.id)).scalars())


# --- Listing them -----------------------------------------------------------------------------------------------------

_LISTED = (
    select(class_week)
    .join(classroom, classroom.c.id == class_week.c.classroom_id)
    .where(
        classroom.c.year_id == bindparam("year_id"),
        classroom.c.school_id.in_(bindparam("school_ids", expanding=True)),
        class_week.c.week_on.between(bindparam("first"), bindparam("last")),
    )
)


def list_class_weeks(
    tx: Reading, *, year_id: str, school_ids: Collection[str], first: date, last: date
) -> dict[tuple[str, date], ClassWeek]:
    """The weeks (Mondays) from first to last of the year's classes in these schools, by class and week. One query.

    A class's week is left out when nothing was recorded or logged in it.
    """
    rows = tx.execute(_LISTED, {"year_id": year_id, "school_ids": list(school_ids), "first": first, "last": last})
    return {(row.classroom_id, row.week_on): _class_week(row) for row in rows}


# --- Rows -------------------------------------------------------------------------------------------------------------


def _values(week: ClassWeek) -> dict[str, str | int | None]:
    told = None if week.told is None else week.told.value
    minutes = {"delivered_minutes": week.delivered_minutes, "outside_minutes": week.outside_minutes}
    return {"slug": week.slug, "told": told, **minutes}


def _row(week: ClassWeek) -> dict[str, object]:
    return {"classroom_id": week.classroom_id, "week_on": week.week_on, **_values(week)}


def _class_week(row: Row[Any]) -> ClassWeek:
    told = None if row.told is None else WeekStatus(row.told)
    return ClassWeek(row.classroom_id, row.week_on, row.slug, told, row.delivered_minutes, row.outside_minutes)
