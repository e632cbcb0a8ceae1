"""What was expected of a class in one week: the denominator of every number.

While a week is open, its expectation follows from the calendar, the plan and the classes. Once its due day is over the
records store it, and from then on only an amendment changes it (`wellness.school.expectations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ExpectationKind(StrEnum):
    """How a class's week counts."""

    SESSION = "session"
    """A session was due."""
    NOTHING_PLANNED = "nothing planned"
    NO_SCHOOL = "no school"
    LEFT_OUT = "left out"
    """There was school, but the week doesn't count."""
    NOT_MEETING = "not meeting"
    """The class was not expected, after all."""
    LOGGED_ONLY = "logged only"
    """A planned week without school, in which something was logged: how weeks were counted before they were stored."""

    @property
    def is_planned(self) -> bool:
        """Whether the class counts as planned once the due day has come."""
        return self in (ExpectationKind.SESSION, ExpectationKind.LOGGED_ONLY)

    @property
    def is_counted(self) -> bool:
        """Whether the week's minutes count against the target once the due day has come."""
        return self in (ExpectationKind.SESSION, ExpectationKind.NOTHING_PLANNED)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One class in the week of Monday `week_on`.

    `slug` is the planned session. `target` is the SEL minutes that week. `amendment_id` is None until an amendment
    changed the stored week, and `seq` counts what was stored: 0 while the week is open.
    """

    classroom_id: str
    week_on: date
    school_id: str
    grade: str
    due_on: date | None
    slug: str | None
    target: int
    kind: ExpectationKind
    seq: int = 0
    amendment_id: int | None = None


DEFAULT_TARGET = 45
"""SEL minutes per class and week until somebody sets a target, and on days before the first one."""


@dataclass(frozen=True, slots=True)
class MinutesTarget:
    """The SEL minutes per class and week that count from a day on, until the next target's day."""

    valid_from: date
    minutes: int


def target_on(targets: Iterable[MinutesTarget], day: date) -> int:
    """Return the SEL minutes that count on `day`, of targets in any order."""
    begun = [one for one in targets if one.valid_from <= day]
    return max(begun, key=lambda one: one.valid_from).minutes if begun else DEFAULT_TARGET


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to a past week: by whom, when and why. `undoes_id` is the amendment that this one undoes.

    `by_name` is empty when the person's data was removed.
    """

    id: int
    school_id: str
    school_name: str
    week_on: date
    grades: tuple[str, ...]
    classes: int
    by_name: str
    at: datetime
    reason: str
    undoes_id: int | None = None
    is_undone: bool = False
