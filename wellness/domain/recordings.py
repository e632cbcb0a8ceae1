"""Processing jobs of uploaded videos."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    """State of a video's processing job."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MediaJob:
    """Processing job of one uploaded video. `percent` never goes down; `digest` names the finished video."""

    id: str
    name: str
    title: str
    state: JobState
    percent: int
    problem: str | None
    digest: str | None
    asked_by: str | None
    asked_at: datetime
    changed_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether the job has ended, ready or failed."""
        return self.state in (JobState.READY, JobState.FAILED)
