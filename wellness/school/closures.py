"""No-school days of a coach's or an admin's schools: adding and removing them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from ..domain import Person, School
from ..errors import Forbidden, Invalid, worded
from ..records import Reading, Records, audit_log, calendars, schools
from .planning import own_schools


def add_closure(
    records: Records,
    person: Person,
    *,
    school_ids: Collection[str],
    first_on: date,
    last_on: date,
    reason: str,
    at: datetime,
) -> None:
    """Add no-school days from `first_on` to `last_on`, both included, for these schools.

    Raises Invalid with the wrong fields, Forbidden for a school that is not the person's.
    """
    with records.writing() as tx:
        own = {school.id: school for school in own_schools(tx, person)}
        if not set(school_ids) <= own.keys():
            raise Forbidden("You can only plan for your own schools.")
        _check(tx, [own[school_id] for school_id in school_ids], first_on, last_on, reason)
        calendars.add_closure(tx, school_ids, first_on, last_on, reason, by=person, at=at)
        audit_log.note(tx, person, at, "add no-school day", "plan", f"{_span(first_on, last_on)}: {reason.strip()}")


def _check(tx: Reading, own: Collection[School], first_on: date, last_on: date, reason: str) -> None:
    """Raise Invalid when the days or the reason cannot be right; all wrong fields at once."""
    fields: dict[str, str] = {}
    if not reason.strip():
        fields["reason"] = worded("Enter a reason, like Thanksgiving break.")
    if not own:
        fields["school_ids"] = worded("Choose at least one school.")
    if wrong_days := _wrong_days(tx, [school.id for school in own], first_on, last_on):
        fields["first_on"] = wrong_days
    if fields:
        raise Invalid("The no-school days weren’t saved. Please fix what’s marked.", fields)


def _wrong_days(tx: Reading, school_ids: Collection[str], first_on: date, last_on: date) -> str:
    """Return why these days cannot be no-school days, empty when they can."""
    if first_on > last_on:
        return worded("The first day is after the last day.")
    if all((first_on + timedelta(days=number)).weekday() > 4 for number in range((last_on - first_on).days + 1)):
        return worded("There’s no school on weekends. Choose a day from Monday to Friday.")
    years = schools.list_years(tx)
    if not any(year.starts_on <= first_on and last_on <= year.ends_on for year in years):
        return worded("These days are outside the school year. An admin can change the year’s first and last day.")
    if calendars.list_closures(tx, first=first_on, last=last_on, school_ids=school_ids):
        return worded("Some of these days are on the list already. Change or remove that entry.")
    return ""


def remove_closure(records: Records, person: Person, *, closure_id: str, at: datetime) -> None:
    """Remove the no-school days that were entered with this closure, in the person's schools.

    Raises NotFound when there is none, Forbidden when none of its schools is the person's.
    """
    with records.writing() as tx:
        own = {school.id for school in own_schools(tx, person)}
        mine = [one for one in calendars.list_entered_together(tx, closure_id) if one.school_id in own]
        if not mine:
            raise Forbidden("You can only plan for your own schools.")
        calendars.withdraw_closures(tx, [one.id for one in mine], at)
        days = _span(mine[0].first_on, mine[0].last_on)
        audit_log.note(tx, person, at, "remove no-school day", "plan", f"{days}: {mine[0].reason}")


def _span(first_on: date, last_on: date) -> str:
    return str(first_on) if first_on == last_on else f"{first_on} to {last_on}"
