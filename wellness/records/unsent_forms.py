"""Forms that were sent after the sign-in had ended: one for each person, for a day at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from .database.transactions import Reading, Writing
from .schema import person, unsent_form

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """What was typed into a form on `page` that was sent to `action`, both as paths of this site."""

    page: str
    action: str
    fields: dict[str, list[str]]


def put_unsent_form(
    tx: Writing, person_id: str, page: str, action: str, fields: Mapping[str, Sequence[str]], at: datetime
) -> bool:
    """Keep the form in place of the person's earlier one. Says whether there is such a person."""
    remove_old_forms(tx, at)
    remove_unsent_form(tx, person_id)
    if tx.execute(select(person.c.id).where(person.c.id == person_id, person.c.is_active)).one_or_none() is None:
        return False
    values = {"page": page, "action": action, "fields": {name: list(texts) for name, texts in fields.items()}}
    tx.execute(insert(unsent_form).values(person_id=person_id, at=at, **values))
    return True


def find_unsent_form(tx: Reading, person_id: str, at: datetime) -> UnsentForm | None:
    """The person's form, unless it is older than a day."""
    is_theirs = (unsent_form.c.person_id == person_id) & (unsent_form.c.at > at - KEPT_FOR)
    row = tx.execute(select(unsent_form).where(is_theirs)).one_or_none()
    return None if row is None else UnsentForm(row.page, row.action, row.fields)


def remove_unsent_form(tx: Writing, person_id: str) -> None:
    """Forget the person's form. Harmless when there is none."""
    tx.execute(delete(unsent_form).where(unsent_form.c.person_id == person_id))


def remove_old_forms(tx: Writing, at: datetime) -> None:
    """Forget the forms that are older than a day, of everybody."""
    tx.execute(delete(unsent_form).where(unsent_form.c.at <= at - KEPT_FOR))
