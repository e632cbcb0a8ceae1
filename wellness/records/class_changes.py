"""Closings, merges and splits of classes, stored so that they can be undone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from ..domain import ClassChange, ClassChangeKind, Person
from .database.transactions import Reading, Writing
from .schema import class_change, classroom

_LISTED = (
    select(class_change, classroom.c.name.label("other_name"))
    .outerjoin(classroom, classroom.c.id == class_change.c.other_id)
    .where(class_change.c.undone_at.is_(None))
    .order_by(class_change.c.id.desc())
)


def add_change(
    tx: Writing,
    kind: ClassChangeKind,
    classroom_id: str,
    *,
    last_on: date,
    by: Person,
    at: datetime,
    last_on_before: date | None = None,
    other_id: str | None = None,
    size: int | None = None,
) -> None:
    """Store what became of the class after `last_on`."""
    facts = {"last_on": last_on, "last_on_before": last_on_before, "other_id": other_id, "size": size}
    entered = {"entered_by": by.id, "entered_role": by.role.value, "entered_at": at}
    tx.execute(insert(class_change).values(kind=kind.value, classroom_id=classroom_id, **facts, **entered))


def list_changes(tx: Reading, classroom_id: str) -> list[ClassChange]:
    """Return what became of the class and wasn't undone, the latest first."""
    rows = tx.execute(_LISTED.where(class_change.c.classroom_id == classroom_id))
    return [_change(row) for row in rows]


def end_change(tx: Writing, change_id: int, at: datetime) -> None:
    """The change was undone."""
    tx.execute(update(class_change).where(class_change.c.id == change_id).values(undone_at=at))


def _change(row: Row[Any]) -> ClassChange:
    return ClassChange(
        id=row.id,
        kind=ClassChangeKind(row.kind),
        classroom_id=row.classroom_id,
        other_id=row.other_id,
        other_name=row.other_name or "",
        last_on=row.last_on,
        last_on_before=row.last_on_before,
        size=row.size,
    )
