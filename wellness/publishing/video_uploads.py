"""Upload a video: checked first, then processed in a separate process that outlives the request.

Progress is in the records. When its process is gone, the job has failed, and can be started again as long
as its working folder exists.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock

from ..domain import Language, MediaJob, Person, Problem
from ..domain.plain_text import mm_ss, slug_of
from ..errors import Invalid, NotFound, StorageFull, Unavailable, WellnessError, worded
from ..files import is_full
from ..media.captions import Captions, read_captions
from ..media.ffmpeg import MISSING, Tools, find_tools, get_tools
from ..media.job_folder import JobFolder, JobOrder, list_job_folders
from ..media.probe import Probe, probe_sound, probe_video
from ..media.sniff import kind_of_sound, kind_of_video
from ..media.store import AUDIO, MAX_NAME, SMALL, WHOLE, MediaStore, StoredVideo, StoredVideoFacts, check_name, share
from ..media.transcode import FULL, Making, make_versions, replace_voice
from ..records import Records, audit_log, media_jobs

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Starter = Callable[[str, int], None]
"""Starts processing a job (by id) in a separate process, which inherits the descriptor of the job's lock."""

VOICE_SECONDS = 2.0
"""Seconds that a voice may be longer or shorter than its video."""
_KEEP = timedelta(days=7)
_SILENT = timedelta(hours=1)
"""A job on another machine without an update for this long has failed."""
_BYTES_A_SECOND = 500_000
_POLL_SECONDS = 0.2
_MAX_TITLE = 100
_MANY = 12

_NOT_TAKEN = worded("The file wasn’t uploaded.")
_STOPPED = worded("Processing stopped before it finished, and nothing was saved. Please try again.")
_GONE = worded("The uploaded file is gone. Upload it again.")
_UNEXPECTED = worded("Processing failed, and nothing was saved. The reason is in the site’s log.")
_RECORDED = worded("recorded at school")
_NO_CAPTIONS = worded("Add captions as a WebVTT or SRT file. A class with a deaf student, or a noisy room, needs them.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of uploads: the longest video, and the disk space to leave free."""

    minutes: int = 15
    spare_bytes: int = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StartedUpload:
    """A started job, and the warnings about its captions."""

    job: MediaJob
    warnings: tuple[Problem, ...]


def start_upload(
    records: Records,
    store: MediaStore,
    start: Starter,
    file: Path,
    captions: Mapping[Language, Path],
    *,
    at: datetime,
    by: Person | None = None,
    name: str = "",
    title: str = "",
    limits: Limits = Limits(),
    is_levelled: bool = False,
) -> StartedUpload:
    """Check a video and its captions, and start making its versions. `by` is None on the command line.

    Without a name it gets its file's name. Raises Invalid with the fields `file`, `captions` (`captions_es`), `name`
    and `title` that are wrong (`file` also without ffmpeg), StorageFull when the disk has no space for it.
    """
    fields: dict[str, str] = {}
    name, title = _named(file, name, title, fields)
    seconds = None
    with _gathering(fields):
        tools = _tools_to_upload()
        kind = kind_of_video(file)
        seconds = probe_video(tools, kind, file).seconds
        _check_length(seconds, limits)
        _check_space(store, file, seconds, limits)
    read = _read_captions(captions, seconds, fields)
    if not captions:
        fields["captions"] = _NO_CAPTIONS
    if fields:
        raise Invalid(_NOT_TAKEN, fields)
    order = JobOrder(name, title, kind, is_levelled, captions=tuple(language.value for language in read))
    return _begin(records, store, start, order, file, read, by, at)


def start_voice(
    records: Records,
    store: MediaStore,
    start: Starter,
    name: str,
    recording: Path,
    captions: Mapping[Language, Path],
    *,
    at: datetime,
    by: Person | None = None,
) -> StartedUpload:
    """Start replacing the voice of the video `name`: the picture stays, the volume is matched to other videos.

    Without `captions` the video keeps its own. Raises NotFound, or Invalid with the fields that are wrong: the audio must
    be as long as the video, within VOICE_SECONDS.
    """
    video = store.get_medium(name)
    fields: dict[str, str] = {}
    with _gathering(fields):
        tools = _tools_to_upload()
        kind = kind_of_sound(recording)
        seconds = probe_sound(tools, kind, recording)
        if abs(seconds - video.facts.seconds) > VOICE_SECONDS:
            wrong = worded(
                "The audio is %(audio)s long and the video is %(video)s long. Record it along with the video. "
                "They can differ by 2 seconds at most.",
                audio=mm_ss(seconds),
                video=mm_ss(video.facts.seconds),
            )
            raise Invalid(_NOT_TAKEN, {"file": wrong})
    read = _read_captions(captions, video.facts.seconds, fields)
    if fields:
        raise Invalid(_NOT_TAKEN, fields)
    kept = tuple(language.value for language in read)
    order = JobOrder(video.name, video.title, kind, is_levelled=True, voice_of=video.digest, captions=kept)
    return _begin(records, store, start, order, recording, read, by, at)


# --- Following the work -----------------------------------------------------------------------------------------------


def list_work(records: Records, store: MediaStore, at: datetime) -> list[MediaJob]:
    """Return all jobs with their real status, newest first: one whose process is gone has failed."""
    reconcile_jobs(records, store, at)
    with records.reading() as tx:
        return media_jobs.list_jobs(tx)


def get_work(records: Records, store: MediaStore, job_id: str, at: datetime) -> MediaJob:
    """Return a job with its real status. Raises NotFound."""
    with records.reading() as tx:
        job = media_jobs.get_job(tx, job_id)
    if job.is_over or JobFolder(store.root, job.id).is_taken():
        return job
    reconcile_jobs(records, store, at)
    with records.reading() as tx:
        return media_jobs.get_job(tx, job_id)


def wait_for(
    records: Records, store: MediaStore, job_id: str, on_progress: Callable[[MediaJob], None], clock: Clock
) -> MediaJob:
    """Wait for a job and return it; calls `on_progress` meanwhile. Raises NotFound."""
    while True:
        job = get_work(records, store, job_id, clock())
        on_progress(job)
        if job.is_over:
            return job
        time.sleep(_POLL_SECONDS)


def start_again(records: Records, store: MediaStore, start: Starter, job_id: str, at: datetime) -> MediaJob:
    """Retry a failed job. Raises NotFound, or Invalid when its working files are gone. Does nothing while it runs."""
    job = get_work(records, store, job_id, at)
    place = JobFolder(store.root, job.id)
    if place.read_order() is None:
        raise Invalid(_GONE)
    lock = place.take()
    if lock is None:
        return job
    try:
        with records.writing() as tx:
            is_failed = media_jobs.begin_again(tx, job_id, at)
        if is_failed:
            start(job_id, lock)
    finally:
        os.close(lock)
    return get_work(records, store, job_id, at)


def reconcile_jobs(records: Records, store: MediaStore, at: datetime) -> None:
    """Set the status of jobs whose process is gone, and remove working folders that are no longer needed.

    A job without a folder here may be worked on by another node with a disk of its own: it is gone when nothing was heard
    of it for an hour.
    """
    jobs = _jobs_by_id(records)
    unlocked = _find_unlocked(store, jobs)
    dead = [job_id for job_id in unlocked if job_id in jobs and _is_dead(jobs[job_id], unlocked[job_id], at)]
    if dead or any(job.is_over and job.changed_at < at - _KEEP for job in jobs.values()):
        _note_ends(records, {job_id: _find_result(store, job_id) for job_id in dead}, at)
        jobs = _jobs_by_id(records)
    _remove_unneeded(unlocked, jobs)


def _jobs_by_id(records: Records) -> dict[str, MediaJob]:
    with records.reading() as tx:
        return {job.id: job for job in media_jobs.list_jobs(tx)}


def _find_unlocked(store: MediaStore, jobs: Iterable[str]) -> dict[str, JobFolder]:
    """Return the working folders that no process has locked, by job, including those that don't exist."""
    places = {job_id: JobFolder(store.root, job_id) for job_id in {*jobs, *list_job_folders(store.root)}}
    return {job_id: place for job_id, place in places.items() if not place.is_taken()}


def _is_dead(job: MediaJob, place: JobFolder, at: datetime) -> bool:
    """Whether the job's process is gone, given that no process here has locked its folder."""
    return not job.is_over and (place.folder.is_dir() or job.changed_at < at - _SILENT)


def _find_result(store: MediaStore, job_id: str) -> StoredVideo | None:
    """Return the finished video of a process that ended after storing it and before updating its job."""
    medium = store.find_made_by(job_id)
    return medium if medium is not None and store.is_kept(medium) else None


def _note_ends(records: Records, results: Mapping[str, StoredVideo | None], at: datetime) -> None:
    with records.writing() as tx:
        for job_id, medium in results.items():
            if medium is not None:
                media_jobs.end_ready(tx, job_id, medium.digest, at)
            else:
                media_jobs.end_failed(tx, job_id, _STOPPED, at)
        media_jobs.remove_old_jobs(tx, at - _KEEP)


def _remove_unneeded(unlocked: Mapping[str, JobFolder], jobs: Mapping[str, MediaJob]) -> None:
    """Remove the folders of finished and unknown jobs; a failed job keeps its files for a retry."""
    for job_id, place in unlocked.items():
        if job_id not in jobs or jobs[job_id].digest is not None:
            place.remove()


# --- The work itself --------------------------------------------------------------------------------------------------


def process_job(records: Records, store: MediaStore, job_id: str, clock: Clock, limits: Limits) -> bool:
    """Process a job, in its own process that holds the job's lock. Return whether it made a video."""
    place = JobFolder(store.root, job_id)
    try:
        with FileLock(store.root / ".work" / ".turn"):  # one job at a time; the others wait
            medium = _make(records, store, place, job_id, clock, limits)
    except (WellnessError, OSError) as error:
        _fail(records, place, job_id, _said(error), clock())
        return False
    except Exception:
        _log.exception("the work on a recording failed")
        _fail(records, place, job_id, _UNEXPECTED, clock())
        raise
    with records.writing() as tx:
        media_jobs.end_ready(tx, job_id, medium.digest, clock())
    place.remove()
    return True


def _make(
    records: Records, store: MediaStore, place: JobFolder, job_id: str, clock: Clock, limits: Limits
) -> StoredVideo:
    made = store.find_made_by(job_id)
    if made is not None:  # made by an earlier try that only failed to reach the bucket
        store.put_up(made)
        return made
    order = place.read_order()
    if order is None:
        raise Invalid(_GONE)
    percent = _progress(records, job_id, clock)
    percent(0)
    folder = place.fresh_made()
    if order.voice_of:
        facts = _make_with_voice(store, place, order, limits, percent)
    else:
        facts = _make_anew(store, place, order, limits, percent)
    for language in order.captions:
        read = read_captions(place.captions(language).read_bytes(), f"captions.{language}.vtt")
        (folder / f"captions.{language}.vtt").write_text(read.as_webvtt(), encoding="utf-8")
        (folder / f"transcript.{language}.txt").write_text(read.as_transcript(), encoding="utf-8")
    return store.add(folder, replace(facts, job=job_id), clock())


def _make_anew(
    store: MediaStore, place: JobFolder, order: JobOrder, limits: Limits, percent: Callable[[int], None]
) -> StoredVideoFacts:
    tools = get_tools()
    probe = probe_video(tools, order.kind, place.source)
    making = Making(place.source, probe, place.made, order.is_levelled, _room(store, limits))
    made = make_versions(tools, making, percent)
    title = {(order.captions or (Language.EN.value,))[0]: order.title}
    return StoredVideoFacts(order.name, title, made.seconds, made.width, made.height)


def _make_with_voice(
    store: MediaStore, place: JobFolder, order: JobOrder, limits: Limits, percent: Callable[[int], None]
) -> StoredVideoFacts:
    video = _video_of(store, order)
    videos = {file: store.fetch(video.digest, file) for file in video.files if file in (WHOLE, SMALL)}
    replaced = {AUDIO, *videos}
    replaced |= {
        file for language in order.captions for file in (f"captions.{language}.vtt", f"transcript.{language}.txt")
    }
    for file in set(video.files) - replaced:
        share(store.fetch(video.digest, file), place.made / file)
    facts = video.facts
    probe = Probe("mov", facts.seconds, facts.width, facts.height, "h264", "aac")
    making = Making(videos[WHOLE], probe, place.made, True, _room(store, limits))
    replace_voice(get_tools(), making, (order.kind, place.source), videos, percent)
    kept = {what: who for what, who in facts.credits.items() if what not in ("voice", "music")}
    return replace(facts, origin="brought", credits={"voice": _RECORDED, **kept})


def _video_of(store: MediaStore, order: JobOrder) -> StoredVideo:
    found = [medium for medium in store.list_media() if medium.digest == order.voice_of]
    if not found:
        raise NotFound(
            "Someone replaced this video in the meantime, so your voice wasn’t added. Start again with the new video."
        )
    return found[0]


def _progress(records: Records, job_id: str, clock: Clock) -> Callable[[int], None]:
    """Writes each new percentage to the records; processing continues when they don't respond."""
    told = [-1]

    def percent(now: int) -> None:
        if now > told[0]:
            told[0] = now
            with suppress(Unavailable), records.writing() as tx:
                media_jobs.note_progress(tx, job_id, now, clock())

    return percent


def _fail(records: Records, place: JobFolder, job_id: str, said: str, at: datetime) -> None:
    """Free the space first, then set the status; if the records don't respond, `settle` sets it later."""
    shutil.rmtree(place.made, ignore_errors=True)
    with suppress(Unavailable), records.writing() as tx:
        media_jobs.end_failed(tx, job_id, said, at)


def _said(error: WellnessError | OSError) -> str:
    if isinstance(error, OSError):
        return FULL if is_full(error) else _UNEXPECTED
    fields = getattr(error, "fields", {})
    return " ".join(fields.values()) or error.message


# --- Looking first ----------------------------------------------------------------------------------------------------


@contextmanager
def _gathering(fields: dict[str, str]) -> Iterator[None]:
    """Collect the fields of an Invalid, so that all problems are reported together."""
    try:
        yield
    except Invalid as error:
        fields |= error.fields


def _named(file: Path, name: str, title: str, fields: dict[str, str]) -> tuple[str, str]:
    name = name.strip() or slug_of(file.stem, MAX_NAME) or "recording"
    with _gathering(fields):
        check_name(name)
    title = title.strip() or name.replace("-", " ").capitalize()
    if len(title) > _MAX_TITLE or not title.isprintable():
        fields["title"] = worded("Write a title on one line, up to 100 characters.")
    return name, title


def _tools_to_upload() -> Tools:
    tools = find_tools()
    if tools is None:
        raise Invalid(_NOT_TAKEN, {"file": MISSING})
    return tools


def _check_length(seconds: float, limits: Limits) -> None:
    if seconds > limits.minutes * 60:
        wrong = worded(
            "It’s %(length)s long, and the limit is %(limit)s minutes. Cut it into shorter videos, or ask the person "
            "who runs the site to raise the limit.",
            length=mm_ss(seconds),
            limit=limits.minutes,
        )
        raise Invalid(_NOT_TAKEN, {"file": wrong})


def _check_space(store: MediaStore, file: Path, seconds: float, limits: Limits) -> None:
    needed = file.stat().st_size + int(seconds * _BYTES_A_SECOND)
    room = _room(store, limits)
    if needed > room:
        wrong = worded(
            "It needs about %(needed)s MB, and the disk has %(free)s MB free. Free up some space first.",
            needed=needed // 1_000_000 + 1,
            free=room // 1_000_000,
        )
        raise Invalid(_NOT_TAKEN, {"file": wrong})


def _room(store: MediaStore, limits: Limits) -> int:
    """Return the bytes that may still be written."""
    store.root.mkdir(parents=True, exist_ok=True)
    return max(0, shutil.disk_usage(store.root).free - limits.spare_bytes)


def _read_captions(
    captions: Mapping[Language, Path], seconds: float | None, fields: dict[str, str]
) -> dict[Language, Captions]:
    read: dict[Language, Captions] = {}
    for language, path in captions.items():
        field = "captions" if language is Language.EN else f"captions_{language.value}"
        try:
            read[language] = read_captions(path.read_bytes(), path.name, seconds)
        except OSError:
            fields[field] = worded("The captions file can’t be read. Check the file and its permissions.")
            continue
        errors = read[language].errors
        if errors:
            shown = [f"line {problem.line}: {problem.message}" for problem in errors[:_MANY]]
            more = [f"… and {len(errors) - _MANY} more"] if len(errors) > _MANY else []
            fields[field] = "\n".join([*shown, *more])
    return read


def _begin(
    records: Records,
    store: MediaStore,
    start: Starter,
    order: JobOrder,
    source: Path,
    captions: Mapping[Language, Captions],
    by: Person | None,
    at: datetime,
) -> StartedUpload:
    reconcile_jobs(records, store, at)
    job_id = secrets.token_hex(12)
    place = JobFolder(store.root, job_id)
    lock = place.take(is_new=True)
    assert lock is not None, "the folder is new"
    try:
        place.prepare(order, source, {language: read.as_webvtt() for language, read in captions.items()})
        with records.writing() as tx:
            media_jobs.add_job(tx, job_id, name=order.name, title=order.title, by=by.id if by else None, at=at)
            audit_log.note(tx, by, at, "bring recording", order.name, "a new voice" if order.voice_of else "")
        start(job_id, lock)
    except OSError as error:
        place.remove()
        if is_full(error):
            raise StorageFull(FULL) from error
        raise
    finally:
        os.close(lock)
    warnings = tuple(problem for read in captions.values() for problem in read.problems)
    return StartedUpload(get_work(records, store, job_id, at), warnings)
