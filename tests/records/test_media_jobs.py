"""What the records promise of the work on recordings, on every engine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.scratch import NOON, add_cast
from wellness.domain import JobState, MediaJob
from wellness.errors import NotFound
from wellness.records import Records, media_jobs, people

pytestmark = pytest.mark.each_engine

MINUTE = timedelta(minutes=1)


def add(records: Records, job_id: str = "one", by: str | None = None) -> MediaJob:
    with records.writing() as tx:
        return media_jobs.add_job(tx, job_id, name="feet", title="Feet", by=by, at=NOON)


def get(records: Records, job_id: str = "one") -> MediaJob:
    with records.reading() as tx:
        return media_jobs.get_job(tx, job_id)


def note(records: Records, percent: int) -> None:
    with records.writing() as tx:
        media_jobs.note_progress(tx, "one", percent, NOON + percent * MINUTE)


def test_a_new_job_waits(records: Records) -> None:
    job = add(records)
    assert job == MediaJob("one", "feet", "Feet", JobState.WAITING, 0, None, None, None, NOON, NOON)
    assert not job.is_over
    with records.reading() as tx:
        assert media_jobs.list_jobs(tx) == [job]


def test_a_job_that_is_none_is_not_found(records: Records) -> None:
    with pytest.raises(NotFound):
        get(records)


def test_progress_never_goes_back(records: Records) -> None:
    add(records)
    for percent in (0, 40, 30, 41):
        note(records, percent)
    job = get(records)
    assert (job.state, job.percent, job.changed_at) == (JobState.WORKING, 41, NOON + 41 * MINUTE)


def test_a_job_that_failed_stays_failed_until_it_begins_again(records: Records) -> None:
    add(records)
    with records.writing() as tx:
        assert not media_jobs.begin_again(tx, "one", NOON)
        media_jobs.end_failed(tx, "one", "The disk is full.", NOON)
        media_jobs.end_failed(tx, "one", "Something else.", NOON)
    note(records, 90)
    assert (get(records).state, get(records).problem, get(records).percent) == (JobState.FAILED, "The disk is full.", 0)
    with records.writing() as tx:
        assert media_jobs.begin_again(tx, "one", NOON)
    assert (get(records).state, get(records).problem) == (JobState.WAITING, None)


def test_a_job_that_is_ready_stays_ready(records: Records) -> None:
    add(records)
    with records.writing() as tx:
        media_jobs.end_ready(tx, "one", "0" * 16, NOON)
        media_jobs.end_failed(tx, "one", "Too late.", NOON)
    note(records, 50)
    assert (get(records).state, get(records).percent, get(records).digest) == (JobState.READY, 100, "0" * 16)


def test_only_old_jobs_that_are_over_are_forgotten(records: Records) -> None:
    for job_id in ("one", "two", "three"):
        add(records, job_id)
    with records.writing() as tx:
        media_jobs.end_ready(tx, "one", "0" * 16, NOON)
        media_jobs.end_failed(tx, "two", "It broke.", NOON + 2 * MINUTE)
        media_jobs.remove_old_jobs(tx, NOON + MINUTE)
        assert {job.id for job in media_jobs.list_jobs(tx)} == {"two", "three"}


def test_a_job_stays_without_the_person_who_brought_it(records: Records) -> None:
    with records.writing() as tx:
        coach = add_cast(tx).coach
    assert add(records, by=coach.id).asked_by == coach.id
    with records.writing() as tx:
        people.remove_person(tx, coach.id)
    assert get(records).asked_by is None
