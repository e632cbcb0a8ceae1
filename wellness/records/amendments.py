"""Amendments: who changed a week that was over, when and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select

from ..domain import GRADES, Amendment
from ..errors import NotFound
from .database.transactions import Reading, Writing
from .schema import amendment, expected, person, school

_UNDOING = amendment.alias("undoing")
_WRITTEN = (
    select(
        expected.c.amendment_id,
        expected.c.grade,
        func.count().label("classes"),
    )
    .where(expected.c.amendment_id.is_not(None))
    .group_by(expected.c.amendment_id, expected.c.grade)
)


def add_amendment(
    tx: Writing, *, school_id: str, week_on: date, reason: str, by: str, at: datetime, undoes_id: int | None = None
) -> int:
    """Store who changes the week of Monday `week_on`, and why. Returns the amendment's number."""
    values = {"school_id": school_id, "week_on": week_on, "reason": reason, "by": by, "at": at, "undoes_id": undoes_id}
    number: int = tx.execute(insert(amendment).values(values).returning(amendment.c.id)).scalar_one()
    return number


def get_amendment(tx: Reading, amendment_id: int) -> Amendment:
    """The amendment. Raises NotFound."""
    rows = tx.execute(_found().where(amendment.c.id == amendment_id)).all()
    if not rows:
        raise NotFound("We couldn’t find that change.")
    return _amendment(rows[0], _classes(tx, [amendment_id]).get(amendment_id, {}))


def list_amendments(tx: Reading, school_ids: Collection[str], first: date, last: date) -> list[Amendment]:
    """The amendments of the weeks (Mondays) from first to last in these schools, in the order they were made."""
    meant = _found().where(amendment.c.school_id.in_(school_ids), amendment.c.week_on.between(first, last))
    rows = tx.execute(meant.order_by(amendment.c.id)).all()
    classes = _classes(tx, [row.id for row in rows]) if rows else {}
    return [_amendment(row, classes.get(row.id, {})) for row in rows]


def _found() -> Select[Any]:
    return (
        select(
            amendment,
            school.c.name.label("school_name"),
            person.c.name.label("by_name"),
            _UNDOING.c.id.label("undone_by_id"),
        )
        .join(school, school.c.id == amendment.c.school_id)
        .outerjoin(person, person.c.id == amendment.c.by)
        .outerjoin(_UNDOING, _UNDOING.c.undoes_id == amendment.c.id)
    )


def _classes(tx: Reading, amendment_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many classes of each grade each amendment changed."""
    found: dict[int, dict[str, int]] = {}
    for row in tx.execute(_WRITTEN.where(expected.c.amendment_id.in_(amendment_ids))):
        found.setdefault(row.amendment_id, {})[row.grade] = row.classes
    return found


def _amendment(row: Row[Any], classes: dict[str, int]) -> Amendment:
    return Amendment(
        id=row.id,
        school_id=row.school_id,
        school_name=row.school_name,
        week_on=row.week_on,
        grades=tuple(sorted(classes, key=GRADES.index)),
        classes=sum(classes.values()),
        by_name=row.by_name or "",
        at=row.at,
        reason=row.reason,
        undoes_id=row.undoes_id,
        is_undone=row.undone_by_id is not None,
    )
