"""The file of a backup: what is in it, how it is written, and how an untrusted one is read.

It is a plain zip, so that a school gets at its texts and videos without this program: `records.db`, `library/…`,
`media/…`, and at the end `manifest.json`, which says of each the size and the SHA-256. A file that was cut short, changed
or made by somebody else is told from a whole one by them; who can write the file can also write a matching manifest, so it
is no signature.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NoReturn

from ..errors import Misconfigured
from ..zips import BadZip, Fault, Limits, Listed, UntrustedZip, list_files, open_zip

FORMAT = 1
MANIFEST = "manifest.json"
RECORDS = "records.db"
MAX_FILES = 200_000
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
PIECE = 1024 * 1024
_LIMITS = Limits(MAX_FILES, directory_bytes=MAX_FILES * 400, is_zip64_allowed=True)
_MAX_NAME = 300

_RECORDING = re.compile(r"media/[0-9a-f]{16}/(?:media\.json|[a-z0-9]+(?:\.[a-z0-9]+){1,2})")
_SAFE = re.compile(r"[^\x00-\x1f\x7f\\/:*?\"<>|.\ud800-\udfff][^\x00-\x1f\x7f\\/:*?\"<>|\ud800-\udfff]{0,199}")
_REGISTER = "library/.delivered.json"

DEFLATED = (".md", ".json", ".vtt", ".txt", ".db")
"""What becomes smaller in the zip; videos and sound do not."""


class Part(StrEnum):
    """What a backup may hold; restoring replaces these and leaves the others as they are."""

    RECORDS = "records"
    LIBRARY = "library"
    MEDIA = "media"


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

    def __init__(self, archive: UntrustedZip, contents: Contents) -> None:
        self._archive = archive
        self.contents = contents

    def read(self, name: str) -> Iterator[bytes]:
        """The file in pieces. Raises Misconfigured at its end when it is not the one the manifest lists."""
        with _refusing():
            yield from self._archive.read(name, self.contents.files[name])

    def prove(self) -> None:
        """Read every file to its end. Raises Misconfigured unless each is as it was written."""
        with _refusing():
            self._archive.prove(self.contents.files)


@contextmanager
def open_backup(path: Path) -> Iterator[Archive]:
    """A backup to read. Raises Misconfigured, saying why, unless it is one that this program can restore."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Misconfigured(f"There's no file {path}. Nothing was changed.") from error
    except OSError as error:
        raise Misconfigured(f"{path} can't be read ({error.strerror}). Nothing was changed.") from error
    with file, _refusing(), open_zip(file, _LIMITS, _most_bytes) as archive:
        yield Archive(archive, _read_manifest(archive))


def prove(path: Path) -> Contents:
    """Read a backup to its end and say what is in it. Raises Misconfigured unless every file is as it was written."""
    with open_backup(path) as backup:
        backup.prove()
        return backup.contents


_DAMAGED = "This backup is incomplete or was changed, so it wasn't used. Nothing was changed. Use a different backup."
_STRANGE = "This isn't a backup made by this program, so it wasn't used. Nothing was changed."
_NEWER = "This backup was made by a newer version of this program. Install that version first. Nothing was changed."


def refuse_newer() -> NoReturn:
    """Say that only a newer program can read this backup."""
    _refuse(_NEWER)


def _refuse(message: str) -> NoReturn:
    raise Misconfigured(message)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except BadZip as error:
        raise Misconfigured(_DAMAGED if error.fault is Fault.DAMAGED else _STRANGE) from error


def _most_bytes(name: str) -> float | None:
    if name == MANIFEST:
        return MAX_MANIFEST_BYTES
    return None if part_of(name) is None else math.inf


def _read_manifest(archive: UntrustedZip) -> Contents:
    if MANIFEST not in archive.sizes:
        _refuse(_STRANGE)
    try:
        manifest = archive.read_object(MANIFEST)
        if isinstance(manifest.get("format"), int) and manifest["format"] > FORMAT:
            refuse_newer()
        contents = _contents_of(manifest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(_STRANGE) from error
    listed = {name: one.bytes for name, one in contents.files.items()}
    if listed != {name: size for name, size in archive.sizes.items() if name != MANIFEST}:
        _refuse(_DAMAGED)
    if {part_of(name) for name in listed} - set(contents.parts) or (Part.RECORDS in contents.parts) != (
        RECORDS in listed
    ):
        _refuse(_STRANGE)
    return contents


def _contents_of(manifest: dict[str, Any]) -> Contents:
    made_at = datetime.fromisoformat(manifest["made_at"])
    if manifest["format"] != FORMAT or made_at.tzinfo is None:
        raise ValueError("not a manifest of this format")
    revision = manifest["schema"]
    return Contents(
        parts=tuple(Part(part) for part in manifest["parts"]),
        program=str(manifest["program"]),
        revision=None if revision is None else str(revision),
        made_at=made_at,
        files=list_files(manifest["files"]),
    )
