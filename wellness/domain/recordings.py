"""The work on recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    """How far the work on a recording is."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MediaJob:
    """The work on one recording that was brought. `percent` only grows; `digest` names what came of it."""

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
        """Whether it is ready or failed."""
        return self.state in (JobState.READY, JobState.FAILED)
