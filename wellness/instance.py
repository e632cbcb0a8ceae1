"""An instance: the folder of one school's secret key, library, media, catalogue and records, made and brought up to date."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from .bringing import settle
from .catalogue import Catalogue
from .config import SITE, Settings
from .content.library import KINDS, Library
from .content.workshop import Workshop
from .domain import FilmFacts, Problem
from .errors import Misconfigured
from .media import MediaStore
from .records import Records

_BUNDLED = SITE / "static" / "media"
_DELIVERED = ".delivered.json"
"""Hashes of the files as they came with the site: what still has its hash was not edited and may be updated."""


def init_instance(settings: Settings, say: Callable[[str], None]) -> list[Problem]:
    """Make what is missing and bring the rest up to date; twice is the same as once. Returns the library's problems.

    A file of the library that a coach has edited, or deleted, stays as she left it. Raises Misconfigured when the folder
    cannot be written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        _make_secret_key(settings, say)
        _deliver_library(SITE / "content", settings.library, say)
        _deliver_films(_BUNDLED, settings, say)
    except OSError as error:
        raise Misconfigured(
            f"The instance folder {settings.home} cannot be written ({error.strerror}): "
            "choose another with WELLNESS_HOME or give yourself the right to write there."
        ) from error
    say("Records: bringing the tables up to date")
    records = Records(settings.records_url)
    try:
        records.migrate()
        settle(records, MediaStore(settings.media), datetime.now(UTC))
    finally:
        records.close()
    return build_catalogue(settings, say)


def build_catalogue(settings: Settings, say: Callable[[str], None], *, afresh: bool = False) -> list[Problem]:
    """Build the catalogue from the library and return every problem found."""
    workshop = Workshop()
    try:
        catalogue = Catalogue(
            settings.catalogue, Library(settings.library), workshop, MediaStore(settings.media).list_facts
        )
        problems = catalogue.build(afresh=afresh)
        say(f"Catalogue: {len(catalogue.library.fingerprint())} texts read, {len(problems)} problems")
        catalogue.release()
    finally:
        workshop.close()
    return problems


def _make_secret_key(settings: Settings, say: Callable[[str], None]) -> None:
    if settings.secret_key_file.exists():
        return
    say("Secret key: making one")
    descriptor = os.open(settings.secret_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))


def _deliver_library(content: Path, library: Path, say: Callable[[str], None]) -> None:
    library.mkdir(parents=True, exist_ok=True)
    register = library / _DELIVERED
    delivered = _read_register(register)
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


def _read_register(register: Path) -> dict[str, str]:
    """What was delivered, or nothing when that is not known: every file that is there then counts as edited."""
    try:
        known = json.loads(register.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def list_films(settings: Settings) -> tuple[FilmFacts, ...]:
    """The recordings that texts of this site may show: its own, and those it comes with."""
    known = {film.name: film for film in MediaStore.list_bundled_facts(_BUNDLED)}
    known |= {film.name: film for film in MediaStore(settings.media).list_facts()}
    return tuple(known.values())


def _deliver_films(bundled: Path, settings: Settings, say: Callable[[str], None]) -> None:
    store = MediaStore(settings.media)
    store.sweep()
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
