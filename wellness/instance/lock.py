"""Who uses an instance: any number of servers and commands at once, or one restore alone.

Each holds a lock of the file `instance.lock` for as long as it works, which the system takes back when the process ends,
however it ends. Whoever comes first after a restore that was killed does the rest of it before it looks at anything.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..config import Settings, read_valid_settings
from ..errors import Misconfigured, Unavailable
from ..files import lock
from ..records import Records
from .restore import PLAN, InstancePaths, finish

_log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds a restore waits for processes that are just ending, and others for a restore that is just ending."""

_POLL_SECONDS = 0.05


class InstanceLock:
    """One process's part in using an instance; `end` it when it is over."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def end(self) -> None:
        """Give the lock back. Harmless when it was."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock_shared(settings: Settings) -> InstanceLock:
    """Use the instance together with others, after the rest of a restore that was killed.

    Raises Misconfigured when its folder cannot be written, Unavailable while it is being restored.
    """
    places = places_of(settings)
    descriptor = _open(settings)
    try:
        if lock(descriptor) and (kept := finish(places)) is not None:
            _log.warning("a restore that was interrupted is done now; what was there before is in %s", kept)
        end = time.monotonic() + PATIENCE
        while not lock(descriptor, is_shared=True):
            if time.monotonic() > end:
                raise Unavailable("A backup is being restored on this site. Wait until it finishes.")
            time.sleep(_POLL_SECONDS)
    except BaseException:
        os.close(descriptor)
        raise
    if places.plan.exists():  # that restore was killed while we waited
        os.close(descriptor)
        return lock_shared(settings)
    return InstanceLock(descriptor)


def finish_restore() -> None:
    """Do the rest of a restore that was killed, before anybody looks whether the instance is well."""
    settings, _ = read_valid_settings()
    if (settings.home / PLAN).exists():
        lock_shared(settings).end()


@contextmanager
def sharing(settings: Settings) -> Iterator[None]:
    """Use the instance together with others. Raises as `begin_use` does."""
    use = lock_shared(settings)
    try:
        yield
    finally:
        use.end()


@contextmanager
def exclusively(settings: Settings) -> Iterator[None]:
    """Have the instance to oneself. Raises Unavailable when others use it, saying which where the system tells."""
    descriptor = _open(settings)
    try:
        end = time.monotonic() + PATIENCE
        while not lock(descriptor):
            if time.monotonic() > end:
                raise Unavailable(_used_by(_holders(descriptor)))
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def places_of(settings: Settings) -> InstancePaths:
    """Where the parts of this instance are."""
    records = Records(settings.records_url)
    try:
        return InstancePaths(
            settings.home, records.file, settings.records_url, settings.library, settings.media, settings.catalogue
        )
    finally:
        records.close()


def _open(settings: Settings) -> int:
    try:
        return os.open(settings.home / "instance.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Misconfigured(
            f"The instance folder {settings.home} can't be written to ({error.strerror}). "
            "Run `wellness init`, give yourself write permission, or check the disk."
        ) from error


def _used_by(holders: list[str]) -> str:
    who = f" ({'; '.join(holders)})" if holders else ""
    return f"This instance is in use{who}. Stop the site and its commands first. Nothing was changed."


def _holders(descriptor: int) -> list[str]:
    """The processes that hold the lock, as far as Linux tells (proc(5), /proc/locks)."""
    inode = os.fstat(descriptor).st_ino
    found = set()
    with suppress(OSError):
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            _, kind, _, _, pid, place, *_ = line.replace("-> ", "").split()
            if kind == "FLOCK" and place.endswith(f":{inode}") and int(pid) not in (0, os.getpid()):
                found.add(int(pid))
    return [f"process {pid}: {name}" if (name := _command(pid)) else f"process {pid}" for pid in sorted(found)]


def _command(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return " ".join(Path(word.decode(errors="replace")).name for word in words[1:4] if word)
    return ""
