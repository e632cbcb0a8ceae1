"""Read a zip that a stranger may have made: names, sizes and sums are checked before anything in it is used."""

from __future__ import annotations

import hashlib
import json
import math
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any

_TAIL_BYTES = 66_000
"""The end-of-directory record has 22 bytes and may be followed by a comment of 65,535."""
_PIECE = 256 * 1024


class Fault(Enum):
    """Why a zip was refused: cut short or changed, larger than allowed, or with files that do not belong into it."""

    DAMAGED = "damaged"
    TOO_BIG = "too big"
    FOREIGN = "foreign"


class BadZip(Exception):
    """The zip was refused; its reader says so in its own words."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Limits:
    """What a zip may have at most; `ratio` is how many times larger a file may become than it is in the zip."""

    files: int
    directory_bytes: int
    bytes: float = math.inf
    ratio: float = math.inf
    is_zip64_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """What the zip's own list of files says of one of them."""

    sha256: str
    bytes: int


class UntrustedZip:
    """An open zip whose names and sizes were checked; `read` proves each file against its sum."""

    def __init__(self, archive: zipfile.ZipFile, sizes: Mapping[str, int]) -> None:
        self._archive = archive
        self.sizes = sizes
        """The size in bytes of each file, by its name."""

    def read(self, name: str, listed: Listed) -> Iterator[bytes]:
        """The file in pieces. Raises BadZip, at its end at the latest, when it is not the one that is listed."""
        digest, size = hashlib.sha256(), 0
        with _damage(), self._archive.open(name) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > listed.bytes:
                    break
                digest.update(piece)
                yield piece
        if (size, digest.hexdigest()) != (listed.bytes, listed.sha256):
            raise BadZip(Fault.DAMAGED)

    def read_small(self, name: str) -> bytes:
        """The whole file, whose size was checked and whose sum was not. Raises BadZip."""
        with _damage():
            return self._archive.read(name)

    def read_object(self, name: str) -> dict[str, Any]:
        """The JSON object in a file. Raises BadZip; ValueError when it is none, or has the same name twice."""
        try:
            found = json.loads(self.read_small(name).decode("utf-8"), object_pairs_hook=_without_twins)
        except RecursionError as error:
            raise ValueError("too deep") from error
        if not isinstance(found, dict):
            raise ValueError("not an object")
        return found

    def prove(self, files: Mapping[str, Listed]) -> None:
        """Read every listed file to its end. Raises BadZip unless each is as it is listed."""
        for name, listed in files.items():
            for _ in self.read(name, listed):
                pass


def list_files(manifest_files: Mapping[str, Any]) -> dict[str, Listed]:
    """The files of a zip's own list. Raises AttributeError, KeyError, TypeError or ValueError when it is not one."""
    return {name: Listed(str(one["sha256"]), int(one["bytes"])) for name, one in manifest_files.items()}


@contextmanager
def open_zip(file: IO[bytes], limits: Limits, most_bytes: Callable[[str], float | None]) -> Iterator[UntrustedZip]:
    """Open a zip to read. `most_bytes` says how large a file of that name may be, None for a name that does not belong.

    Raises BadZip.
    """
    with _damage():
        _check_directory(file, limits)
        archive = zipfile.ZipFile(file)
    with archive:
        yield UntrustedZip(archive, _check_entries(archive, limits, most_bytes))


@contextmanager
def _damage() -> Iterator[None]:
    """Raise BadZip for everything that Python's zip reader is known to raise for damaged files."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadZip(Fault.DAMAGED) from error


def _check_directory(file: IO[bytes], limits: Limits) -> None:
    """Look at the size of the directory at the end first: Python would read one of millions of files into memory."""
    size = file.seek(0, 2)
    if size > limits.bytes:
        raise BadZip(Fault.TOO_BIG)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise BadZip(Fault.DAMAGED)
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    # A zip64 locator of 20 bytes comes right before the record, and the zip64 record of 56 bytes before that.
    if tail[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        if not limits.is_zip64_allowed:
            raise BadZip(Fault.TOO_BIG)
        record = tail[max(0, place - 76) : place - 20]
        if not record.startswith(b"PK\x06\x06"):
            raise BadZip(Fault.DAMAGED)
        directory = int.from_bytes(record[40:48], "little")
    if directory > limits.directory_bytes:
        raise BadZip(Fault.TOO_BIG)
    file.seek(0)


def _check_entries(
    archive: zipfile.ZipFile, limits: Limits, most_bytes: Callable[[str], float | None]
) -> dict[str, int]:
    sizes: dict[str, int] = {}
    ends = 0
    for entry in sorted(archive.infolist(), key=lambda one: one.header_offset):
        most = most_bytes(entry.orig_filename)
        # Two entries that share bytes make a large folder of a small zip.
        if most is None or not _is_plain(entry) or entry.filename in sizes or entry.header_offset < ends:
            raise BadZip(Fault.FOREIGN)
        if entry.file_size > most or entry.file_size > max(entry.compress_size, 1) * limits.ratio:
            raise BadZip(Fault.TOO_BIG)
        ends = entry.header_offset + 30 + entry.compress_size  # a local header has 30 bytes and the name
        sizes[entry.filename] = entry.file_size
    if len(sizes) > limits.files or sum(sizes.values()) > limits.bytes:
        raise BadZip(Fault.TOO_BIG)
    return sizes


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a regular file, not encrypted, packed by a method every reader knows, under a name without tricks."""
    is_file = stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG) and not entry.flag_bits & 1
    is_method = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return is_file and is_method and entry.orig_filename == entry.filename


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("the same name twice")
    return dict(pairs)
