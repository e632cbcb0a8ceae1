"""The process that prepares an uploaded video: `python -m wellness.media_worker JOB`, settings from the environment."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime

from .config import Settings, read_settings
from .errors import WellnessError
from .instance.lock import sharing
from .media import open_media
from .publishing.video_uploads import Limits, process_job
from .records import open_records


def start_worker(job_id: str, lock: int) -> None:
    """Start the work on a job of this instance. It continues when the server or command that asked for it ends."""
    process = open_worker(job_id, lock)
    threading.Thread(target=process.wait, daemon=True).start()  # so that it is not left as a zombie


def open_worker(job_id: str, lock: int) -> subprocess.Popen[bytes]:
    """The process that works on the job and holds its lock, just started. It inherits the settings."""
    return subprocess.Popen(  # noqa: S603 - this program itself # nosec B603
        [sys.executable, "-m", "wellness.media_worker", job_id],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[lock],
        start_new_session=True,
    )


def limits_of(settings: Settings) -> Limits:
    """What this instance takes."""
    return Limits(minutes=settings.media_minutes)


def main(job_id: str) -> int:
    """Do the job. Returns 0 when it made a video."""
    settings = read_settings()
    with sharing(settings):
        records = open_records(settings.records_url)
        try:
            media = open_media(settings.media, settings.media_url)
            is_made = process_job(records, media, job_id, lambda: datetime.now(UTC), limits_of(settings))
        finally:
            records.close()
    return 0 if is_made else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except WellnessError as error:
        sys.exit(error.message)
