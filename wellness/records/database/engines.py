"""How the two engines are opened, so that the rest of the records need not know which one it is.

Both promise the same: `writing` transactions come one after the other (SQLite: BEGIN IMMEDIATE; PostgreSQL: one
advisory lock), so read-then-write loses nothing; `reading` ones change nothing; what is committed is on the disk.

Nothing else in a process may open the database file with another copy of SQLite (Python's own `sqlite3` beside
`sqlite_module`): the operating system's locks belong to the process, so two copies do not see each other's, and the
one that closes the file first drops the locks of both.
"""

from __future__ import annotations

import sqlite3
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Dialect, Engine, NullPool, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from ...errors import Misconfigured
from .failures import keep_quiet

MENDED_SQLITE = (3, 51, 3)
"""From this version on SQLite's write-ahead log cannot be damaged by its reset; see `journal_note`."""

WRITE_LOCK = 4_273_019
"""The advisory lock that makes writers wait for each other on PostgreSQL; any number unused elsewhere."""

_WRITES = "wellness_writes"
_ALONE = "wellness_alone"


def parse_url(text_: str) -> URL:
    """The address of the records. Raises Misconfigured when it names no database file and no PostgreSQL server."""
    try:
        url = make_url(text_)
    except ArgumentError as error:
        raise Misconfigured(_EXPECTED) from error
    if url.get_backend_name() == "sqlite":
        if not url.database or ":memory:" in url.database or url.query:
            raise Misconfigured(_EXPECTED)
    elif url.drivername != "postgresql+psycopg":
        raise Misconfigured(_EXPECTED)
    return url


_EXPECTED = "RECORDS_URL must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."


def file_of(url: URL) -> Path | None:
    """The database file, or None when the records live on a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def open_engine(url: URL, *, busy_timeout: float, migrates: bool = False) -> Engine:
    """An engine with the promises above; no connection is made yet.

    `busy_timeout` (seconds) is how long a transaction waits for another. `migrates` is for changing the schema: it may
    make the file, and foreign keys rest meanwhile so that a table can be rebuilt.
    """
    if file_of(url) is None:
        return _open_server(url, busy_timeout)
    return _open_file(url, busy_timeout, migrates)


def reader_of(engine: Engine) -> Engine:
    """The same connections, for transactions that only look."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return engine.execution_options(**{_WRITES: False})


def asker_of(engine: Engine) -> Engine:
    """The same connections, for one statement that only looks: it sees one state by itself, so a file needs no BEGIN."""
    return reader_of(engine).execution_options(**{_ALONE: True})


def writer_of(engine: Engine) -> Engine:
    """The same connections, for transactions that change something."""
    return engine.execution_options(**{_WRITES: True})


# --- SQLite -----------------------------------------------------------------------------------------------------------


def sqlite_module() -> ModuleType:
    """The driver: the one that brings a mended SQLite along where it is installed, else Python's own."""
    try:
        module = import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3
    return module if _is_mended(module) else sqlite3


def journal_mode(module: ModuleType) -> str:
    """WAL where SQLite's is mended, else the older rollback journal."""
    return "WAL" if _is_mended(module) else "DELETE"


def journal_note(module: ModuleType) -> str:
    """One sentence for `wellness doctor` on the SQLite that is in use."""
    version = module.sqlite_version
    if _is_mended(module):
        return f"SQLite {version} with a write-ahead log."
    wanted = ".".join(map(str, MENDED_SQLITE))
    return (
        f"SQLite {version} with a rollback journal, which is safe but slower; "
        f"version {wanted} or newer uses a faster write-ahead log."
    )


def _is_mended(module: ModuleType) -> bool:
    return bool(module.sqlite_version_info >= MENDED_SQLITE)


def _open_file(url: URL, busy_timeout: float, migrates: bool) -> Engine:
    module = sqlite_module()
    address = f"file:{quote(str(url.database))}?mode={'rwc' if migrates else 'rw'}"

    def connect() -> Any:
        connection = module.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        _set_once(connection, module, busy_timeout, foreign_keys=not migrates)
        return connection

    # An error must not carry what was written (an email, a name) into the log, hence hide_parameters.
    # No limit on the number of connections: each thread at work holds one, and takes the same ones again and again.
    pool: dict[str, Any] = {"poolclass": NullPool} if migrates else {"poolclass": QueuePool, "pool_size": 0}
    engine = create_engine(url, module=module, creator=connect, hide_parameters=True, **pool)
    event.listen(engine, "begin", _begin_file)
    return engine


def _set_once(connection: Any, module: ModuleType, busy_timeout: float, *, foreign_keys: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(busy_timeout * 1000)}")
    connection.execute(f"PRAGMA journal_mode = {journal_mode(module)}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")


def _begin_file(connection: Connection) -> None:
    """Say BEGIN ourselves: the driver's own is deferred, and lets a savepoint outlive an outer rollback."""
    options = connection.get_execution_options()
    writes = options.get(_WRITES, False)
    cursor = connection.connection.cursor()
    if connection.info.get(_WRITES) is not writes:  # as this connection to the file was left by the transaction before
        cursor.execute(f"PRAGMA query_only = {int(not writes)}")
        connection.info[_WRITES] = writes
    if not options.get(_ALONE, False):
        cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------

OLDEST_POSTGRESQL = 15

CONNECT_SECONDS = 4
"""How long to wait for a server that does not answer at all: a person waits as long, and a thread of the site."""

REST_SECONDS = 5
"""Seconds for which requests fail at once after a server did not answer, instead of each waiting for it."""

IDLE_SECONDS = 60
"""A transaction whose node has stopped in the middle is taken back after so long, so that the others can write again."""


def _open_server(url: URL, busy_timeout: float) -> Engine:
    kept = {
        "lock_timeout": f"{round(busy_timeout * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        # A node whose network is cut must not hold the writers' lock for the two hours that are usual.
        "tcp_keepalives_idle": 20,
        "tcp_keepalives_interval": 10,
        "tcp_keepalives_count": 3,
    }
    arguments = {
        "options": " ".join(f"-c {name}={value}" for name, value in kept.items()),
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,  # milliseconds until what was sent and never arrived ends the connection
        "application_name": "wellness",
        "client_encoding": "utf8",
    }
    try:
        # Asking first whether a connection still lives costs one round trip, and lets the site go on after a restart.
        engine = create_engine(
            url, poolclass=QueuePool, pool_size=0, pool_pre_ping=True, hide_parameters=True, connect_args=arguments
        )
    except ImportError as error:
        raise Misconfigured(
            "RECORDS_URL names PostgreSQL, but psycopg isn't installed. Run: pip install 'wellness[postgresql]'."
        ) from error
    event.listen(engine, "begin", _begin_server)
    event.listen(engine, "handle_error", keep_quiet)
    event.listen(engine, "do_connect", _Connecting())
    return engine


class _Connecting:
    """Connects, and keeps the threads of the site from all waiting for a machine that is gone.

    A server that is stopped refuses at once and is asked each time, so the site goes on as soon as it is back. One that
    cannot be reached is found so after seconds: then one thread tries every now and then, and the others fail at once.
    """

    def __init__(self) -> None:
        self._rests_until = 0.0

    def __call__(self, dialect: Dialect, record: object, arguments: Any, options: dict[str, Any]) -> Any:
        """What SQLAlchemy asks for a new connection."""
        began = time.monotonic()
        if began < self._rests_until:
            raise dialect.loaded_dbapi.OperationalError("connection failed: the server did not answer a moment ago")
        if self._rests_until:
            self._rests_until = began + REST_SECONDS
        try:
            made = dialect.connect(*arguments, **options)
        except dialect.loaded_dbapi.Error:
            took = time.monotonic() - began
            self._rests_until = time.monotonic() + REST_SECONDS if took > CONNECT_SECONDS / 2 else 0.0
            raise
        self._rests_until = 0.0
        return made


def _begin_server(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES, False):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})


def check_server(connection: Connection) -> None:
    """Raise Misconfigured for a PostgreSQL that is too old or keeps words in another encoding than UTF-8."""
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if number < OLDEST_POSTGRESQL * 10_000:
        raise Misconfigured(f"The records need PostgreSQL {OLDEST_POSTGRESQL} or newer; this is {number // 10_000}.")
    if connection.execute(text("SHOW server_encoding")).scalar_one() != "UTF8":
        raise Misconfigured("The records database must use UTF8 encoding. This one doesn't.")


def hasty_settings(connection: Connection) -> list[str]:
    """What is switched off of that by which PostgreSQL keeps what was saved when its machine fails."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    return [name for name in names if connection.execute(text(f"SHOW {name}")).scalar_one() == "off"]


def server_note(connection: Connection) -> str:
    """One sentence for `wellness doctor` on the PostgreSQL that is in use, and on how it keeps what was saved."""
    version = connection.execute(text("SHOW server_version")).scalar_one().partition(" ")[0]
    if hasty := hasty_settings(connection):
        return f"PostgreSQL {version} may lose saved data if its machine fails. Set {', '.join(hasty)} to on."
    return f"PostgreSQL {version}."


def unreachable(url: URL, error: BaseException) -> str:
    """One sentence for a server that cannot be used, with what it said of itself and never with the password."""
    said = (
        str(getattr(error, "orig", None) or error).partition("\n")[0].rpartition("failed: ")[2].removeprefix("FATAL:  ")
    )
    if url.password and str(url.password) in said:
        said = "no details"
    place = f"{url.database or ''} at {url.host or url.query.get('host', 'this machine')}"
    return f"The records can't be reached: PostgreSQL database {place} ({said}). Start it, or fix RECORDS_URL."
