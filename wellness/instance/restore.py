"""Putting a backup in the place of what is there, so that a kill at any instant leaves the old or the new.

First everything is written beside its place (`.restoring-…`), proved, and the records opened and brought to this schema.
Then one small file, the plan, says that all of it is ready: that is the point of no return. After it only names change, and
the next process that opens the instance finds the plan and completes it (`finish`). Nothing is deleted: what was there goes
into a folder `before-restore-…` beside its place.

Both are for who has the instance to himself (`wellness.instance.lock`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Misconfigured, StorageFull, Unavailable
from ..files import remove_unfinished, sync, write_whole
from ..records import REVISIONS, Records
from .backup_file import RECORDS, Archive, Contents, Part, open_backup, part_of, refuse_newer

PLAN = "restoring.json"
KEPT = "before-restore-"
"""How the name of a folder begins that keeps what was there."""

_SPARE_BYTES = 16 * 1024 * 1024
_COMPANIONS = ("-wal", "-shm", "-journal")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class InstancePaths:
    """Where the parts of one instance are; `records` is the file, or None when they live on the server of `records_url`."""

    home: Path
    records: Path | None
    records_url: str
    library: Path
    media: Path
    catalogue: Path

    def of(self, part: Part) -> Path:
        """The place of a part; where a link leads, when it is one. For records on a server, the place they wait in."""
        if part is Part.RECORDS:
            return self.home / "records.db" if self.records is None else self.records.resolve()
        return (self.library if part is Part.LIBRARY else self.media).resolve()

    @property
    def plan(self) -> Path:
        """The file that says that a restore is ready to take its place."""
        return self.home / PLAN


def read_contents(file: Path) -> Contents:
    """What a backup says of itself; its files are not read yet. Raises Misconfigured unless it can be restored here."""
    with open_backup(file) as backup:
        contents = backup.contents
    if contents.revision is not None and contents.revision not in REVISIONS:
        refuse_newer()
    return contents


def stage(file: Path, places: InstancePaths, at: datetime, say: Say) -> Contents:
    """Write the backup beside what is there, proving it as it is read, and make the plan. `finish` does the rest.

    `at` names the folder in which what was there is kept. Raises Misconfigured when it is not a whole backup of this
    version or an older one, StorageFull when there is not enough room. Nothing is changed then.
    """
    if (kept := finish(places)) is not None:
        say(f"An interrupted restore is finished now. Your previous data is in {kept}")
    _sweep(places)
    contents = read_contents(file)
    targets = [places.of(part) for part in contents.parts]
    with _said(places):
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
        _check_places(targets)
        _check_room(contents, targets)
        if Part.RECORDS in contents.parts and places.records is None:
            _check_server(places.records_url)
        try:
            with open_backup(file) as backup:
                if backup.contents != contents:
                    raise Misconfigured(f"{file} changed while it was being read. Nothing was restored. Try again.")
                _write_beside(backup, places, say)
            if Part.RECORDS in contents.parts:
                _look_at_records(_beside(places.of(Part.RECORDS)), say)
            _make_plan(places, contents, at)
        except BaseException:
            if not places.plan.exists():
                _sweep(places)
            raise
    return contents


def finish(places: InstancePaths) -> Path | None:
    """Do the rest of a restore whose plan was made; the folder beside the records for what was there, or None.

    Doing it twice, or going on where a killed process stopped, is the same as doing it once. Raises StorageFull when the
    disk does not take the new names; the next call goes on.
    """
    try:
        plan = json.loads(places.plan.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    with _said(places):
        kept = f"{KEPT}{plan['stamp']}"
        parts = [Part(part) for part in plan["parts"]]
        for part in parts:
            if part is Part.RECORDS and places.records is None:
                _put_rows(_beside(places.of(part)), places.records_url)
            else:
                _put(places.of(part), kept)
        places.catalogue.unlink(missing_ok=True)  # it tells of the library that was there
        sync(places.home)
        places.plan.unlink()
        sync(places.home)
    return places.of(parts[0]).parent / kept


def _sweep(places: InstancePaths) -> None:
    """Remove what a restore left that was killed before it had a plan."""
    for part in Part:
        _remove(_beside(places.of(part)))
    remove_unfinished(places.home, PLAN)


# --- Before the point of no return ------------------------------------------------------------------------------------


@contextmanager
def _said(places: InstancePaths) -> Iterator[None]:
    try:
        yield
    except (OSError, StorageFull) as error:
        if isinstance(error, StorageFull) and error.__cause__ is None:
            raise  # said here, with the numbers
        reason = error.strerror if isinstance(error, OSError) else "No space left on device"
        message = f"The backup couldn't be restored into {places.home} ({reason})."
        hint = "Your current data was not changed." if not places.plan.exists() else "Run the same command again."
        raise StorageFull(f"{message} {hint}") from error


def _check_places(targets: list[Path]) -> None:
    for target in targets:
        if os.path.ismount(target):
            raise Misconfigured(
                f"{target} is a separate disk, so it can't be replaced. Set WELLNESS_HOME to a new folder, "
                "restore there, and move it. Nothing was changed."
            )


def _check_room(contents: Contents, targets: list[Path]) -> None:
    for target in targets:
        free = shutil.disk_usage(target.parent).free
        if contents.bytes + _SPARE_BYTES > free:
            raise StorageFull(
                f"The backup needs {contents.bytes // 1_000_000 + 17} MB and the disk of {target.parent} has "
                f"{free // 1_000_000} MB free. Nothing was changed."
            )


def _check_server(url: str) -> None:
    """What is in a database cannot be put aside by a rename, so there must be nothing."""
    with closing(Records(url)) as records:
        if not records.is_empty():
            raise Misconfigured(
                "RECORDS_URL names a database that isn't empty. Set it to a new database and restore again. "
                "Nothing was changed."
            )


def _beside(target: Path) -> Path:
    return target.with_name(f".restoring-{target.name}")


def _remove(path: Path) -> None:
    for one in (path, *(path.with_name(path.name + end) for end in (*_COMPANIONS, ".migrating"))):
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink(missing_ok=True)


def _write_beside(backup: Archive, places: InstancePaths, say: Say) -> None:
    for part in backup.contents.parts:
        if part is not Part.RECORDS:
            _beside(places.of(part)).mkdir()
    for part in backup.contents.parts:
        for name in backup.contents.files:
            if part_of(name) is part:
                _write(backup, name, _path_of(name, places))
        beside = _beside(places.of(part))
        for folder in (beside, *beside.rglob("*")):
            if folder.is_dir():
                sync(folder)
        sync(beside.parent)
        say(f"{part.value.capitalize()}: verified and unpacked next to the current data")


def _path_of(name: str, places: InstancePaths) -> Path:
    if name == RECORDS:
        return _beside(places.of(Part.RECORDS))
    part, _, rest = name.partition("/")
    return _beside(places.of(Part(part))) / rest


def _write(backup: Archive, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if name == RECORDS else 0o644)
    with os.fdopen(descriptor, "wb") as out:
        for piece in backup.read(name):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def _look_at_records(file: Path, say: Say) -> None:
    records = Records(f"sqlite:///{file}")
    try:
        if damage := records.find_damage():
            raise Misconfigured(
                f"The records in this backup are damaged ({damage[0]}). Use a different backup. Nothing was changed."
            )
        before = records.revision()
        records.migrate()
        if before != REVISIONS[-1]:
            say(f"Records: updated from schema {before} to {REVISIONS[-1]}")
        records.check()
    finally:
        records.close()
    file.with_name(f"{file.name}.migrating").unlink(missing_ok=True)
    if any(file.with_name(file.name + end).exists() for end in _COMPANIONS):
        raise Unavailable("The records in this backup couldn’t be closed. Nothing was changed. Try again.")
    sync(file)


def _make_plan(places: InstancePaths, contents: Contents, at: datetime) -> None:
    stamp = at.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    while any((places.of(part).parent / f"{KEPT}{stamp}").exists() for part in contents.parts):
        stamp += "-again"
    write_whole(places.plan, json.dumps({"stamp": stamp, "parts": list(contents.parts)}).encode())


# --- After it ---------------------------------------------------------------------------------------------------------


def _put_rows(ready: Path, url: str) -> None:
    """All rows go to the server at once. Twice is the same as once: what is there already is known by its sums."""
    if not ready.exists():
        return
    with closing(Records(url)) as target, closing(Records(f"sqlite:///{ready}")) as source:
        target.fill_from(source)
    _remove(ready)
    sync(ready.parent)


def _put(target: Path, kept: str) -> None:
    """What is at `target` goes into the folder `kept` beside, what is ready takes its place. Twice is the same as once."""
    ready = _beside(target)
    if not os.path.lexists(ready):
        return  # it has taken its place already
    folder = target.parent / kept
    # The companions first: a write-ahead log beside a database that it does not belong to would destroy that.
    for one in (*(target.with_name(target.name + end) for end in _COMPANIONS), target):
        if os.path.lexists(one):
            folder.mkdir(exist_ok=True)
            one.rename(folder / one.name)
    if folder.is_dir():
        sync(folder)
    ready.rename(target)
    sync(target.parent)
