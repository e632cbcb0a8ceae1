"""The audit log: what staff changed on the site. It only ever grows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select

from ..domain import Person
from .database.transactions import Reading, Writing
from .schema import audit, person


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody changed. `person_name` is None for the site itself (role `site`) and for removed accounts.

    `about_name` and `about_email` are those of the person whose account it was, while the account is there.
    """

    id: int
    at: datetime
    person_id: str | None
    person_name: str | None
    role: str
    action: str
    object: str
    detail: str
    about_name: str | None = None
    about_email: str | None = None


def note(
    tx: Writing,
    by: Person | None,
    at: datetime,
    action: str,
    object: str,
    detail: str = "",
    *,
    about: str | None = None,
) -> None:
    """Add one entry, in the same transaction as the change it describes. `by` is None for what the site itself did.

    `about` is the ID of the person whose account was changed. Their name and email never go into the text: the page
    looks them up, so that they disappear with the account.
    """
    role = by.role.value if by is not None else "site"
    values = {"person_id": by.id if by is not None else None, "role": role, "action": action}
    tx.execute(insert(audit).values(at=at, object=object, detail=detail, about_id=about, **values))


def newest_at(tx: Reading) -> datetime | None:
    """When the latest entry was made, or None."""
    newest: datetime | None = tx.execute(select(func.max(audit.c.at))).scalar_one()
    return newest


def list_audit(
    tx: Reading, *, before_id: int | None = None, limit: int = 100, of: Collection[str] | None = None
) -> list[AuditEntry]:
    """The latest entries, newest first; `before_id` continues after the last one of the page before.

    With `of` only what these people did, by ID, and what was done to their accounts.
    """
    about = person.alias()
    names = (person.c.name.label("person_name"), about.c.name.label("about_name"), about.c.email.label("about_email"))
    found = (
        select(audit, *names)
        .outerjoin(person, person.c.id == audit.c.person_id)
        .outerjoin(about, about.c.id == audit.c.about_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if of is not None:
        found = found.where(or_(audit.c.person_id.in_(of), audit.c.about_id.in_(of)))
    if before_id is not None:
        found = found.where(audit.c.id < before_id)
    return [
        AuditEntry(
            row.id, row.at, row.person_id, row.person_name, row.role, row.action, row.object, row.detail,
            row.about_name, row.about_email,
        )
        for row in tx.execute(found)
    ]  # fmt: skip
