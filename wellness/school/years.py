"""School years: adding, changing and removing them. Years do not overlap, and days that are over stay what they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ..domain import Person, SchoolYear, week_of
from ..errors import Invalid, worded
from ..records import Reading, Records, Writing, audit_log, calendars, classrooms, expected_weeks, plans, schools
from .due_days import keep_past_due_days
from .expectations import close_weeks

LONGEST = timedelta(days=430)
"""Fourteen months and a little: a year that runs on into a summer program."""
FAR_AWAY = timedelta(days=2 * 366)

FirstDay = tuple[str, date]
"""A term: its name and its first day. It ends on the day before the next one begins."""


def add_year(
    records: Records,
    by: Person,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    terms: Sequence[FirstDay],
    at: datetime,
    today: date,
) -> SchoolYear:
    """Add a school year; without `terms` it has one, the year itself. Raises Invalid with the wrong fields."""
    with records.writing() as tx:
        close_weeks(tx, [school.id for school in schools.list_schools(tx)], at)
        check_days(tx, starts_on, ends_on, today)
        added = schools.add_year(tx, name.strip(), starts_on, ends_on, whole_terms(starts_on, ends_on, terms))
        audit_log.note(tx, by, at, "add school year", added.name)
    return added


def change_year(
    records: Records,
    by: Person,
    year_id: str,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    terms: Sequence[FirstDay],
    at: datetime,
    today: date,
) -> SchoolYear:
    """Change a year's name, days and terms. Due days that are over stay what they were.

    Raises Invalid with the wrong fields, NotFound for an unknown year.
    """
    with records.writing() as tx:
        before = schools.get_year(tx, year_id)
        if (starts_on, ends_on) != (before.starts_on, before.ends_on):
            check_days(tx, starts_on, ends_on, today, own_id=year_id)
        school_ids = [school.id for school in schools.list_schools(tx)]
        close_weeks(tx, school_ids, at)
        _check_closed_weeks(tx, year_id, starts_on, ends_on)
        calendars_before = calendars.load_calendars_of_schools(tx, school_ids)
        changed = schools.change_year(tx, year_id, name, starts_on, ends_on, whole_terms(starts_on, ends_on, terms))
        _move_calendars(tx, before, changed, school_ids)
        keep_past_due_days(tx, calendars_before, school_ids, batch_id=f"year {year_id}", by=by, at=at, today=today)
        audit_log.note(tx, by, at, "change school year", changed.name, f"{starts_on} to {ends_on}")
    return changed


def _check_closed_weeks(tx: Reading, year_id: str, starts_on: date, ends_on: date) -> None:
    """Raise Invalid when a week that was counted would be outside the year, and so outside its report."""
    span = expected_weeks.find_span(tx, year_id)
    if span is None:
        return
    fields: dict[str, str] = {}
    if week_of(starts_on) > span[0]:
        fields["starts_on"] = worded(
            "The week of %(day)s is over and counted. Choose a day in that week or before it.", day=span[0]
        )
    if week_of(ends_on) < span[1]:
        fields["ends_on"] = worded(
            "The week of %(day)s is over and counted. Choose a day in that week or after it.", day=span[1]
        )
    if fields:
        raise Invalid(worded("The school year wasn’t saved. Please fix what’s marked."), fields)


def remove_year(records: Records, by: Person, year_id: str, *, at: datetime) -> None:
    """Remove a year that has neither classes nor a plan. Raises Invalid when it has, NotFound for an unknown year."""
    with records.writing() as tx:
        close_weeks(tx, [school.id for school in schools.list_schools(tx)], at)
        year = schools.get_year(tx, year_id)
        if classrooms.has_classrooms(tx, year_id):
            raise Invalid(worded("This year has classes, so it can’t be removed. You can change its days."))
        if plans.list_plan(tx, first=week_of(year.starts_on), last=year.ends_on):
            raise Invalid(worded("Sessions are planned in this year, so it can’t be removed. Remove the plan first."))
        schools.remove_year(tx, year_id)
        audit_log.note(tx, by, at, "remove school year", year.name)


def whole_terms(starts_on: date, ends_on: date, terms: Sequence[FirstDay]) -> list[schools.NewTerm]:
    """Return terms that fill the year: each ends on the day before the next one begins. Raises Invalid."""
    if not terms:
        return [("Year", starts_on, ends_on)]
    days = [day for _, day in terms]
    if days != sorted(set(days)) or days[0] != starts_on or days[-1] > ends_on:
        message = worded("Choose days inside the school year, each later than the one before.")
        raise Invalid(worded("The school year wasn’t saved. Please fix what’s marked."), {"terms": message})
    ends = [day - timedelta(days=1) for day in days[1:]] + [ends_on]
    return [(name, first, last) for (name, first), last in zip(terms, ends, strict=True)]


def check_days(tx: Reading, starts_on: date, ends_on: date, today: date, *, own_id: str = "") -> None:
    """Raise Invalid when these cannot be the days of a school year."""
    fields: dict[str, str] = {}
    if starts_on > ends_on:
        fields["ends_on"] = worded("Choose a day after the first day.")
    elif ends_on - starts_on > LONGEST:
        fields["ends_on"] = worded("A school year has at most 14 months.")
    if abs(starts_on - today) > FAR_AWAY:
        fields["starts_on"] = worded("That’s more than two years from today. Check the year.")
    others = (year for year in schools.list_years(tx) if year.id != own_id)
    overlapping = next((year for year in others if year.starts_on <= ends_on and starts_on <= year.ends_on), None)
    if overlapping is not None and not fields:
        fields["starts_on"] = worded(
            "These days overlap with %(year)s (%(first)s to %(last)s). Change that year instead.",
            year=overlapping.name, first=overlapping.starts_on, last=overlapping.ends_on,
        )  # fmt: skip
    if fields:
        raise Invalid(worded("The school year wasn’t saved. Please fix what’s marked."), fields)


def _move_calendars(tx: Writing, before: SchoolYear, after: SchoolYear, school_ids: Sequence[str]) -> None:
    """Give the schools that had the year's days its new ones; a school with days of its own keeps what is inside."""
    for school_id, calendar in calendars.load_calendars(tx, year_id=after.id, school_ids=school_ids).items():
        had_own_first, had_own_last = calendar.first_on != before.starts_on, calendar.last_on != before.ends_on
        first_on = max(calendar.first_on, after.starts_on) if had_own_first else after.starts_on
        last_on = min(calendar.last_on, after.ends_on) if had_own_last else after.ends_on
        calendars.set_bounds(tx, school_id, after.id, min(first_on, last_on), last_on)
