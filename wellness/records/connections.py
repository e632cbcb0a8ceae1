"""What the functions of the records are given to work on, and the few ways of writing they share.

Every function takes the open transaction as its first argument. `Reading` is enough to look; a function that changes
something asks for `Writing`, and the type checker refuses to hand it less. A `Writing` can be read from as well.
"""

from __future__ import annotations

import secrets
from typing import NewType

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import IntegrityError

Reading = NewType("Reading", Connection)
"""A transaction that sees one state of the records and changes nothing."""

Writing = NewType("Writing", Reading)
"""The one transaction that may change the records now. All of it is kept, or nothing."""


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
