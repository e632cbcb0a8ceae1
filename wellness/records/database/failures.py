"""The one place where a fault of the database becomes an error a person can read.

Whatever happens inside `reading()` or `writing()`, nothing of an unfinished transaction is kept, so every message may
say so. Faults of the program itself (a wrong statement, a broken rule of the schema) are passed on as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError

from ...errors import StorageFull, Unavailable, Uncertain, WellnessError, worded

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_DISK = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
    }
)
_PG_DISK_FULL = "53100"
_PG_BUSY = frozenset({"55P03", "40001", "40P01", "57014"})
_PG_READ_ONLY = "25006"
"""A standby, or a server set to read-only: it may be the right one again in a moment."""

_NOT_SAVED = {
    "busy": worded("The site is busy, so nothing was saved. Try again in a moment."),
    "full": worded(
        "The disk is full, so nothing was saved. Ask the person who runs the site to free up space, then try again."
    ),
    "damaged": worded(
        "The records are damaged, so nothing was saved. Ask the person who runs the site to run `wellness doctor`."
    ),
    "disk": worded("The records aren’t responding, so nothing was saved. Try again in a moment."),
}
_NOT_READ = {  # and no more: the page may follow a submit that was saved
    "busy": worded("The site is busy, so this page can’t be shown right now. Try again in a moment."),
    "full": worded(
        "The disk is full, so this page can’t be shown right now. Ask the person who runs the site to free up space, "
        "then try again."
    ),
    "damaged": worded(
        "The records are damaged, so this page can’t be shown right now. Ask the person who runs the site to run "
        "`wellness doctor`."
    ),
    "disk": worded("The records aren’t responding, so this page can’t be shown right now. Try again in a moment."),
}
_UNCERTAIN = worded(
    "The records stopped responding while this was being saved. Check if it was saved before you enter it again."
)


class Damaged(Unavailable):
    """The file of the records is no longer a whole database. Nothing was saved."""


@dataclass(slots=True)
class Step:
    """How far a transaction is."""

    is_committing: bool = False


@contextmanager
def translated(dbapi_error: type[BaseException], *, is_writing: bool) -> Iterator[Step]:
    """Raise Unavailable, StorageFull or Damaged for what the database could not do; everything else passes.

    Uncertain is raised when a server was lost after COMMIT was sent (`Step.is_committing`) and before it answered.
    """
    step = Step()
    sentences = _NOT_SAVED if is_writing else _NOT_READ
    try:
        yield step
    except (StatementError, dbapi_error) as error:
        if isinstance(error, StatementError) and isinstance(error.orig, WellnessError):
            raise error.orig from None  # a column refused what it was given
        if step.is_committing and isinstance(error, DBAPIError) and error.connection_invalidated:
            raise Uncertain(_UNCERTAIN) from error
        said = _in_words(error, sentences)
        if said is None:
            raise
        raise said from error
    except ValueError as error:
        if not _is_from_below(error):
            raise
        raise Damaged(sentences["damaged"]) from error


def keep_quiet(context: ExceptionContext) -> None:
    """Leave only the first line of what PostgreSQL says: the others quote the row, and an error goes into the log."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _is_from_below(error: ValueError) -> bool:
    """Whether SQLAlchemy or the driver could not read what the file holds: a day that is none, a text that is not UTF-8.

    What the program itself gives them and they cannot write, SQLAlchemy wraps in an error of its own.
    """
    steps = [step.tb_frame.f_globals.get("__name__", "") for step in _steps(error.__traceback__)]
    return isinstance(error, UnicodeDecodeError) or any(name.startswith("sqlalchemy.") for name in steps)


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _in_words(error: BaseException, sentences: dict[str, str]) -> WellnessError | None:
    kinds = [kind for kind in map(_kind, _causes(error)) if kind]
    if not kinds:
        return None
    kind = kinds[-1]
    return {"full": StorageFull, "damaged": Damaged}.get(kind, Unavailable)(sentences[kind])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from: a rollback that fails hides the fault that made it necessary."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__context__


def _kind(error: BaseException) -> str | None:
    original: object = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _kind_of_sqlite(code & 0xFF)
    if "Could not decode to UTF-8" in str(original):  # a text that the driver read; SQLite itself sees nothing wrong
        return "damaged"
    return _kind_of_server(error, getattr(original, "sqlstate", None))


def _kind_of_sqlite(code: int) -> str | None:
    if code == sqlite3.SQLITE_FULL:
        return "full"
    if code in _BUSY:
        return "busy"
    if code in _DAMAGED:
        return "damaged"
    return "disk" if code in _DISK else None


def _kind_of_server(error: BaseException, sqlstate: str | None) -> str | None:
    if sqlstate == _PG_DISK_FULL:
        return "full"
    if sqlstate in _PG_BUSY:
        return "busy"
    if sqlstate == _PG_READ_ONLY:
        return "disk"
    return "disk" if isinstance(error, OperationalError | InterfaceError) else None
