"""What `wellness doctor` looks at: each thing this installation needs, how it is, and how to mend it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from .config import Settings, read_settings
from .content.library import Library
from .errors import WellnessError
from .media import open_media
from .records import Records

ENOUGH_BYTES = 200 * 1024 * 1024
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    is_well: bool
    message: str


def examine() -> list[Finding]:
    """Everything, in the order in which it is needed. Never raises for what is wrong with the installation."""
    findings = [_python(), _clock()]
    try:
        settings = read_settings()
    except WellnessError as error:
        return [*findings, Finding("settings", False, error.message)]
    findings.append(Finding("settings", True, f"instance {settings.home}, address {settings.address}"))
    looks: tuple[Callable[[Settings], Finding], ...] = (
        _folder,
        _secret_key,
        _space,
        _records,
        _library,
        _media,
        _video,
    )
    return [*findings, *_look(looks, settings)]


def _look(looks: tuple[Callable[[Settings], Finding], ...], settings: Settings) -> Iterator[Finding]:
    for look in looks:
        try:
            yield look(settings)
        except (WellnessError, OSError) as error:
            yield Finding(look.__name__.strip("_").replace("_", " "), False, str(error))


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11, 5), f"{platform.python_version()} (3.11.5 or newer is needed)")


def _clock() -> Finding:
    at = datetime.now(UTC)
    message = f"{at:%Y-%m-%d %H:%M} UTC" if at > RELEASED else f"{at:%Y-%m-%d} is before this version: set the clock"
    return Finding("clock", at > RELEASED, message)


def _folder(settings: Settings) -> Finding:
    if not settings.home.is_dir():
        return Finding("folder", False, f"{settings.home} is not there: run `wellness init`")
    is_writable = os.access(settings.home, os.W_OK)
    return Finding("folder", is_writable, "can be written" if is_writable else f"{settings.home} cannot be written")


def _secret_key(settings: Settings) -> Finding:
    settings.read_secret_key()
    mode = stat.S_IMODE(settings.secret_key_file.stat().st_mode)
    is_private = os.name == "nt" or mode & 0o077 == 0
    message = (
        "is there, for its owner only" if is_private else f"can be read by others: chmod 600 {settings.secret_key_file}"
    )
    return Finding("secret key", is_private, message)


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    return Finding("disk space", free > ENOUGH_BYTES, f"{free // 1024 // 1024} MiB free (200 MiB or more is good)")


def _records(settings: Settings) -> Finding:
    records = Records(settings.records_url)
    try:
        records.check()
        return Finding("records", True, records.journal_note())
    finally:
        records.close()


def _library(settings: Settings) -> Finding:
    entries, _ = Library(settings.library).list_entries()
    message = f"{len(entries)} texts; `wellness check` reads them" if entries else "no texts: run `wellness init`"
    return Finding("library", bool(entries), message)


def _media(settings: Settings) -> Finding:
    store = open_media(settings.media, settings.media_url)
    store.catch_up()
    unreadable = [medium.name for medium in store.list_media() if not medium.captions]
    if unreadable:
        return Finding(
            "recordings", False, f"without captions: {', '.join(unreadable)}; bring them again with captions"
        )
    return Finding("recordings", True, f"{len(store.list_media())} recordings; `wellness media check` reads every file")


def _video(settings: Settings) -> Finding:
    missing = [name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None]
    if missing:
        message = (
            "everything works, but of new recordings only MP4s that are ready to play are taken; apt install ffmpeg"
        )
        return Finding("ffmpeg", True, f"{' and '.join(missing)} not found: {message}")
    return Finding("ffmpeg", True, shutil.which("ffmpeg") or "")
