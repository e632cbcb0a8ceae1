"""One school's calendar for one school year: when there is school, and on which day each week's session is due.

Plan, week grid, report, My classes, door card and CSV ask a `Calendar`; no other code computes a due day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from .school import Term
from .week import week_of, weeks_between

FRIDAY = 4
"""The weekday on which sessions are due in a school that never chose one; Monday is 0."""

_ONE_DAY = timedelta(days=1)


class ClosureKind(StrEnum):
    """What a closure means for the school day."""

    CLOSED = "closed"
    HALF_DAY = "half day"


@dataclass(frozen=True, slots=True)
class Closure:
    """A range of no-school days or half days of one school; first and last day are included.

    The closures that were entered together for several schools share their `batch_id`. `holds_sessions` says whether
    sessions are held on a half day; it is False for a closed day.
    """

    id: str
    batch_id: str
    school_id: str
    first_on: date
    last_on: date
    kind: ClosureKind
    holds_sessions: bool
    reason: str

    def covers(self, day: date) -> bool:
        """Whether the day lies in the range."""
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class WeekdayFrom:
    """The weekday (0 is Monday, 4 is Friday) on which sessions are due from a Monday on."""

    valid_from: date
    weekday: int


@dataclass(frozen=True, slots=True)
class ClassWeekday:
    """The weekday on which one class's sessions are due from a Monday on; None means when its school's are."""

    classroom_id: str
    valid_from: date
    weekday: int | None


class WeekRule(StrEnum):
    """What was decided about the due day of one week of one school."""

    AS_CALENDAR = "as calendar"
    LEFT_OUT = "left out"
    DUE_ON = "due on"


@dataclass(frozen=True, slots=True)
class WeekDecision:
    """The decision about one week; `due_on` is a day of the week with `DUE_ON` and None otherwise.

    `batch_id` is that of the closure or the change that it was made for.
    """

    week_on: date
    rule: WeekRule
    due_on: date | None
    batch_id: str


@dataclass(frozen=True)
class Calendar:
    """The calendar of one school for one school year.

    `weekdays` and `class_weekdays` are ordered by `valid_from`, `terms` by their first days; `decisions` has at most one
    for a week. `closed_on` is the last day of a school that was closed.
    """

    school_id: str
    year_id: str
    first_on: date
    last_on: date
    closures: tuple[Closure, ...] = ()
    weekdays: tuple[WeekdayFrom, ...] = ()
    terms: tuple[Term, ...] = ()
    decisions: tuple[WeekDecision, ...] = ()
    class_weekdays: tuple[ClassWeekday, ...] = ()
    closed_on: date | None = None

    @property
    def ends_on(self) -> date:
        """The last day with school: that of the year, or of the school if it was closed before."""
        return self.last_on if self.closed_on is None else min(self.last_on, self.closed_on)

    @property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of the weeks that the year touches, in order."""
        return weeks_between(self.first_on, self.ends_on)

    def is_in_year(self, day: date) -> bool:
        """Whether the day lies between the first and the last school day of the year."""
        return self.first_on <= day <= self.ends_on

    def touches(self, week_on: date) -> bool:
        """Whether the week of that Monday is one of the `weeks`, without making all of them."""
        return week_of(self.first_on) <= week_on <= self.ends_on

    def is_school_day(self, day: date) -> bool:
        """Whether there is school on that day. Days outside the year and weekends are days without school."""
        return self.is_in_year(day) and day.weekday() <= FRIDAY and day not in self._closed

    def holds_sessions(self, day: date) -> bool:
        """Whether a session can be due on that day: a school day, and not a half day without sessions."""
        return self.is_school_day(day) and day not in self._half_days_without_sessions

    def last_school_day(self, day: date) -> date | None:
        """Return the day itself or the latest school day before it; None before the first school day of the year."""
        found = min(day, self.ends_on)
        while found >= self.first_on:
            if self.is_school_day(found):
                return found
            found -= _ONE_DAY
        return None

    def weekday_of(self, week_on: date) -> int:
        """Return the weekday that is in force for the week of that Monday."""
        begun = [one.weekday for one in self.weekdays if one.valid_from <= week_on]
        return begun[-1] if begun else FRIDAY

    def due_day(self, week_on: date) -> date | None:
        """Return the day on which the session of the week of Monday `week_on` is due, None in a week without one.

        It is what was decided for that week, if anything was; else the weekday in force; when no session can be held
        then, the latest day before it in the week, else the first after it.
        """
        decision = self._decided.get(week_on)
        if decision is not None and decision.rule is not WeekRule.AS_CALENDAR:
            return decision.due_on
        wanted = self.weekday_of(week_on)
        backward, forward = range(wanted, -1, -1), range(wanted + 1, FRIDAY + 1)
        days = (week_on + timedelta(days=number) for number in (*backward, *forward))
        return next((day for day in days if self.holds_sessions(day)), None)

    def due_day_of(self, classroom_id: str, week_on: date) -> date | None:
        """Return the day on which a class's session is due: on its own weekday, or when its school's sessions are.

        A class with its own weekday is due with its school in a week in which no session can be held on that day.
        """
        weekday = self.own_weekday_of(classroom_id, week_on)
        if weekday is not None and self.holds_sessions(own_day := week_on + timedelta(days=weekday)):
            return own_day
        return self.due_day(week_on)

    def own_weekday_of(self, classroom_id: str, week_on: date) -> int | None:
        """Return the weekday of its own that a class has in that week, None when it goes by its school's."""
        begun = [one for one in self._of_classes.get(classroom_id, ()) if one.valid_from <= week_on]
        return begun[-1].weekday if begun else None

    def due_days(self, week_on: date) -> frozenset[date]:
        """Return the days on which something is due in that week: the school's, and those of classes with their own."""
        own = {self.due_day_of(classroom_id, week_on) for classroom_id in self._of_classes}
        return frozenset(day for day in (*own, self.due_day(week_on)) if day is not None)

    def term_of(self, week_on: date) -> Term | None:
        """Return the one term that a week belongs to, None in a year without terms.

        It is the last term that has begun on the due day, or on Friday in a week without one. A week that is due
        between two terms belongs to the earlier one, so the terms always add up to the year.
        """
        day = self.due_day(week_on) or week_on + timedelta(days=FRIDAY)
        begun = [term for term in self.terms if term.starts_on <= day]
        return begun[-1] if begun else next(iter(self.terms), None)

    def is_in_term(self, week_on: date, term_id: str) -> bool:
        """Whether the week of that Monday belongs to the term."""
        term = self.term_of(week_on)
        return term is not None and term.id == term_id

    def closures_in(self, week_on: date) -> tuple[Closure, ...]:
        """Return the closures that touch the school days of the week of that Monday, in order."""
        friday = week_on + timedelta(days=FRIDAY)
        return tuple(one for one in self.closures if one.first_on <= friday and one.last_on >= week_on)

    def decision_of(self, week_on: date) -> WeekDecision | None:
        """Return what was decided for the week of that Monday, None when nothing was."""
        return self._decided.get(week_on)

    @cached_property
    def _decided(self) -> dict[date, WeekDecision]:
        return {one.week_on: one for one in self.decisions}

    @cached_property
    def _of_classes(self) -> dict[str, list[ClassWeekday]]:
        found: dict[str, list[ClassWeekday]] = {}
        for one in self.class_weekdays:
            found.setdefault(one.classroom_id, []).append(one)
        return found

    @cached_property
    def _closed(self) -> frozenset[date]:
        return self._days(one for one in self.closures if one.kind is ClosureKind.CLOSED)

    @cached_property
    def _half_days_without_sessions(self) -> frozenset[date]:
        return self._days(one for one in self.closures if one.kind is ClosureKind.HALF_DAY and not one.holds_sessions)

    def _days(self, closures: Iterable[Closure]) -> frozenset[date]:
        """Return the days of these closures that lie in the year."""
        days: set[date] = set()
        for one in closures:
            first, last = max(one.first_on, self.first_on), min(one.last_on, self.last_on)
            days |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
        return frozenset(days)


def term_weeks(calendars: Iterable[Calendar], term_id: str) -> tuple[date, ...]:
    """Return the Mondays of the weeks that belong to the term in at least one of these calendars, in order."""
    found = {week_on for one in calendars for week_on in one.weeks if one.is_in_term(week_on, term_id)}
    return tuple(sorted(found))
