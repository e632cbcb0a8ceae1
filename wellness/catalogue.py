"""The catalogue: a SQLite file derived from the library with sqlite-utils. Any node can delete and rebuild it.

A build is made beside the old file and renamed over it, so readers see the old catalogue or the new one, whole. A text
that did not change is taken over as it is; a text that became wrong keeps its last good version and gains problems.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # pysqlite3 where it is installed

from .content.library import Fingerprint, Library
from .content.prepared import PAGE_JSON, SESSION_JSON, Outcome, PreparedPage, PreparedSession, Text
from .content.workshop import Workshop
from .domain import Competency, FilmFacts, Language, Need, Problem, Severity
from .errors import NotFound, StorageFull, Unavailable

FORMAT = 3
"""Raise it when the shape of what is stored changes: every catalogue is then built afresh."""

LOOK_AGAIN_SECONDS = 0.1

ListFilms = Callable[[], tuple[FilmFacts, ...]]
"""Tells which recordings there are. The catalogue does not know where they are kept."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a session. `snippet` is the found place as (text, is_hit) pieces."""

    slug: str
    language: Language
    title: str
    summary: str
    minutes: int
    short_minutes: int
    bands: tuple[str, ...]
    competency: str
    needs: tuple[str, ...]
    drawing: str
    revision: str
    snippet: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for in the library; None and empty ask for nothing. `minutes` is the most there is time for."""

    text: str = ""
    need: Need | None = None
    minutes: int | None = None
    competency: Competency | None = None
    band: str | None = None
    language: Language | None = None


@dataclass(slots=True)
class _Known:
    """What the old catalogue knew of a file."""

    digest: str
    kind: str
    slug: str
    language: str
    document: str | None
    words: str
    problems: list[Problem] = field(default_factory=list)


class Catalogue:
    """The derived index at `path`, kept in step with `library`. Safe to share between threads and processes."""

    def __init__(self, path: Path, library: Library, workshop: Workshop, list_films: ListFilms = tuple) -> None:
        self.path = path
        self.library = library
        self._list_films = list_films
        self._workshop = workshop
        self._lock = FileLock(f"{path}.lock")
        self._thread_lock = threading.Lock()
        self._local = threading.local()
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._fingerprint: Fingerprint | None = None
        self._is_damaged = False
        self._sessions: dict[tuple[str, str, str], PreparedSession] = {}

    # --- keeping in step ---

    def refresh(self) -> None:
        """Take edited files in. Cheap when nothing changed; one thread builds while the others read on."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS and self.path.exists():
            return
        self._looked_at = now
        fingerprint = self._look()
        if fingerprint == self._fingerprint and self.path.exists() and not self._is_damaged:
            return
        if not self._thread_lock.acquire(blocking=not self.path.exists()):
            return
        try:
            if self._is_damaged or fingerprint != self._built_fingerprint():
                self.build()
            self._fingerprint, self._is_damaged = fingerprint, False
        finally:
            self._thread_lock.release()

    def _look(self) -> Fingerprint:
        """The state of the library and of the recordings its texts may name."""
        films = self._list_films()
        return (*self.library.fingerprint(), ("films", zlib.crc32(repr(films).encode()), len(films), 0))

    def build(self, *, afresh: bool = False) -> list[Problem]:
        """Build and swap in; returns every problem. `afresh` prepares every text again, but keeps last good versions.

        Raises Unavailable when another process has been building for a minute, StorageFull when the disk is full.
        """
        try:
            with self._lock.acquire(timeout=60):
                return self._build(afresh)
        except Timeout as error:
            raise Unavailable(
                "The catalogue is being built. Nothing was lost; please try again in a minute."
            ) from error
        except OSError as error:
            raise StorageFull("The catalogue could not be written. The pages stay as they were.") from error

    def _build(self, afresh: bool) -> list[Problem]:
        fingerprint = self._look()
        known = self._load_known()
        texts, problems = self.library.read_all(self._list_films())
        changed = [text for text in texts if afresh or not _is_same(known.get(text.file), text)]
        outcomes = dict(zip((text.file for text in changed), self._workshop.prepare(changed), strict=True))
        rows: dict[str, _Known] = {}
        for text in texts:
            rows[text.file] = _settle(text, known.get(text.file), outcomes.get(text.file))
        unread = {problem.file for problem in problems}
        rows |= {file: before for file, before in known.items() if file in unread and file not in rows}
        for file in unread & rows.keys():
            rows[file].digest, rows[file].problems = "", []
        self._write(rows, problems, fingerprint)
        return sorted(problems + [problem for row in rows.values() for problem in row.problems])

    def _load_known(self) -> dict[str, _Known]:
        if not self.path.exists():
            return {}
        known: dict[str, _Known] = {}
        try:
            database = Database(sqlite3.connect(self.path, timeout=15))
            with _closing(database):
                if _meta(database, "format") != FORMAT:
                    return {}
                for row in database.table("source").rows:
                    known[row["file"]] = _Known(
                        row["digest"], row["kind"], row["slug"], row["language"], row["document"], row["words"]
                    )
                for row in database.table("problem").rows:
                    if row["file"] in known:
                        known[row["file"]].problems.append(_problem(row))
        except sqlite3.Error:
            _log.warning("the old catalogue could not be read; it is built afresh")
            return {}
        return known

    def _write(self, rows: dict[str, _Known], problems: list[Problem], fingerprint: Fingerprint) -> None:
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.{threading.get_ident()}.new")
        for left in self.path.parent.glob(f"{self.path.name}.*.new"):
            left.unlink(missing_ok=True)  # of a build that was killed: we hold the lock, nobody else is building
        try:
            database = Database(sqlite3.connect(beside, timeout=15))
            with _closing(database):
                database.execute("pragma journal_mode = off")
                database.execute("pragma synchronous = off")
                with database.atomic():
                    _make_tables(database)
                    _fill(database, rows, problems)
                    database.table("meta").insert_all(
                        [
                            {"key": "format", "value": json.dumps(FORMAT)},
                            {"key": "fingerprint", "value": json.dumps(fingerprint)},
                        ]
                    )
            beside.replace(self.path)
        except sqlite3.Error as error:
            raise StorageFull("The catalogue could not be written. The pages stay as they were.") from error
        finally:
            beside.unlink(missing_ok=True)

    def _built_fingerprint(self) -> Fingerprint | None:
        if not self.path.exists():
            return None
        try:
            database = self._open()
            if _meta(database, "format") != FORMAT:
                return None
            return tuple((f, m, s, i) for f, m, s, i in _meta(database, "fingerprint"))
        except (sqlite3.Error, TypeError, ValueError):
            return None

    # --- reading ---

    def _open(self) -> Database:
        """This thread's connection; opened again when another build was swapped in."""
        try:
            status = self.path.stat()
        except FileNotFoundError as error:
            raise Unavailable("The sessions are being prepared. Please try again in a moment.") from error
        mark = (status.st_ino, status.st_mtime_ns)
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
        try:
            return list(self._open().query(sql, list(parameters)))
        except sqlite3.Error as error:
            self._is_damaged = True  # the next refresh builds it again
            raise Unavailable("The sessions cannot be read just now. Please try again in a moment.") from error

    def ping(self) -> None:
        """Raises Unavailable when the catalogue does not answer."""
        self._rows("select 1 from meta limit 1")

    def find_session(self, slug: str, language: Language) -> PreparedSession | None:
        """The session in `language`, else in English, else None."""
        rows = self._rows(
            "select slug, language, revision from session where slug = ? and language in (?, 'en') "
            "order by language = ? desc limit 1",
            (slug, language.value, language.value),
        )
        if not rows:
            return None
        key = (rows[0]["slug"], rows[0]["language"], rows[0]["revision"])
        if key not in self._sessions:
            found = self._rows("select document from session where slug = ? and language = ?", key[:2])
            if not found:
                return None
            if len(self._sessions) > 500:
                self._sessions.clear()
            self._sessions[key] = SESSION_JSON.validate_json(found[0]["document"])
        return self._sessions[key]

    def get_session(self, slug: str, language: Language) -> PreparedSession:
        """The session in `language` or in English. Raises NotFound."""
        session = self.find_session(slug, language)
        if session is None:
            raise NotFound("There is no session at this address.")
        return session

    def list_languages(self, slug: str) -> tuple[Language, ...]:
        """The languages a session can be read in, English first."""
        rows = self._rows("select language from session where slug = ? order by language", (slug,))
        return tuple(Language(row["language"]) for row in rows)

    def get_page(self, slug: str, language: Language) -> PreparedPage:
        """The page in `language` or in English. Raises NotFound."""
        rows = self._rows(
            "select document from page where slug = ? and language in (?, 'en') order by language = ? desc limit 1",
            (slug, language.value, language.value),
        )
        if not rows:
            raise NotFound("There is no page at this address.")
        return PAGE_JSON.validate_json(rows[0]["document"])

    def list_sessions(self, query: Query, reader: Language) -> list[Card]:
        """The sessions that answer `query`, each once, in the reader's language where it exists; best match first."""
        search = _search_terms(query.text)
        if query.text.strip() and not search:
            return []
        where, parameters = _conditions(query)
        if search:
            sql = (
                "select s.*, bm25(session_fts, 10.0, 4.0, 1.0) as rank, "
                "snippet(session_fts, -1, char(1), char(2), '…', 18) as snippet "
                "from session_fts join session s on s.id = session_fts.rowid where session_fts match ?"
            )
            rows = self._rows(f"{sql} {where} order by rank", [search, *parameters])
        else:
            rows = self._rows(f"select s.* from session s where 1 {where} order by s.title", parameters)  # noqa: S608 - our words
        return _each_once(rows, query.language or reader)

    def list_cards(self, slugs: Iterable[str], reader: Language) -> dict[str, Card]:
        """The cards of these slugs, as far as they exist."""
        wanted = sorted(set(slugs))
        marks = ",".join("?" * len(wanted))
        sql = f"select s.* from session s where s.slug in ({marks}) order by s.title"  # noqa: S608 - only question marks
        rows = self._rows(sql, wanted)
        return {card.slug: card for card in _each_once(rows, reader)}

    def list_problems(self) -> list[Problem]:
        """Everything the check found in the library as it stands, files in order, errors and warnings."""
        return [_problem(row) for row in self._rows("select * from problem order by file, line, message")]


# --- the build's small steps ---


def _is_same(before: _Known | None, text: Text) -> bool:
    return before is not None and before.digest == _digest(text)


def _digest(text: Text) -> str:
    digest = hashlib.sha256(text.text.encode())
    if text.language is not Language.EN:
        digest.update(b"\0" + (text.original or "").encode())
    if text.films:
        digest.update(b"\0" + repr(text.films).encode())
    return digest.hexdigest()


def _settle(text: Text, before: _Known | None, outcome: Outcome | None) -> _Known:
    """What the new catalogue keeps of a file: unchanged, the new version, or the last good one with its problems."""
    if outcome is None and before is not None:
        return before
    assert outcome is not None
    last_good = before.document if before is not None else None
    document, words = outcome.document, outcome.words
    is_orphan = text.kind == "sessions" and text.language is not Language.EN and text.original is None
    if document is None and before is not None and not is_orphan:
        document, words = last_good, before.words
    problems = list(outcome.problems)
    return _Known(_digest(text), text.kind, text.slug, text.language.value, document, words, problems)


def _make_tables(database: Database) -> None:
    database.table("meta").create({"key": str, "value": str}, pk="key")
    database.table("source").create(
        {"file": str, "digest": str, "kind": str, "slug": str, "language": str, "document": str, "words": str},
        pk="file",
    )
    database.table("problem").create({"file": str, "line": int, "message": str, "severity": str})
    database.table("page").create(
        {"slug": str, "language": str, "title": str, "document": str}, pk=("slug", "language")
    )
    session = {
        "id": int, "slug": str, "language": str, "title": str, "summary": str, "words": str, "minutes": int,
        "short_minutes": int, "competency": str, "drawing": str, "bands": str, "needs": str, "revision": str,
        "document": str,
    }  # fmt: skip
    database.table("session").create(session, pk="id")
    database.table("session").create_index(["slug", "language"], unique=True)
    database.table("session_need").create({"slug": str, "need": str}, pk=("slug", "need"))
    database.table("session_band").create({"slug": str, "band": str}, pk=("slug", "band"))


def _fill(database: Database, rows: dict[str, _Known], problems: list[Problem]) -> None:
    database.table("source").insert_all(
        {
            "file": file,
            "digest": row.digest,
            "kind": row.kind,
            "slug": row.slug,
            "language": row.language,
            "document": row.document,
            "words": row.words,
        }
        for file, row in rows.items()
    )
    every_problem = problems + [problem for row in rows.values() for problem in row.problems]
    database.table("problem").insert_all(
        {"file": p.file, "line": p.line, "message": p.message, "severity": p.severity.value} for p in every_problem
    )
    database.table("page").insert_all(
        {
            "slug": row.slug,
            "language": row.language,
            "title": json.loads(row.document)["title"],
            "document": row.document,
        }
        for row in rows.values()
        if row.kind == "pages" and row.document is not None
    )
    sessions = [
        (SESSION_JSON.validate_json(row.document), row)
        for row in rows.values()
        if row.kind == "sessions" and row.document is not None
    ]
    database.table("session").insert_all(_session_row(session, row) for session, row in sessions)
    originals = [session for session, _ in sessions if session.language is Language.EN]
    database.table("session_need").insert_all({"slug": s.slug, "need": need.key} for s in originals for need in s.needs)
    database.table("session_band").insert_all({"slug": s.slug, "band": band} for s in originals for band in s.bands)
    database.table("session").enable_fts(["title", "summary", "words"], tokenize="porter unicode61 remove_diacritics 2")


def _session_row(session: PreparedSession, row: _Known) -> dict[str, Any]:
    return {
        "slug": session.slug,
        "language": session.language.value,
        "title": session.title,
        "summary": session.summary,
        "words": row.words,
        "minutes": session.minutes,
        "short_minutes": session.short_minutes,
        "competency": session.competency,
        "drawing": session.drawing,
        "bands": json.dumps(session.bands),
        "needs": json.dumps([need.key for need in session.needs]),
        "revision": session.revision,
        "document": row.document,
    }


@contextmanager
def _closing(database: Database) -> Iterator[None]:
    try:
        yield
    finally:
        database.conn.close()


def _meta(database: Database, key: str) -> Any:
    if not database.table("meta").exists():
        return None
    row = next(iter(database.query("select value from meta where key = ?", [key])), None)
    return json.loads(row["value"]) if row else None


def _problem(row: dict[str, Any]) -> Problem:
    return Problem(row["file"], row["line"], row["message"], Severity(row["severity"]))


# --- the query's small steps ---


def _search_terms(text: str) -> str:
    """An FTS5 query of the words in `text`, each quoted and open at its end; empty when there is no word in it."""
    words = re.findall(r"\w+", text[:200])[:12]
    return " ".join(f'"{word}"*' for word in words)


def _conditions(query: Query) -> tuple[str, list[Any]]:
    where: list[str] = []
    parameters: list[Any] = []
    if query.need is not None:
        where.append("s.slug in (select slug from session_need where need = ?)")
        parameters.append(query.need.key)
    if query.band is not None:
        where.append("s.slug in (select slug from session_band where band = ?)")
        parameters.append(query.band)
    if query.minutes is not None:
        where.append("min(s.minutes, s.short_minutes) <= ?")
        parameters.append(query.minutes)
    if query.competency is not None:
        where.append("s.competency = ?")
        parameters.append(query.competency.value)
    if query.language is not None:
        where.append("s.slug in (select slug from session where language = ?)")
        parameters.append(query.language.value)
    return "".join(f" and {condition}" for condition in where), parameters


def _each_once(rows: list[dict[str, Any]], reader: Language) -> list[Card]:
    """One card a slug, at the place of its best row, in the reader's language where there is one."""
    chosen: dict[str, dict[str, Any]] = {}
    for row in rows:
        before = chosen.get(row["slug"])
        if before is None or (row["language"] == reader.value and before["language"] != reader.value):
            chosen[row["slug"]] = row
    return [_card(row) for row in chosen.values()]


def _card(row: dict[str, Any]) -> Card:
    return Card(
        slug=row["slug"],
        language=Language(row["language"]),
        title=row["title"],
        summary=row["summary"],
        minutes=row["minutes"],
        short_minutes=row["short_minutes"],
        bands=tuple(json.loads(row["bands"])),
        competency=row["competency"],
        needs=tuple(json.loads(row["needs"])),
        drawing=row["drawing"],
        revision=row["revision"],
        snippet=tuple(_snippet_pieces(row.get("snippet") or "")),
    )


def _snippet_pieces(snippet: str) -> Iterator[tuple[str, bool]]:
    for piece in re.split("(\x01[^\x02]*\x02)", snippet):
        if piece:
            yield piece.strip("\x01\x02"), piece.startswith("\x01")
