"""One school: its time zone, its own first and last day in a year, closing it and opening it again.

Weeks that are over stay as they were, whatever is changed here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ..domain import Person, WeekDecision, WeekRule, school_day
from ..errors import Invalid, worded
from ..records import Records, Writing, audit_log, calendars, schools
from .due_days import decide, keep_past_due_days, moved_weeks
from .expectations import close_weeks, skip_weeks

_NOT_SAVED = "The school wasn’t saved. Please fix what’s marked."
_TO_FRIDAY = timedelta(days=4)


def set_time_zone(records: Records, by: Person, school_id: str, time_zone: str, *, at: datetime) -> None:
    """Give the school a time zone of its own, or with an empty one the district's. Raises NotFound, Invalid."""
    with records.writing() as tx:
        found = schools.get_school(tx, school_id)
        close_weeks(tx, [school_id], at)
        schools.set_time_zone(tx, school_id, time_zone)
        audit_log.note(tx, by, at, "set time zone", found.name, time_zone or "district’s")


def set_days(
    records: Records, by: Person, school_id: str, year_id: str, *, first_on: date, last_on: date, at: datetime
) -> None:
    """Set the school's first and last day in a year. Due days that are over stay what they were.

    Raises NotFound, Invalid when the days are out of order or outside of the year.
    """
    with records.writing() as tx:
        found, year = schools.get_school(tx, school_id), schools.get_year(tx, year_id)
        fields: dict[str, str] = {}
        if first_on < year.starts_on:
            fields["first_on"] = worded("The school year begins on %(day)s. Change the year first.", day=year.starts_on)
        if last_on > year.ends_on:
            fields["last_on"] = worded("The school year ends on %(day)s. Change the year first.", day=year.ends_on)
        if first_on > last_on:
            fields["last_on"] = worded("Choose a day after the first day.")
        if fields:
            raise Invalid(_NOT_SAVED, fields)
        today = _close(tx, school_id, at)
        before = calendars.load_calendars_of_schools(tx, [school_id])
        calendars.set_bounds(tx, school_id, year_id, first_on, last_on)
        batch_id = f"days of {school_id} in {year_id}"
        keep_past_due_days(tx, before, [school_id], batch_id=batch_id, by=by, at=at, today=today)
        audit_log.note(tx, by, at, "set school days", found.name, f"{year.name}: {first_on} to {last_on}")


def close_school(records: Records, by: Person, school_id: str, *, closed_on: date, at: datetime) -> None:
    """Close the school after `closed_on`: its classes end that day, and nothing is due after it.

    Raises NotFound, Invalid when weeks after that day are over already.
    """
    with records.writing() as tx:
        found = schools.get_school(tx, school_id)
        closed = close_weeks(tx, [school_id], at).get(school_id)
        if closed is not None and closed_on < closed + _TO_FRIDAY:
            wrong = worded(
                "Choose %(day)s or later. Earlier weeks are over and stay as they were.", day=closed + _TO_FRIDAY
            )
            raise Invalid(_NOT_SAVED, {"closed_on": wrong})
        today = school_day(at, schools.list_zones(tx)[school_id])
        before = calendars.load_calendars_of_schools(tx, [school_id])
        schools.set_closed_on(tx, school_id, closed_on)
        for moved in moved_weeks(before, calendars.load_calendars_of_schools(tx, [school_id])):
            if moved.touches_past(today):
                decide(tx, moved, None, batch_id=_closing(school_id), by=by, at=at)
        audit_log.note(tx, by, at, "close school", found.name, f"after {closed_on}")


def reopen_school(records: Records, by: Person, school_id: str, *, at: datetime) -> None:
    """Open a closed school again, with its classes. Nothing was expected in the weeks in between. Raises NotFound."""
    with records.writing() as tx:
        found = schools.get_school(tx, school_id)
        if found.closed_on is None:
            return
        today = _close(tx, school_id, at)
        schools.set_closed_on(tx, school_id, None)
        for calendar in calendars.load_calendars_of_schools(tx, [school_id]).values():
            for one in calendar.decisions:
                if one.batch_id == _closing(school_id) and one.week_on + _TO_FRIDAY >= today:
                    undone = WeekDecision(one.week_on, WeekRule.AS_CALENDAR, None, one.batch_id)
                    calendars.add_decision(tx, school_id, undone, by=by, at=at)
        skip_weeks(tx, school_id, at)
        audit_log.note(tx, by, at, "reopen school", found.name)


def _close(tx: Writing, school_id: str, at: datetime) -> date:
    """Close the weeks that are over and return the school's date."""
    close_weeks(tx, [school_id], at)
    return school_day(at, schools.list_zones(tx)[school_id])


def _closing(school_id: str) -> str:
    return f"closing {school_id}"
