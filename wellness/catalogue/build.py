"""Building the catalogue: read the texts that changed, prepare them, write a copy beside the old file and swap it in."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # pysqlite3 where it is installed

from ..domain import Language, Problem, TextKey, VideoFacts
from ..files import remove_unfinished, replacing
from ..library.files import Fingerprint, Library
from ..library.prepared import (
    Outcome,
    Text,
)
from ..library.sandbox import Sandbox
from .tables import FORMAT, VIDEO_MARK, digest_of, make_tables, mark_unread, put_text, read_digests, remove_text

_VIDEOS = "videos"
_REMEMBERED = 200
_CORRUPT, _NOT_A_DATABASE = 11, 26
"""SQLite's numbers for a file that is damaged (https://sqlite.org/rescode.html)."""

ListVideos = Callable[[], tuple[VideoFacts, ...]]
"""Returns the known videos. The catalogue doesn't know where they are stored."""


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
    """Input of a build: the texts, the files that were read, and problems of unreadable files."""

    texts: list[Text]
    files: set[str]
    problems: list[Problem]


class Builder:
    """Builds the catalogue at `path` from `library`. One at a time: the caller holds the catalogue's lock."""

    def __init__(self, path: Path, library: Library, workshop: Sandbox, list_videos: ListVideos) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.workshop = workshop
        self._path = path
        self._library = library
        self._list_videos = list_videos

    def look(self) -> Fingerprint:
        """Return the fingerprint of the library and of the known videos."""
        videos = self._list_videos()
        return (*self._library.fingerprint(), (_VIDEOS, zlib.crc32(repr(videos).encode()), len(videos), 0))

    def build(self, files: set[str], now: Built, *, is_copied: bool, afresh: bool) -> None:
        """Take these files in and swap; `is_copied` starts from the catalogue there is. Raises sqlite3.Error and OSError."""
        with self._beside(is_copied=is_copied) as beside:
            self._write(beside, files, now, afresh=afresh)

    def find_outcome(self, key: TextKey, text: str) -> Outcome:
        """Return the outcome of preparing this text under that key, whether or not it is in the library.

        Recent outcomes are cached, so that publishing a text that was just checked doesn't render it twice.
        """
        videos = self._list_videos() if VIDEO_MARK in text else ()
        english = self._read_english(key)
        asked = Text(key.kind.value, key.slug, key.language, key.file, text, english, videos)
        outcome = next(self._prepare([asked]))
        if len(self.outcomes) > _REMEMBERED:
            self.outcomes.clear()
        self.outcomes[_remembered_as(asked)] = outcome
        return outcome

    @contextmanager
    def _beside(self, *, is_copied: bool) -> Iterator[Database]:
        """Yield the new catalogue, a copy of the old one or empty; it replaces the old one at the end."""
        remove_unfinished(self._path.parent, self._path.name)  # this process has the lock, so no one else is building
        with replacing(self._path) as beside:
            if is_copied:
                shutil.copyfile(self._path, beside)
            database = Database(sqlite3.connect(beside, timeout=15))
            with _closing(database):
                database.execute("pragma journal_mode = off")
                database.execute("pragma synchronous = off")
                with database.atomic():
                    if not is_copied:
                        make_tables(database)
                    yield database

    def _write(self, database: Database, files: set[str], now: Built, *, afresh: bool) -> None:
        found = self._read(database, files, now.fingerprint)
        before = read_digests(database, (text.file for text in found.texts))
        changed = [text for text in found.texts if afresh or before.get(text.file) != digest_of(text)]
        for file in found.files - {text.file for text in found.texts}:
            problems = [problem for problem in found.problems if problem.file == file]
            mark_unread(database, file, problems) if problems else remove_text(database, file)
        for text, outcome in zip(changed, self._prepare(changed), strict=True):
            put_text(database, text, outcome)
        logged = None if now.logged == now.fingerprint else now.logged
        for key, value in {
            "format": FORMAT,
            "fingerprint": now.fingerprint,
            "logged": logged,
            "mark": now.mark,
        }.items():
            database.table("meta").upsert({"key": key, "value": json.dumps(value)}, pk="key")

    def _read(self, database: Database, files: set[str], fingerprint: Fingerprint) -> _Found:
        """Read these files and those that depend on them: translations, and texts with a video."""
        there = {one[0] for one in fingerprint}
        wanted = set(files) - {_VIDEOS}
        if _VIDEOS in files:
            wanted |= {file for (file,) in database.execute("select file from source where has_video")}
        changed = [entry.key for file in wanted if (entry := self._library.find_entry(file)) is not None]
        wanted |= {replace(key, language=language).file for key in changed for language in Language} & there
        entries, problems = self._library.list_entries(tuple(one for one in fingerprint if one[0] in wanted))
        videos, texts = self._list_videos(), []
        for entry in entries:
            text, problem = self._library.read(entry)
            problems += [problem] if problem is not None else []
            if text is not None:
                english, told = self._read_english(entry.key), videos if VIDEO_MARK in text else ()
                texts.append(Text(entry.kind, entry.slug, entry.language, entry.file, text, english, told))
        return _Found(texts, wanted, problems)

    def _read_english(self, key: TextKey) -> str | None:
        """Return the English original of a translation, else None."""
        if key.language is Language.EN:
            return None
        return self._library.find_text(replace(key, language=Language.EN))[0]

    def _prepare(self, texts: list[Text]) -> Iterator[Outcome]:
        known = [self.outcomes.get(_remembered_as(text)) for text in texts]
        made = self.workshop.prepare(text for text, outcome in zip(texts, known, strict=True) if outcome is None)
        return (outcome if outcome is not None else next(made) for outcome in known)


def is_of_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (_CORRUPT, _NOT_A_DATABASE)


def _remembered_as(text: Text) -> str:
    return f"{text.file} {digest_of(text)}"


@contextmanager
def _closing(database: Database) -> Iterator[None]:
    try:
        yield
    finally:
        database.conn.close()
