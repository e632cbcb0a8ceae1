"""Rollovers: what turning a school year over made, so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from ..domain import Person
from ..errors import NotFound
from .database.transactions import Reading, Writing, new_id
from .schema import person, rollover, rollover_item


@dataclass(frozen=True, slots=True)
class RolloverItem:
    """One row that a rollover made: its table, its ID and what it was. `made` is JSON and names no person."""

    table: str
    row_id: str
    made: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rollover:
    """One rollover. `person_name` is None for an account that was removed, a year's ID for a year that was removed."""

    id: str
    from_year_id: str | None
    to_year_id: str | None
    person_name: str | None
    at: datetime
    undone_at: datetime | None


_ROLLOVERS = (
    select(rollover, person.c.name.label("person_name"))
    .outerjoin(person, person.c.id == rollover.c.entered_by)
    .order_by(rollover.c.entered_at.desc(), rollover.c.id)
)


def add_rollover(
    tx: Writing, from_year_id: str, to_year_id: str, items: Sequence[RolloverItem], *, by: Person, at: datetime
) -> str:
    """Add a rollover with what it made, in that order, and return its ID."""
    rollover_id = new_id()
    entered = {"entered_by": by.id, "entered_role": by.role.value, "entered_at": at}
    years = {"from_year_id": from_year_id, "to_year_id": to_year_id}
    tx.execute(insert(rollover).values(id=rollover_id, **years, **entered))
    rows = [
        {"rollover_id": rollover_id, "number": number, "table_name": one.table, "row_id": one.row_id, "made": one.made}
        for number, one in enumerate(items)
    ]
    if rows:
        tx.execute(insert(rollover_item), rows)
    return rollover_id


def get_rollover(tx: Reading, rollover_id: str) -> Rollover:
    """The rollover. Raises NotFound."""
    row = tx.execute(_ROLLOVERS.where(rollover.c.id == rollover_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that.")
    return _rollover(row)


def list_rollovers(tx: Reading) -> list[Rollover]:
    """Every rollover, the latest first."""
    return [_rollover(row) for row in tx.execute(_ROLLOVERS)]


def list_items(tx: Reading, rollover_id: str) -> list[RolloverItem]:
    """What the rollover made, in that order."""
    made = select(rollover_item).where(rollover_item.c.rollover_id == rollover_id).order_by(rollover_item.c.number)
    return [RolloverItem(row.table_name, row.row_id, row.made) for row in tx.execute(made)]


def mark_undone(tx: Writing, rollover_id: str, at: datetime) -> None:
    """Note that the rollover was undone."""
    tx.execute(update(rollover).where(rollover.c.id == rollover_id).values(undone_at=at))


def _rollover(row: Any) -> Rollover:
    return Rollover(row.id, row.from_year_id, row.to_year_id, row.person_name, row.entered_at, row.undone_at)
