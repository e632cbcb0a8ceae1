"""An instance: the folder with a school's secret key, library, media, catalogue and records. Created and updated here."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path

from ..catalogue import Catalogue
from ..config import Settings
from ..domain import Problem, VideoFacts
from ..domain.plain_text import counted
from ..errors import Misconfigured
from ..files import SITE, write_whole
from ..library.files import DELIVERED, KINDS, read_register
from ..media import MediaStore, open_media
from ..publishing import sync
from ..publishing.video_uploads import reconcile_jobs
from ..records import Records
from ..school.reporting.verify import verify_weeks, verify_years
from ..stores import catalogue_only, open_stores
from .backup import Source, make_backup, take_out_old
from .backup_file import Contents, Part
from .lock import exclusively, places_of, sharing
from .restore import finish, read_contents, stage

_BUNDLED = SITE / "static" / "media"
_KEPT_BACKUPS = 5
_LOOKED_AT_BYTES = 500_000_000
"""Half a second on the machine this was written on."""
_BEFORE = re.compile(r"before-\w+-\d{8}-\d{6}(-\d+)?\.zip")
_DATED = re.compile(r"wellness-\d{8}-\d{6}(-\d+)?\.zip")


def init_instance(settings: Settings, say: Callable[[str], None], *, new_records: bool = False) -> list[Problem]:
    """Create the instance or update it; running it twice changes nothing more. Returns the library's problems.

    A file of the library that a coach has edited, or deleted, stays as she left it. Records of an older version are backed
    up before they are changed. Raises Misconfigured when the folder cannot be written, and when the records of a site that
    was used are gone, unless `new_records` are asked for.
    """
    with _repaired(settings):
        settings.home.mkdir(parents=True, exist_ok=True)
    with sharing(settings):
        return _init(settings, say, new_records)


def _init(settings: Settings, say: Callable[[str], None], new_records: bool) -> list[Problem]:
    records = Records(settings.records_url)
    try:
        if not new_records:
            _refuse_lost_records(settings, records)
        with _repaired(settings):
            _make_secret_key(settings, say)
            _deliver_videos(_BUNDLED, settings, say)
        say("Records: updating the tables")
        records.migrate(before=lambda old, new: _backup_before(settings, records, old, new, say))
        reconcile_jobs(records, open_media(settings.media, settings.media_url), datetime.now(UTC))
        with closing(open_stores(settings, records)) as stores:
            if settings.library.is_dir():
                sync.sync(stores, datetime.now(UTC))  # so that nothing that was published is taken for old
            with _repaired(settings):
                _deliver_library(SITE / "content", settings.library, say)
            sync.sync(stores, datetime.now(UTC))
            return _build(stores.catalogue, say)
    finally:
        records.close()


def refuse_damage(records: Records) -> None:
    """Return when the records' file is whole. Raises Misconfigured with the way back when it is not.

    A file so large that looking would hold up the start is left to `wellness check` and `wellness doctor`.
    """
    if records.file is None or records.file.stat().st_size > _LOOKED_AT_BYTES:
        return
    if damage := records.find_damage():
        raise Misconfigured(
            f"The records are damaged ({damage[0]}). They were not changed. Restore the last backup with "
            "`wellness restore FILE`."
        )


def _was_used(settings: Settings) -> bool:
    """Whether `wellness init` has once come to its end here."""
    return (settings.library / DELIVERED).exists()


def _refuse_lost_records(settings: Settings, records: Records) -> None:
    """Never make an empty school where there was one: its texts would live on and hide that everything else is gone."""
    if records.file is not None and records.revision() is None and _was_used(settings):
        raise Misconfigured(
            f"The records of this site are gone: {records.file} is empty or missing. Restore the last backup with "
            "`wellness restore FILE`, or put the file back. To start over instead: `wellness init --new-records`."
        )


def _backup_before(settings: Settings, records: Records, old: str, new: str, say: Callable[[str], None]) -> None:
    if records.file is None:
        say("Records: no backup made before the update, because they are on a server")
        return
    folder, at = settings.home / "backups", datetime.now(UTC)
    with _repaired(settings):
        folder.mkdir(mode=0o700, exist_ok=True)
    file = _new_file(folder, f"before-{new}-{at:%Y%m%d-%H%M%S}")
    source = Source(records, settings.library, settings.media)
    make_backup(source, file, at, version("wellness"), lambda line: None, parts=(Part.RECORDS,))
    say(f"Records: backup of schema {old} saved in {file}")
    take_out_old(folder, _BEFORE, _KEPT_BACKUPS)


def _new_file(folder: Path, name: str) -> Path:
    """A name in the folder that is not taken; two may be made within one second."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(path for one in names if not os.path.lexists(path := folder / f"{one}.zip"))


def backup_instance(
    settings: Settings, target: Path, say: Callable[[str], None], *, has_media: bool = True, keep: int | None = None
) -> tuple[Path, Contents]:
    """Make a backup while others use the instance; returns its file and what is in it.

    `target` is a new file, or a folder, which then gets a dated one; `keep` removes all but that many dated ones of it.
    Raises what `make_backup` does.
    """
    if not settings.home.is_dir():
        raise Misconfigured(f"There's no instance in {settings.home}. Set WELLNESS_HOME to yours. No backup was made.")
    at = datetime.now(UTC)
    file = _new_file(target, f"wellness-{at:%Y%m%d-%H%M%S}") if target.is_dir() else target
    parts = tuple(part for part in Part if has_media or part is not Part.MEDIA)
    records = Records(settings.records_url)
    try:
        with sharing(settings):
            source = Source(records, settings.library, settings.media)
            contents = make_backup(source, file.absolute(), at, version("wellness"), say, parts=parts)
    finally:
        records.close()
    if keep is not None:
        for old in take_out_old(file.parent, _DATED, keep):
            say(f"Removed {old}")
    return file, contents


def restore_instance(settings: Settings, file: Path, say: Callable[[str], None]) -> Path | None:
    """Put a backup in the place of what is there, once it is proved; returns the folder that keeps what was there.

    Raises Misconfigured when it is not a whole backup of this version or an older one, Unavailable while others use the
    instance, StorageFull when there is not enough room; what is there was not changed then.
    """
    read_contents(file)  # before a folder is made for it
    with _repaired(settings):
        settings.home.mkdir(parents=True, exist_ok=True)
    with exclusively(settings):
        places = places_of(settings)
        stage(file, places, datetime.now(UTC), say)
        kept = finish(places)
        with _repaired(settings):
            _make_secret_key(settings, say)
    return kept if kept is not None and kept.is_dir() else None


@contextmanager
def _repaired(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(
            f"The instance folder {settings.home} can't be written to ({error.strerror}). "
            "Choose a different folder with WELLNESS_HOME, or give yourself write permission."
        ) from error


def build_catalogue(settings: Settings, say: Callable[[str], None], *, afresh: bool = False) -> list[Problem]:
    """Build the catalogue from the library and return every problem found."""
    with sharing(settings), catalogue_only(settings) as catalogue:
        return _build(catalogue, say, afresh=afresh)


def verify_instance(settings: Settings) -> list[Problem]:
    """Whether the records are whole, and every disagreement between the log in them, the library and the catalogue.

    Nothing before `wellness init`. Raises Misconfigured when the folder cannot be written.
    """
    records = Records(settings.records_url)
    try:
        if records.file is not None and not records.file.exists() and not _was_used(settings):
            return []
        with sharing(settings):
            return _verify(settings, records)
    finally:
        records.close()


def _verify(settings: Settings, records: Records) -> list[Problem]:
    try:
        records.check()
    except Misconfigured as error:
        return [Problem("records", 1, error.message)]
    if damage := records.find_damage():
        fix = "restore the last backup with `wellness restore FILE`"
        return [Problem("records", 1, f"the database is damaged ({one}); {fix}") for one in damage]
    with closing(open_stores(settings, records)) as stores:
        return [*sync.verify(stores), *verify_weeks(records), *verify_years(records)]


def _build(catalogue: Catalogue, say: Callable[[str], None], *, afresh: bool = False) -> list[Problem]:
    problems = catalogue.build(afresh=afresh)
    say(f"Catalog: {counted(len(catalogue.library.fingerprint()), 'file')} read, {counted(len(problems), 'problem')}")
    catalogue.release()
    return problems


def _make_secret_key(settings: Settings, say: Callable[[str], None]) -> None:
    if settings.secret_key or settings.secret_key_file.exists():
        return
    say("Secret key: created")
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
                write_whole(library / name, text)
                copied += 1
            if (library / name).exists() and (library / name).read_bytes() == text:
                delivered[name] = hashlib.sha256(text).hexdigest()
    write_whole(register, json.dumps(delivered, indent=1, sort_keys=True).encode())
    say(f"Library: {counted(copied, 'file')} copied to {library}" if copied else "Library: up to date")


def list_videos(settings: Settings) -> tuple[VideoFacts, ...]:
    """The recordings that texts of this site may show: its own, and those it comes with."""
    known = {video.name: video for video in MediaStore.list_bundled_facts(_BUNDLED)}
    known |= {video.name: video for video in open_media(settings.media, settings.media_url).list_facts()}
    return tuple(known.values())


def _deliver_videos(bundled: Path, settings: Settings, say: Callable[[str], None]) -> None:
    store = open_media(settings.media, settings.media_url)
    store.sweep()
    store.catch_up()  # first: what a coach brought on another node is not to be replaced by what comes with the site
    if put := store.put_up_all():
        say(f"Bucket: {counted(put, 'video')} uploaded")
    delivered = store.deliver(bundled, datetime.now(UTC))
    say(f"Videos: {delivered} copied to {store.root}" if delivered else "Videos: up to date")


def _may_deliver(target: Path, delivered: str | None, text: bytes) -> bool:
    if not target.exists():
        return delivered is None
    current = target.read_bytes()
    return current != text and hashlib.sha256(current).hexdigest() == delivered
