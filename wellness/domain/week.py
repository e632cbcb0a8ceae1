"""The school day, the school week and when something is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def school_day(at: datetime, zone: ZoneInfo) -> date:
    """The school's date at the instant `at` (aware). Never derived by offset: 23:30 UTC is another day in some zones."""
    if at.tzinfo is None:
        raise ValueError("the time needs a time zone")
    return at.astimezone(zone).date()


def week_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> tuple[date, ...]:
    """The Mondays of all weeks that touch first..last, in order."""
    start = week_of(first)
    return tuple(start + timedelta(weeks=n) for n in range((week_of(last) - start).days // 7 + 1))


def due_day(week_on: date, no_school: Sequence[date] | frozenset[date] = ()) -> date | None:
    """The day a planned session is due: Friday, else the last school day before it; None in a week without school."""
    for weekday in (4, 3, 2, 1, 0):
        day = week_on + timedelta(days=weekday)
        if day not in no_school:
            return day
    return None


def last_school_day(today: date, no_school: frozenset[date] = frozenset()) -> date:
    """Today, or the latest day with school before it: what somebody means who says on Saturday how it went."""
    day = today
    for _ in range(14):
        if day.weekday() < 5 and day not in no_school:
            return day
        day -= timedelta(days=1)
    return today
