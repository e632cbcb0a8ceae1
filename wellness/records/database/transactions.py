"""What the functions of the records are given to work on, and the few ways of reading and writing they share.

Every function takes the open transaction as its first argument. `Reading` is enough to look; a function that changes
something asks for `Writing`, and the type checker refuses to hand it less. A `Writing` can be read from as well.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import Any, NewType

from sqlalchemy import Connection, Executable, Row, Select, Table, bindparam
from sqlalchemy.exc import IntegrityError

Reading = NewType("Reading", Connection)
"""A transaction that sees one state of the records and changes nothing."""

Writing = NewType("Writing", Reading)
"""The one transaction that may change the records now. All of it is kept, or nothing."""


class PeopleQuery:
    """A query over a table of staff training, for some people and one module or all. Built once, at import."""

    def __init__(self, query: Select[Any], table: Table) -> None:
        """`table` is the one of the query's tables that has `person_id` and `slug`."""
        self._all_modules = query.where(table.c.person_id.in_(bindparam("person_ids", expanding=True)))
        self._one_module = self._all_modules.where(table.c.slug == bindparam("slug"))

    def rows(self, tx: Reading, person_ids: Collection[str], slug: str | None) -> Sequence[Row[Any]]:
        """The rows of these people, of one module or (None) of all. One query."""
        people = {"person_ids": list(person_ids)}
        if slug is None:
            return tx.execute(self._all_modules, people).all()
        return tx.execute(self._one_module, {**people, "slug": slug}).all()


def new_id() -> str:
    """A random name for a row, 22 characters, safe in an address."""
    return secrets.token_urlsafe(16)


def insert_new(tx: Writing, statement: Executable) -> bool:
    """Insert, unless a row with the same key is there already. Says whether it was new.

    The savepoint keeps the transaction usable after the refusal: PostgreSQL would end it otherwise.
    """
    try:
        with tx.begin_nested():
            tx.execute(statement)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a row with the same unique key was there already, and not another rule of the schema broken."""
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(error.orig)
