"""Records as an older version left them: a migrated-to-then database, filled with plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text

from tests.support.postgres import empty_postgresql
from wellness.records import migrations

AT = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)


@contextmanager
def older_records(engine: str, folder: Path, revision: str) -> Iterator[tuple[Connection, str]]:
    """An empty database of that revision, to be filled in the block, and its address to be migrated after it."""
    url = f"sqlite:///{folder / 'older.db'}" if engine == "sqlite" else empty_postgresql()
    made = create_engine(url)
    with made.begin() as connection:
        migrations.upgrade(connection, revision)
        yield connection, url
    made.dispose()


def put(connection: Connection, table: str, *rows: dict[str, Any]) -> None:
    """Insert rows as that version had them."""
    for row in rows:
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def person_row(person_id: str, *, is_active: bool = True) -> dict[str, Any]:
    """A teacher of all schools, before accounts had schools of their own."""
    return {
        "id": person_id, "email": f"{person_id}@demo.test", "name": person_id.title(), "role": "teacher",
        "language": "en", "password_hash": "!", "version": 1, "is_active": is_active, "created_at": AT,
    }  # fmt: skip


def viewing_row(number: int, classroom_id: str, on_day: date, week_on: date, **words: Any) -> dict[str, Any]:
    """A delivered viewing, or what the words say instead."""
    return {
        "id": number, "classroom_id": classroom_id, "slug": "feet", "revision": "r1", "language": "en",
        "on_day": on_day, "week_on": week_on, "state": "delivered", "extent": "whole", "coverage": 0,
        "entered_at": AT, "entered_role": "teacher", "is_late": False,
    } | words  # fmt: skip
