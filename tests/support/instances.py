"""A small instance with something of everything that must not be lost, and all that is in one."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from tests.support.scratch import FRIDAY, NOON, add_cast, fresh_records, short_session, small_library
from wellness.catalogue import Catalogue
from wellness.config import Settings, read_settings
from wellness.domain import Language, TextKey, TextKind
from wellness.library.files import DELIVERED, Library
from wellness.library.sandbox import Sandbox
from wellness.media import MediaStore
from wellness.media.store import StoredVideoFacts
from wellness.publishing import drafts, publish
from wellness.publishing.sync import sync
from wellness.records import door_cards, open_records, sign_ins
from wellness.records.schema import metadata
from wellness.school import presenting
from wellness.stores import Stores

FEET = TextKey(TextKind.SESSION, "feet")
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHello there\n"


def settings_of(home: Path) -> Settings:
    """The settings of the instance in that folder."""
    return read_settings({"WELLNESS_HOME": str(home)})


def desk_of(home: Path) -> Stores:
    """The stores of the instance; `close` them."""
    workshop, media = Sandbox(processes=1), MediaStore(home / "media")
    catalogue = Catalogue(home / "catalogue.db", Library(home / "library"), workshop, media.list_facts)
    return Stores(open_records(f"sqlite:///{home / 'records.db'}"), catalogue, workshop, media)


def close(desk: Stores) -> None:
    """Close what `desk_of` opened."""
    desk.catalogue.release()
    desk.workshop.close()
    desk.records.close()


def add_recording(home: Path, name: str = "feet", picture: bytes = b"picture" * 20_000) -> None:
    """A recording with captions; nobody ever plays it."""
    store = MediaStore(home / "media")
    with store.building() as folder:
        (folder / "720.mp4").write_bytes(picture)
        (folder / "captions.en.vtt").write_text(VTT)
        (folder / "transcript.en.txt").write_text("Hello there\n")
        store.add(folder, StoredVideoFacts(name, {"en": "Feet"}, seconds=9.7, width=1280, height=720), NOON)


def make_instance(home: Path) -> Path:
    """A school with a published session, a draft, a viewing, a door card, somebody signed in, and a recording."""
    home.mkdir(parents=True)
    (home / "secret-key").write_text("k" * 64)
    (home / "secret-key").chmod(0o600)
    small_library(home / "library", feet="Feet", hands="Hands")
    (home / "library" / DELIVERED).write_text("{}")
    add_recording(home)
    fresh_records(home).close()
    desk = desk_of(home)
    try:
        with desk.records.writing() as tx:
            cast = add_cast(tx)
            door_cards.issue_door_card(tx, cast.room_12.id, NOON)
            sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        sync(desk, NOON)
        version = drafts.save_draft(desk, FEET, short_session("Feet and toes"), cast.coach, NOON, version=0).version
        publish.publish(desk, FEET, cast.coach, NOON, version=version)
        version = drafts.open_text(desk, FEET).version
        drafts.save_draft(desk, FEET, short_session("Feet, toes and heels"), cast.coach, NOON, version=version)
        shown = presenting.ShownVersion("feet", "r1", Language.EN)
        presenting.open_for(desk.records, cast.room_12, shown, FRIDAY, NOON)
    finally:
        close(desk)
    return home


def rows_of(home: Path) -> dict[str, list[str]]:
    """Every row of the records but who is signed in, which no backup holds."""
    records = open_records(f"sqlite:///{home / 'records.db'}")
    try:
        with records.reading() as tx:
            return {
                table.name: sorted(json.dumps(tuple(row), default=str) for row in tx.execute(select(table)))
                for table in metadata.sorted_tables
                if table.name not in ("sign_in", "sign_in_failure")
            }
    finally:
        records.close()


def files_of(home: Path) -> dict[str, bytes]:
    """The texts and the recordings."""
    kept = (path for part in ("library", "media") for path in (home / part).rglob("*"))
    return {str(path.relative_to(home)): path.read_bytes() for path in kept if path.is_file() and path.name != ".lock"}


def contents_of(home: Path) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """All of a school that cannot be made again."""
    return rows_of(home), files_of(home)


def raw_of(home: Path) -> dict[str, bytes]:
    """Every file as it lies on the disk, to see that nothing was touched; SQLite's own companions may come and go."""
    passing = (".lock", "-shm", "-wal", ".migrating")
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(passing)
    }
