"""Viewings (one class, one session, one day) and other SEL lessons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .vocabulary import Language
from .week import week_of

MAKE_UP_WEEKS = 9
"""Weeks back that a session can make up for."""


class ViewingState(StrEnum):
    """State of a viewing. The site sets opened and played (enough of it ran); a person logs delivered and not done."""

    OPENED = "opened"
    PLAYED = "played"
    DELIVERED = "delivered"
    NOT_DONE = "not done"


class Completeness(StrEnum):
    """How much of a delivered session the class did."""

    WHOLE = "whole"
    SHORTENED = "shortened"


class NotDoneReason(StrEnum):
    """Why a planned session was not done; no reason is held against a teacher."""

    ASSEMBLY = "assembly"
    TESTING = "testing"
    DRILL = "drill"
    NO_SCHOOL = "weather or no school"
    SUBSTITUTE = "substitute not told"
    NOT_READY = "not ready"
    OTHER = "other"


class EnteredRole(StrEnum):
    """Who entered a viewing: `auto` is the site itself (opened, played), substitute is anyone with the door card."""

    TEACHER = "teacher"
    SUBSTITUTE = "substitute"
    COACH = "coach"
    ADMIN = "admin"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A logged outcome: delivered in full or shortened, or not done with a reason. Raises ValueError for any other mix."""

    state: ViewingState
    extent: Completeness | None = None
    reason: NotDoneReason | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        if self.state is ViewingState.DELIVERED and (self.extent is None or self.reason is not None):
            raise ValueError("a done session is full length or shortened")
        if self.state is ViewingState.NOT_DONE and (self.reason is None or self.extent is not None):
            raise ValueError("a session that was not done has a reason")
        if self.state not in (ViewingState.DELIVERED, ViewingState.NOT_DONE):
            raise ValueError("only a person can log done or not done; the site sets the other states")


@dataclass(frozen=True, slots=True)
class Viewing:
    """One class and one session on one day; `week_on` is the Monday of the week it counts for."""

    id: int
    classroom_id: str
    slug: str
    revision: str
    on_day: date
    week_on: date
    state: ViewingState
    extent: Completeness | None = None
    reason: NotDoneReason | None = None
    minutes: int | None = None
    coverage: float = 0.0
    opened_at: datetime | None = None
    played_at: datetime | None = None
    entered_at: datetime | None = None
    entered_by: str | None = None
    entered_by_name: str | None = None
    entered_role: EnteredRole = EnteredRole.AUTO
    is_late: bool = False
    language: Language = Language.EN

    @property
    def is_make_up(self) -> bool:
        """Whether it counts for an earlier week than its own."""
        return self.week_on != week_of(self.on_day)


@dataclass(frozen=True, slots=True)
class OutsideLesson:
    """SEL minutes from another curriculum, which count toward the minutes of the week."""

    id: str
    classroom_id: str
    on_day: date
    minutes: int
    curriculum: str
    title: str
    entered_by: str | None
    entered_at: datetime
