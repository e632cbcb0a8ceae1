"""An instance: the folder of one school's secret key, library, media, catalogue and records, made and brought up to date."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from .authoring import Desk, catching_up
from .bringing import settle
from .catalogue import Catalogue
from .config import SITE, Settings
from .content.library import DELIVERED, KINDS, Library, read_register
from .content.workshop import Workshop
from .domain import FilmFacts, Problem
from .errors import Misconfigured
from .media import MediaStore, open_media
from .records import Records, open_records

_BUNDLED = SITE / "static" / "media"


def init_instance(settings: Settings, say: Callable[[str], None]) -> list[Problem]:
    """Make what is missing and bring the rest up to date; twice is the same as once. Returns the library's problems.

    A file of the library that a coach has edited, or deleted, stays as she left it. Raises Misconfigured when the folder
    cannot be written.
    """
    records = Records(settings.records_url)
    try:
        with _mended(settings):
            settings.home.mkdir(parents=True, exist_ok=True)
            _make_secret_key(settings, say)
            _deliver_films(_BUNDLED, settings, say)
        say("Records: bringing the tables up to date")
        records.migrate()
        settle(records, open_media(settings.media, settings.media_url), datetime.now(UTC))
        with _desk(settings, records) as desk:
            if settings.library.is_dir():
                catching_up.catch_up(desk, datetime.now(UTC))  # so that nothing that was published is taken for old
            with _mended(settings):
                _deliver_library(SITE / "content", settings.library, say)
            catching_up.catch_up(desk, datetime.now(UTC))
            return _build(desk.catalogue, say)
    finally:
        records.close()


@contextmanager
def _mended(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(
            f"The instance folder {settings.home} cannot be written ({error.strerror}): "
            "choose another with WELLNESS_HOME or give yourself the right to write there."
        ) from error


def build_catalogue(settings: Settings, say: Callable[[str], None], *, afresh: bool = False) -> list[Problem]:
    """Build the catalogue from the library and return every problem found."""
    workshop = Workshop()
    try:
        catalogue = _open_catalogue(settings, workshop)
        return _build(catalogue, say, afresh=afresh)
    finally:
        workshop.close()


def verify_instance(settings: Settings) -> list[Problem]:
    """Every disagreement between the log, the library and the catalogue. Raises Misconfigured without records."""
    records = open_records(settings.records_url)
    try:
        with _desk(settings, records) as desk:
            return catching_up.verify(desk)
    finally:
        records.close()


def _build(catalogue: Catalogue, say: Callable[[str], None], *, afresh: bool = False) -> list[Problem]:
    problems = catalogue.build(afresh=afresh)
    say(f"Catalogue: {len(catalogue.library.fingerprint())} texts read, {len(problems)} problems")
    catalogue.release()
    return problems


@contextmanager
def _desk(settings: Settings, records: Records) -> Iterator[Desk]:
    workshop = Workshop()
    catalogue = _open_catalogue(settings, workshop)
    try:
        yield Desk(records, catalogue, workshop, open_media(settings.media, settings.media_url))
    finally:
        catalogue.release()
        workshop.close()


def _open_catalogue(settings: Settings, workshop: Workshop) -> Catalogue:
    return Catalogue(
        settings.catalogue,
        Library(settings.library),
        workshop,
        open_media(settings.media, settings.media_url).list_facts,
    )


def _make_secret_key(settings: Settings, say: Callable[[str], None]) -> None:
    if settings.secret_key_file.exists():
        return
    say("Secret key: making one")
    descriptor = os.open(settings.secret_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))


def _deliver_library(content: Path, library: Path, say: Callable[[str], None]) -> None:
    library.mkdir(parents=True, exist_ok=True)
    register = library / DELIVERED
    delivered = read_register(library)
    copied = 0
    for kind in KINDS:
        (library / kind).mkdir(exist_ok=True)
        for path in sorted((content / kind).glob("*.md")):
            name, text = f"{kind}/{path.name}", path.read_bytes()
            if _may_deliver(library / name, delivered.get(name), text):
                _write_whole(library / name, text)
                copied += 1
            if (library / name).exists() and (library / name).read_bytes() == text:
                delivered[name] = hashlib.sha256(text).hexdigest()
    _write_whole(register, json.dumps(delivered, indent=1, sort_keys=True).encode())
    say(f"Library: {copied} texts delivered to {library}" if copied else "Library: up to date")


def list_films(settings: Settings) -> tuple[FilmFacts, ...]:
    """The recordings that texts of this site may show: its own, and those it comes with."""
    known = {film.name: film for film in MediaStore.list_bundled_facts(_BUNDLED)}
    known |= {film.name: film for film in open_media(settings.media, settings.media_url).list_facts()}
    return tuple(known.values())


def _deliver_films(bundled: Path, settings: Settings, say: Callable[[str], None]) -> None:
    store = open_media(settings.media, settings.media_url)
    store.sweep()
    store.catch_up()  # first: what a coach brought on another node is not to be replaced by what comes with the site
    if put := store.put_up_all():
        say(f"Bucket: {put} recordings put there")
    delivered = store.deliver(bundled, datetime.now(UTC))
    say(f"Films: {delivered} delivered to {store.root}" if delivered else "Films: up to date")


def _may_deliver(target: Path, delivered: str | None, text: bytes) -> bool:
    if not target.exists():
        return delivered is None
    current = target.read_bytes()
    return current != text and hashlib.sha256(current).hexdigest() == delivered


def _write_whole(target: Path, text: bytes) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    with beside.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target)
