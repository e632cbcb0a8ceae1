"""Copies of the records' file, and whether it is whole. What `copying` made of a server's records is finished here too.

Only the driver of `engines` opens the file here, and the copy by its own path: see there for why.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ...errors import Unavailable
from . import engines

MAGIC = b"SQLite format 3\0"
"""How every database file begins that is not empty (https://sqlite.org/fileformat2.html, 1.3)."""

_MANY = 5
_FORGOTTEN = ("sign_in", "sign_in_failure")
"""Tables left out of copies: a copied sign-in would let its reader act as that person."""


def make_private(file: Path) -> None:
    """Make the file, if it is not there, readable by its owner alone; SQLite gives its companions the same rights."""
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def is_empty(file: Path) -> bool:
    """Whether there is no database yet: no file, or one of no length."""
    try:
        return file.stat().st_size == 0
    except FileNotFoundError:
        return True


def is_database(file: Path) -> bool:
    """Whether the file begins like a database. Looked at before SQLite opens it, which writes into what it opens.

    Raises Unavailable when the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError as error:
        message = f"The records can't be read ({error.strerror}). Check the disk and the file's permissions."
        raise Unavailable(message) from error


def compact(engine: Engine) -> None:
    """Rewrite the file without what was deleted or replaced, and empty the write-ahead log, while others read.

    Raises the driver's errors.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA query_only = 0")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.close()
    finally:
        raw.close()


def copy_file(engine: Engine, target: Path) -> list[str]:
    """Make `target`, which is not there yet, a copy of the database at one instant, while others write.

    Returns what is wrong with the copy. `VACUUM INTO` leaves behind what was deleted and still lay in free pages. The copy
    is for its owner alone and has not reached the disk yet. Raises the driver's errors.
    """
    make_private(target)
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA query_only = 0")
        cursor.execute("VACUUM INTO ?", (str(target),))
        cursor.close()
    finally:
        raw.close()
    return finish_copy(target)


def finish_copy(copy: Path) -> list[str]:
    """Delete the sign-ins from a copy that no process has open; returns what is wrong with the copy."""
    connection = engines.sqlite_module().connect(str(copy), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # nothing beside it that could be left behind
        connection.execute("PRAGMA secure_delete = ON")
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in _FORGOTTEN:
            if table in there:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of this file # nosec B608
        return _look(connection.cursor(), "integrity_check")
    finally:
        connection.close()


def find_damage(engine: Engine, *, thorough: bool) -> list[str]:
    """What is wrong with the file, a few words each; nothing when it is whole. Raises the driver's errors.

    `thorough` compares every index with its table as well, which takes ten times as long. What a program of this site
    cannot have made, a trigger or a view, counts as damage: it could do anything at the next write.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        try:
            return _look(cursor, "integrity_check" if thorough else "quick_check")
        finally:
            cursor.close()
    finally:
        raw.close()


def _look(cursor: Any, check: str) -> list[str]:
    said = [row[0] for row in cursor.execute(f"PRAGMA {check}({_MANY})").fetchall()]
    found = [] if said == ["ok"] else [line for text in said for line in text.splitlines() if line][:_MANY]
    astray = cursor.execute("PRAGMA foreign_key_check").fetchmany(_MANY)
    found += [f"a row of {table} refers to a missing row of {parent}" for table, _, parent, _ in astray]
    strange = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index')"
    return found + [f"a {kind} named {name} does not belong there" for kind, name in cursor.execute(strange).fetchall()]
