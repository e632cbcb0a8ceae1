"""What `wellness doctor` checks: each thing this installation needs, its state, and how to fix it."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from .config import Settings, read_valid_settings
from .domain.plain_text import counted
from .errors import Misconfigured, Unavailable, WellnessError
from .instance import refuse_damage
from .library.files import Library
from .media import open_media
from .media.ffmpeg import MISSING
from .pdf import can_make_pdf
from .records import REVISIONS, Reading, Records, audit_log, expected_weeks
from .web.http.rate_limits import open_counters

ENOUGH_BYTES = 200 * 1024 * 1024
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
LIFETIME = timedelta(days=20 * 365)
"""No computer runs this version for longer; a clock that says so is wrong."""


LATER = ("alembic", "icalendar", "markdown", "nh3", "pebble", "segno")
"""What the site imports only when a page needs it; a start without one would fail at that page."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `is_warning`: it works, but the admin should look at it."""

    about: str
    is_well: bool
    message: str
    is_warning: bool = False


Answer = TypeVar("Answer")
Look = Callable[[Settings], Finding]


def examine() -> list[Finding]:
    """Everything, in the order in which it is needed. Never raises for what is wrong with the installation."""
    settings, mistakes = read_valid_settings()
    findings = [_python(), *(Finding("settings", False, message) for message in mistakes.values())]
    if not mistakes:
        findings.append(Finding("settings", True, f"instance {settings.home}, address {settings.address}"))
    looks = (_clock, *_START, _every_row, _space, _library, _media, _video, _pdf, _bucket)
    return [*findings, *_look(looks, settings, mistakes)]


def examine_start() -> tuple[Settings, list[str]]:
    """The settings of an installation that can be started, and what should be looked at.

    Raises Misconfigured with a sentence for each problem, all at once.
    """
    settings, mistakes = read_valid_settings()
    findings = list(_look((_clock, *_START), settings, mistakes))
    wrong = [*mistakes.values(), *(f"{one.message.rstrip('.')}." for one in findings if not one.is_well)]
    if wrong:
        raise Misconfigured("\n".join(wrong))
    return settings, [finding.message for finding in findings if finding.is_warning]


def _look(looks: Sequence[Look], settings: Settings, mistakes: Container[str]) -> Iterator[Finding]:
    for look in looks:
        if _NEEDS.get(look) in mistakes:
            continue
        try:
            yield look(settings)
        except (WellnessError, OSError) as error:
            yield Finding(look.__name__.strip("_").replace("_", " "), False, str(error))


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11, 5), f"{platform.python_version()} (3.11.5 or newer is needed)")


def _libraries(_settings: Settings) -> Finding:
    """Python's libraries, by looking for them alone: importing them all takes as long as the rest of the start."""
    missing = [name for name in LATER if find_spec(name) is None]
    if missing:
        which = "library" if len(missing) == 1 else "libraries"
        are = "is" if len(missing) == 1 else "are"
        return _wrong(
            "libraries",
            f"The {which} {' and '.join(missing)} {are} missing. Reinstall the site with all its requirements",
        )
    return Finding("libraries", True, "all installed")


def _clock(settings: Settings) -> Finding:
    at = datetime.now(UTC)
    newest = _newest_record(settings)
    if at < RELEASED:
        return _wrong("clock", f"The clock says {at:%Y-%m-%d}, which is before this version was made. Set the clock")
    if at > RELEASED + LIFETIME:
        return _wrong("clock", f"The clock says {at:%Y-%m-%d}, which is far from now. Set the clock")
    if newest is not None and newest > at + timedelta(days=1):
        return _wrong(
            "clock",
            f"The clock says {at:%Y-%m-%d %H:%M}, but the records were written on {newest:%Y-%m-%d %H:%M} UTC; set it",
        )
    if (closed := _newest_closed_week(settings)) is not None and closed >= (at + timedelta(days=1)).date():
        return _wrong(
            "clock",
            f"The clock says {at:%Y-%m-%d}, but the week of {closed:%Y-%m-%d} is closed already; set the clock. Until "
            "then, plans, calendars and classes can't be changed",
        )
    return Finding("clock", True, f"{at:%Y-%m-%d %H:%M} UTC")


def _newest_record(settings: Settings) -> datetime | None:
    """When the newest entry was made, as far as the records can tell; why they cannot is another finding's matter."""
    return _ask(settings, audit_log.newest_at)


def _newest_closed_week(settings: Settings) -> date | None:
    """The Monday of the latest closed week, as far as the records can tell."""
    return _ask(settings, expected_weeks.newest_closed)


def _ask(settings: Settings, question: Callable[[Reading], Answer]) -> Answer | None:
    try:
        with closing(Records(settings.records_url)) as records:
            if records.revision() != REVISIONS[-1]:  # nothing may be made of an empty database by looking
                return None
            with records.reading() as tx:
                return question(tx)
    except WellnessError:
        return None


def _folder(settings: Settings) -> Finding:
    if not settings.home.is_dir():
        return _wrong(
            "folder",
            f"The instance folder {settings.home} doesn't exist. Run `wellness init`, or set WELLNESS_HOME to yours",
        )
    for folder in filter(Path.exists, (settings.home, settings.library, settings.media)):
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return _wrong(
                "folder",
                f"The folder {folder} can't be written to ({error.strerror}). "
                "Give the account that runs the site write permission, or choose a different folder with WELLNESS_HOME",
            )
    return Finding("folder", True, "writable")


def _secret_key(settings: Settings) -> Finding:
    settings.read_secret_key()
    if settings.secret_key:
        return Finding("secret key", True, "set by SECRET_KEY; every node needs the same key")
    mode = stat.S_IMODE(settings.secret_key_file.stat().st_mode)
    if os.name != "nt" and mode & 0o077:
        return _wrong("secret key", f"The secret key can be read by others. Run: chmod 600 {settings.secret_key_file}")
    return Finding("secret key", True, "readable by its owner only")


def _address(settings: Settings) -> Finding:
    try:
        socket.getaddrinfo(settings.host, settings.port)
    except (OSError, UnicodeError):
        return _wrong(
            "address",
            f"WELLNESS_HOST is {settings.host!r}, which isn't an address of this machine. "
            "Use 127.0.0.1 for this machine only, or 0.0.0.0 for every machine that can reach it",
        )
    if not settings.trusted_hosts:
        message = (
            "Others can reach the site, and it answers to any host name. "
            "Set WELLNESS_TRUSTED_HOSTS to the names people use for it."
        )
        return Finding("address", True, message, is_warning=True)
    return Finding("address", True, f"answers to {', '.join(settings.trusted_hosts)}")


def _guessing(settings: Settings) -> Finding:
    """The counters against guessing."""
    if settings.rate_limit_url == "memory://":
        return Finding("rate limits", True, "counted in memory, separately by each process")
    open_counters(settings.rate_limit_url)
    return Finding("rate limits", True, "counted in Redis, for all processes")


def _wrong(about: str, message: str) -> Finding:
    return Finding(about, False, f"{message}.")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    return Finding("disk space", free > ENOUGH_BYTES, f"{free // 1024 // 1024} MiB free (200 MiB or more is best)")


def _records(settings: Settings) -> Finding:
    with closing(Records(settings.records_url)) as records:
        try:
            records.check()
        except Unavailable:
            return _wrong(
                "records", f"The records at {records.place} aren't responding. Start the database, or fix RECORDS_URL"
            )
        file = records.file
        if file is not None and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
            return _wrong(
                "records", f"The records {file} can't be written to. Give the site's account write permission"
            )
        if file is not None and os.name != "nt" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            return Finding("records", True, f"{file} can be read by others. Run: chmod 600 {file}", is_warning=True)
        refuse_damage(records)
        return Finding("records", records.is_durable(), records.journal_note())


def _every_row(settings: Settings) -> Finding:
    """Every page, row and index of the records: too slow for a start."""
    with closing(Records(settings.records_url)) as records:
        if damage := records.find_damage(thorough=True):
            return _wrong(
                "every row",
                f"The records are damaged: {'; '.join(damage)}. Restore the last backup with `wellness restore`",
            )
        return Finding("every row", True, "no damage found")


def _library(settings: Settings) -> Finding:
    entries, _ = Library(settings.library).list_entries()
    message = f"{counted(len(entries), 'file')}; see `wellness check`" if entries else "no content; run `wellness init`"
    return Finding("library", bool(entries), message)


def _media(settings: Settings) -> Finding:
    store = open_media(settings.media, settings.media_url)
    store.catch_up()
    unreadable = [medium.name for medium in store.list_media() if not medium.captions]
    if unreadable:
        return Finding("videos", False, f"without captions: {', '.join(unreadable)}; upload them again with captions")
    return Finding(
        "videos", True, f"{counted(len(store.list_media()), 'video')}; `wellness media check` checks every file"
    )


def _video(settings: Settings) -> Finding:
    missing = [name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None]
    if missing:
        return Finding("ffmpeg", True, f"{' and '.join(missing)} not found. {MISSING}")
    return Finding("ffmpeg", True, shutil.which("ffmpeg") or "")


def _pdf(_settings: Settings) -> Finding:
    if can_make_pdf():
        return Finding("certificates", True, "available as PDF files")
    if find_spec("weasyprint") is None:
        return Finding("certificates", True, "print from the browser. For PDF files, run: pip install 'wellness[pdf]'")
    message = "print from the browser. For PDF files, run: apt install libpango-1.0-0 libpangoft2-1.0-0"
    return Finding("certificates", True, message)


def _bucket(settings: Settings) -> Finding:
    if settings.media_url.startswith("s3://"):
        return Finding("bucket", True, f"videos are stored in {settings.media_url}")
    if find_spec("boto3") is None:
        return Finding("bucket", True, "none. To store videos in one, run pip install 'wellness[s3]' and set MEDIA_URL")
    return Finding("bucket", True, "none. Set MEDIA_URL=s3://… to store videos in one")


_START: tuple[Look, ...] = (_libraries, _folder, _secret_key, _records, _address, _guessing)
"""What must be right for a start, in addition to the clock."""

_NEEDS: dict[Look, str] = {
    _records: "RECORDS_URL",
    _every_row: "RECORDS_URL",
    _guessing: "RATE_LIMIT_URL",
    _address: "WELLNESS_TRUSTED_HOSTS",
}
"""Looks that say nothing new where that setting is wrong."""
