"""The plan: which session is due for which grades in which week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ..domain import (
    GRADES,
    Calendar,
    ClassPlanEntry,
    Closure,
    Person,
    School,
    SchoolYear,
    natural_key,
    week_of,
    weeks_between,
)
from ..records import Reading, calendars, plans, schools


@dataclass(frozen=True, slots=True)
class Planned:
    """A session planned for these grades of one school, in one week."""

    school: School
    slug: str
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueDay:
    """The day on which these schools' sessions are due in one week; `due_on` None means no school in that week."""

    due_on: date | None
    schools: tuple[School, ...]


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """A range of no-school days or half days that several schools share. `closure` is that of the first of them."""

    closure: Closure
    schools: tuple[School, ...]


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """Planned sessions and no-school days of one week. `due` has one entry when all the schools share their due day."""

    week_on: date
    due: tuple[DueDay, ...]
    planned: tuple[Planned, ...]
    days_off: tuple[ClosedDays, ...]
    exceptions: tuple[ClassPlanEntry, ...] = ()
    """Classes that do something else than their grade."""


def own_schools(tx: Reading, person: Person) -> list[School]:
    """Return the schools that the person's role is for."""
    return [school for school in schools.list_schools(tx) if person.reach.includes(school.id)]


def open_schools(tx: Reading, person: Person, day: date) -> list[School]:
    """Return the schools that the person's role is for and that aren't closed on that day."""
    return [school for school in own_schools(tx, person) if school.is_open_on(day)]


def list_weeks(tx: Reading, person: Person, year: SchoolYear) -> list[PlanWeek]:
    """Return the weeks of the year with the plan of the person's schools."""
    own = {school.id: school for school in own_schools(tx, person)}
    own_calendars = calendars.load_calendars(tx, year_id=year.id, school_ids=own)
    grades: dict[tuple[date, str, str], list[str]] = defaultdict(list)
    for entry in plans.list_plan(tx, first=week_of(year.starts_on), last=year.ends_on, school_ids=own):
        grades[entry.week_on, entry.school_id, entry.slug].append(entry.grade)
    planned: dict[date, list[Planned]] = defaultdict(list)
    for (week_on, school_id, slug), listed in grades.items():
        planned[week_on].append(Planned(own[school_id], slug, tuple(sorted(listed, key=GRADES.index))))
    exceptions: dict[date, list[ClassPlanEntry]] = defaultdict(list)
    for one in plans.list_exceptions(tx, first=week_of(year.starts_on), last=year.ends_on, school_ids=own):
        exceptions[one.week_on].append(one)
    return [
        PlanWeek(
            week_on,
            _due_days(own, own_calendars, week_on),
            tuple(sorted(planned[week_on], key=lambda plan: (plan.school.name, GRADES.index(plan.grades[0])))),
            _closed_days(own, own_calendars, week_on),
            tuple(sorted(exceptions[week_on], key=lambda one: natural_key(one.class_name))),
        )
        for week_on in weeks_of(year)
    ]


def _due_days(own: Mapping[str, School], of: Mapping[str, Calendar], week_on: date) -> tuple[DueDay, ...]:
    """Return the due days of a week, the earliest first, each with its schools in the order of `own`."""
    found: dict[date | None, list[School]] = defaultdict(list)
    for school_id, school in own.items():
        found[of[school_id].due_day(week_on)].append(school)
    in_order = sorted(found.items(), key=lambda due: (due[0] is None, due[0] or week_on))
    return tuple(DueDay(due_on, tuple(listed)) for due_on, listed in in_order)


def weeks_of(year: SchoolYear) -> tuple[date, ...]:
    """Return the Mondays of the year's weeks."""
    return weeks_between(year.starts_on, year.ends_on)


def list_closed_days(tx: Reading, own: Collection[School], year: SchoolYear) -> tuple[ClosedDays, ...]:
    """Return the no-school days and half days of these schools in a year, by their first days."""
    ids = [school.id for school in own]
    found = calendars.list_closures(tx, first=year.starts_on, last=year.ends_on, school_ids=ids)
    return _entered_together({school.id: school for school in own}, found)


def _closed_days(own: Mapping[str, School], of: Mapping[str, Calendar], week_on: date) -> tuple[ClosedDays, ...]:
    """Return the closures of a week by their first days."""
    return _entered_together(own, (one for school_id in own for one in of[school_id].closures_in(week_on)))


def _entered_together(own: Mapping[str, School], closures: Iterable[Closure]) -> tuple[ClosedDays, ...]:
    """Return closures by their first days; those that were entered together are one."""
    together: dict[str, list[Closure]] = defaultdict(list)
    for one in closures:
        together[one.batch_id].append(one)
    listed = [ClosedDays(same[0], tuple(own[one.school_id] for one in same)) for same in together.values()]
    return tuple(sorted(listed, key=lambda days: (days.closure.first_on, days.schools[0].name)))
