"""The audit log: what staff changed on the site. It only ever grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from ..domain import Person
from .database.transactions import Reading, Writing
from .schema import audit, person


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody changed. `person_name` is None for the site itself and for removed accounts."""

    id: int
    at: datetime
    person_id: str | None
    person_name: str | None
    role: str
    action: str
    object: str
    detail: str


def note(tx: Writing, by: Person | None, at: datetime, action: str, object: str, detail: str = "") -> None:
    """Add one entry, in the same transaction as the change it tells of. `by` is None for what the site itself did."""
    role = by.role.value if by is not None else "site"
    values = {"person_id": by.id if by is not None else None, "role": role, "action": action}
    tx.execute(insert(audit).values(at=at, object=object, detail=detail, **values))


def newest_at(tx: Reading) -> datetime | None:
    """When the latest entry was made, or None."""
    newest: datetime | None = tx.execute(select(func.max(audit.c.at))).scalar_one()
    return newest


def list_audit(tx: Reading, *, before_id: int | None = None, limit: int = 100) -> list[AuditEntry]:
    """The latest entries, newest first; `before_id` continues after the last one of the page before."""
    found = (
        select(audit, person.c.name.label("person_name"))
        .outerjoin(person, person.c.id == audit.c.person_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        found = found.where(audit.c.id < before_id)
    return [
        AuditEntry(row.id, row.at, row.person_id, row.person_name, row.role, row.action, row.object, row.detail)
        for row in tx.execute(found)
    ]
