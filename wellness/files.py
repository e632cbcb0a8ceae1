"""Write a file whole or not at all, make its name survive a power cut, lock a file until its process ends."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import lock_descriptor

PACKAGE = Path(__file__).resolve().parent
SITE = PACKAGE / "_site" if (PACKAGE / "_site").is_dir() else PACKAGE.parent
"""Where templates, static files, content and translations are: inside the wheel, or at the top of a checkout."""

UNFINISHED = ".new"
"""The end of the hidden name of a file that is still being written; a killed process leaves it there."""


def is_full(error: OSError) -> bool:
    """Whether the disk or a quota is used up."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` to write to; at the end of the block that file is synced and takes target's place.

    After an error, a kill or a power cut there is the old file or the new one, never a part. Raises OSError.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}{UNFINISHED}")
    try:
        yield beside
        # Sync before the rename: else a power cut can leave an empty or torn file under the good name.
        sync(beside)
        beside.replace(target)
        sync(target.parent)
    finally:
        beside.unlink(missing_ok=True)


def write_whole(target: Path, data: bytes) -> None:
    """Write a small file whole or not at all, synced to the disk. Raises OSError; the old file is unchanged then."""
    with replacing(target) as beside:
        beside.write_bytes(data)


def remove_unfinished(folder: Path, name: str = "*") -> None:
    """Remove partial files of `name` that killed processes left. Only safe while no other process writes it."""
    for left in folder.glob(f".{name}.*{UNFINISHED}"):
        left.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Return when a file's bytes, or a folder's list of names, are on the disk. Raises OSError."""
    if sys.platform == "win32":  # a folder cannot be opened there, and a file only for writing
        if path.is_dir():
            return
        flags = os.O_RDWR
    else:
        flags = os.O_RDONLY  # a hard link to a file of the installation may be read-only
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(descriptor: int, *, is_shared: bool = False) -> bool:
    """Lock an open file without waiting: True when locked, False when another open file has the lock. Raises OSError.

    Any number may hold it shared, or one alone. It ends when every copy of the descriptor is closed, those that child
    processes inherited too, or when their processes end, however they end.
    """
    if sys.platform == "win32":  # it locks bytes instead, and refuses to rename or remove a file that is open anyway
        return True
    if not is_shared:
        return lock_descriptor(descriptor, blocking=False)
    # filelock's shared lock is a SQLite database, which takes no descriptor and does not contend with the lock above.
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
