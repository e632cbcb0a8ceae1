"""Kills a backup, a restore and a migration at their touches of the disk and says what is left.

    python -m tests.durability.killed_backups ACT HOME BACKUP SCRATCH EVERY

HOME is the instance that each try works on a copy of, BACKUP a backup. As `tests.durability.killed` does, each try is a forked
process that is gone by SIGKILL right before its n-th call that could change the disk; every EVERY-th is tried. Another
process then looks, and a line of JSON tells what it found. The last try is one that was not killed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.durability.killed import forked, killer
from tests.support.instances import contents_of, settings_of
from wellness.errors import Misconfigured
from wellness.instance import backup_instance, restore_instance
from wellness.instance.backup_file import prove
from wellness.instance.lock import sharing
from wellness.records import Records

Found = dict[str, object]


def quiet(line: str) -> None:
    """Say nothing."""


def sum_of(home: Path) -> str:
    """A fingerprint of all that cannot be made again."""
    rows, files = contents_of(home)
    return hashlib.sha256(repr((rows, sorted(files.items()))).encode()).hexdigest()


def left_in(folder: Path) -> list[str]:
    """Files and folders that only somebody who is at work may have."""
    names = (".restoring-*", ".*.partial*", "restoring.json", "restoring.new", "*.db-wal", "*.db-shm")
    return sorted(path.name for pattern in names for path in folder.glob(pattern))


# --- What is done, and what is looked at --------------------------------------------------------------------------------


def back_up(home: Path, backup: Path) -> None:
    """`wellness backup`."""
    backup_instance(settings_of(home), home.parent / "made.zip", quiet)


def look_at_backup(home: Path, backup: Path) -> Found:
    """Whether the file is there and whole, and what a second backup beside it leaves."""
    made = home.parent / "made.zip"
    is_there = made.exists()
    if is_there:
        prove(made)
    backup_instance(settings_of(home), home.parent / "again.zip", quiet)
    return {"is_there": is_there, "left": left_in(home.parent)}


def restore(home: Path, backup: Path) -> None:
    """`wellness restore`."""
    restore_instance(settings_of(home), backup, quiet)


def look_at_restored(home: Path, backup: Path) -> Found:
    """What stands there once somebody uses the instance, and after the same was run again."""
    with sharing(settings_of(home)):
        found = sum_of(home)
    restore(home, backup)
    return {"sum": found, "again": sum_of(home), "left": left_in(home)}


def migrate(home: Path, backup: Path) -> None:
    """`wellness init` of a newer version, as far as the records go."""
    from wellness import instance

    settings = settings_of(home)
    records = Records(settings.records_url)
    with sharing(settings):
        records.migrate(before=lambda old, new: instance._backup_before(settings, records, old, new, quiet))
    records.close()


def look_at_migrated(home: Path, backup: Path) -> Found:
    """Which revision it has, whether it is whole, the backups that are there, and the same after it was run again."""
    records = Records(settings_of(home).records_url)
    revision, damage = records.revision(), records.find_damage(thorough=True)
    records.close()
    folder = home / "backups"
    backups = [prove(path).revision for path in sorted(folder.glob("*.zip"))] if folder.exists() else []
    migrate(home, backup)
    return {"revision": revision, "damage": damage, "backups": backups, "sum": sum_of(home), "left": left_in(folder)}


ACTS: dict[str, tuple[Callable[[Path, Path], None], Callable[[Path, Path], Found]]] = {
    "backup": (back_up, look_at_backup),
    "restore": (restore, look_at_restored),
    "migrate": (migrate, look_at_migrated),
}


def try_once(act: str, home: Path, backup: Path, left: int) -> int:
    """Let a process be killed at that touch, then let another one look."""
    work, look = ACTS[act]

    def press() -> None:
        sys.setprofile(killer(left))
        work(home, backup)
        sys.setprofile(None)

    def tell() -> None:
        print(json.dumps(look(home, backup)), flush=True)

    ended = forked(press)
    assert forked(tell) == 0
    return ended


def main(act: str, home: str, backup: str, scratch: str, every: str) -> None:
    """Try until a process comes through."""
    left, ended = 1, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        place = Path(scratch) / f"{act}-{left}"
        shutil.copytree(home, place / "home")
        ended = try_once(act, place / "home", Path(backup), left)
        shutil.rmtree(place)
        left += int(every)
    sys.exit(ended)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Misconfigured as error:
        sys.exit(error.message)
