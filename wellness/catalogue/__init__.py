"""The catalogue: a SQLite file derived from the library with sqlite-utils. Any node can delete and rebuild it.

`build` builds it, `tables` has its tables and rows, `search` its queries; this module keeps it in step and reads it.

A build writes a copy next to the old file and renames it over it, so readers see the old catalogue or the new one.
Only texts that changed are prepared and written; a text that became wrong keeps its last good version and gains problems.
The file carries two marks: the state of the library it was built from, and the last publication that is in it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # pysqlite3 where it is installed

from ..domain import Language, Problem, TextKey, TextKind
from ..errors import NotFound, StorageFull, Unavailable
from ..library.files import Fingerprint, Library
from ..library.prepared import (
    MODULE_JSON,
    PAGE_JSON,
    SESSION_JSON,
    Outcome,
    PreparedModule,
    PreparedPage,
    PreparedSession,
)
from ..library.sandbox import Sandbox
from .build import Builder, Built, ListVideos, is_of_damage
from .search import Card, Found, Query, SearchSql, read_card, search_sql, search_terms
from .tables import FORMAT, read_meta, read_problem

__all__ = ["Built", "Card", "Catalogue", "Found", "ListVideos", "Query"]

LOOK_AGAIN_SECONDS = 0.1
_REMEMBERED = 200
_SESSIONS_KEPT = 500
_DOCUMENT = "select document from source where kind = ? and slug = ? and language = ?"


_log = logging.getLogger(__name__)


class Catalogue:
    """The derived index at `path`, kept in step with `library`. Safe to share between threads and processes."""

    def __init__(self, path: Path, library: Library, workshop: Sandbox, list_videos: ListVideos = tuple) -> None:
        self.path = path
        self.library = library
        self._builder = Builder(path, library, workshop, list_videos)
        self._lock = FileLock(f"{path}.lock", poll_interval=0.01)
        self._local = threading.local()
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._built: tuple[tuple[int, int], Built | None] | None = None
        self._is_damaged = False
        self._sessions: dict[tuple[str, str, str], PreparedSession] = {}
        self._asked_for: tuple[tuple[int, int] | None, dict[tuple[str, Language], PreparedSession]] = (None, {})
        self._modules: dict[str, PreparedModule] = {}

    # --- keeping in step ---

    def is_time_to_look(self) -> bool:
        """Whether it is time to check the folder again. True once per interval."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS and self.path.exists():
            return False
        self._looked_at = now
        return True

    def refresh(self) -> None:
        """Update from edited files. Cheap when nothing changed; one thread builds while the others keep reading."""
        if not self.is_time_to_look():
            return
        built = self.built()
        if built is not None and self.look() == built.fingerprint:
            return
        with self.alone(wait=built is None) as is_alone:
            if is_alone and ((built := self.built()) is None or self.look() != built.fingerprint):
                self.update()

    def built(self) -> Built | None:
        """Return what the current catalogue was built from, or None when there is no usable one."""
        if self._is_damaged:
            return None
        stamp = self.stamp()
        if stamp is None:
            return None
        if self._built is None or self._built[0] != stamp:
            self._built = (stamp, self._read_built())
        return self._built[1]

    def stamp(self) -> tuple[int, int] | None:
        """Return an identifier of the current build; None when there is none."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns

    def _read_built(self) -> Built | None:
        try:
            database = self._open()
            if read_meta(database, "format") != FORMAT:
                return None
            fingerprint = tuple((f, m, s, i) for f, m, s, i in read_meta(database, "fingerprint"))
            logged = read_meta(database, "logged")
            known = fingerprint if logged is None else tuple((f, m, s, i) for f, m, s, i in logged)
            return Built(fingerprint, int(read_meta(database, "mark")), known)
        except (sqlite3.Error, TypeError, ValueError):
            return None

    @contextmanager
    def alone(self, *, wait: bool = True) -> Iterator[bool]:
        """Lock the library and the catalogue against writers in all processes. Yields whether the lock was taken.

        Without `wait` it is not when somebody is at it; with it, Unavailable is raised after a minute.
        """
        try:
            self._lock.acquire(timeout=60 if wait else 0)
        except Timeout as error:
            if wait:
                message = "The content catalog is being built. Nothing was lost. Please try again in a minute."
                raise Unavailable(message) from error
            yield False
            return
        except OSError as error:
            raise StorageFull("The content catalog couldn’t be saved. The pages stay as they were.") from error
        try:
            yield True
        finally:
            self._lock.release()

    def build(self, *, afresh: bool = False) -> list[Problem]:
        """Read every file, build and swap in; return all problems.

        `afresh` prepares every text again, but keeps last good versions. Raises Unavailable when another process has
        been building for a minute, StorageFull when the disk is full.
        """
        with self.alone():
            self._update(self.look(), None, every_file=True, afresh=afresh)
        return self.list_problems()

    def update(self, fingerprint: Fingerprint | None = None, mark: int | None = None) -> None:
        """Take in what changed since the last build and swap; cheap when that is little. Only for who is `alone`.

        `fingerprint` is the state to take in, by default the present one: what changed after it is seen by the next
        look. `mark` is the last publication that the library holds, and says that the log knows of every file in this
        state; without it the catalogue remembers what the log did not see. Raises StorageFull when the disk is full.
        """
        self._update(self.look() if fingerprint is None else fingerprint, mark)

    def _update(
        self, fingerprint: Fingerprint, mark: int | None, *, every_file: bool = False, afresh: bool = False
    ) -> None:
        built = self.built()
        fingerprint_before = built.fingerprint if built is not None else ()
        files = {one[0] for one in (fingerprint if every_file else set(fingerprint) ^ set(fingerprint_before))}
        files |= {one[0] for one in fingerprint_before} if every_file else set()
        if mark is not None:
            now = Built(fingerprint, mark, fingerprint)
        else:
            now = Built(fingerprint, built.mark if built else 0, built.logged if built else ())
        try:
            self._builder.build(files, now, is_copied=built is not None, afresh=afresh)
        except (sqlite3.Error, OSError) as error:
            if built is not None and is_of_damage(error):  # the copy is as damaged as the original
                _log.warning("the catalogue is damaged and is built again from nothing")
                self._is_damaged = True
                self._update(fingerprint, mark)
                return
            raise StorageFull("The content catalog couldn’t be saved. The pages stay as they were.") from error
        self._is_damaged = False

    def look(self) -> Fingerprint:
        """Return the fingerprint of the library and of the known videos."""
        return self._builder.look()

    def find_outcome(self, key: TextKey, text: str) -> Outcome:
        """Return the outcome of preparing this text under that key, whether or not it is in the library."""
        return self._builder.find_outcome(key, text)

    # --- reading ---

    def _open(self) -> Database:
        """Return this thread's connection, reopened after a new build."""
        mark = self.stamp()
        if mark is None:
            raise Unavailable("Sessions are still loading. Please try again in a moment.")
        if getattr(self._local, "mark", None) != mark:
            self.release()
            connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=15, check_same_thread=False)
            self._local.database, self._local.mark = Database(connection), mark
        database: Database = self._local.database
        return database

    def release(self) -> None:
        """Close this thread's connection."""
        if getattr(self._local, "mark", None) is not None:
            self._local.database.conn.close()
            self._local.mark = None

    def _rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
        return list(self._each(sql, parameters))

    def _each(self, sql: str, parameters: Iterable[Any] = ()) -> Iterator[dict[str, Any]]:
        """Yield the rows lazily."""
        try:
            yield from self._open().query(sql, list(parameters))
        except sqlite3.Error as error:
            self._is_damaged = True  # the next refresh builds it again
            raise Unavailable("Sessions can’t load right now. Please try again in a moment.") from error

    def ping(self) -> None:
        """Raise Unavailable when the catalogue can't be read."""
        self._rows("select 1 from meta limit 1")

    def find_session(self, slug: str, language: Language) -> PreparedSession | None:
        """Return the session in `language`, else in English, else None. Old slugs work too."""
        found = self._find_session(slug, language)
        if found is None and (renamed := self.find_alias(TextKind.SESSION, slug)) is not None:
            return self._find_session(renamed, language)
        return found

    def find_alias(self, kind: TextKind, alias: str) -> str | None:
        """Return the current slug for an old one, or None."""
        sql = "select slug from alias where kind = ? and alias = ? order by slug limit 1"
        rows = self._rows(sql, (kind.value, alias))
        return str(rows[0]["slug"]) if rows else None

    def _find_session(self, slug: str, language: Language) -> PreparedSession | None:
        """Cached per build: every beacon of every class looks up its session."""
        stamp = self.stamp()
        if self._asked_for[0] != stamp:
            self._asked_for = (stamp, {})
        known = self._asked_for[1]
        if (slug, language) in known:
            return known[slug, language]
        found = self._read_session(slug, language)
        if found is not None and len(known) < _SESSIONS_KEPT:
            known[slug, language] = found
        return found

    def _read_session(self, slug: str, language: Language) -> PreparedSession | None:
        rows = self._rows(
            "select slug, language, revision from session where slug = ? and language in (?, 'en') "
            "order by language = ? desc limit 1",
            (slug, language.value, language.value),
        )
        if not rows:
            return None
        key = (rows[0]["slug"], rows[0]["language"], rows[0]["revision"])
        if key not in self._sessions:
            found = self._rows(_DOCUMENT, ("sessions", *key[:2]))
            if not found:
                return None
            if len(self._sessions) > _SESSIONS_KEPT:
                self._sessions.clear()
            self._sessions[key] = SESSION_JSON.validate_json(found[0]["document"])
        return self._sessions[key]

    def get_session(self, slug: str, language: Language) -> PreparedSession:
        """Return the session in `language` or in English. Raises NotFound."""
        session = self.find_session(slug, language)
        if session is None:
            raise NotFound("There’s no session at this address.")
        return session

    def find_module(self, slug: str, language: Language) -> PreparedModule | None:
        """Return the training module in `language`, else in English, else None. Old slugs work too."""
        found = self._list_modules(language, slug)
        if not found and (renamed := self.find_alias(TextKind.TRAINING, slug)) is not None:
            found = self._list_modules(language, renamed)
        return found[0] if found else None

    def get_module(self, slug: str, language: Language) -> PreparedModule:
        """Return the training module in `language` or in English. Raises NotFound."""
        module = self.find_module(slug, language)
        if module is None:
            raise NotFound("There’s no training module at this address.")
        return module

    def list_modules(self, reader: Language) -> list[PreparedModule]:
        """The training modules, each once, in the reader's language where it exists, by their slugs."""
        return self._list_modules(reader)

    def list_module_languages(self, slug: str) -> tuple[Language, ...]:
        """The languages a training module can be taken in, English first."""
        sql = "select language from source where kind = 'training' and slug = ? and document is not null"
        return tuple(Language(row["language"]) for row in self._rows(f"{sql} order by language", (slug,)))

    def _list_modules(self, reader: Language, slug: str | None = None) -> list[PreparedModule]:
        """In `reader` where it exists, else in English; a translation without its English text is not shown."""
        only = "" if slug is None else "and slug = ?"
        rows = self._rows(
            "select slug, document from source where kind = 'training' and document is not null "  # noqa: S608 - our words # nosec B608
            f"and language in (?, 'en') {only} order by slug, language = ?",
            (reader.value, *(() if slug is None else (slug,)), reader.value),
        )
        return [self._read_module(document) for document in {row["slug"]: row["document"] for row in rows}.values()]

    def _read_module(self, document: str) -> PreparedModule:
        """Reading the JSON of every module again for each page of a list would take longer than the page."""
        key = hashlib.sha256(document.encode()).hexdigest()
        if key not in self._modules:
            if len(self._modules) > _REMEMBERED:
                self._modules.clear()
            self._modules[key] = MODULE_JSON.validate_json(document)
        return self._modules[key]

    def list_languages(self, slug: str) -> tuple[Language, ...]:
        """The languages a session can be read in, English first."""
        rows = self._rows("select language from session where slug = ? order by language", (slug,))
        return tuple(Language(row["language"]) for row in rows)

    def get_page(self, slug: str, language: Language) -> PreparedPage:
        """Return the page in `language` or in English. Raises NotFound."""
        rows = self._rows(
            "select document from source where kind = 'pages' and slug = ? and language in (?, 'en') "
            "and document is not null order by language = ? desc limit 1",
            (slug, language.value, language.value),
        )
        if not rows:
            raise NotFound("There’s no page at this address.")
        return PAGE_JSON.validate_json(rows[0]["document"])

    def list_sessions(self, query: Query, reader: Language) -> list[Card]:
        """Return the sessions matching `query`, each once, in the reader's language where it exists; best match first."""
        return list(self.find_sessions(query, reader).cards)

    def find_sessions(self, query: Query, reader: Language, *, first: int = 0, most: int | None = None) -> Found:
        """Return a page of `list_sessions` results with snippets, which are only computed for these."""
        search = search_terms(query.text)
        if query.text.strip() and not search:
            return Found((), 0)
        asked = search_sql(query, search)
        end = None if most is None else first + most
        chosen, is_all = self._choose(asked, end, query.language or reader)
        cards = tuple(read_card(row) for row in chosen[first:end])
        return Found(cards, len(chosen) if is_all else self._count(asked))

    def _choose(self, asked: SearchSql, end: int | None, reader: Language) -> tuple[list[dict[str, Any]], bool]:
        """Return the rows of the first `end` sessions, one each, and whether these are all."""
        chosen: dict[str, dict[str, Any]] = {}
        is_all = True
        for row in self._each(f"select s.*{asked.found} {asked.rest} order by {asked.order}", asked.parameters):
            if row["slug"] not in chosen and len(chosen) == end:
                is_all = False
                break
            if row["slug"] not in chosen or row["language"] == reader.value:
                chosen[row["slug"]] = row
        if not is_all and (others := [slug for slug, row in chosen.items() if row["language"] != reader.value]):
            marks = ",".join("?" * len(others))
            sql = f"select s.*{asked.found} {asked.rest} and s.language = ? and s.slug in ({marks})"
            chosen |= {row["slug"]: row for row in self._rows(sql, [*asked.parameters, reader.value, *others])}
        return list(chosen.values()), is_all

    def _count(self, asked: SearchSql) -> int:
        rows = self._rows(f"select count(distinct s.slug) as total {asked.rest}", asked.parameters)
        return int(next(iter(rows))["total"])

    def count_sessions(self) -> int:
        """Return the number of sessions, each counted once."""
        return self._count(search_sql(Query(), ""))

    def list_cards(self, slugs: Iterable[str], reader: Language) -> dict[str, Card]:
        """Return the cards of those slugs that exist."""
        wanted = sorted(set(slugs))
        marks = ",".join("?" * len(wanted))
        sql = f"select s.* from session s where s.slug in ({marks}) order by s.title"  # noqa: S608 - only question marks # nosec B608
        chosen: dict[str, Card] = {}
        for row in self._rows(sql, wanted):
            if row["slug"] not in chosen or row["language"] == reader.value:
                chosen[row["slug"]] = read_card(row)
        return chosen

    def list_slugs(self) -> list[str]:
        """The slugs of the sessions that can be shown, and their old ones, which lead to them."""
        sql = "select slug from session union select alias from alias where kind = 'sessions'"
        return [row["slug"] for row in self._rows(sql)]

    def list_titles(self) -> dict[str, str]:
        """The title of each text that can be shown, by its file."""
        return {row["file"]: row["title"] for row in self._rows("select file, title from source where title <> ''")}

    def count_problems(self) -> dict[str, tuple[int, int]]:
        """How many errors and how many warnings each file has; files without any are left out."""
        sql = (
            "select file, sum(severity = 'error') as errors, sum(severity = 'warning') as warnings "
            "from problem group by file"
        )
        return {row["file"]: (row["errors"], row["warnings"]) for row in self._rows(sql)}

    def list_revisions(self) -> dict[str, str | None]:
        """The revision of each file that was read for the catalogue, None for one that could not be read last."""
        return {row["file"]: row["revision"] for row in self._rows("select file, revision from source")}

    def list_problems(self) -> list[Problem]:
        """Return all errors and suggestions in the library, by file."""
        return [read_problem(row) for row in self._rows("select * from problem order by file, line, message")]
