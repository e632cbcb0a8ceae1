"""The records: the durable facts that cannot be rebuilt.

`open_records(url)` gives the `Records`; `reading()`, `asking()` and `writing()` give a transaction, which is the first
argument of every function in this package: `people`, `sign_ins`, `schools`, `classrooms`, `doors`, `plans`, `viewings`,
`outcomes`, `outside_lessons`, `drafts`, `publications`, `media_jobs`, `training`, `completions`, `assignments`,
`walkthroughs`, `settings`, `audit`. Only this package knows SQLAlchemy. Nothing in it looks at the clock.

What it promises: a transaction is kept whole or not at all; when `writing()` has ended without an error it survives a
power cut; writers wait for each other, so what was read inside `writing()` is still true when it is changed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from ..errors import Misconfigured, Unavailable
from .database import copy, engines, failures, sqlite_file
from .database.transactions import Reading, Writing
from .schema import REVISIONS, ColumnStatement, TableStatement, describe

__all__ = [
    "REVISIONS",
    "ColumnStatement",
    "Reading",
    "Records",
    "TableStatement",
    "Writing",
    "describe",
    "open_records",
]

BUSY_TIMEOUT = 15.0
"""Seconds a transaction waits for another. SQLite's waiting is not fair: with 2 s some of twenty writers gave up."""

MIGRATION_TIMEOUT = 120.0
"""Seconds a migration waits for another process that migrates."""

_NOT_READY = "The records aren't set up for this version. Run `wellness init`; nothing will be lost."
_TOO_NEW = "The records were made by a newer version of this program. Install that version, or restore a backup."
_DAMAGED = "The records file isn't a complete database. Restore the last backup with `wellness restore FILE`."


def open_records(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> Records:
    """The records at `url`, checked to be whole and to have the newest schema.

    Raises Misconfigured with one sentence when they are not; Unavailable when they do not answer. `busy_timeout` is in
    seconds.
    """
    records = Records(url, busy_timeout=busy_timeout)
    try:
        records.check()
    except BaseException:
        records.close()
        raise
    return records


class Records:
    """The durable facts at one address. Made unchecked here; use `open_records` except to migrate."""

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._url = engines.parse_url(url)
        self._busy_timeout = busy_timeout
        self._engine = engines.open_engine(self._url, busy_timeout=busy_timeout)
        self._reader = engines.reader_of(self._engine)
        self._asker = engines.asker_of(self._engine)
        self._writer = engines.writer_of(self._engine)
        self._error = _error_of(self._engine)

    @property
    def place(self) -> str:
        """Where the records are, for a person: without the password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The database file, or None when the records live on a server."""
        return engines.file_of(self._url)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A transaction that sees one state of the records and cannot change them.

        Raises Unavailable when the records do not answer.
        """
        with failures.translated(self._error, is_writing=False), self._reader.begin() as connection:
            yield Reading(connection)

    @contextmanager
    def asking(self) -> Iterator[Reading]:
        """The same for a single statement, which sees one state of the records without a transaction around it.

        A second statement might see another state. Raises Unavailable when the records do not answer.
        """
        with failures.translated(self._error, is_writing=False), self._asker.begin() as connection:
            yield Reading(connection)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The one transaction that may change the records now; others wait. Kept when the block ends, else undone.

        Raises Unavailable when the others took too long or the disk failed, StorageFull when it is full; in each case
        nothing was saved. Raises Uncertain when a server was lost while it was saving. Keep it short, and never open a
        second one inside.
        """
        with failures.translated(self._error, is_writing=True) as step, self._writer.begin() as connection:
            yield Writing(Reading(connection))
            step.is_committing = True

    def ping(self) -> None:
        """Return when the records answer. Raises Unavailable when they do not."""
        with self.reading() as tx:
            tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()

    def check(self) -> None:
        """Return when the records are whole and have the newest schema. Raises Misconfigured when not."""
        file = engines.file_of(self._url)
        if file is None:
            self._check_server()
        elif not file.exists():
            raise Misconfigured(_NOT_READY)
        revision = self.revision()
        if revision != REVISIONS[-1]:
            raise Misconfigured(_NOT_READY if revision is None or revision in REVISIONS else _TOO_NEW)

    def revision(self) -> str | None:
        """The schema's current revision, or None before the first migration. Raises Misconfigured if damaged."""
        if self.file is not None and sqlite_file.is_empty(self.file):
            return None
        if self.file is not None and not sqlite_file.is_database(self.file):
            raise Misconfigured(_DAMAGED)
        try:
            with self.reading() as tx:
                if not inspect(tx).has_table("alembic_version"):
                    return None
                found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
                return found
        except failures.Damaged as error:
            raise Misconfigured(_DAMAGED) from error

    def find_damage(self, *, thorough: bool = False) -> list[str]:
        """What is wrong with the file, a few words each; nothing when it is whole, or on a server that looks itself.

        `thorough` compares every index with its table as well. Raises Unavailable when the records do not answer.
        """
        if self.file is None:
            return []
        if sqlite_file.is_empty(self.file) or not sqlite_file.is_database(self.file):
            return ["it isn't a database"]
        try:
            with failures.translated(self._error, is_writing=False):
                return sqlite_file.find_damage(self._engine, thorough=thorough)
        except failures.Damaged as error:
            return [str(error.__cause__)]

    def forget_deleted(self) -> None:
        """Take out of the SQLite file what was deleted or replaced and still lies in unused pages.

        A PostgreSQL server does so itself, later. Raises Unavailable when the records do not answer, StorageFull.
        """
        if self.file is not None:
            with failures.translated(self._error, is_writing=True):
                sqlite_file.compact(self._engine)

    def copy_to(self, target: Path) -> list[str]:
        """Make `target`, which is not there yet, a copy of all records at one instant, while others write.

        A SQLite file, wherever the records are. Returns what is wrong with the copy, a few words each. Nobody is signed in
        in the copy. Raises StorageFull when the disk of `target` is full, Unavailable when the records do not answer,
        Misconfigured when those on a server have another schema than this version.
        """
        if self.file is None:
            self.check()
            sqlite_file.make_private(target)
            with closing(Records(f"sqlite:///{target}")) as made:
                made.fill_from(self)
            Path(f"{target}.migrating").unlink(missing_ok=True)
            return sqlite_file.finish_copy(target)
        try:
            with failures.translated(self._error, is_writing=True):
                return sqlite_file.copy_file(self._engine, target)
        except failures.Damaged as error:
            return [str(error.__cause__)]

    def is_empty(self) -> bool:
        """Whether there is not a row in any table, or no table yet. Raises as `revision` does."""
        if self.revision() is None:
            return True
        self.check()
        with self.reading() as tx:
            return copy.is_empty(tx)

    def fill_from(self, source: Records) -> None:
        """Copy every row of `source` here in one transaction; harmless when they are here already.

        Makes the tables where there are none. Raises Misconfigured when other rows are here, what `copy_all` raises, and
        Unavailable when one of the two does not answer; nothing was copied then.
        """
        self.migrate()
        with source.reading() as there, self.writing() as here:
            if copy.sum_tables(here) != copy.sum_tables(there):
                copy.copy_all(there, here, lambda table: None)

    def migrate(
        self, *, timeout: float = MIGRATION_TIMEOUT, before: Callable[[str, str], object] | None = None
    ) -> None:
        """Bring the schema to the newest revision, making the database where there is none. Harmless when it is.

        `before` is called right before records that are there are changed, with the revision they have and the one they
        get; what it raises keeps them as they are.

        Only one process migrates at a time, another waits `timeout` seconds for it; a migration that is killed leaves
        the old schema whole. Raises Misconfigured for a damaged file or one of a newer version, Unavailable when
        another process takes too long.
        """
        file = engines.file_of(self._url)
        if file is None:
            self._check_server()
            self._upgrade(timeout, before)
            return
        if not file.parent.is_dir():
            raise Misconfigured("The folder for the records doesn't exist. Run `wellness init`.")
        try:
            with FileLock(f"{file}.migrating", timeout=timeout):
                sqlite_file.make_private(file)
                self._upgrade(self._busy_timeout, before)
        except Timeout as error:
            raise Unavailable(
                "The records are being changed by another process. Nothing was changed. Try again."
            ) from error

    def journal_note(self) -> str:
        """One sentence for `wellness doctor` on how this database keeps what was saved."""
        if engines.file_of(self._url) is None:
            with self.reading() as tx:
                return engines.server_note(tx)
        return engines.journal_note(engines.sqlite_module())

    def is_durable(self) -> bool:
        """Whether what was saved is kept when the machine of the database fails, as far as the database says."""
        if engines.file_of(self._url) is not None:
            return True
        with self.reading() as tx:
            return not engines.hasty_settings(tx)

    def close(self) -> None:
        """Close every connection. Needed before the file is replaced, and at the end."""
        self._engine.dispose()

    def _check_server(self) -> None:
        try:
            with self._reader.begin() as connection:
                engines.check_server(connection)
        except (DBAPIError, self._error) as error:
            raise Misconfigured(engines.unreachable(self._url, error)) from error

    def _upgrade(self, busy_timeout: float, before: Callable[[str, str], object] | None) -> None:
        from .migrations import upgrade

        revision = self.revision()
        if revision == REVISIONS[-1]:
            return
        if revision is not None and revision not in REVISIONS:
            raise Misconfigured(_TOO_NEW)
        if revision is not None and before is not None:
            before(revision, REVISIONS[-1])
        engine = engines.open_engine(self._url, busy_timeout=busy_timeout, migrates=True)
        try:
            with failures.translated(self._error, is_writing=True), engines.writer_of(engine).begin() as connection:
                upgrade(connection)
        finally:
            engine.dispose()


def _error_of(engine: Engine) -> type[BaseException]:
    """The driver's own class of errors, for what is raised outside of SQLAlchemy's statements."""
    error: type[BaseException] = engine.dialect.loaded_dbapi.Error
    return error
