"""Status and minutes of one class in one week, worked out from its viewings.

The week grid, the report and the stored weekly summaries all use these functions, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from .viewings import Completeness, ViewingState


class WeekStatus(StrEnum):
    """Status of the session planned for a class and week, without regard to today's date."""

    OPENED = "opened"
    PLAYED = "played"
    DELIVERED = "delivered"
    SHORTENED = "shortened"
    NOT_DONE = "not done"
    ANOTHER = "another session"


class WeekViewing(Protocol):
    """The fields of a viewing that decide the status of its week."""

    @property
    def slug(self) -> str:
        """Slug of the session."""

    @property
    def on_day(self) -> date:
        """School day of the viewing."""

    @property
    def state(self) -> ViewingState:
        """Opened, played, delivered or not done."""

    @property
    def extent(self) -> Completeness | None:
        """Full length or shortened, for a delivered session."""

    @property
    def minutes(self) -> int | None:
        """Minutes the session took."""


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """Status and minutes of one class in the week of Monday `week_on`. `slug` is the planned session, None without a plan."""

    classroom_id: str
    week_on: date
    slug: str | None
    told: WeekStatus | None
    delivered_minutes: int
    outside_minutes: int


_AnyHeld = TypeVar("_AnyHeld", bound=WeekViewing)
_WEIGHT = {ViewingState.DELIVERED: 3, ViewingState.NOT_DONE: 2, ViewingState.PLAYED: 1, ViewingState.OPENED: 0}


def find_deciding_viewing(slug: str | None, held: Iterable[_AnyHeld]) -> _AnyHeld | None:
    """Return the viewing that decides the status of the planned session, None without one.

    What a person logged outranks what the site recorded; among equals the latest day wins.
    """
    planned = (viewing for viewing in held if viewing.slug == slug)
    return max(planned, key=lambda viewing: (_WEIGHT[viewing.state], viewing.on_day), default=None)


def week_status_of(slug: str | None, held: Iterable[WeekViewing]) -> WeekStatus | None:
    """Return the status of the planned session from the viewings of its week, None when nothing was recorded or logged."""
    listed = list(held)
    telling = find_deciding_viewing(slug, listed)
    if telling is None:
        return WeekStatus.ANOTHER if any(viewing.state is ViewingState.DELIVERED for viewing in listed) else None
    if telling.state is ViewingState.DELIVERED:
        return WeekStatus.SHORTENED if telling.extent is Completeness.SHORTENED else WeekStatus.DELIVERED
    return WeekStatus(telling.state.value)


def delivered_minutes(held: Iterable[WeekViewing]) -> int:
    """Return the minutes of all delivered sessions, planned or not."""
    return sum(viewing.minutes or 0 for viewing in held if viewing.state is ViewingState.DELIVERED)
