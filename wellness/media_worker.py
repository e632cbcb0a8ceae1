"""The process that prepares an uploaded video: `python -m wellness.media_worker JOB`, settings from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

from .config import Settings, read_settings
from .errors import WellnessError
from .instance.lock import in_use
from .media import open_media
from .publishing.video_uploads import Limits, Starter, work
from .records import open_records


def starter_of(settings: Settings) -> Starter:
    """What starts the work on a job of this instance: it goes on when the server or the command that asked has ended."""

    def start(job_id: str, lock: int) -> None:
        process = process_of(settings, job_id, lock)
        threading.Thread(target=process.wait, daemon=True).start()  # so that it is not kept as a zombie

    return start


def process_of(settings: Settings, job_id: str, lock: int) -> subprocess.Popen[bytes]:
    """The process, just started, that works on the job and holds its lock."""
    settled = {"WELLNESS_HOME": str(settings.home), "RECORDS_URL": settings.records_url}
    settled |= {"WELLNESS_MEDIA_MINUTES": str(settings.media_minutes), "MEDIA_URL": settings.media_url}
    return subprocess.Popen(  # noqa: S603 - this program itself # nosec B603
        [sys.executable, "-m", "wellness.media_worker", job_id],
        env={**os.environ, **settled},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[lock],
        start_new_session=True,
    )


def limits_of(settings: Settings) -> Limits:
    """What this instance takes."""
    return Limits(minutes=settings.media_minutes)


def main(job_id: str) -> int:
    """Do the job. Answers 0 when a recording came of it."""
    settings = read_settings()
    with in_use(settings):
        records = open_records(settings.records_url)
        try:
            media = open_media(settings.media, settings.media_url)
            is_made = work(records, media, job_id, lambda: datetime.now(UTC), limits_of(settings))
        finally:
            records.close()
    return 0 if is_made else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except WellnessError as error:
        sys.exit(error.message)
