"""The plan: which session is due for which grades in which week, and no-school days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from ..domain import GRADES, NoSchoolDay, Person, School, SchoolYear, due_day, week_of, weeks_between
from ..errors import Forbidden, Invalid, worded
from ..records import Reading, Records, audit_log, plans, schools


@dataclass(frozen=True, slots=True)
class Planned:
    """A session planned for these grades of one school, in one week."""

    school: School
    slug: str
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """Planned sessions and no-school days of one week. `due_on` None means that every school is closed all week."""

    week_on: date
    due_on: date | None
    planned: tuple[Planned, ...]
    days_off: tuple[NoSchoolDay, ...]


def own_schools(tx: Reading, person: Person) -> list[School]:
    """Return the schools that a coach or an admin plans for."""
    return [school for school in schools.list_schools(tx) if person.school_id in (None, school.id)]


def list_weeks(tx: Reading, person: Person, year: SchoolYear) -> list[PlanWeek]:
    """Return the weeks of the year with the plan of the person's schools."""
    own = {school.id: school for school in own_schools(tx, person)}
    grades: dict[tuple[date, str, str], list[str]] = defaultdict(list)
    for entry in plans.list_plan(tx, first=week_of(year.starts_on), last=year.ends_on):
        if entry.school_id in own:
            grades[entry.week_on, entry.school_id, entry.slug].append(entry.grade)
    days_off: dict[date, list[NoSchoolDay]] = defaultdict(list)
    for day in schools.list_no_school_days(tx, week_of(year.starts_on), year.ends_on):
        if day.school_id is None or day.school_id in own:
            days_off[week_of(day.on_day)].append(day)
    planned: dict[date, list[Planned]] = defaultdict(list)
    for (week_on, school_id, slug), listed in grades.items():
        planned[week_on].append(Planned(own[school_id], slug, tuple(sorted(listed, key=GRADES.index))))
    return [
        PlanWeek(
            week_on,
            due_day(week_on, frozenset(day.on_day for day in days_off[week_on] if day.school_id is None)),
            tuple(sorted(planned[week_on], key=lambda plan: (plan.school.name, GRADES.index(plan.grades[0])))),
            tuple(days_off[week_on]),
        )
        for week_on in weeks_between(year.starts_on, year.ends_on)
    ]


def plan_week(
    records: Records,
    person: Person,
    *,
    school_ids: Collection[str],
    week_on: date,
    grades: Collection[str],
    slug: str | None,
    known_slugs: Collection[str],
    at: datetime,
) -> None:
    """Plan `slug` (None: nothing) for these grades of these schools in the week of that Monday.

    Raises Invalid with the field that is wrong; Forbidden for a school that is not the person's.
    """
    fields: dict[str, str] = {}
    if slug is not None and slug not in known_slugs:
        fields["slug"] = worded("Choose a session from the list.")
    if not grades or not set(grades) <= set(GRADES):
        fields["grades"] = worded("Choose at least one grade.")
    if not school_ids:
        fields["school_ids"] = worded("Choose at least one school.")
    if week_on != week_of(week_on):
        fields["week_on"] = worded("Choose a week.")
    if fields:
        raise Invalid("The plan wasn't changed. Please fix the fields below.", fields)
    with records.writing() as tx:
        own = {school.id: school.name for school in own_schools(tx, person)}
        if not set(school_ids) <= own.keys():
            raise Forbidden("You can only plan for your own schools.")
        for school_id in school_ids:
            plans.set_plan(tx, school_id, week_on, grades, slug, person.id, at)
            detail = f"{own[school_id]}, {week_on}, {' '.join(sorted(grades, key=GRADES.index))}: {slug or 'nothing'}"
            audit_log.note(tx, person, at, "plan week", "plan", detail)


def close_school(
    records: Records, person: Person, *, school_id: str | None, on_day: date, reason: str, at: datetime
) -> None:
    """Add a no-school day for one school, or with `school_id` None for every school of the district.

    Raises Invalid when the day was added before or has no reason, Forbidden for a school that is not the person's.
    """
    if not reason.strip():
        raise Invalid("The day wasn't added.", {"reason": worded("Enter a reason, like Thanksgiving break.")})
    with records.writing() as tx:
        own = {school.id for school in own_schools(tx, person)}
        if (school_id is None and person.school_id is not None) or (school_id is not None and school_id not in own):
            raise Forbidden("You can only plan for your own schools.")
        schools.add_no_school_day(tx, school_id, on_day, reason.strip())
        audit_log.note(tx, person, at, "add no-school day", "plan", f"{on_day}: {reason.strip()}")


def open_school(records: Records, person: Person, *, no_school_day_id: str, at: datetime) -> None:
    """Remove a no-school day. Raises NotFound when there is none, Forbidden when it is of a school that is not the person's."""
    with records.writing() as tx:
        own = {school.id for school in own_schools(tx, person)}
        day = schools.get_no_school_day(tx, no_school_day_id)
        if (day.school_id is None and person.school_id is not None) or (
            day.school_id is not None and day.school_id not in own
        ):
            raise Forbidden("You can only plan for your own schools.")
        schools.remove_no_school_day(tx, no_school_day_id)
        audit_log.note(tx, person, at, "remove no-school day", "plan", f"{day.on_day}: {day.reason}")
