"""The library: the folder of Markdown files. Slugs reach it, never paths."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..domain import FilmFacts, Language, Problem
from ..errors import Unavailable
from .prepared import Text
from .source import MAX_SOURCE_BYTES

KINDS = ("sessions", "pages")
_NAME = re.compile(r"^(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.(?P<language>[a-z]{2}))?\.md$")
_MAX_SLUG = 80
_VIDEO = "/// video"

Fingerprint = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the library."""

    kind: str
    slug: str
    language: Language
    file: str


class Library:
    """Reads the folder `root` with one folder inside for each kind of text."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def fingerprint(self) -> Fingerprint:
        """Name, time, size and inode of each Markdown file: when it is the same, nothing was edited.

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
                message = "The folder of the sessions cannot be read. The pages stay as they were."
                raise Unavailable(message) from error
        return tuple(sorted(found))

    def list_entries(self) -> tuple[list[Entry], list[Problem]]:
        """The files whose names make an address, and a problem for each whose name does not."""
        entries, problems = [], []
        for file, _, _, _ in self.fingerprint():
            kind, name = file.split("/", 1)
            match = _NAME.match(name)
            language = match.group("language") or "en" if match else ""
            if match is None or len(match.group("slug")) > _MAX_SLUG:
                message = "name the file in small letters, numbers and hyphens, like four-square-breathing.md"
                problems.append(Problem(file, 1, message))
            elif language not in [known.value for known in Language]:
                problems.append(Problem(file, 1, f"there is no language “{language}” here; use .es.md for Spanish"))
            else:
                entries.append(Entry(kind, match.group("slug"), Language(language), file))
        return entries, problems

    def read(self, entry: Entry) -> tuple[str | None, Problem | None]:
        """The text of a file, or None with the reason. CRLF becomes LF and a byte-order mark is dropped."""
        path = self.root / entry.file
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return None, Problem(entry.file, 1, "this is not a file; take it out of the folder")
            if status.st_size > MAX_SOURCE_BYTES:
                return None, Problem(entry.file, 1, "the text is too long; at most 256 KB")
            data = path.read_bytes()
        except OSError:
            return None, Problem(entry.file, 1, "the file cannot be read; look at its permissions")
        try:
            return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), None
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            return None, Problem(
                entry.file, line, "this line is not UTF-8; save the file again with the encoding UTF-8"
            )

    def read_all(self, films: tuple[FilmFacts, ...] = ()) -> tuple[list[Text], list[Problem]]:
        """Every text that can be read, translations with their English original, and what stood in the way.

        `films` are the recordings there are, for the texts that show one.
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
        return list(_texts(read, originals, films)), problems


def _mark(kind: str, entry: os.DirEntry[str]) -> tuple[str, int, int, int] | None:
    """A Markdown file's mark, or None for any other entry: hidden files are an editor's own, as Emacs's dead links."""
    if not entry.name.endswith(".md") or entry.name.startswith("."):
        return None
    try:
        status = entry.stat()
    except OSError:
        return None  # removed since the folder was listed, or a link to nothing or to itself
    return f"{kind}/{entry.name}", status.st_mtime_ns, status.st_size, status.st_ino


def _texts(
    read: list[tuple[Entry, str]], originals: dict[tuple[str, str], str], films: tuple[FilmFacts, ...]
) -> Iterator[Text]:
    for entry, text in read:
        original = originals.get((entry.kind, entry.slug)) if entry.language is not Language.EN else None
        named = films if _VIDEO in text else ()  # the others need not be prepared again when a recording comes
        yield Text(entry.kind, entry.slug, entry.language, entry.file, text, original, named)
