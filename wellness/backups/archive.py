"""The file of a backup: what is in it, how it is written, and how one that nobody trusts is read.

It is a plain zip, so that a school gets at its texts and films without this program: `records.db`, `library/…`,
`media/…`, and at the end `manifest.json`, which says of each the size and the SHA-256. A file that was cut short, changed
or made by somebody else is told from a whole one by them; who can write the file can also write a matching manifest, so it
is no signature.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NoReturn

from ..errors import Misconfigured

FORMAT = 1
MANIFEST = "manifest.json"
RECORDS = "records.db"
MAX_FILES = 200_000
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
PIECE = 1024 * 1024
_DIRECTORY_TAIL = 66_000
_MAX_NAME = 300

_RECORDING = re.compile(r"media/[0-9a-f]{16}/(?:media\.json|[a-z0-9]+(?:\.[a-z0-9]+){1,2})")
_SAFE = re.compile(r"[^\x00-\x1f\x7f\\/:*?\"<>|.\ud800-\udfff][^\x00-\x1f\x7f\\/:*?\"<>|\ud800-\udfff]{0,199}")
_REGISTER = "library/.delivered.json"

DEFLATED = (".md", ".json", ".vtt", ".txt", ".db")
"""What becomes smaller in the zip; films and sound do not."""


class Part(StrEnum):
    """What a backup may hold; restoring replaces these and leaves the others as they are."""

    RECORDS = "records"
    LIBRARY = "library"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Listed:
    """What the manifest says of a file."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a backup that was found whole. `made_at` is in UTC, `revision` that of the schema of its records."""

    parts: tuple[Part, ...]
    program: str
    revision: str | None
    made_at: datetime
    files: Mapping[str, Listed]

    @property
    def bytes(self) -> int:
        """How much it becomes when it is restored."""
        return sum(listed.bytes for listed in self.files.values())


def part_of(name: str) -> Part | None:
    """To which part a file of that name belongs, or None when none in a backup is called so."""
    if name == RECORDS:
        return Part.RECORDS
    if name == _REGISTER:
        return Part.LIBRARY
    if _RECORDING.fullmatch(name):
        return Part.MEDIA
    folder, _, rest = name.partition("/")
    is_safe = len(name) <= _MAX_NAME and all(_SAFE.fullmatch(piece) for piece in rest.split("/"))
    return Part.LIBRARY if folder == "library" and is_safe else None


# --- Writing ----------------------------------------------------------------------------------------------------------


class Writer:
    """Writes the files of a backup one after the other and lists them in the manifest at the end."""

    def __init__(self, out: IO[bytes], made_at: datetime) -> None:
        self._archive = zipfile.ZipFile(out, "w", allowZip64=True)
        self._made_at = made_at
        self._files: dict[str, Listed] = {}

    @property
    def taken(self) -> int:
        """How many bytes have been taken in."""
        return sum(listed.bytes for listed in self._files.values())

    def add(self, name: str, source: IO[bytes]) -> None:
        """Take a file in as it is read. Raises OSError."""
        assert part_of(name) is not None and name not in self._files, name
        digest, size = hashlib.sha256(), 0
        with self._archive.open(self._entry(name), "w", force_zip64=True) as entry:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                entry.write(piece)
        self._files[name] = Listed(digest.hexdigest(), size)

    def close(self, parts: tuple[Part, ...], program: str, revision: str | None) -> None:
        """Write the manifest and the end of the zip. What is not closed is no backup."""
        manifest = {
            "format": FORMAT,
            "program": program,
            "schema": revision,
            "made_at": self._made_at.isoformat(),
            "parts": list(parts),
            "files": {name: {"sha256": one.sha256, "bytes": one.bytes} for name, one in self._files.items()},
        }
        self._archive.writestr(self._entry(MANIFEST), json.dumps(manifest, indent=1, ensure_ascii=False))
        self._archive.close()

    def abandon(self) -> None:
        """Close what is not finished and going to be removed. Harmless after `close`."""
        with suppress(OSError, ValueError):
            self._archive.close()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        at = self._made_at
        entry = zipfile.ZipInfo(name, (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second))
        entry.create_system = 3
        entry.external_attr = (stat.S_IFREG | 0o600) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(DEFLATED) else zipfile.ZIP_STORED
        return entry


# --- Reading ----------------------------------------------------------------------------------------------------------


class Archive:
    """An open backup whose names and manifest were found right; `read` proves each file as it is read."""

    def __init__(self, archive: zipfile.ZipFile, contents: Contents) -> None:
        self._archive = archive
        self.contents = contents

    def read(self, name: str) -> Iterator[bytes]:
        """The file in pieces. Raises Misconfigured at its end when it is not the one the manifest lists."""
        listed, digest, size = self.contents.files[name], hashlib.sha256(), 0
        with _said(), self._archive.open(name) as file:
            while piece := file.read(PIECE):
                size += len(piece)
                if size > listed.bytes:
                    break
                digest.update(piece)
                yield piece
        if (size, digest.hexdigest()) != (listed.bytes, listed.sha256):
            _refuse(_DAMAGED)


@contextmanager
def open_backup(path: Path) -> Iterator[Archive]:
    """A backup to read. Raises Misconfigured, saying why, unless it is one that this program can restore."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Misconfigured(f"There is no file {path}. Nothing was changed.") from error
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read ({error.strerror}). Nothing was changed.") from error
    with file:
        with _said():
            _check_directory(file)
            archive = zipfile.ZipFile(file)
        with archive:
            with _said():
                entries = _check_entries(archive)
                contents = _read_manifest(archive, entries)
            yield Archive(archive, contents)


def prove(path: Path) -> Contents:
    """Read a backup to its end and say what is in it. Raises Misconfigured unless every file is as it was written."""
    with open_backup(path) as backup:
        for name in backup.contents.files:
            for _ in backup.read(name):
                pass
        return backup.contents


_DAMAGED = "This backup is cut short or was changed, so it was not used and nothing was changed: take another one."
_STRANGE = "This is no backup that this program has made, so it was not used and nothing was changed."
_NEWER = "This backup was made by a newer version of this program: install that version first. Nothing was changed."


def refuse_newer() -> NoReturn:
    """Say that only a newer program can read this backup."""
    _refuse(_NEWER)


def _refuse(message: str) -> NoReturn:
    raise Misconfigured(message)


@contextmanager
def _said() -> Iterator[None]:
    """What the zip library raises for damaged files, in words."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise Misconfigured(_DAMAGED) from error


def _check_directory(file: IO[bytes]) -> None:
    """The list of files at the end is looked at before it is read: Python would read a list of millions into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _DIRECTORY_TAIL))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        _refuse(_DAMAGED)
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    is_zip64 = tail[max(0, place - 20) : place].startswith(b"PK\x06\x07")
    if is_zip64:
        record = tail[max(0, place - 76) : place - 20]
        if not record.startswith(b"PK\x06\x06"):
            _refuse(_DAMAGED)
        directory = int.from_bytes(record[40:48], "little")
    if directory > MAX_FILES * 400:
        _refuse(_STRANGE)
    file.seek(0)


def _check_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    ends = 0
    for entry in sorted(archive.infolist(), key=lambda one: one.header_offset):
        name = entry.orig_filename
        is_plain = stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG) and not entry.flag_bits & 1
        is_method = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        is_known = name == MANIFEST or part_of(name) is not None
        is_alone = entry.header_offset >= ends  # else two names share the same bytes: a small zip, a large folder
        if not (is_plain and is_method and is_known and is_alone and name == entry.filename and name not in entries):
            _refuse(_STRANGE)
        ends = entry.header_offset + 30 + entry.compress_size
        entries[name] = entry
    return entries


def _read_manifest(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> Contents:
    if MANIFEST not in entries or entries[MANIFEST].file_size > MAX_MANIFEST_BYTES:
        _refuse(_STRANGE)
    try:
        told = json.loads(archive.read(MANIFEST).decode("utf-8"), object_pairs_hook=_without_twins)
        if isinstance(told.get("format"), int) and told["format"] > FORMAT:
            refuse_newer()
        contents = _contents_of(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Misconfigured(_STRANGE) from error
    listed = {name: one.bytes for name, one in contents.files.items()}
    if listed != {name: entry.file_size for name, entry in entries.items() if name != MANIFEST}:
        _refuse(_DAMAGED)
    if {part_of(name) for name in listed} - set(contents.parts) or (Part.RECORDS in contents.parts) != (
        RECORDS in listed
    ):
        _refuse(_STRANGE)
    return contents


def _contents_of(told: dict[str, Any]) -> Contents:
    made_at = datetime.fromisoformat(told["made_at"])
    if told["format"] != FORMAT or made_at.tzinfo is None:
        raise ValueError("not a manifest of this format")
    revision = told["schema"]
    return Contents(
        parts=tuple(Part(part) for part in told["parts"]),
        program=str(told["program"]),
        revision=None if revision is None else str(revision),
        made_at=made_at,
        files={name: Listed(str(one["sha256"]), int(one["bytes"])) for name, one in told["files"].items()},
    )


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("the same name twice")
    return dict(pairs)
