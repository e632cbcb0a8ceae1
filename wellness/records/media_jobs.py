"""Jobs that prepare the videos coaches upload: queued, running, ready or failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from ..domain import JobState, MediaJob
from ..errors import NotFound
from .database.transactions import Reading, Writing
from .schema import media_job

_OPEN = (JobState.WAITING.value, JobState.WORKING.value)
_OVER = (JobState.READY.value, JobState.FAILED.value)


def add_job(tx: Writing, job_id: str, *, name: str, title: str, by: str | None, at: datetime) -> MediaJob:
    """A new job that waits. `by` is a person's id, None on the command line."""
    values = {"name": name, "title": title, "state": JobState.WAITING.value, "percent": 0}
    tx.execute(insert(media_job).values(id=job_id, asked_by=by, asked_at=at, changed_at=at, **values))
    return get_job(tx, job_id)


def get_job(tx: Reading, job_id: str) -> MediaJob:
    """The job. Raises NotFound."""
    row = tx.execute(select(media_job).where(media_job.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that upload.")
    return _job(row)


def list_jobs(tx: Reading) -> list[MediaJob]:
    """Every job, the newest first."""
    found = select(media_job).order_by(media_job.c.asked_at.desc(), media_job.c.id)
    return [_job(row) for row in tx.execute(found)]


def note_progress(tx: Writing, job_id: str, percent: int, at: datetime) -> None:
    """The job is worked on and that far; it never goes back. Nothing happens to a job that is over."""
    is_open = (media_job.c.id == job_id) & media_job.c.state.in_(_OPEN) & (media_job.c.percent <= percent)
    values = {"state": JobState.WORKING.value, "percent": percent, "changed_at": at}
    tx.execute(update(media_job).where(is_open).values(**values))


def end_ready(tx: Writing, job_id: str, digest: str, at: datetime) -> None:
    """Mark the job as done; it made the video `digest`."""
    values = {"state": JobState.READY.value, "percent": 100, "digest": digest, "problem": None, "changed_at": at}
    tx.execute(update(media_job).where(media_job.c.id == job_id).values(**values))


def end_failed(tx: Writing, job_id: str, problem: str, at: datetime) -> None:
    """It came to nothing, because of `problem`, a sentence. Nothing happens to a job that is over."""
    is_open = (media_job.c.id == job_id) & media_job.c.state.in_(_OPEN)
    values = {"state": JobState.FAILED.value, "problem": problem, "changed_at": at}
    tx.execute(update(media_job).where(is_open).values(**values))


def begin_again(tx: Writing, job_id: str, at: datetime) -> bool:
    """A failed job waits again, from the beginning. Says whether it had failed."""
    has_failed = (media_job.c.id == job_id) & (media_job.c.state == JobState.FAILED.value)
    values = {"state": JobState.WAITING.value, "percent": 0, "problem": None, "changed_at": at}
    return tx.execute(update(media_job).where(has_failed).values(**values)).rowcount == 1


def remove_old_jobs(tx: Writing, before: datetime) -> None:
    """Forget the jobs that were over before then."""
    tx.execute(delete(media_job).where(media_job.c.state.in_(_OVER), media_job.c.changed_at < before))


def _job(row: Row[Any]) -> MediaJob:
    return MediaJob(
        id=row.id,
        name=row.name,
        title=row.title,
        state=JobState(row.state),
        percent=row.percent,
        problem=row.problem,
        digest=row.digest,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        changed_at=row.changed_at,
    )
