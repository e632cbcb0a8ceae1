"""The targets of SEL minutes per class and week, each from a day on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, func, insert, select

from ..domain import MinutesTarget, Person
from .database.transactions import Reading, Writing
from .schema import expected, minutes_target

_TARGETS = select(minutes_target.c.valid_from, minutes_target.c.minutes).order_by(minutes_target.c.valid_from)


def list_targets(tx: Reading) -> list[MinutesTarget]:
    """Return every target by its first day. One query."""
    return [MinutesTarget(row.valid_from, row.minutes) for row in tx.execute(_TARGETS)]


def set_target(tx: Writing, target: MinutesTarget, *, by: Person | None, at: datetime) -> None:
    """Let the target count from its day on, in place of one that began on the same day."""
    remove_target(tx, target.valid_from)
    entered = {"entered_by": by and by.id, "entered_role": by.role.value if by else "site", "entered_at": at}
    tx.execute(insert(minutes_target).values(valid_from=target.valid_from, minutes=target.minutes, **entered))


def remove_target(tx: Writing, valid_from: date) -> None:
    """Let the target before count on. Harmless when there is none from that day."""
    tx.execute(delete(minutes_target).where(minutes_target.c.valid_from == valid_from))


def last_closed_due_day(tx: Reading) -> date | None:
    """Return the latest day on which a closed week was due; None while no week is closed."""
    found: date | None = tx.execute(select(func.max(expected.c.due_on))).scalar()
    return found
