"""What a change of the calendar does to due days: the past stays as it was, and nobody is late for a day that is over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ..domain import Calendar, Person, WeekDecision, WeekRule
from ..records import Writing, calendars
from ..records.calendars import CalendarKey


@dataclass(frozen=True, slots=True)
class MovedWeek:
    """A week of a school whose due day a change moves from `before` to `after`; None means that nothing is due."""

    school_id: str
    week_on: date
    before: date | None
    after: date | None

    def is_over(self, today: date) -> bool:
        """Whether the week was due today or earlier, or would be due on a day that is over."""
        return (self.before is not None and self.before <= today) or (self.after is not None and self.after < today)

    def touches_past(self, today: date) -> bool:
        """Whether the week was due before today, or would be due then."""
        return any(day is not None and day < today for day in (self.before, self.after))


def moved_weeks(before: Mapping[CalendarKey, Calendar], after: Mapping[CalendarKey, Calendar]) -> Iterator[MovedWeek]:
    """Return the weeks whose due days differ, of calendars that are in both."""
    for key, calendar in before.items():
        changed = after.get(key)
        for week_on in sorted({*calendar.weeks, *changed.weeks}) if changed is not None else ():
            old, new = calendar.due_day(week_on), changed.due_day(week_on) if changed is not None else None
            if old != new:
                yield MovedWeek(calendar.school_id, week_on, old, new)


def keep_past_due_days(
    tx: Writing,
    before: Mapping[CalendarKey, Calendar],
    school_ids: Collection[str],
    *,
    batch_id: str,
    by: Person,
    at: datetime,
    today: date,
) -> None:
    """Pin what was due before today to the day it was due on, after a change of these schools' calendars.

    `before` are their calendars of all years before the change, which `batch_id` names.
    """
    after = calendars.load_calendars_of_schools(tx, school_ids)
    for moved in moved_weeks(before, after):
        if moved.touches_past(today):
            decide(tx, moved, moved.before, batch_id=batch_id, by=by, at=at)


def decide(tx: Writing, moved: MovedWeek, due_on: date | None, *, batch_id: str, by: Person, at: datetime) -> None:
    """Make the week due on `due_on`, or leave it out with None."""
    rule = WeekRule.LEFT_OUT if due_on is None else WeekRule.DUE_ON
    calendars.add_decision(tx, moved.school_id, WeekDecision(moved.week_on, rule, due_on, batch_id), by=by, at=at)
