"""Making a backup while the site runs.

The library is read first, then the records, then the recordings. So whatever was published or brought meanwhile can only
be missing where the log of publications, in the records, brings it back: after restoring, `catching_up` writes the newest
text of the log over an older one of the folder, and a video that a text names is there. No lock is needed, and a
library that is being worked on never keeps a backup from being made.

It is written beside under a name that begins with a dot, to the disk, read again to the end, and only then given its name. A
process that is killed leaves such a file, which the next backup into the same folder removes: its lock shows that nobody
writes it any more.
"""

from __future__ import annotations

import glob
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..domain.plain_text import counted
from ..errors import Misconfigured, StorageFull, Unavailable
from ..files import UNFINISHED, is_full, lock, sync
from ..records import Records
from .backup_file import RECORDS, Contents, Part, Writer, part_of, prove

_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial")
_MB = 1024 * 1024
_NOT_FINISHED = (".studio-new", UNFINISHED)
"""Ends of the names of files that somebody is just writing; `.delivered.json` is the only other hidden one there is."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be backed up: the stores of one site."""

    records: Records
    library: Path
    media: Path


def make_backup(
    source: Source, target: Path, at: datetime, program: str, say: Say, *, parts: tuple[Part, ...] = tuple(Part)
) -> Contents:
    """Write a backup into the new file `target`, for its owner alone, and say what is in it once it was read again.

    `at` is the instant for the manifest, `program` the version of this program. `say` is called with progress messages. Raises
    Misconfigured when there is a file already, the folder is not there or the records are not whole; StorageFull when
    the disk is full, Unavailable when the records or a disk do not answer. Nothing is left then.
    """
    if os.path.lexists(target):
        raise Misconfigured(_taken(target))
    if not target.parent.is_dir():
        raise Misconfigured(f"There's no folder {target.parent}. No backup was made.")
    with _said(target):
        sweep(target.parent)
        _check_room(source, target, parts)
        with _partial(target) as partial:
            _write(source, partial, at, program, say, parts)
            say("Verifying the backup")
            contents = prove(partial)
            _give_name(partial, target)
    return contents


def sweep(folder: Path) -> None:
    """Remove what backups that were killed left in the folder. One that is being written is left alone."""
    for path in folder.iterdir():
        if _PARTIAL.fullmatch(path.name):
            with suppress(OSError), path.open("rb+") as file:
                if lock(file.fileno()):
                    _remove(path)


def take_out_old(folder: Path, pattern: re.Pattern[str], keep: int) -> list[Path]:
    """Remove all backups but the `keep` newest whose names are like `pattern`, by name; returns the removed."""
    found = sorted(path for path in folder.iterdir() if pattern.fullmatch(path.name))
    old = found[:-keep] if keep else found
    for path in old:
        path.unlink(missing_ok=True)
    return old


@contextmanager
def _said(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise Misconfigured(_taken(target)) from error
    except StorageFull as error:
        raise StorageFull(_full(target)) from error
    except OSError as error:
        if is_full(error):
            raise StorageFull(_full(target)) from error
        raise Unavailable(f"No backup was made: {error.filename or target}: {error.strerror}.") from error


def _taken(target: Path) -> str:
    return f"{target} already exists. Choose a different name. No backup was made."


def _full(target: Path) -> str:
    return f"There isn't enough space on the disk for {target}. No backup was made. Free up space or use another disk."


def _check_room(source: Source, target: Path, parts: tuple[Part, ...]) -> None:
    """The records need room twice: as a copy, and in the zip."""
    needed = 0
    if Part.RECORDS in parts and source.records.file is not None and source.records.file.exists():
        needed += 2 * source.records.file.stat().st_size
    for part, root in ((Part.LIBRARY, source.library), (Part.MEDIA, source.media)):
        needed += sum(path.stat().st_size for _, path in _files(part, root)) if part in parts else 0
    if needed > shutil.disk_usage(target.parent).free:
        raise StorageFull(_full(target))


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """The file beside that becomes the backup; it is gone at the end, whether or not it was given its name."""
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with suppress(OSError):  # a disk without locks, as some network disks are: partial files stay there
            lock(descriptor)
        yield path
    finally:
        _remove(path)
        os.close(descriptor)


def _remove(partial: Path) -> None:
    """The copy of the records and what SQLite made beside it first: the lock of the other tells whose they are."""
    for left in partial.parent.glob(f"{glob.escape(_records_beside(partial).name)}*"):
        left.unlink(missing_ok=True)
    partial.unlink(missing_ok=True)


def _records_beside(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}-records")


def _write(source: Source, partial: Path, at: datetime, program: str, say: Say, parts: tuple[Part, ...]) -> None:
    revision = None
    with partial.open("rb+") as out:
        writer = Writer(out, at)
        try:
            if Part.LIBRARY in parts:
                _add_library(writer, source.library, say)
            if Part.RECORDS in parts:
                revision = _add_records(writer, source.records, _records_beside(partial), say)
            if Part.MEDIA in parts:
                _add_media(writer, source.media, say)
            writer.close(parts, program, revision)
        finally:
            writer.abandon()
        out.flush()
        os.fsync(out.fileno())


def _give_name(partial: Path, target: Path) -> None:
    """A link, unlike a rename, never takes the place of a file that is there; memory sticks know no links."""
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        partial.rename(target)
    sync(target.parent)


# --- The parts --------------------------------------------------------------------------------------------------------


def _add_library(writer: Writer, root: Path, say: Say) -> None:
    count = 0
    for name, path in _files(Part.LIBRARY, root):
        with suppress(FileNotFoundError), path.open("rb") as file:  # taken down since the folder was listed
            writer.add(name, file)
            count += 1
    say(f"Library: {counted(count, 'file')}")
    for path in _left_out(root):
        say(f"Not in the backup: {path}")


def _add_records(writer: Writer, records: Records, copy: Path, say: Say) -> str:
    revision = records.revision()
    if revision is None:
        raise Misconfigured("There are no records yet. Run `wellness init`. No backup was made.")
    if damage := records.copy_to(copy):
        raise Misconfigured(
            f"The records are damaged ({damage[0]}), so they were not backed up. "
            "Keep the backups you have and restore the last one with `wellness restore FILE`."
        )
    size = copy.stat().st_size
    with copy.open("rb") as file:
        writer.add(RECORDS, file)
    copy.unlink()
    say(f"Records: {size / _MB:.1f} MB, no damage")
    return revision


def _add_media(writer: Writer, root: Path, say: Say) -> None:
    files = list(_files(Part.MEDIA, root))
    folders = {path.parent for _, path in files}
    begun, done, reported = writer.taken, 0, 0
    for number, (name, path) in enumerate(files, start=1):
        with path.open("rb") as file:
            writer.add(name, file)
        is_last = number == len(files) or files[number][1].parent != path.parent
        done += is_last
        if is_last and done * 10 // len(folders) > reported:
            reported = done * 10 // len(folders)
            say(f"Videos: {done} of {len(folders)}, {(writer.taken - begun) / _MB:.1f} MB")
    if not files:
        say("Videos: none")


def _files(part: Part, root: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a part, with its name in the backup. A link is none: what it leads to may be anywhere."""
    for path in sorted(root.rglob("*")):
        name = f"{part.value}/{path.relative_to(root).as_posix()}"
        if path.is_file() and not path.is_symlink() and part_of(name) is part:
            yield name, path


def _left_out(root: Path) -> list[Path]:
    """What of the library is not taken, the topmost names only: hidden things, links, names that not every system has."""
    taken = {path for _, path in _files(Part.LIBRARY, root)}
    left: list[Path] = []
    for path in sorted(root.rglob("*")):
        is_unfinished = path.name.startswith(".") and path.name.endswith(_NOT_FINISHED)
        is_plain_folder = path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        if path not in taken and not is_unfinished and not is_plain_folder and not set(path.parents) & set(left):
            left.append(path)
    return left
