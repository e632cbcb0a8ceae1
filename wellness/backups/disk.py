"""The few things a disk has to promise here: locks that end with their process, and names that survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def lock(descriptor: int) -> bool:
    """Take the lock of an open file, which the system takes back when the process ends. False when somebody has it."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file that somebody has open cannot be removed or renamed anyway
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Return when the names in the folder are on the disk; where a folder cannot be opened there is no way to."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
