"""Export a pack. Reproducible: the same texts give the same bytes, so packs can be compared by checksum."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...domain import Language, TextKey, TextKind
from ...errors import Invalid, NotFound, StorageFull, worded
from ...files import replacing
from ...library.blocks.video import Video
from ...library.prepared import MODULE_JSON, SESSION_JSON, PreparedPart, PreparedSession
from ...media import StoredVideo
from ...stores import Stores
from .file import FORMAT, MAX_PACK_BYTES, MAX_RATIO, REGISTER
from .pages import Prepared, Shelf, list_digests, page_path, write_index, write_licenses, write_page

_BEGINNING = (1980, 1, 1, 0, 0, 0)
_KINDS = (TextKind.SESSION, TextKind.TRAINING)
_PIECE = 1024 * 1024


def export_pack(stores: Stores, slugs: Sequence[str], target: Path) -> list[TextKey]:
    """Write the published sessions and training modules of these slugs into one zip; returns the texts that are in it.

    A slug may say its kind, like `training/choices`. Translations and the recordings the texts show come along. `target` is
    written beside and renamed. Raises NotFound for a slug that is none, Invalid for a text with errors, StorageFull.
    """
    sources = dict(_read_texts(stores, slugs))
    shelf = _fill_shelf(stores, {key: _prepare(stores, key, text) for key, text in sources.items()})
    contents: dict[str, bytes | Path] = {f"texts/{key.file}": text.encode() for key, text in sources.items()}
    contents |= {page_path(key): write_page(key, shelf).encode() for key in sources}
    contents |= {"index.html": write_index(shelf).encode(), "LICENSES.txt": write_licenses(shelf).encode()}
    contents |= _media_files(stores, shelf)
    sums = {name: _sum(content) for name, content in sorted(contents.items())}
    if sum(one["bytes"] for one in sums.values()) > MAX_PACK_BYTES:
        raise Invalid(worded("The pack wasn’t made because it would be larger than 1 GB. Choose fewer sessions."))
    register = {"format": FORMAT, "media": _media_facts(shelf), "files": sums}
    contents[REGISTER] = json.dumps(register, indent=1, sort_keys=True, ensure_ascii=False).encode()
    _write(target, contents)
    return sorted(sources)


def _read_texts(stores: Stores, slugs: Sequence[str]) -> Iterator[tuple[TextKey, str]]:
    if not slugs:
        raise Invalid(worded("The pack wasn’t made. Choose at least one session."))
    for slug in slugs:
        kind, _, name = slug.rpartition("/")
        found = [
            (key, text)
            for key in (TextKey(one, name, language) for one in _KINDS for language in Language)
            if kind in ("", key.kind.value) and (text := stores.library.find_text(key)[0]) is not None
        ]
        if not any(key.language is Language.EN for key, _ in found):
            raise NotFound(
                worded("The pack wasn’t made. There’s no published session or module called %(slug)s.", slug=slug)
            )
        yield from found


def _prepare(stores: Stores, key: TextKey, text: str) -> Prepared:
    document = stores.catalogue.find_outcome(key, text).document
    if document is None:
        raise Invalid(worded("The pack wasn’t made. %(file)s has problems. Fix them first.", file=key.file))
    return SESSION_JSON.validate_json(document) if key.kind is TextKind.SESSION else MODULE_JSON.validate_json(document)


def _fill_shelf(stores: Stores, texts: Mapping[TextKey, Prepared]) -> Shelf:
    parts = [part for text in texts.values() for part in _parts(text)]
    names = {video.name for part in parts if (video := part.get(Video))}
    pictures = list_digests([part.html for part in parts])
    media: dict[str, StoredVideo] = {}
    for medium in stores.media.list_media():
        if medium.name in names or medium.digest in pictures:
            media[medium.name] = medium
    transcripts = {
        (name, language.value): stores.media.read_transcript(medium, language)
        for name, medium in media.items()
        for language in Language
        if language.value in medium.transcripts
    }
    return Shelf(texts, media, transcripts)


def _parts(text: Prepared) -> Iterator[PreparedPart]:
    if isinstance(text, PreparedSession):
        for step in text.steps:
            yield from step.parts
        for section in text.sections.values():
            yield from section
    else:
        for part in text.parts:
            yield from part.parts


def _media_files(stores: Stores, shelf: Shelf) -> Iterable[tuple[str, Path]]:
    for name, medium in shelf.media.items():
        for file in medium.files:
            yield f"media/{name}/{file}", stores.media.fetch(medium.digest, file)


def _media_facts(shelf: Shelf) -> dict[str, Any]:
    facts = {name: asdict(medium.facts) for name, medium in shelf.media.items()}
    for one in facts.values():
        del one["job"]
    return facts


def _sum(content: bytes | Path) -> dict[str, Any]:
    if isinstance(content, bytes):
        return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    with content.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": content.stat().st_size}


def _write(target: Path, contents: Mapping[str, bytes | Path]) -> None:
    try:
        with replacing(target) as beside, zipfile.ZipFile(beside, "w") as archive:
            for name, content in sorted(contents.items()):
                _add(archive, name, content)
    except OSError as error:
        raise StorageFull(worded("The pack couldn’t be saved. The disk is full or is read-only.")) from error


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Path) -> None:
    entry = zipfile.ZipInfo(name, _BEGINNING)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    if isinstance(content, bytes):
        # A very repetitive text would look like a zip bomb, so it isn't compressed.
        is_large = len(content) * 2 > len(zlib.compress(content)) * MAX_RATIO
        entry.compress_type = zipfile.ZIP_STORED if is_large else zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)
        return
    entry.file_size = content.stat().st_size
    with content.open("rb") as source, archive.open(entry, "w") as out:
        while piece := source.read(_PIECE):
            out.write(piece)
