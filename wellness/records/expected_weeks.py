"""What was expected of each class in each week that is over: rows are added, never changed or deleted.

The highest `seq` of a class and week counts. What an open week expects is worked out in `wellness.school.expectations`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, case, cast, func, insert, select, update

from ..domain import Expectation, ExpectationKind, WeekStatus
from .database.transactions import Reading, Writing
from .schema import class_week, classroom, closed_weeks, expected

_NEWER = expected.alias("newer")
_IS_NEWEST = (
    ~select(_NEWER.c.seq)
    .where(
        _NEWER.c.classroom_id == expected.c.classroom_id,
        _NEWER.c.week_on == expected.c.week_on,
        _NEWER.c.seq > expected.c.seq,
    )
    .exists()
)
_IN_WEEKS = expected.c.week_on.between(bindparam("first"), bindparam("last"))
_OF_SCHOOLS = expected.c.school_id.in_(bindparam("school_ids", expanding=True))
# Built once: every staff page asks what was expected.
_NEWEST = select(expected).where(_IN_WEEKS, _IS_NEWEST)
_NEWEST_OF_CLASSES = _NEWEST.where(expected.c.classroom_id.in_(bindparam("classroom_ids", expanding=True)))
_NEWEST_OF_SCHOOLS = _NEWEST.where(_OF_SCHOOLS)
_CLASS_IDS = select(expected.c.classroom_id).where(_IN_WEEKS).distinct()
_CLASS_IDS_OF_GRADE = _CLASS_IDS.where(_IS_NEWEST, expected.c.grade == bindparam("grade"))
_CLOSED = select(closed_weeks).where(closed_weeks.c.school_id.in_(bindparam("school_ids", expanding=True)))


# --- Closing ----------------------------------------------------------------------------------------------------------


def closed_through(tx: Reading, school_ids: Collection[str]) -> dict[str, date]:
    """Return the Monday of each school's latest closed week. A school without a closed week is left out."""
    return {row.school_id: row.through for row in tx.execute(_CLOSED, {"school_ids": list(school_ids)})}


def newest_closed(tx: Reading) -> date | None:
    """Return the Monday of the latest week that is closed in any school; None without one."""
    found: date | None = tx.execute(select(func.max(closed_weeks.c.through))).scalar()
    return found


def close_through(tx: Writing, school_id: str, week_on: date) -> None:
    """The school's weeks up to the one of that Monday are closed. It never moves back."""
    later = update(closed_weeks).where(closed_weeks.c.school_id == school_id, closed_weeks.c.through < week_on)
    if not closed_through(tx, [school_id]):
        tx.execute(insert(closed_weeks).values(school_id=school_id, through=week_on))
    else:
        tx.execute(later.values(through=week_on))


def add_expected(tx: Writing, added: Iterable[Expectation]) -> None:
    """Store these expectations, each with the next `seq` of its class and week."""
    rows = [_values(one) for one in added]
    if rows:
        tx.execute(insert(expected), rows)


# --- Looking ----------------------------------------------------------------------------------------------------------


def list_of_classes(tx: Reading, classroom_ids: Collection[str], first: date, last: date) -> list[Expectation]:
    """What counts for these classes in the closed weeks (Mondays) from first to last. One query."""
    weeks = {"first": first, "last": last, "classroom_ids": list(classroom_ids)}
    return [_expectation(row) for row in tx.execute(_NEWEST_OF_CLASSES, weeks)]


def list_of_schools(tx: Reading, school_ids: Collection[str], first: date, last: date) -> list[Expectation]:
    """What counts for the classes of these schools in the closed weeks (Mondays) from first to last. One query."""
    weeks = {"first": first, "last": last, "school_ids": list(school_ids)}
    return [_expectation(row) for row in tx.execute(_NEWEST_OF_SCHOOLS, weeks)]


def list_class_ids(tx: Reading, first: date, last: date, grade: str | None = None) -> set[str]:
    """The classes of which something was expected in the closed weeks (Mondays) from first to last, in that grade or any."""
    weeks = {"first": first, "last": last}
    found = (
        tx.execute(_CLASS_IDS, weeks) if grade is None else tx.execute(_CLASS_IDS_OF_GRADE, weeks | {"grade": grade})
    )
    return set(found.scalars())


def find_span(tx: Reading, year_id: str) -> tuple[date, date] | None:
    """The Mondays of the first and the last closed week in which something was expected of the year's classes."""
    days = (func.min(expected.c.week_on), func.max(expected.c.week_on))
    of_year = (
        select(*days).join(classroom, classroom.c.id == expected.c.classroom_id).where(classroom.c.year_id == year_id)
    )
    first, last = tx.execute(of_year).one()
    return None if first is None else (first, last)


def list_written_by(tx: Reading, amendment_id: int) -> list[Expectation]:
    """The rows that an amendment wrote."""
    rows = tx.execute(select(expected).where(expected.c.amendment_id == amendment_id))
    return [_expectation(row) for row in rows]


def list_replaced_by(tx: Reading, amendment_id: int) -> list[Expectation]:
    """What counted before an amendment, for the classes it changed."""
    earlier = expected.alias("earlier")
    found = select(earlier).join(
        expected,
        and_(
            expected.c.classroom_id == earlier.c.classroom_id,
            expected.c.week_on == earlier.c.week_on,
            expected.c.seq == earlier.c.seq + 1,
        ),
    )
    return [_expectation(row) for row in tx.execute(found.where(expected.c.amendment_id == amendment_id))]


@dataclass(frozen=True, slots=True)
class ExpectedCount:
    """The classes of one grade in one closed week that were expected to do the same, counted by their status.

    `on_target` are those with at least their own week's target of SEL minutes.
    """

    school_id: str
    grade: str
    week_on: date
    due_on: date | None
    slug: str | None
    kind: ExpectationKind
    target: int
    classes: int
    told: dict[WeekStatus, int]
    on_target: int
    minutes: int


_MINUTES = func.coalesce(class_week.c.delivered_minutes + class_week.c.outside_minutes, 0)
_PLACE = (
    expected.c.school_id,
    expected.c.grade,
    expected.c.week_on,
    expected.c.due_on,
    expected.c.slug,
    expected.c.kind,
    expected.c.target,
)
_COUNTED = (
    select(
        *_PLACE,
        func.count().label("classes"),
        func.sum(cast(expected.c.target <= _MINUTES, Integer)).label("on_target"),
        func.sum(_MINUTES).label("minutes"),
        *(func.sum(case((class_week.c.told == told.value, 1), else_=0)).label(told.name) for told in WeekStatus),
    )
    .outerjoin(
        class_week,
        and_(class_week.c.classroom_id == expected.c.classroom_id, class_week.c.week_on == expected.c.week_on),
    )
    .where(_IN_WEEKS, _OF_SCHOOLS, _IS_NEWEST)
    .group_by(*_PLACE)
)


def count_expected(tx: Reading, school_ids: Collection[str], first: date, last: date) -> list[ExpectedCount]:
    """Counts of the closed weeks (Mondays) from first to last in these schools. One query."""
    rows = tx.execute(_COUNTED, {"first": first, "last": last, "school_ids": list(school_ids)})
    return [
        ExpectedCount(
            row.school_id,
            row.grade,
            row.week_on,
            row.due_on,
            row.slug,
            ExpectationKind(row.kind),
            row.target,
            row.classes,
            {told: row._mapping[told.name] for told in WeekStatus if row._mapping[told.name]},
            row.on_target,
            row.minutes,
        )
        for row in rows
    ]


# --- Rows -------------------------------------------------------------------------------------------------------------


def _values(one: Expectation) -> dict[str, object]:
    return {
        "classroom_id": one.classroom_id,
        "week_on": one.week_on,
        "seq": one.seq,
        "school_id": one.school_id,
        "grade": one.grade,
        "due_on": one.due_on,
        "slug": one.slug,
        "target": one.target,
        "kind": one.kind.value,
        "amendment_id": one.amendment_id,
    }


def _expectation(row: Row[Any]) -> Expectation:
    return Expectation(
        classroom_id=row.classroom_id,
        week_on=row.week_on,
        school_id=row.school_id,
        grade=row.grade,
        due_on=row.due_on,
        slug=row.slug,
        target=row.target,
        kind=ExpectationKind(row.kind),
        seq=row.seq,
        amendment_id=row.amendment_id,
    )
