"""Completions: what a certificate states. They are never taken away.

They change twice at most: once to *practiced*, and once when the account of the person is removed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from ..domain import Completion, Language
from .database.transactions import PeopleQuery, Reading, Writing, insert_new
from .schema import completion, person

_NAME = func.coalesce(person.c.name, completion.c.left_name)
_FOUND = select(completion, _NAME.label("person_name")).outerjoin(person, person.c.id == completion.c.person_id)
_OF_PEOPLE = PeopleQuery(_FOUND.order_by(completion.c.completed_at, completion.c.code), completion)


def add_completion(tx: Writing, one: Completion) -> bool:
    """Keep a completion. Says whether it was new: False when the person completed this revision before."""
    values: dict[str, Any] = {
        "code": one.code,
        "person_id": one.person_id,
        "slug": one.slug,
        "language": one.language.value,
        "revision": one.revision,
        "title": one.title,
        "issuer": one.issuer,
        "hours": one.hours,
        "completed_on": one.completed_on,
        "completed_at": one.completed_at,
        "practised_on": one.practised_on,
    }
    return insert_new(tx, insert(completion).values(values))


def set_practiced(tx: Writing, code: str, on_day: date) -> bool:
    """The completion is practiced since that day, unless it is already. Says whether it was new."""
    open_one = (completion.c.code == code) & completion.c.practised_on.is_(None)
    return tx.execute(update(completion).where(open_one).values(practised_on=on_day)).rowcount == 1


def find_completion(tx: Reading, code: str) -> Completion | None:
    """The completion with exactly this code, or None."""
    row = tx.execute(_FOUND.where(completion.c.code == code)).one_or_none()
    return None if row is None else _completion(row)


def list_completions(
    tx: Reading, person_ids: Collection[str], slug: str | None = None
) -> dict[tuple[str, str], tuple[Completion, ...]]:
    """The completions of these people by person and module, the first one first; of one module or of all. One query."""
    completions: dict[tuple[str, str], tuple[Completion, ...]] = {}
    for row in _OF_PEOPLE.rows(tx, person_ids, slug):
        key = (row.person_id, row.slug)
        completions[key] = (*completions.get(key, ()), _completion(row))
    return completions


def list_completed(tx: Reading, *, first: date, last: date) -> list[Completion]:
    """What was completed from first to last, by day and name; also by people whose account was removed."""
    of_days = completion.c.completed_on.between(first, last)
    order = (completion.c.completed_on, _NAME, completion.c.completed_at, completion.c.code)
    return [_completion(row) for row in tx.execute(_FOUND.where(of_days).order_by(*order))]


def part_from_person(tx: Writing, person_id: str, school_ids: Collection[str], left_name: str | None) -> None:
    """Take the person out of their completions, before the account is removed.

    `school_ids` are the schools whose roster still lists them; `left_name` is the name to keep, or None.
    """
    values = {"person_id": None, "left_name": left_name, "left_school_ids": sorted(school_ids)}
    tx.execute(update(completion).where(completion.c.person_id == person_id).values(values))


def _completion(row: Row[Any]) -> Completion:
    return Completion(
        code=row.code,
        person_id=row.person_id,
        person_name=row.person_name,
        slug=row.slug,
        language=Language(row.language),
        revision=row.revision,
        title=row.title,
        issuer=row.issuer,
        hours=row.hours,
        completed_on=row.completed_on,
        completed_at=row.completed_at,
        practised_on=row.practised_on,
        left_school_ids=frozenset(row.left_school_ids or ()),
    )
