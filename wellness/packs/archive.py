"""A pack's zip: its plan, and reading one that nobody trusts. Every name, size and sum is checked before anything is used."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from ..content.source import MAX_SOURCE_BYTES
from ..domain import Language, TextKey, TextKind
from ..errors import Invalid, worded

FORMAT = 1
REGISTER = "pack.json"
MAX_PACK_BYTES = 1024 * 1024 * 1024
MAX_FILES = 2_000
MAX_REGISTER_BYTES = 1024 * 1024
MAX_RATIO = 100
"""How many times larger a file may become than it is in the zip. Text becomes three to ten times larger."""
_MAX_DIRECTORY_BYTES = 1024 * 1024
_PIECE = 256 * 1024
_MB = 1024 * 1024

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_TEXT = re.compile(rf"texts/(?P<kind>sessions|training)/(?P<slug>{_SLUG})(?:\.(?P<language>es))?\.md")
_MEDIUM = re.compile(
    rf"media/(?P<name>{_SLUG})/(?P<file>720\.mp4|480\.mp4|audio\.m4a|poster\.jpg|preview\.mp4|"
    r"captions\.(?:en|es)\.vtt|transcript\.(?:en|es)\.txt)"
)
_PAGE = re.compile(rf"index\.html|LICENCES\.txt|pages/(?:sessions|training)/{_SLUG}(?:\.es)?\.html")
_MAX_BYTES = {".mp4": 600 * _MB, ".m4a": 100 * _MB, ".jpg": 5 * _MB, ".vtt": _MB, ".txt": 2 * _MB, ".html": 4 * _MB}
_MAX_NAME = 200

NOT_TAKEN = "Nothing was brought in."


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the register says of a file."""

    sha256: str
    bytes: int


class Pack:
    """An open pack whose names, sizes and sums were all found right."""

    def __init__(self, archive: zipfile.ZipFile, register: Mapping[str, Any], files: Mapping[str, _Listed]) -> None:
        self._archive = archive
        self._register = register
        self._files = files

    @property
    def media(self) -> Mapping[str, Any]:
        """What the register says of each recording, by its name; whoever uses it checks it."""
        told = self._register.get("media", {})
        return told if isinstance(told, dict) else {}

    def list_texts(self) -> list[tuple[TextKey, str]]:
        """The texts, English before their translations. Raises Invalid for one that is not UTF-8."""
        found = []
        for name in self._files:
            if match := _TEXT.fullmatch(name):
                key = TextKey(TextKind(match["kind"]), match["slug"], Language(match["language"] or "en"))
                found.append((key, self._read_text(name)))
        return sorted(found)

    def list_media(self) -> dict[str, dict[str, _Listed]]:
        """The files of each recording with their sums."""
        found: dict[str, dict[str, _Listed]] = {}
        for name, listed in sorted(self._files.items()):
            if match := _MEDIUM.fullmatch(name):
                found.setdefault(match["name"], {})[match["file"]] = listed
        return found

    def extract(self, name: str, file: str, target: Path) -> None:
        """Write one file of a recording, and look again whether it is the one that was checked. Raises Invalid."""
        with target.open("wb") as out:
            _digest(self._archive, f"media/{name}/{file}", self._files, out)

    def read_medium(self, name: str, file: str) -> bytes:
        """One small file of a recording."""
        return self._archive.read(f"media/{name}/{file}")

    def _read_text(self, name: str) -> str:
        try:
            text = self._archive.read(name).decode("utf-8-sig")
        except UnicodeDecodeError:
            _refuse(worded("A text in this pack is not UTF-8. Ask for a pack that this site has made."))
        if "\0" in text:
            _refuse(worded("A text in this pack holds signs that are no text. Ask for a pack that this site has made."))
        return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def open_pack(path: Path) -> Iterator[Pack]:
    """A pack to read. Raises Invalid, with the reason in `file`, unless all of it is what its register says."""
    try:
        with path.open("rb") as file:
            _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                entries = _check_entries(archive)
                register, files = _read_register(archive, entries)
                for name in files:
                    _digest(archive, name, files)
                yield Pack(archive, register, files)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Invalid(NOT_TAKEN, {"file": _DAMAGED}) from error


_DAMAGED = worded("This pack is damaged or is no pack. Copy it again, or ask for it again.")
_TOO_BIG = worded("This pack is too big: at most 1 GB and 2,000 files.")
_STRANGE = worded("This pack has files that do not belong into a pack. Ask for a pack that this site has made.")


def _refuse(reason: str) -> NoReturn:
    raise Invalid(NOT_TAKEN, {"file": reason})


def _check_directory(file: IO[bytes]) -> None:
    """The list of files at the end is looked at before it is read: Python would read a list of millions into memory."""
    size = file.seek(0, 2)
    if size > MAX_PACK_BYTES:
        _refuse(_TOO_BIG)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        _refuse(_DAMAGED)
    count = int.from_bytes(tail[place + 10 : place + 12], "little")
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    is_zip64 = tail[max(0, place - 20) : place].startswith(b"PK\x06\x07")
    if count > MAX_FILES or directory > _MAX_DIRECTORY_BYTES or is_zip64:
        _refuse(_TOO_BIG)
    file.seek(0)


def _check_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        _check_entry(entry)
        if entry.filename in entries:
            _refuse(_STRANGE)
        entries[entry.filename] = entry
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries.values()) > MAX_PACK_BYTES:
        _refuse(_TOO_BIG)
    ends = 0
    for entry in sorted(entries.values(), key=lambda one: one.header_offset):
        if entry.header_offset < ends:
            _refuse(_STRANGE)  # two names for the same bytes: a small zip that becomes a large folder
        ends = entry.header_offset + 30 + entry.compress_size
    return entries


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    is_known = name == REGISTER or any(kind.fullmatch(name) for kind in (_TEXT, _MEDIUM, _PAGE))
    mode = entry.external_attr >> 16
    is_plain = stat.S_IFMT(mode) in (0, stat.S_IFREG) and not entry.flag_bits & 1
    is_method = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if not (is_known and is_plain and is_method and len(name) <= _MAX_NAME and name == entry.filename):
        _refuse(_STRANGE)
    if entry.file_size > _most_bytes(name) or entry.file_size > max(entry.compress_size, 1) * MAX_RATIO:
        _refuse(_TOO_BIG)


def _most_bytes(name: str) -> int:
    if name == REGISTER:
        return MAX_REGISTER_BYTES
    return MAX_SOURCE_BYTES if name.endswith(".md") else _MAX_BYTES[name[name.rindex(".") :]]


def _read_register(
    archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]
) -> tuple[dict[str, Any], dict[str, _Listed]]:
    if REGISTER not in entries:
        _refuse(_DAMAGED)
    try:
        told = json.loads(archive.read(REGISTER).decode("utf-8"), object_pairs_hook=_without_twins)
        register = told if isinstance(told, dict) else {}
        files = {name: _Listed(str(one["sha256"]), int(one["bytes"])) for name, one in register["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(NOT_TAKEN, {"file": _DAMAGED}) from error
    if register.get("format") != FORMAT:
        _refuse(worded("This pack comes from a newer site. Bring this site up to date first."))
    if files.keys() | {REGISTER} != entries.keys():
        _refuse(_DAMAGED)
    return register, files


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("the same name twice")
    return dict(pairs)


def _digest(archive: zipfile.ZipFile, name: str, files: Mapping[str, _Listed], out: IO[bytes] | None = None) -> None:
    """Read a file whole, a piece at a time, and refuse it unless it has the size and the sum it should have."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > files[name].bytes:
                break
            digest.update(piece)
            if out is not None:
                out.write(piece)
    if (size, digest.hexdigest()) != (files[name].bytes, files[name].sha256):
        _refuse(_DAMAGED)
