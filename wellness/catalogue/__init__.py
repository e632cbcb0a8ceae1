"""The catalogue: a SQLite file derived from the library with sqlite-utils. Any node can delete and rebuild it.

A build is made on a copy beside the old file and renamed over it, so readers see the old catalogue or the new one, whole.
Only texts that changed are prepared and written; a text that became wrong keeps its last good version and gains problems.
The file carries two marks: the state of the library it was built from, and the last publication that is in it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # pysqlite3 where it is installed

from ..domain import Competency, FilmFacts, Language, Need, Problem, Severity, TextKey, TextKind
from ..errors import NotFound, StorageFull, Unavailable
from ..files import remove_unfinished, replacing
from ..library.files import Fingerprint, Library
from ..library.front_matter import SessionFacts, StoredSessionFacts, declaration_digest, list_facts
from ..library.prepared import (
    MODULE_JSON,
    PAGE_JSON,
    SESSION_JSON,
    Outcome,
    PreparedModule,
    PreparedPage,
    PreparedSession,
    Text,
)
from ..library.sandbox import Workshop
from ..library.session import Cover, revision_of

FORMAT = f"11-{declaration_digest()}"
"""Raise its number when the shape of what is stored changes: every catalogue is then built afresh. Facts do it themselves."""

_FILTERED = tuple(one for one in list_facts(SessionFacts) if one.fact.filtered)
LOOK_AGAIN_SECONDS = 0.1
_VIDEO = "/// video"
_FILMS = "films"
_REMEMBERED = 200
_SESSIONS_KEPT = 500
_CORRUPT, _NOT_A_DATABASE = 11, 26
"""SQLite's numbers for a file that is damaged (https://sqlite.org/rescode.html)."""
_DOCUMENT = "select document from source where kind = ? and slug = ? and language = ?"

ListFilms = Callable[[], tuple[FilmFacts, ...]]
"""Tells which recordings there are. The catalogue does not know where they are kept."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Card(Cover):
    """What a list shows of a session. `snippet` is the found place as (text, is_hit) pieces."""

    snippet: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the sessions that answer a query, and how many there are in all."""

    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for in the library; None and empty ask for nothing. `minutes` is the most there is time for."""

    text: str = ""
    need: Need | None = None
    minutes: int | None = None
    competency: Competency | None = None
    band: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """What the catalogue was built from: the library as it was, and the log of publications up to `mark`.

    `logged` is the state of the library that the log knows of; they differ when files were taken in without the log.
    """

    fingerprint: Fingerprint
    mark: int
    logged: Fingerprint


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read for a build: the texts, the files that could not be read, and the reasons."""

    texts: list[Text]
    files: set[str]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Change:
    """One text and what preparing it gave."""

    text: Text
    outcome: Outcome


class Catalogue:
    """The derived index at `path`, kept in step with `library`. Safe to share between threads and processes."""

    def __init__(self, path: Path, library: Library, workshop: Workshop, list_films: ListFilms = tuple) -> None:
        self.path = path
        self.library = library
        self._list_films = list_films
        self._workshop = workshop
        self._lock = FileLock(f"{path}.lock", poll_interval=0.01)
        self._local = threading.local()
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._built: tuple[tuple[int, int], Built | None] | None = None
        self._is_damaged = False
        self._sessions: dict[tuple[str, str, str], PreparedSession] = {}
        self._asked_for: tuple[tuple[int, int] | None, dict[tuple[str, Language], PreparedSession]] = (None, {})
        self._modules: dict[str, PreparedModule] = {}
        self._outcomes: dict[str, Outcome] = {}

    # --- keeping in step ---

    def is_time_to_look(self) -> bool:
        """Whether the last look was a moment ago. True once for each moment; nothing is looked at meanwhile."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS and self.path.exists():
            return False
        self._looked_at = now
        return True

    def refresh(self) -> None:
        """Take edited files in. Cheap when nothing changed; one thread builds while the others read on."""
        if not self.is_time_to_look():
            return
        built = self.built()
        if built is not None and self.look() == built.fingerprint:
            return
        with self.alone(wait=built is None) as is_alone:
            if is_alone and ((built := self.built()) is None or self.look() != built.fingerprint):
                self.update()

    def look(self) -> Fingerprint:
        """The state of the library and of the recordings its texts may name."""
        films = self._list_films()
        return (*self.library.fingerprint(), (_FILMS, zlib.crc32(repr(films).encode()), len(films), 0))

    def built(self) -> Built | None:
        """What the catalogue as it stands was built from, or None when there is none that can be used."""
        if self._is_damaged:
            return None
        stamp = self.stamp()
        if stamp is None:
            return None
        if self._built is None or self._built[0] != stamp:
            self._built = (stamp, self._read_built())
        return self._built[1]

    def stamp(self) -> tuple[int, int] | None:
        """A mark of the catalogue as it stands, another one after each build; None when there is none."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns

    def _read_built(self) -> Built | None:
        try:
            database = self._open()
            if _meta(database, "format") != FORMAT:
                return None
            fingerprint = tuple((f, m, s, i) for f, m, s, i in _meta(database, "fingerprint"))
            logged = _meta(database, "logged")
            known = fingerprint if logged is None else tuple((f, m, s, i) for f, m, s, i in logged)
            return Built(fingerprint, int(_meta(database, "mark")), known)
        except (sqlite3.Error, TypeError, ValueError):
            return None

    @contextmanager
    def alone(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else, in no process, writes the library or the catalogue meanwhile. Says whether that is so.

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
            raise StorageFull("The content catalog couldn't be saved. The pages stay as they were.") from error
        try:
            yield True
        finally:
            self._lock.release()

    def build(self, *, afresh: bool = False) -> list[Problem]:
        """Look at every file, build and swap in; returns every problem.

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
            with self._beside(copied=built is not None) as beside:
                self._write(beside, files, now, afresh=afresh)
        except (sqlite3.Error, OSError) as error:
            if built is not None and _is_of_damage(error):  # the copy is as damaged as what it was made from
                _log.warning("the catalogue is damaged and is built again from nothing")
                self._is_damaged = True
                self._update(fingerprint, mark)
                return
            raise StorageFull("The content catalog couldn't be saved. The pages stay as they were.") from error
        self._is_damaged = False

    @contextmanager
    def _beside(self, *, copied: bool) -> Iterator[Database]:
        """The catalogue to come, a copy of the old one or with empty tables. It takes the old one's place at the end."""
        remove_unfinished(self.path.parent, self.path.name)  # we hold the lock, so nobody else is building
        with replacing(self.path) as beside:
            if copied:
                shutil.copyfile(self.path, beside)
            database = Database(sqlite3.connect(beside, timeout=15))
            with _closing(database):
                database.execute("pragma journal_mode = off")
                database.execute("pragma synchronous = off")
                with database.atomic():
                    if not copied:
                        _make_tables(database)
                    yield database

    def _write(self, database: Database, files: set[str], now: Built, *, afresh: bool) -> None:
        found = self._read(database, files, now.fingerprint)
        before = _digests(database, (text.file for text in found.texts))
        changed = [text for text in found.texts if afresh or before.get(text.file) != _digest(text)]
        for file in found.files - {text.file for text in found.texts}:
            problems = [problem for problem in found.problems if problem.file == file]
            _mark_unread(database, file, problems) if problems else _remove(database, file)
        for change in map(_Change, changed, self._prepare(changed)):
            _put(database, change)
        logged = None if now.logged == now.fingerprint else now.logged
        for key, value in {
            "format": FORMAT,
            "fingerprint": now.fingerprint,
            "logged": logged,
            "mark": now.mark,
        }.items():
            database.table("meta").upsert({"key": key, "value": json.dumps(value)}, pk="key")

    def _read(self, database: Database, files: set[str], fingerprint: Fingerprint) -> _Found:
        """The texts in these files, and those that depend on them: translations, and texts with a film."""
        there = {one[0] for one in fingerprint}
        wanted = set(files) - {_FILMS}
        if _FILMS in files:
            wanted |= {file for (file,) in database.execute("select file from source where has_video")}
        changed = [entry.key for file in wanted if (entry := self.library.find_entry(file)) is not None]
        wanted |= {replace(key, language=language).file for key in changed for language in Language} & there
        entries, problems = self.library.list_entries(tuple(one for one in fingerprint if one[0] in wanted))
        films, texts = self._list_films(), []
        for entry in entries:
            text, problem = self.library.read(entry)
            problems += [problem] if problem is not None else []
            if text is not None:
                english, told = self._read_english(entry.key), films if _VIDEO in text else ()
                texts.append(Text(entry.kind, entry.slug, entry.language, entry.file, text, english, told))
        return _Found(texts, wanted, problems)

    def _read_english(self, key: TextKey) -> str | None:
        """The text that a translation was made from, or None; also for what is no translation."""
        if key.language is Language.EN:
            return None
        return self.library.find_text(replace(key, language=Language.EN))[0]

    def find_outcome(self, key: TextKey, text: str) -> Outcome:
        """What preparing this text under that key gives now, whether or not it is the one in the library.

        What was asked lately is remembered, so that publishing a text that was just checked does not lay it out twice.
        """
        films = self._list_films() if _VIDEO in text else ()
        english = self._read_english(key)
        asked = Text(key.kind.value, key.slug, key.language, key.file, text, english, films)
        outcome = next(self._prepare([asked]))
        if len(self._outcomes) > _REMEMBERED:
            self._outcomes.clear()
        self._outcomes[_remembered_as(asked)] = outcome
        return outcome

    def _prepare(self, texts: list[Text]) -> Iterator[Outcome]:
        known = [self._outcomes.get(_remembered_as(text)) for text in texts]
        made = self._workshop.prepare(text for text, outcome in zip(texts, known, strict=True) if outcome is None)
        return (outcome if outcome is not None else next(made) for outcome in known)

    # --- reading ---

    def _open(self) -> Database:
        """This thread's connection; opened again when another build was swapped in."""
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
        """The rows as they are asked for: what is not read is not made."""
        try:
            yield from self._open().query(sql, list(parameters))
        except sqlite3.Error as error:
            self._is_damaged = True  # the next refresh builds it again
            raise Unavailable("Sessions can't load right now. Please try again in a moment.") from error

    def ping(self) -> None:
        """Raises Unavailable when the catalogue does not answer."""
        self._rows("select 1 from meta limit 1")

    def find_session(self, slug: str, language: Language) -> PreparedSession | None:
        """The session in `language`, else in English, else None. A name it had before finds it too."""
        found = self._find_session(slug, language)
        if found is None and (renamed := self.find_alias(TextKind.SESSION, slug)) is not None:
            return self._find_session(renamed, language)
        return found

    def find_alias(self, kind: TextKind, alias: str) -> str | None:
        """The present slug of a text that had this one before, or None."""
        sql = "select slug from alias where kind = ? and alias = ? order by slug limit 1"
        rows = self._rows(sql, (kind.value, alias))
        return str(rows[0]["slug"]) if rows else None

    def _find_session(self, slug: str, language: Language) -> PreparedSession | None:
        """Remembered while the catalogue is the same: every beacon of every class asks which text is shown."""
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
        """The session in `language` or in English. Raises NotFound."""
        session = self.find_session(slug, language)
        if session is None:
            raise NotFound("There's no session at this address.")
        return session

    def find_module(self, slug: str, language: Language) -> PreparedModule | None:
        """The training module in `language`, else in English, else None. A name it had before finds it too."""
        found = self._list_modules(language, slug)
        if not found and (renamed := self.find_alias(TextKind.TRAINING, slug)) is not None:
            found = self._list_modules(language, renamed)
        return found[0] if found else None

    def get_module(self, slug: str, language: Language) -> PreparedModule:
        """The training module in `language` or in English. Raises NotFound."""
        module = self.find_module(slug, language)
        if module is None:
            raise NotFound("There's no training module at this address.")
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
        """The page in `language` or in English. Raises NotFound."""
        rows = self._rows(
            "select document from source where kind = 'pages' and slug = ? and language in (?, 'en') "
            "and document is not null order by language = ? desc limit 1",
            (slug, language.value, language.value),
        )
        if not rows:
            raise NotFound("There's no page at this address.")
        return PAGE_JSON.validate_json(rows[0]["document"])

    def list_sessions(self, query: Query, reader: Language) -> list[Card]:
        """The sessions that answer `query`, each once, in the reader's language where it exists; best match first."""
        return list(self.find_sessions(query, reader).cards)

    def find_sessions(self, query: Query, reader: Language, *, first: int = 0, most: int | None = None) -> Found:
        """The same from the `first` one on, at most so many. Only for those is looked up where the words stand."""
        search = _search_terms(query.text)
        if query.text.strip() and not search:
            return Found((), 0)
        asked = _asked(query, search)
        end = None if most is None else first + most
        chosen, is_all = self._choose(asked, end, query.language or reader)
        cards = tuple(_card(row) for row in chosen[first:end])
        return Found(cards, len(chosen) if is_all else self._count(asked))

    def _choose(self, asked: _Asked, end: int | None, reader: Language) -> tuple[list[dict[str, Any]], bool]:
        """The rows of the first `end` sessions, one each, and whether these are all."""
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

    def _count(self, asked: _Asked) -> int:
        rows = self._rows(f"select count(distinct s.slug) as total {asked.rest}", asked.parameters)
        return int(next(iter(rows))["total"])

    def count_sessions(self) -> int:
        """How many sessions there are, each counted once."""
        return self._count(_asked(Query(), ""))

    def list_cards(self, slugs: Iterable[str], reader: Language) -> dict[str, Card]:
        """The cards of these slugs, as far as they exist."""
        wanted = sorted(set(slugs))
        marks = ",".join("?" * len(wanted))
        sql = f"select s.* from session s where s.slug in ({marks}) order by s.title"  # noqa: S608 - only question marks # nosec B608
        chosen: dict[str, Card] = {}
        for row in self._rows(sql, wanted):
            if row["slug"] not in chosen or row["language"] == reader.value:
                chosen[row["slug"]] = _card(row)
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
        """Everything the check found in the library as it stands, files in order, errors and warnings."""
        return [_problem(row) for row in self._rows("select * from problem order by file, line, message")]


# --- the build's small steps ---


def _digest(text: Text) -> str:
    digest = hashlib.sha256(text.text.encode())
    if text.language is not Language.EN:
        digest.update(b"\0" + (text.original or "").encode())
    if text.films:
        digest.update(b"\0" + repr(text.films).encode())
    return digest.hexdigest()


def _remembered_as(text: Text) -> str:
    return f"{text.file} {_digest(text)}"


def _digests(database: Database, files: Iterable[str]) -> dict[str, str]:
    wanted = json.dumps(sorted(files))
    sql = "select file, digest from source where file in (select value from json_each(?))"
    return dict(database.execute(sql, [wanted]).fetchall())


def _put(database: Database, change: _Change) -> None:
    """Keep the new version of a text, or its last good one with the problems of the new."""
    text, outcome = change.text, change.outcome
    is_orphan = text.kind != "pages" and text.language is not Language.EN and text.original is None
    row = {"digest": _digest(text), "revision": revision_of(text.text), "has_video": int(_VIDEO in text.text)}
    known = database.execute("select document from source where file = ?", [text.file]).fetchone()
    if outcome.document is None and known is not None and not is_orphan:
        database.table("source").update(text.file, row)
    else:
        _remove(database, text.file)
        name = {"file": text.file, "kind": text.kind, "slug": text.slug, "language": text.language.value}
        document = json.loads(outcome.document) if outcome.document is not None else {}
        name["title"] = document.get("facts", document).get("title", "")
        database.table("source").insert(name | row | {"document": outcome.document})
        if text.kind == "sessions" and outcome.document is not None:
            _put_session(database, SESSION_JSON.validate_json(outcome.document), outcome.words)
        if text.kind == "training" and text.language is Language.EN and outcome.document is not None:
            aliases = MODULE_JSON.validate_json(outcome.document).aliases
            _put_all(database, "alias", [_alias_row("training", alias, text.slug) for alias in aliases])
    _put_problems(database, text.file, outcome.problems)


def _put_session(database: Database, session: PreparedSession, words: str) -> None:
    database.table("session").insert(_session_row(session, words))
    if session.language is Language.EN:
        values = [(one.name, value) for one in _FILTERED if one.is_list for value in getattr(session.facts, one.name)]
        _put_all(
            database,
            "session_value",
            [{"slug": session.slug, "fact": name, "value": value} for name, value in values],
        )
        _put_all(database, "alias", [_alias_row("sessions", alias, session.slug) for alias in session.facts.aliases])


def _alias_row(kind: str, alias: str, slug: str) -> dict[str, Any]:
    return {"kind": kind, "alias": alias, "slug": slug}


def _put_all(database: Database, table: str, rows: list[dict[str, Any]]) -> None:
    database.table(table).insert_all(rows)


def _put_problems(database: Database, file: str, problems: Iterable[Problem]) -> None:
    database.table("problem").delete_where("file = ?", [file])
    database.table("problem").insert_all(
        {"file": p.file, "line": p.line, "message": p.message, "severity": p.severity.value} for p in problems
    )


def _mark_unread(database: Database, file: str, problems: list[Problem]) -> None:
    """The file cannot be read: what was known of it stays, and it is looked at again whatever it becomes."""
    database.execute("update source set digest = '', revision = null where file = ?", [file])
    _put_problems(database, file, problems)


def _remove(database: Database, file: str) -> None:
    known = database.execute("select kind, slug, language from source where file = ?", [file]).fetchone()
    if known is not None and known[0] == "sessions":
        database.execute("delete from session where slug = ? and language = ?", known[1:])
        if known[2] == Language.EN.value:
            database.execute("delete from session_value where slug = ?", [known[1]])
    if known is not None and known[2] == Language.EN.value:
        database.execute("delete from alias where kind = ? and slug = ?", known[:2])
    database.execute("delete from source where file = ?", [file])
    database.execute("delete from problem where file = ?", [file])


def _make_tables(database: Database) -> None:
    database.table("meta").create({"key": str, "value": str}, pk="key")
    source = {
        "file": str, "digest": str, "revision": str, "kind": str, "slug": str, "language": str, "title": str,
        "has_video": int, "document": str,
    }  # fmt: skip
    database.table("source").create(source, pk="file")
    database.table("source").create_index(["kind", "slug", "language"], unique=True)
    database.table("problem").create({"file": str, "line": int, "message": str, "severity": str})
    database.table("problem").create_index(["file"])
    columns = {one.name: one.value_type if one.value_type is int else str for one in _FILTERED if not one.is_list}
    texts = dict.fromkeys(("slug", "language", "title", "summary", "words", "facts", "revision"), str)
    session = {"id": int, **texts, **columns}
    database.table("session").create(session, pk="id")
    database.table("session").create_index(["slug", "language"], unique=True)
    database.table("session").create_index(["title"])
    database.table("session_value").create({"slug": str, "fact": str, "value": str}, pk=("fact", "value", "slug"))
    database.table("alias").create({"kind": str, "alias": str, "slug": str}, pk=("kind", "alias", "slug"))
    tokenize = "porter unicode61 remove_diacritics 2"
    database.table("session").enable_fts(["title", "summary", "words"], tokenize=tokenize, create_triggers=True)


def _session_row(session: PreparedSession, words: str) -> dict[str, Any]:
    row = {
        "slug": session.slug,
        "language": session.language.value,
        "title": session.title,
        "summary": session.summary,
        "words": words,
        "facts": session.facts.model_dump_json(),
        "revision": session.revision,
    }
    return row | {one.name: getattr(session.facts, one.name) for one in _FILTERED if not one.is_list}


def _is_of_damage(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (_CORRUPT, _NOT_A_DATABASE)


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query in SQL: what to select of the place that was found, the rest of the statement, and the order."""

    found: str
    rest: str
    order: str
    parameters: list[Any]


def _asked(query: Query, search: str) -> _Asked:
    where, parameters = _conditions(query)
    if not search:
        return _Asked("", f"from session s where 1{where}", "s.title", parameters)
    # The order is the index's own: only so does it hand out the best ones without making every row (FTS5, 5.1.1 and 4.3).
    ranked = "session_fts match ? and rank match 'bm25(10.0, 4.0, 1.0)'"
    return _Asked(
        ", snippet(session_fts, -1, char(1), char(2), '…', 18) as snippet",
        f"from session_fts join session s on s.id = session_fts.rowid where {ranked}{where}",
        "rank",
        [search, *parameters],
    )


def _conditions(query: Query) -> tuple[str, list[Any]]:
    where: list[str] = []
    parameters: list[Any] = []
    if query.need is not None:
        where.append("s.slug in (select slug from session_value where fact = 'needs' and value = ?)")
        parameters.append(query.need.value)
    if query.band is not None:
        where.append("s.slug in (select slug from session_value where fact = 'grades' and value = ?)")
        parameters.append(query.band)
    if query.minutes is not None:
        where.append("min(s.minutes, s.short) <= ?")
        parameters.append(query.minutes)
    if query.competency is not None:
        where.append("s.competency = ?")
        parameters.append(query.competency.value)
    if query.language is not None:
        where.append("s.slug in (select slug from session where language = ?)")
        parameters.append(query.language.value)
    return "".join(f" and {condition}" for condition in where), parameters


def _card(row: dict[str, Any]) -> Card:
    return Card(
        slug=row["slug"],
        language=Language(row["language"]),
        facts=StoredSessionFacts.model_validate_json(row["facts"]),
        revision=row["revision"],
        snippet=tuple(_snippet_pieces(row.get("snippet") or "")),
    )


def _snippet_pieces(snippet: str) -> Iterator[tuple[str, bool]]:
    for piece in re.split("(\x01[^\x02]*\x02)", snippet):
        if piece:
            yield piece.strip("\x01\x02"), piece.startswith("\x01")
