"""A school's calendar file (iCalendar, .ics): its events as plain ranges of days inside one school year.

The file comes from anywhere, so its size, its events and the steps of its repetitions are limited, and nothing in it is
ever fetched. `icalendar` reads the format; the days follow RFC 5545 (an end date is the day after the last one).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ..errors import Invalid, worded

if TYPE_CHECKING:
    from icalendar import Component

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 2000
MAX_STEPS = 50_000
"""Repetitions of all events together that are looked at, also those before the school year."""
MAX_DAYS = 60
"""An event that lasts longer is no break, but something like the school year itself."""
_DAY = timedelta(days=1)
_REPEATS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True, slots=True)
class FileEvent:
    """An event from its first to its last day, both included. `uid` and the first day name it in the file."""

    uid: str
    first_on: date
    last_on: date
    title: str


def read_calendar_file(data: bytes, zone: ZoneInfo, first: date, last: date) -> list[FileEvent]:
    """Return the file's events that touch first..last, by day, with times told in `zone`.

    Raises Invalid when it is no calendar file, or larger than a school's calendar can be.
    """
    if len(data) > MAX_BYTES or data.count(b"BEGIN:VEVENT") > MAX_EVENTS:
        raise _refused(worded("This calendar is too large. Export one school year of one calendar, and try again."))
    events = _parse(data)
    moved = {(_text(one, "UID"), day) for one in events if (day := _day_of(one.get("RECURRENCE-ID"), zone)) is not None}
    steps = _Steps()
    found = {
        (made.uid, made.first_on): made
        for one in events
        if _text(one, "STATUS").upper() != "CANCELLED"
        for made in _occurrences(one, zone, last, moved, steps)
        if made.last_on >= first and made.first_on <= last
    }
    return sorted(found.values(), key=lambda one: (one.first_on, one.title))


def _refused(message: str) -> Invalid:
    return Invalid(message, {"file": message})


def _parse(data: bytes) -> list[Component]:
    from icalendar import Calendar  # only this page needs it

    unreadable = _refused(worded("This isn’t a calendar file we can read. Choose a file that ends in .ics."))
    if b"BEGIN:VCALENDAR" not in data[:4096]:
        raise unreadable
    try:
        read = Calendar.from_ical(data)
        if str(read.get("METHOD", "")).upper() == "CANCEL":
            return []
        return list(read.walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise unreadable from error


class _Steps:
    """Counts the repetitions of a file. Raises Invalid beyond the limit."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _refused(worded("This calendar repeats too often. Export one school year of it, and try again."))


def _occurrences(
    event: Component, zone: ZoneInfo, last: date, moved: set[tuple[str, date]], steps: _Steps
) -> Iterator[FileEvent]:
    span = _span(event, zone)
    if span is None:
        return
    uid, title = _text(event, "UID"), " ".join(_text(event, "SUMMARY").split())[:100]
    length = span[1] - span[0]
    is_single = event.get("RECURRENCE-ID") is not None
    excluded = set() if is_single else _days(event, "EXDATE", zone) | {day for name, day in moved if name == uid}
    days = iter([span[0]]) if is_single else _starts(event, span[0], zone, last, steps)
    for day in days:
        if day not in excluded and length <= timedelta(days=MAX_DAYS):
            yield FileEvent(uid, day, day + length, title)


def _span(event: Component, zone: ZoneInfo) -> tuple[date, date] | None:
    """Return the event's first and last day; None without a start, or for a date that no calendar has."""
    try:
        start = _value(event.get("DTSTART"))
        if start is None:
            return None
        end, lasts = _value(event.get("DTEND")), _value(event.get("DURATION"))
        if end is None and isinstance(lasts, timedelta):
            end = start + lasts
        if isinstance(start, datetime):
            return _timed_span(start, end if isinstance(end, datetime) else None, zone)
        last = end - _DAY if isinstance(end, date) and not isinstance(end, datetime) else start
    except (ValueError, OverflowError, TypeError):
        return None
    return start, max(start, last)


def _timed_span(start: datetime, end: datetime | None, zone: ZoneInfo) -> tuple[date, date]:
    """Midnight to midnight is all day, also in UTC; anything else is told in the school's time."""
    end = end or start
    if _is_midnight(start) and _is_midnight(end) and start.tzinfo is not None and start.utcoffset() == timedelta(0):
        first, until = start, end
    else:
        first, until = (one.astimezone(zone) if one.tzinfo is not None else one for one in (start, end))
    last = until.date() - _DAY if _is_midnight(until) and until > first else until.date()
    return first.date(), max(first.date(), last)


def _is_midnight(at: datetime) -> bool:
    return at.time() == time()


def _starts(event: Component, start: date, zone: ZoneInfo, last: date, steps: _Steps) -> Iterator[date]:
    """Return the first days of all repetitions up to `last`, the event's own first."""
    seen = {start}
    yield start
    for extra in sorted(_days(event, "RDATE", zone)):
        steps.take()
        if extra not in seen:
            seen.add(extra)
            yield extra
    for rule in (one for one in _as_list(event.get("RRULE")) if isinstance(one, dict)):
        for day in _repeat(rule, start, zone, steps):
            if day > last:
                break
            if day not in seen:
                seen.add(day)
                yield day


def _repeat(rule: Any, start: date, zone: ZoneInfo, steps: _Steps) -> Iterator[date]:
    """Return the days of one rule; one that repeats within a day is refused."""
    from dateutil.rrule import rrulestr

    parts = {str(name).upper(): value for name, value in rule.items()}
    if str(_as_list(parts.get("FREQ", [""]))[0]).upper() not in _REPEATS:
        raise _refused(worded("This calendar repeats too often. Export one school year of it, and try again."))
    until = _day_of_value(_as_list(parts.pop("UNTIL", []))[:1], zone)
    for name in ("UNTIL", "BYHOUR", "BYMINUTE", "BYSECOND"):
        rule.pop(name, None)
    try:
        times = iter(rrulestr(rule.to_ical().decode(), dtstart=datetime.combine(start, time())))
        for at in times:
            steps.take()
            if until is not None and at.date() > until:
                return
            yield at.date()
    except (ValueError, TypeError, OverflowError, KeyError):
        return  # a rule that no calendar program can follow: the event itself stays


def _days(event: Component, name: str, zone: ZoneInfo) -> set[date]:
    """Return the days of a list of dates, such as those that a repetition leaves out."""
    found: set[date] = set()
    for listed in _as_list(event.get(name)):
        for one in [] if _is_broken(listed) else getattr(listed, "dts", []):
            day = _day_of(one, zone)
            if day is not None:
                found.add(day)
    return found


def _day_of(value: Any, zone: ZoneInfo) -> date | None:
    return _day_of_value([_value(value)], zone)


def _day_of_value(values: Iterable[Any], zone: ZoneInfo) -> date | None:
    for value in values:
        if isinstance(value, datetime):
            is_day = value.tzinfo is not None and value.utcoffset() == timedelta(0) and _is_midnight(value)
            return value.date() if is_day or value.tzinfo is None else value.astimezone(zone).date()
        if isinstance(value, date):
            return value
    return None


def _value(value: Any) -> Any:
    """Return a property's date, time or duration; None without one, and for one that couldn't be read."""
    return None if _is_broken(value) else getattr(value, "dt", None)


def _is_broken(value: Any) -> bool:
    from icalendar.prop.broken import vBroken

    return isinstance(value, vBroken)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(event: Component, name: str) -> str:
    return str(event.get(name, ""))
