"""What the viewings of one class in one week say together: the word of the week, and its minutes.

The grid, the report and the roll-ups that the records keep all ask here, so that no two of them can differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from .viewings import Extent, ViewingState


class Told(StrEnum):
    """What is known of the planned session of a class and week, whatever day it is today."""

    OPENED = "opened"
    PLAYED = "played"
    DELIVERED = "delivered"
    SHORTENED = "shortened"
    NOT_DONE = "not done"
    ANOTHER = "another session"


class Held(Protocol):
    """As much of a viewing as a week is told by."""

    @property
    def slug(self) -> str:
        """The session."""

    @property
    def on_day(self) -> date:
        """The school day."""

    @property
    def state(self) -> ViewingState:
        """Opened, played, delivered or not done."""

    @property
    def extent(self) -> Extent | None:
        """Whole or shortened, where it was delivered."""

    @property
    def minutes(self) -> int | None:
        """Minutes it took."""


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """One class and the week of Monday `week_on`. `slug` is the session planned for it, None without a plan."""

    classroom_id: str
    week_on: date
    slug: str | None
    told: Told | None
    delivered_minutes: int
    outside_minutes: int


_AnyHeld = TypeVar("_AnyHeld", bound=Held)
_WEIGHT = {ViewingState.DELIVERED: 3, ViewingState.NOT_DONE: 2, ViewingState.PLAYED: 1, ViewingState.OPENED: 0}


def find_telling(slug: str | None, held: Iterable[_AnyHeld]) -> _AnyHeld | None:
    """The viewing of the planned session that says most: what a person said before what the site noted, then the latest."""
    planned = (viewing for viewing in held if viewing.slug == slug)
    return max(planned, key=lambda viewing: (_WEIGHT[viewing.state], viewing.on_day), default=None)


def told_of(slug: str | None, held: Iterable[Held]) -> Told | None:
    """What the viewings of a week say of the planned session; None when they say nothing."""
    listed = list(held)
    telling = find_telling(slug, listed)
    if telling is None:
        return Told.ANOTHER if any(viewing.state is ViewingState.DELIVERED for viewing in listed) else None
    if telling.state is ViewingState.DELIVERED:
        return Told.SHORTENED if telling.extent is Extent.SHORTENED else Told.DELIVERED
    return Told(telling.state.value)


def delivered_minutes(held: Iterable[Held]) -> int:
    """Minutes of the sessions that were delivered, planned or not."""
    return sum(viewing.minutes or 0 for viewing in held if viewing.state is ViewingState.DELIVERED)
