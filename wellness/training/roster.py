"""Staff progress for coaches: progress by person, suggested training, and the certificates of a month."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ..domain import Classroom, Completion, EnteredRole, Person, Role, Viewing, ViewingState
from ..library.prepared import PreparedModule
from ..policy import leads
from ..records import Reading, classrooms, completions, schools, viewings
from .scope import list_in_scope, read_scope
from .standing import ModuleState, module_state, read_facts


@dataclass(frozen=True, slots=True)
class RosterStatus:
    """Progress of one person in one module; `school` has the names of the person's schools."""

    person: Person
    school_ids: frozenset[str]
    school: str
    state: ModuleState


@dataclass(frozen=True, slots=True)
class Unprepared:
    """A teacher who led a session, most recently on `on_day`, without having completed the module that prepares for it."""

    person: Person
    classroom: Classroom
    slug: str
    module_slug: str
    on_day: date


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One completion of the month, with the names of the person's schools."""

    school: str
    completion: Completion


def standing(tx: Reading, lead: Person, modules: Iterable[PreparedModule], today: date) -> list[RosterStatus]:
    """Return the progress of the staff of this coach's schools, by name and then in the order of the modules.

    Includes everyone who teaches, and other staff once they have started a module. The number of queries is constant.
    """
    reach = read_scope(tx, today)
    staff = list_in_scope(tx, lead, today, reach=reach)
    read = read_facts(tx, staff, today, reach=reach)
    names = {school.id: school.name for school in schools.list_schools(tx)}
    listed = list(modules)
    rows: list[RosterStatus] = []
    for person in staff:
        states = [module_state(read.facts(person, module.slug), module, today) for module in listed]
        teaches = person.role is Role.TEACHER or person.id in reach.taught
        if not teaches and not any(state.is_begun or state.assignment for state in states):
            continue
        places = reach.workplaces(person)
        rows += [RosterStatus(person, places, _school_names(places, names), state) for state in states]
    return rows


def unprepared(
    tx: Reading, lead: Person, sessions_with_module: Mapping[str, str], first: date, last: date
) -> list[Unprepared]:
    """Return who delivered a session from first to last without having completed its module, by name; the latest viewing each.

    `sessions_with_module` maps the slug of a session to the slug of the module that prepares for it.
    """
    staff = {person.id: person for person in list_in_scope(tx, lead, last)}
    led = _list_led(tx, lead, sessions_with_module, first, last)
    known = completions.list_completions(tx, {one.entered_by or "" for one in led})
    latest: dict[tuple[str, str], Viewing] = {}
    for one in led:
        if one.entered_by in staff and (one.entered_by, sessions_with_module[one.slug]) not in known:
            latest[one.entered_by, one.slug] = one
    rooms = {key: classrooms.get_classroom(tx, key, last) for key in {one.classroom_id for one in latest.values()}}
    rows = [
        Unprepared(staff[whose], rooms[one.classroom_id], slug, sessions_with_module[slug], one.on_day)
        for (whose, slug), one in latest.items()
    ]
    return sorted(rows, key=lambda row: (row.person.name.casefold(), row.person.id, row.on_day, row.slug))


def month(tx: Reading, lead: Person, year: int, month: int, today: date) -> list[RosterRow]:
    """Return the completions of the staff of this coach's schools in a month, by day and name.

    Closed accounts are included, and people whose account was removed.
    """
    reach = read_scope(tx, today)
    staff = list_in_scope(tx, lead, today, inactive=True, reach=reach)
    places = {person.id: reach.workplaces(person) for person in staff}
    names = {school.id: school.name for school in schools.list_schools(tx)}
    first = date(year, month, 1)
    last = date(year, month, calendar.monthrange(year, month)[1])
    rows = []
    for one in completions.list_completed(tx, first=first, last=last):
        found = _places_after_leaving(lead, one) if one.person_id is None else places.get(one.person_id)
        if found is not None:
            rows.append(RosterRow(_school_names(found, names), one))
    return rows


def _places_after_leaving(lead: Person, completed: Completion) -> frozenset[str] | None:
    """Return the schools of a person whose account was removed, or None when this coach leads none of them."""
    places = completed.left_school_ids
    is_led = leads(lead, None) or any(leads(lead, school_id) for school_id in places)
    return places if is_led else None


def _list_led(tx: Reading, lead: Person, sessions: Mapping[str, str], first: date, last: date) -> list[Viewing]:
    """Return the viewings of these sessions that the teacher who led them logged as done, earliest first."""
    own: list[str | None] = [None] if leads(lead, None) else [*sorted(lead.reach.school_ids)]
    found = [
        one for school_id in own for one in viewings.list_viewings(tx, first=first, last=last, school_id=school_id)
    ]
    return [
        one
        for one in sorted(found, key=lambda one: one.on_day)
        if one.state is ViewingState.DELIVERED and one.entered_role is EnteredRole.TEACHER and one.slug in sessions
    ]


def _school_names(school_ids: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(sorted(names[school_id] for school_id in school_ids if school_id in names))
