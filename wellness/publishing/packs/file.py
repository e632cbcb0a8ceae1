"""The zip file of a pack, read as untrusted: every name, size and checksum is verified before anything is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ...domain import Language, TextKey, TextKind
from ...domain.plain_text import with_unix_line_ends
from ...errors import Invalid, worded
from ...library.session import MAX_SOURCE_BYTES
from ...zips import BadZip, Fault, Limits, Listed, UntrustedZip, list_files, open_zip

FORMAT = 1
REGISTER = "pack.json"
MAX_PACK_BYTES = 1024 * 1024 * 1024
MAX_FILES = 2_000
MAX_REGISTER_BYTES = 1024 * 1024
MAX_RATIO = 100
"""Highest compression ratio of a file (zip bombs). Text has three to ten."""
_LIMITS = Limits(MAX_FILES, directory_bytes=1024 * 1024, bytes=MAX_PACK_BYTES, ratio=MAX_RATIO)
_MB = 1024 * 1024

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_TEXT = re.compile(rf"texts/(?P<kind>sessions|training)/(?P<slug>{_SLUG})(?:\.(?P<language>es))?\.md")
_MEDIUM = re.compile(
    rf"media/(?P<name>{_SLUG})/(?P<file>720\.mp4|480\.mp4|audio\.m4a|poster\.jpg|preview\.mp4|"
    r"captions\.(?:en|es)\.vtt|transcript\.(?:en|es)\.txt)"
)
_PAGE = re.compile(rf"index\.html|LICEN[CS]ES\.txt|pages/(?:sessions|training)/{_SLUG}(?:\.es)?\.html")
_MAX_BYTES = {".mp4": 600 * _MB, ".m4a": 100 * _MB, ".jpg": 5 * _MB, ".vtt": _MB, ".txt": 2 * _MB, ".html": 4 * _MB}
_MAX_NAME = 200

NOT_TAKEN = "Nothing was imported."


class Pack:
    """An open pack with verified names, sizes and checksums."""

    def __init__(self, archive: UntrustedZip, register: Mapping[str, Any], files: Mapping[str, Listed]) -> None:
        self._archive = archive
        self._register = register
        self._files = files

    @property
    def media(self) -> Mapping[str, Any]:
        """The register's entry for each video by name, not yet validated."""
        told = self._register.get("media", {})
        return told if isinstance(told, dict) else {}

    def list_texts(self) -> list[tuple[TextKey, str]]:
        """Return the texts, English before their translations. Raises Invalid for one that isn't UTF-8."""
        found = []
        for name in self._files:
            if match := _TEXT.fullmatch(name):
                key = TextKey(TextKind(match["kind"]), match["slug"], Language(match["language"] or "en"))
                found.append((key, self._read_text(name)))
        return sorted(found)

    def list_media(self) -> dict[str, dict[str, Listed]]:
        """Return the files of each video with their checksums."""
        found: dict[str, dict[str, Listed]] = {}
        for name, listed in sorted(self._files.items()):
            if match := _MEDIUM.fullmatch(name):
                found.setdefault(match["name"], {})[match["file"]] = listed
        return found

    def extract(self, name: str, file: str, target: Path) -> None:
        """Extract one file of a video and verify its checksum again. Raises Invalid."""
        path = f"media/{name}/{file}"
        with _refusing(), target.open("wb") as out:
            out.writelines(self._archive.read(path, self._files[path]))

    def read_medium(self, name: str, file: str) -> bytes:
        """Return one small file of a video. Raises Invalid."""
        with _refusing():
            return self._archive.read_small(f"media/{name}/{file}")

    def _read_text(self, name: str) -> str:
        with _refusing():
            data = self._archive.read_small(name)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            _refuse(worded("A file in this pack isn’t UTF-8. Ask for a pack made by this site."))
        if "\0" in text:
            _refuse(
                worded("A file in this pack contains characters that can’t be saved. Ask for a pack made by this site.")
            )
        return with_unix_line_ends(text)


@contextmanager
def open_pack(path: Path) -> Iterator[Pack]:
    """Open and verify a pack. Raises Invalid, with the reason in field `file`, unless everything matches its register."""
    with path.open("rb") as file, _refusing(), open_zip(file, _LIMITS, _most_bytes) as archive:
        register, files = _read_register(archive)
        archive.prove(files)
        yield Pack(archive, register, files)


_DAMAGED = worded("This pack is damaged, or the file isn’t a pack. Copy it again, or ask for it again.")
_TOO_BIG = worded("This pack is too big. The limit is 1 GB and 2,000 files.")
_STRANGE = worded("This pack has files that don’t belong in a pack. Ask for a pack made by this site.")
_REASONS = {Fault.DAMAGED: _DAMAGED, Fault.TOO_BIG: _TOO_BIG, Fault.FOREIGN: _STRANGE}


def _refuse(reason: str) -> NoReturn:
    raise Invalid(NOT_TAKEN, {"file": reason})


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except BadZip as error:
        raise Invalid(NOT_TAKEN, {"file": _REASONS[error.fault]}) from error


def _most_bytes(name: str) -> int | None:
    if name == REGISTER:
        return MAX_REGISTER_BYTES
    if len(name) > _MAX_NAME or not any(kind.fullmatch(name) for kind in (_TEXT, _MEDIUM, _PAGE)):
        return None
    return MAX_SOURCE_BYTES if name.endswith(".md") else _MAX_BYTES[name[name.rindex(".") :]]


def _read_register(archive: UntrustedZip) -> tuple[dict[str, Any], dict[str, Listed]]:
    if REGISTER not in archive.sizes:
        _refuse(_DAMAGED)
    try:
        register = archive.read_object(REGISTER)
        files = list_files(register["files"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(NOT_TAKEN, {"file": _DAMAGED}) from error
    if register.get("format") != FORMAT:
        _refuse(worded("This pack comes from a newer version of this software. Update this site first."))
    if files.keys() | {REGISTER} != archive.sizes.keys():
        _refuse(_DAMAGED)
    return register, files
