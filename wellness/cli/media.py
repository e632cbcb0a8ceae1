"""The commands for videos: `wellness media` and `wellness video`. Imports are made inside, as in `cli`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..config import Settings
    from ..domain import Language, MediaJob
    from ..media import StoredVideo
    from ..publishing.video_uploads import StartedUpload
    from ..stores import Stores

_FILE = click.Path(path_type=Path)


@click.group()
def media() -> None:
    """Videos: upload, list and check them."""


@media.command("add")
@click.argument("file", type=_FILE)
@click.option("--captions", type=_FILE, help="English captions, WebVTT or SRT.")
@click.option("--captions-es", type=_FILE, help="Spanish captions, WebVTT or SRT.")
@click.option("--name", default="", help="Short name used in sessions. Default: the file name.")
@click.option("--title", default="", help="Title shown to people.")
@click.option("--session", "slug", help="Name it after this session, which then shows it.")
@click.option("--level", is_flag=True, help="Match the volume of other videos (-18 LUFS).")
def media_add(
    file: Path, captions: Path | None, captions_es: Path | None, name: str, title: str, slug: str | None, level: bool
) -> None:
    """Upload a video: check it and make versions for every network, with a poster and a transcript.

    \b
    Example:
      wellness media add friday.mov --captions friday.vtt --name friday-breathing
    """
    from ..media_worker import limits_of, start_worker
    from ..publishing.video_uploads import start_upload

    with _opened() as (settings, stores):
        if slug is not None:
            _check_session(settings, slug)
        brought = start_upload(
            stores.records, stores.media, start_worker, file, _by_language(captions, captions_es),
            at=datetime.now(UTC), name=name or slug or "", title=title, limits=limits_of(settings),
            is_levelled=level,
        )  # fmt: skip
        _follow(stores, brought)


@media.command("list")
def media_list() -> None:
    """List videos and unfinished jobs: name, length, versions, captions, title."""
    from ..domain import JobState
    from ..publishing.video_uploads import list_work

    with _opened() as (_, stores):
        for medium in stores.media.list_media():
            click.echo(_row(medium))
        for job in list_work(stores.records, stores.media, datetime.now(UTC)):
            if job.state is not JobState.READY:
                click.echo(f"{job.id}  {job.state.value}  {job.percent} %  {job.name}  {job.problem or ''}".rstrip())


@media.command("again")
@click.argument("job")
def media_again(job: str) -> None:
    """Retry a failed job. JOB is the first word of its line in `wellness media list`."""
    from ..media_worker import start_worker
    from ..publishing.video_uploads import StartedUpload, start_again

    with _opened() as (_, stores):
        begun = start_again(stores.records, stores.media, start_worker, job, datetime.now(UTC))
        _follow(stores, StartedUpload(begun, ()))


@media.command("check")
def media_check() -> None:
    """Check every video for missing or changed files and captions that don't fit. Exits 1 if there is an error."""
    from ..domain import Severity
    from ..domain.plain_text import counted

    with _opened() as (_, stores):
        problems = stores.media.check()
        for problem in problems:
            mark = "" if problem.severity is Severity.ERROR else "warning: "
            click.echo(f"{problem.file}:{problem.line}: {mark}{problem.message}")
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        count = len(stores.media.list_media())
        click.echo(
            f"{counted(count, 'video')}: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}"
        )
    if errors:
        sys.exit(1)


@click.group()
def video() -> None:
    """Videos that come with the site: replace the voice."""


@video.command("voice")
@click.argument("slug")
@click.argument("audio", type=_FILE)
@click.option("--captions", type=_FILE, help="English captions for the new voice. Default: keep the old ones.")
@click.option("--captions-es", type=_FILE, help="Spanish captions for the new voice.")
def video_voice(slug: str, audio: Path, captions: Path | None, captions_es: Path | None) -> None:
    """Replace the voice of a video with your own audio (WAV, FLAC, M4A or MP3). It must be as long as the video.

    The picture stays the same. Your audio replaces all of the sound and is matched to the volume of other videos.
    """
    from ..media_worker import start_worker
    from ..publishing.video_uploads import start_voice

    with _opened() as (_, stores):
        brought = start_voice(
            stores.records, stores.media, start_worker, slug, audio, _by_language(captions, captions_es),
            at=datetime.now(UTC),
        )  # fmt: skip
        _follow(stores, brought)


film = click.Group("film", commands=video.commands, hidden=True, help="The earlier name of `wellness video`.")


# --- Inside -----------------------------------------------------------------------------------------------------------


@contextmanager
def _opened() -> Iterator[tuple[Settings, Stores]]:
    from ..config import read_settings
    from ..instance.lock import sharing
    from ..stores import open_stores

    settings = read_settings()
    with sharing(settings), closing(open_stores(settings)) as stores:
        stores.media.catch_up()
        yield settings, stores


def _follow(stores: Stores, brought: StartedUpload) -> None:
    """Show progress until the job is done. Ctrl-C stops showing it, not the job."""
    from ..domain import JobState
    from ..publishing.video_uploads import wait_for

    for problem in brought.warnings:
        click.echo(f"{problem.file}:{problem.line}: warning: {problem.message}")
    with click.progressbar(length=100, label=f"Processing {brought.job.name}") as bar:

        def show(job: MediaJob) -> None:
            bar.update(job.percent - bar.pos)

        try:
            job = wait_for(stores.records, stores.media, brought.job.id, show, lambda: datetime.now(UTC))
        except KeyboardInterrupt:
            click.echo("\nProcessing continues in the background. `wellness media list` shows its progress.")
            return
    if job.state is JobState.FAILED:
        raise click.ClickException(f"{job.problem}\n  To retry: wellness media again {job.id}")
    click.echo(_row(stores.media.get_medium(job.name)))


def _by_language(english: Path | None, spanish: Path | None) -> dict[Language, Path]:
    from ..domain import Language

    given = {Language.EN: english, Language.ES: spanish}
    return {language: path for language, path in given.items() if path is not None}


def _check_session(settings: Settings, slug: str) -> None:
    from ..errors import NotFound
    from ..library.files import Library

    entries, _ = Library(settings.library).list_entries()
    if not any((entry.kind, entry.slug) == ("sessions", slug) for entry in entries):
        raise NotFound(f"There's no session called {slug} in the library.")


def _row(medium: StoredVideo) -> str:
    from ..domain.plain_text import mm_ss

    versions = ", ".join(f"{version.label} {version.bytes / 1_000_000:.1f} MB" for version in medium.versions)
    length = mm_ss(medium.seconds)
    return f"{medium.name}  {length}  {versions}  captions {', '.join(medium.captions)}  {medium.title}"
