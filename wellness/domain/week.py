"""Dates in the school's time zone, and weeks by their Mondays."""

from __future__ import annotations

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
