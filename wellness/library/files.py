"""The library: the folder of Markdown files. Files are addressed by slug, never by path, and written atomically."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..domain import Language, Problem, TextKey, TextKind, VideoFacts
from ..domain.plain_text import with_unix_line_ends
from ..errors import Invalid, NotFound, StorageFull, Unavailable, worded
from ..files import UNFINISHED, remove_unfinished, sync, write_whole
from .prepared import Text
from .session import MAX_SOURCE_BYTES

KINDS = ("sessions", "training", "pages")
_NAME = re.compile(r"^(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.(?P<language>[a-z]{2}))?\.md$")
_MAX_SLUG = 80

DELIVERED = ".delivered.json"
"""Hashes of the shipped files: a file that still has its hash was not edited and may be updated."""
_VIDEO = "/// video"

Fingerprint = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the library."""

    kind: str
    slug: str
    language: Language
    file: str

    @property
    def key(self) -> TextKey:
        """The key of the file's text."""
        return TextKey(TextKind(self.kind), self.slug, self.language)


def is_slug(text: str) -> bool:
    """Whether `slug` is valid in an address."""
    return len(text) <= _MAX_SLUG and (match := _NAME.match(f"{text}.md")) is not None and match["slug"] == text


def check_slug(slug: str) -> None:
    """Raise Invalid unless `slug` can name a text: lowercase letters, numbers and hyphens, no folder in it."""
    if not is_slug(slug):
        message = worded("Write the web address in lowercase letters, numbers and hyphens, like four-square-breathing.")
        raise Invalid("Nothing was saved.", {"slug": message})


class Library:
    """The Markdown files in the folder `root`, which has one folder for each kind of text."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def fingerprint(self) -> Fingerprint:
        """Return name, mtime, size and inode of each Markdown file: while it is equal, nothing was edited.

        Raises Unavailable when a folder cannot be read.
        """
        found = []
        for kind in KINDS:
            try:
                with os.scandir(self.root / kind) as entries:
                    found += [mark for entry in entries if (mark := _mark(kind, entry)) is not None]
            except FileNotFoundError:
                continue
            except OSError as error:
                message = "The content folder can’t be read. The pages stay as they were."
                raise Unavailable(message) from error
        return tuple(sorted(found))

    def list_entries(self, fingerprint: Fingerprint | None = None) -> tuple[list[Entry], list[Problem]]:
        """Return the files whose names are valid addresses, and a problem for each other file.

        `fingerprint` saves reading the folders again when the caller has a current one.
        """
        entries, problems = [], []
        for file, _, _, _ in self.fingerprint() if fingerprint is None else fingerprint:
            kind, name = file.split("/", 1)
            match = _NAME.match(name)
            language = match.group("language") or "en" if match else ""
            if match is None or len(match.group("slug")) > _MAX_SLUG:
                message = "use lowercase letters, numbers and hyphens in the file name, like four-square-breathing.md"
                problems.append(Problem(file, 1, message))
            elif language not in [known.value for known in Language]:
                problems.append(Problem(file, 1, f"the language “{language}” isn’t supported; use .es.md for Spanish"))
            else:
                entries.append(Entry(kind, match.group("slug"), Language(language), file))
        return entries, problems

    def find_entry(self, file: str) -> Entry | None:
        """Return the entry for a file's name, or None when the name is no valid address."""
        kind, _, name = file.partition("/")
        match = _NAME.match(name)
        language = (match["language"] or "en") if match else ""
        if match is None or kind not in KINDS or len(match["slug"]) > _MAX_SLUG or language not in list(Language):
            return None
        return Entry(kind, match["slug"], Language(language), file)

    def find_text(self, key: TextKey) -> tuple[str | None, Problem | None]:
        """Return the text of a key; (None, None) when there is no file."""
        path = self._path(key)
        if not os.path.lexists(path):
            return None, None
        return self.read(Entry(key.kind.value, key.slug, key.language, key.file))

    def has_folder(self, kind: TextKind) -> bool:
        """Whether the folder of that kind exists."""
        return (self.root / kind.value).is_dir()

    def is_as_delivered(self, key: TextKey) -> bool:
        """Whether the file is byte for byte the shipped one."""
        known = read_register(self.root).get(key.file)
        try:
            return known is not None and hashlib.sha256(self._path(key).read_bytes()).hexdigest() == known
        except OSError:
            return False

    # --- Writing ---

    def check_room(self, key: TextKey, text: str) -> None:
        """Raise StorageFull when the text couldn't be written now: full disk, or read-only folder."""
        with _said():
            path = self._path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            probe = path.with_name(f".{path.name}.room{UNFINISHED}")
            try:
                probe.write_bytes(text.encode())
            finally:
                probe.unlink(missing_ok=True)

    def put(self, key: TextKey, text: str) -> None:
        """Write the text atomically. Raises StorageFull when it can't be written; nothing is changed then."""
        path = self._path(key)
        with _said():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.encode())

    def remove(self, key: TextKey) -> None:
        """Remove the file if it exists. Raises StorageFull when the folder can’t be written."""
        with _said():
            self._path(key).unlink(missing_ok=True)
            sync(self._path(key).parent)

    def keep_aside(self, key: TextKey) -> None:
        """Rename whatever is in a text's place, so that it isn't lost when the text is written."""
        path = self._path(key)
        with _said():
            path.rename(path.with_name(f"{path.name}.kept-{path.lstat().st_ino}"))

    def sweep(self) -> None:
        """Remove temporary files of a killed writer. Only call it while no one else is writing."""
        for kind in KINDS:
            remove_unfinished(self.root / kind)

    def _path(self, key: TextKey) -> Path:
        if not is_slug(key.slug):
            raise NotFound("There’s nothing at this address.")
        return self.root / key.file

    def read(self, entry: Entry) -> tuple[str | None, Problem | None]:
        """Return the text of a file, or None with the reason. CRLF becomes LF and a byte-order mark is dropped."""
        path = self.root / entry.file
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return None, Problem(entry.file, 1, "this isn’t a file; move it out of the folder")
            if status.st_size > MAX_SOURCE_BYTES:
                return None, Problem(entry.file, 1, "the file is too long; the limit is 256 KB")
            data = path.read_bytes()
        except OSError:
            return None, Problem(entry.file, 1, "the file can’t be read; check its permissions")
        if (nul := data.find(b"\0")) >= 0:  # UTF-16 has NUL characters, and PostgreSQL can't store them
            line = data[:nul].count(b"\n") + 1
            return None, Problem(
                entry.file, line, "this line has a character that isn’t text (NUL); save the file again as UTF-8"
            )
        try:
            return with_unix_line_ends(data.decode("utf-8-sig")), None
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            return None, Problem(entry.file, line, "this line isn’t UTF-8; save the file again with UTF-8 encoding")

    def read_all(self, videos: tuple[VideoFacts, ...] = ()) -> tuple[list[Text], list[Problem]]:
        """Return every readable text, translations with their English original, and the problems of the others.

        `videos` are the known videos, for texts that show one.
        """
        entries, problems = self.list_entries()
        read: list[tuple[Entry, str]] = []
        for entry in entries:
            text, problem = self.read(entry)
            if text is not None:
                read.append((entry, text))
            if problem is not None:
                problems.append(problem)
        originals = {(entry.kind, entry.slug): text for entry, text in read if entry.language is Language.EN}
        return list(_texts(read, originals, videos)), problems


def read_register(root: Path) -> dict[str, str]:
    """Return the hashes of the shipped files, empty when unknown: every existing file then counts as edited."""
    try:
        known = json.loads((root / DELIVERED).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = "The content folder can’t be written to. Nothing was changed. Ask the person who runs the site."
        raise StorageFull(message) from error


def _mark(kind: str, entry: os.DirEntry[str]) -> tuple[str, int, int, int] | None:
    """Return a Markdown file's fingerprint, or None for anything else: hidden files are an editor's."""
    if not entry.name.endswith(".md") or entry.name.startswith("."):
        return None
    try:
        status = entry.stat()
    except OSError:
        return None  # removed since the folder was listed, or a link to nothing or to itself
    return f"{kind}/{entry.name}", status.st_mtime_ns, status.st_size, status.st_ino


def _texts(
    read: list[tuple[Entry, str]], originals: dict[tuple[str, str], str], videos: tuple[VideoFacts, ...]
) -> Iterator[Text]:
    for entry, text in read:
        original = originals.get((entry.kind, entry.slug)) if entry.language is not Language.EN else None
        named = videos if _VIDEO in text else ()  # the others needn't be prepared again when a video is added
        yield Text(entry.kind, entry.slug, entry.language, entry.file, text, original, named)
