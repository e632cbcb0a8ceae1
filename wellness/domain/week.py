"""School days, school weeks and due days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def school_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the date in the school's time zone at `at`. Raises ValueError when `at` has no time zone."""
    if at.tzinfo is None:
        raise ValueError("the time needs a time zone")
    return at.astimezone(zone).date()


def week_of(day: date) -> date:
    """Return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> tuple[date, ...]:
    """Return the Mondays of all weeks that overlap first..last, in order."""
    start = week_of(first)
    return tuple(start + timedelta(weeks=n) for n in range((week_of(last) - start).days // 7 + 1))


def due_day(week_on: date, no_school: Sequence[date] | frozenset[date] = ()) -> date | None:
    """Return the day on which a planned session is due, None in a week without school.

    Friday, or the last school day before it.
    """
    for weekday in (4, 3, 2, 1, 0):
        day = week_on + timedelta(days=weekday)
        if day not in no_school:
            return day
    return None


def last_school_day(today: date, no_school: frozenset[date] = frozenset()) -> date:
    """Return today, or the latest school day before it; it prefills the day of the log form on weekends and holidays.

    Looks back two weeks, then returns today.
    """
    day = today
    for _ in range(14):
        if day.weekday() < 5 and day not in no_school:
            return day
        day -= timedelta(days=1)
    return today
