"""Adding a school's no-school days from its calendar file: proposals, one act, one undo."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ..domain import Calendar, Closure, ClosureKind, Person, SchoolYear
from ..errors import Forbidden, Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, calendars
from ..records.calendars import CalendarKey
from .calendar_file import FileEvent, read_calendar_file
from .due_days import decide, moved_weeks
from .expectations import close_weeks
from .planning import own_schools

MOST = 200
"""Entries of one import."""


class ImportKind(StrEnum):
    """What the words of an event say about the school day."""

    CLOSED = "closed"
    HALF_DAY = "half day"
    ASK = "ask"
    """Perhaps students have no school, such as on a teacher workday."""
    OTHER = "other"


_WORDS = (
    (ImportKind.CLOSED, r"no school|no classes|no students|school(s)? closed|student holiday|sin clases|no hay clases"),
    (ImportKind.HALF_DAY, r"early (release|dismissal|out)|half[ -]day|minimum day|salida temprana|medio día"),
    (
        ImportKind.ASK,
        r"work ?day|in-?service|professional (development|learning)|staff development|conferences?|pd day",
    ),
    (ImportKind.CLOSED, r"break|recess|holidays?|vacation|feriado|vacaciones|thanksgiving"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event of the file. `missing` are the schools that don't have it; without any it is on their calendars already."""

    event: FileEvent
    kind: ImportKind
    missing: tuple[str, ...]
    was_removed: bool = False
    """Whether somebody removed or replaced it after an earlier import."""

    @property
    def is_ticked(self) -> bool:
        """Whether it is proposed: its words say that there is no school, or a half day."""
        return self.kind in (ImportKind.CLOSED, ImportKind.HALF_DAY) and not self.was_removed


def kind_of(title: str) -> ImportKind:
    """Return what an event's title says about the school day."""
    return next(
        (kind for kind, words in _WORDS if re.search(rf"\b({words})\b", title, re.IGNORECASE)), ImportKind.OTHER
    )


def propose(
    tx: Reading, year: SchoolYear, school_ids: Sequence[str], data: bytes, zone: ZoneInfo, today: date
) -> list[Proposal]:
    """Return the file's events from today to the year's end that have a weekday, by day. Raises Invalid."""
    first = max(today, year.starts_on)
    events = [one for one in read_calendar_file(data, zone, first, year.ends_on) if _has_weekday(one)]
    events = [_inside(one, year) for one in events]
    there = calendars.list_closures(tx, first=year.starts_on, last=year.ends_on, school_ids=school_ids)
    removed = calendars.list_removed_sources(tx, school_ids)
    return [
        Proposal(one, kind_of(one.title), _missing(one, school_ids, there), (one.uid, one.first_on) in removed)
        for one in events
    ]


def _has_weekday(event: FileEvent) -> bool:
    return next(_weekdays(event), None) is not None


def _weekdays(event: FileEvent) -> Iterator[date]:
    """The event's days from Monday to Friday."""
    days = (event.first_on + timedelta(days=number) for number in range((event.last_on - event.first_on).days + 1))
    return (day for day in days if day.weekday() < 5)


def _inside(event: FileEvent, year: SchoolYear) -> FileEvent:
    first_on, last_on = max(event.first_on, year.starts_on), min(event.last_on, year.ends_on)
    return FileEvent(event.uid, first_on, last_on, event.title)


def _missing(event: FileEvent, school_ids: Sequence[str], there: Sequence[Closure]) -> tuple[str, ...]:
    """Return the schools that don't have an entry for each of the event's days."""
    return tuple(
        school_id
        for school_id in school_ids
        if not all(any(one.school_id == school_id and one.covers(day) for one in there) for day in _weekdays(event))
    )


def add_events(
    records: Records,
    person: Person,
    year: SchoolYear,
    events: Collection[tuple[FileEvent, ImportKind]],
    *,
    school_ids: Sequence[str],
    at: datetime,
    today: date,
) -> str:
    """Add the events as no-school days or half days of these schools and return the import's id, for its undo.

    A school that has entries for all its days already gets no other. Weeks that are over or due today keep their due days.
    Raises Invalid, Forbidden for a school that is not the person's.
    """
    if not events or len(events) > MOST:
        message = worded("Choose at least one entry.") if not events else worded("Choose 200 entries or fewer.")
        raise Invalid(message, {"pick": message})
    with records.writing() as tx:
        own = {school.id: school for school in own_schools(tx, person)}
        if not school_ids or not set(school_ids) <= own.keys():
            raise Forbidden("You can only plan for your own schools.")
        close_weeks(tx, school_ids, at)
        before = calendars.load_calendars_of_schools(tx, school_ids)
        import_id = calendars.new_import_id()
        for event, kind in sorted(events, key=lambda one: one[0].first_on):
            if not (year.starts_on <= event.first_on <= event.last_on <= year.ends_on) or not event.title:
                raise Invalid(worded("These days are outside the school year. Choose the file again."))
            there = calendars.list_closures(tx, first=event.first_on, last=event.last_on, school_ids=school_ids)
            half = kind is ImportKind.HALF_DAY
            calendars.add_closure(
                tx, _missing(event, school_ids, there), event.first_on, event.last_on, event.title, by=person, at=at,
                kind=ClosureKind.HALF_DAY if half else ClosureKind.CLOSED, holds_sessions=half,
                import_id=import_id, source_uid=event.uid,
            )  # fmt: skip
        _keep_due_days(tx, before, school_ids, import_id, person, at, today)
        audit_log.note(tx, person, at, "import no-school days", "plan", f"{len(events)} entries of a calendar file")
    return import_id


def undo_import(records: Records, person: Person, import_id: str, *, at: datetime, today: date) -> None:
    """Remove what an import added in the person's schools. Raises NotFound when nothing is left of it."""
    with records.writing() as tx:
        own = {school.id for school in own_schools(tx, person)}
        mine = [one for one in calendars.list_imported(tx, import_id) if one.school_id in own]
        if not mine:
            raise NotFound("We couldn’t find that import.")
        touched = sorted({one.school_id for one in mine})
        close_weeks(tx, touched, at)
        before = calendars.load_calendars_of_schools(tx, touched)
        calendars.withdraw_closures(tx, [one.id for one in mine], at)
        _keep_due_days(tx, before, touched, import_id, person, at, today)
        audit_log.note(tx, person, at, "undo import of no-school days", "plan", f"{len(mine)} entries")


def _keep_due_days(
    tx: Writing,
    before: Mapping[CalendarKey, Calendar],
    school_ids: Sequence[str],
    import_id: str,
    by: Person,
    at: datetime,
    today: date,
) -> None:
    """Leave weeks that were due up to today as they were, and leave out one that would have become due in the past."""
    for moved in moved_weeks(before, calendars.load_calendars_of_schools(tx, school_ids)):
        if moved.is_over(today):
            has_come = moved.before is not None and moved.before <= today
            decide(tx, moved, moved.before if has_come else None, batch_id=import_id, by=by, at=at)
