"""Import a pack: first a preview of what would change, then drafts. Nothing is overwritten or published."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...domain import MAX_MEDIA_SECONDS, Language, Person, TextKey
from ...errors import Invalid, NotFound, StorageFull, worded
from ...library.front_matter_edit import read_form
from ...media import Pause
from ...media.captions import read_captions
from ...media.sniff import kind_of_video
from ...media.store import WHOLE, StoredVideoFacts
from ...records import audit_log
from ...stores import Stores
from ..drafts import begin_draft, open_text, save_draft
from ..publish import list_history
from .file import NOT_TAKEN, Pack, open_pack

_ROOM = 50 * 1024 * 1024


class Arrival(StrEnum):
    """How a text or video of a pack compares with this site."""

    NEW = "new"
    CHANGED = "changed"
    CONFLICTING = "conflicting"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ArrivingText:
    """A text of the pack beside ours: `ours` is our draft's or the published one's, None when there is none.

    Conflicting is a text of which we have a draft of our own; it can only come in beside it, under another address.
    `was_ours` says that it once was published here, so that ours is the newer one.
    """

    key: TextKey
    title: str
    text: str
    arrival: Arrival
    ours: str | None = None
    was_ours: bool = False


@dataclass(frozen=True, slots=True)
class ArrivingVideo:
    """A video of the pack. Conflicting: this site has a different video with that name, which stays."""

    name: str
    title: str
    arrival: Arrival
    bytes: int


@dataclass(frozen=True, slots=True)
class PackPreview:
    """The preview of an import."""

    texts: tuple[ArrivingText, ...]
    media: tuple[ArrivingVideo, ...]


class _PauseFacts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    at: Annotated[float, Field(ge=0, le=MAX_MEDIA_SECONDS)]
    label: Annotated[str, Field(max_length=200)]


_Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class _MediumFacts(BaseModel):
    """A video's entry in the register, as validated."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
    titles: dict[Language, _Words]
    seconds: Annotated[float, Field(gt=0, le=MAX_MEDIA_SECONDS)]
    width: Annotated[int, Field(ge=0, le=10_000)]
    height: Annotated[int, Field(ge=0, le=10_000)]
    pauses: Annotated[tuple[_PauseFacts, ...], Field(max_length=50)] = ()
    credits: Annotated[dict[_Words, _Words], Field(max_length=20)] = {}
    origin: Annotated[str, Field(pattern="^(brought|bundled)$")] = "brought"

    def as_facts(self) -> StoredVideoFacts:
        return StoredVideoFacts(
            name=self.name,
            titles={language.value: title for language, title in self.titles.items()},
            seconds=self.seconds,
            width=self.width,
            height=self.height,
            pauses=tuple(Pause(pause.at, pause.label) for pause in self.pauses),
            credits=dict(self.credits),
            origin=self.origin,
        )


def preview_pack(stores: Stores, path: Path) -> PackPreview:
    """Preview an import; nothing is written. Raises Invalid when the file is damaged, too big, or not a pack."""
    with open_pack(path) as pack:
        return _look(stores, pack)


def import_pack(
    stores: Stores, path: Path, by: Person, at: datetime, *, chosen: Collection[TextKey] | None = None
) -> list[TextKey]:
    """Import the pack's texts as drafts, with the videos they show; return the keys of the drafts.

    Without `chosen` those that are new or changed. A conflicting one that is chosen comes in under another address,
    translations with it, so that no draft is overwritten. Raises Invalid as `look_at_pack` does, StorageFull when there is
    no room; nothing was brought in then.
    """
    with open_pack(path) as pack:
        look = _look(stores, pack)
        wanted = [text for text in look.texts if _is_wanted(text, chosen)]
        media = [one for one in look.media if one.arrival is Arrival.NEW]
        facts = {one.name: _facts_of(pack, one.name) for one in media}
        _check_room(stores, sum(one.bytes for one in media))
        _keep_media(stores, pack, facts.values(), at)
        keys = _keep_texts(stores, wanted, by, at)
    with stores.records.writing() as tx:
        audit_log.note(tx, by, at, "import pack", path.name, f"{len(keys)} texts, {len(media)} recordings")
    return keys


# --- Looking ----------------------------------------------------------------------------------------------------------


def _look(stores: Stores, pack: Pack) -> PackPreview:
    texts = tuple(_look_at_text(stores, key, text) for key, text in pack.list_texts())
    return PackPreview(texts, tuple(_look_at_medium(stores, pack, name) for name in pack.list_media()))


def _look_at_text(stores: Stores, key: TextKey, text: str) -> ArrivingText:
    title = read_form(text).line("title") or key.slug
    try:
        here = open_text(stores, key)
    except NotFound:
        return ArrivingText(key, title, text, Arrival.NEW)
    if here.text == text:
        return ArrivingText(key, title, text, Arrival.SAME, text)
    arrival = Arrival.CONFLICTING if here.draft is not None else Arrival.CHANGED
    was_ours = any(entry.text == text for entry in list_history(stores, key))
    return ArrivingText(key, title, text, arrival, here.text, was_ours)


def _look_at_medium(stores: Stores, pack: Pack, name: str) -> ArrivingVideo:
    facts = _facts_of(pack, name)
    files = pack.list_media()[name]
    size = sum(file.bytes for file in files.values())
    title = facts.titles.get("en") or next(iter(facts.titles.values()), name)
    medium = stores.media.find_medium(name)
    if medium is None:
        return ArrivingVideo(name, title, Arrival.NEW, size)
    is_same = stores.media.list_sums(medium) == {file: listed.sha256 for file, listed in files.items()}
    return ArrivingVideo(name, title, Arrival.SAME if is_same else Arrival.CONFLICTING, size)


def _facts_of(pack: Pack, name: str) -> StoredVideoFacts:
    try:
        told = _MediumFacts.model_validate(pack.media.get(name))
    except ValidationError as error:
        raise Invalid(NOT_TAKEN, {"file": _STRANGE_MEDIUM}) from error
    if told.name != name or WHOLE not in pack.list_media()[name]:
        raise Invalid(NOT_TAKEN, {"file": _STRANGE_MEDIUM})
    return told.as_facts()


_STRANGE_MEDIUM = worded("A video in this pack is incomplete or isn’t a video. Ask for a pack made by this site.")


def _is_wanted(text: ArrivingText, chosen: Collection[TextKey] | None) -> bool:
    if chosen is not None:
        return text.key in chosen and text.arrival is not Arrival.SAME
    return text.arrival in (Arrival.NEW, Arrival.CHANGED) and not text.was_ours


# --- Keeping ----------------------------------------------------------------------------------------------------------


def _check_room(stores: Stores, needed: int) -> None:
    stores.media.root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(stores.media.root).free < needed + _ROOM:
        raise StorageFull(worded("There’s no room on the disk for this pack. Nothing was imported."))


def _keep_media(stores: Stores, pack: Pack, arriving: Iterable[StoredVideoFacts], at: datetime) -> None:
    """Unpack and check every video before storing the first: if one is invalid, none is stored."""
    files = pack.list_media()
    try:
        with ExitStack() as stack:
            folders = [(facts, stack.enter_context(stores.media.building())) for facts in arriving]
            for facts, folder in folders:
                for file in files[facts.name]:
                    pack.extract(facts.name, file, folder / file)
                    _check_file(folder / file, facts.seconds)
            for facts, folder in folders:
                stores.media.add(folder, facts, at)
    except OSError as error:
        raise StorageFull(worded("There’s no room on the disk for this pack. Nothing was imported.")) from error


def _check_file(path: Path, seconds: float) -> None:
    """Refuse a file whose content doesn't match its name, like a web page named as a video."""
    head = path.read_bytes()[:3] if path.suffix == ".jpg" else b""
    try:
        if path.suffix in (".mp4", ".m4a"):
            is_right = kind_of_video(path) == "mov"
        elif path.suffix == ".jpg":
            is_right = head == b"\xff\xd8\xff"
        elif path.suffix == ".vtt":
            is_right = not read_captions(path.read_bytes(), path.name, seconds).errors
        else:
            is_right = "\0" not in path.read_text(encoding="utf-8")
    except (Invalid, UnicodeDecodeError):
        is_right = False
    if not is_right:
        raise Invalid(NOT_TAKEN, {"file": _STRANGE_MEDIUM})


def _keep_texts(stores: Stores, wanted: Sequence[ArrivingText], by: Person, at: datetime) -> list[TextKey]:
    beside = {(text.key.kind, text.key.slug) for text in wanted if text.arrival is Arrival.CONFLICTING}
    slugs = {name: _free_slug(stores, [t.key for t in wanted if (t.key.kind, t.key.slug) == name]) for name in beside}
    keys = []
    for text in wanted:
        name = (text.key.kind, text.key.slug)
        key = replace(text.key, slug=slugs[name]) if name in slugs else text.key
        if key == text.key and text.arrival is Arrival.CHANGED:
            save_draft(stores, key, text.text, by, at, version=open_text(stores, key).version)
        else:
            begin_draft(stores, key, text.text, by, at)
        keys.append(key)
    return keys


def _free_slug(stores: Stores, keys: Sequence[TextKey]) -> str:
    number = 2
    while any(_is_taken(stores, replace(key, slug=f"{key.slug[:70]}-{number}")) for key in keys):
        number += 1
    return f"{keys[0].slug[:70]}-{number}"


def _is_taken(stores: Stores, key: TextKey) -> bool:
    try:
        open_text(stores, key)
    except NotFound:
        return stores.catalogue.find_alias(key.kind, key.slug) is not None
    return True
