"""Column types that mean the same on SQLite and PostgreSQL: instants, and text that both can store."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from ...errors import Invalid, worded

_NOT_TEXT = worded("What you entered contains a character that can’t be saved. Nothing was saved. Retype that part.")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. It refuses a value without a time zone, stores UTC and gives aware UTC back on every engine."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What goes into the column. Raises ValueError for a naive value."""
        return None if value is None else as_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What comes back: SQLite keeps no zone, PostgreSQL answers in the connection's own."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def as_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive value."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC)


class Text(TypeDecorator[str]):
    """Words without the character NUL, which SQLite keeps and PostgreSQL refuses."""

    impl = sqlalchemy.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What goes into the column or is looked for in it. Raises Invalid, as `faults.translated` passes it on."""
        if value is not None and "\0" in value:
            raise Invalid(_NOT_TEXT)
        return value
