"""Assign modules with a due date to one person or to every teacher of a school."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from ..domain import Assignment, Person
from ..errors import Forbidden, Invalid, NotFound, worded
from ..policy import leads
from ..records import Reading, Records, Writing, assignments, audit_log, people, schools
from .scope import StaffScope, list_in_scope, read_scope
from .typed import NOT_SAVED


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment with the name of the school or person (`whom`) and of the coach who assigned it.

    `by_name` is None when the coach's account was removed.
    """

    assignment: Assignment
    whom: str
    by_name: str | None


def assign(
    records: Records,
    lead: Person,
    *,
    slug: str,
    known_slugs: Collection[str],
    school_ids: Collection[str] = (),
    person_ids: Collection[str] = (),
    due_on: date,
    at: datetime,
    today: date,
) -> list[Assignment]:
    """Assign a module to these schools and people; assigning it again changes the due date.

    Raises Invalid with the field that is wrong, Forbidden for a school or a person that is not this coach's.
    """
    fields: dict[str, str] = {}
    if slug not in known_slugs:
        fields["slug"] = worded("Choose a module from the list.")
    if not school_ids and not person_ids:
        fields["school_ids"] = worded("Choose a school or a person.")
    if due_on < today:
        fields["due_on"] = worded("Choose today or a later day.")
    if fields:
        raise Invalid(NOT_SAVED, fields)
    with records.writing() as tx:
        reach = read_scope(tx, today)
        _check_reach(tx, reach, lead, school_ids, person_ids, today)
        made = [
            assignments.put_assignment(tx, slug, school_id=school_id, due_on=due_on, by=lead.id, at=at)
            for school_id in sorted(set(school_ids))
        ]
        made += [
            assignments.put_assignment(tx, slug, person_id=person_id, due_on=due_on, by=lead.id, at=at)
            for person_id in sorted(set(person_ids))
        ]
        for one in made:
            detail = f"{_school_name(tx, one)}by {due_on}"
            audit_log.note(tx, lead, at, "assign module", f"training/{slug}", detail, about=one.person_id)
        return made


def withdraw(records: Records, lead: Person, assignment_id: str, at: datetime, today: date) -> None:
    """Unassign a module. Raises NotFound when the coach's schools have no such assignment."""
    with records.writing() as tx:
        found = assignments.get_assignment(tx, assignment_id)
        if not _is_led_by(found, lead, {person.id for person in list_in_scope(tx, lead, today, inactive=True)}):
            raise NotFound("We couldn’t find that assignment.")
        assignments.remove_assignment(tx, assignment_id)
        detail = _school_name(tx, found).rstrip(", ")
        audit_log.note(tx, lead, at, "unassign module", f"training/{found.slug}", detail, about=found.person_id)


def list_assignments(tx: Reading, lead: Person, today: date) -> list[AssignmentView]:
    """Return the assignments of this coach's schools and of the people there, by due date."""
    names = {person.id: person.name for person in people.list_people(tx, inactive=True)}
    titles = {school.id: school.name for school in schools.list_schools(tx)}
    mine = {person.id for person in list_in_scope(tx, lead, today, inactive=True)}
    return [
        AssignmentView(
            one,
            titles[one.school_id] if one.school_id else names[one.person_id or ""],
            names.get(one.assigned_by or ""),
        )
        for one in assignments.list_assignments(tx)
        if _is_led_by(one, lead, mine)
    ]


def _check_reach(
    tx: Writing, reach: StaffScope, lead: Person, school_ids: Collection[str], person_ids: Collection[str], today: date
) -> None:
    own_schools = {school.id for school in schools.list_schools(tx) if leads(lead, school.id)}
    own_people = {person.id for person in list_in_scope(tx, lead, today, reach=reach)}
    if not set(school_ids) <= own_schools or not set(person_ids) <= own_people:
        raise Forbidden("You can only assign modules to staff at your own schools.")


def _is_led_by(one: Assignment, lead: Person, reached: Collection[str]) -> bool:
    return leads(lead, one.school_id) if one.person_id is None else one.person_id in reached


def _school_name(tx: Reading, one: Assignment) -> str:
    """Return "Elm School, " for an assignment to a school, else an empty string: the log points to a person."""
    return f"{schools.get_school(tx, one.school_id).name}, " if one.school_id else ""
