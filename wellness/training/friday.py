"""The trial of a module on a real Friday: plan it with a class and a day, then choose the delivered viewing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..domain import Classroom, Completion, PartKind, Person, Viewing, ViewingState
from ..errors import Invalid, NotFound, worded
from ..library.prepared import PreparedModule
from ..records import Reading, Records, classrooms, schools, training, viewings
from .completion import complete_if_done, mark_practiced
from .standing import done_kinds, read_facts
from .typed import NOT_SAVED

CANDIDATES = 20
"""Number of viewings to choose from."""
_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delivered viewing that could be the trial, with its class."""

    viewing: Viewing
    classroom: Classroom


def list_own_classrooms(tx: Reading, person: Person, today: date) -> list[Classroom]:
    """Return the classes that this person teaches in the current or nearest school year."""
    year = schools.find_nearest_year(tx, today)
    if year is None:
        return []
    return classrooms.list_classrooms(tx, year_id=year.id, on_day=year.nearest_day(today), teacher_id=person.id)


def plan(
    records: Records,
    person: Person,
    module: PreparedModule,
    classroom: Classroom | None,
    planned_on: date | None,
    at: datetime,
    today: date,
) -> Completion | None:
    """Plan the trial with one of the person's classes; this also marks the part *plan* done.

    Returns the completion if that was the last requirement. Raises Invalid with the wrong fields, NotFound for a class that
    the person does not teach.
    """
    fields: dict[str, str] = {}
    if classroom is None:
        fields["classroom_id"] = worded("Choose a class.")
    elif person.id not in classroom.teacher_ids:
        raise NotFound("That’s not one of your classes.")
    if planned_on is None or not today <= planned_on <= today + _AHEAD:
        fields["planned_on"] = worded("Choose today or a later day.")
    if classroom is None or planned_on is None or fields:
        raise Invalid(NOT_SAVED, fields)
    with records.writing() as tx:
        training.put_facilitation_plan(tx, person.id, module.slug, classroom.id, planned_on, at)
        facts = read_facts(tx, [person], today, module.slug).facts(person, module.slug)
        if PartKind.PLAN in done_kinds(facts, module, today):
            return None
        training.note_done(tx, person.id, module.slug, PartKind.PLAN, at)
        return complete_if_done(tx, person, module, at, today)


def list_candidates(tx: Reading, person: Person, today: date, *, limit: int = CANDIDATES) -> list[Candidate]:
    """Return delivered viewings of the person's classes in the school year, latest first."""
    year = schools.find_nearest_year(tx, today)
    if year is None:
        return []
    own = {one.id: one for one in list_own_classrooms(tx, person, today)}
    found = viewings.list_viewings(tx, first=year.starts_on, last=today, classroom_ids=own)
    delivered = [one for one in reversed(found) if one.state is ViewingState.DELIVERED]
    return [Candidate(one, own[one.classroom_id]) for one in delivered[:limit]]


def choose(
    records: Records, person: Person, slug: str, viewing_id: int, at: datetime, today: date
) -> Completion | None:
    """Choose the viewing of the trial. A different one may be chosen later; a certificate that says practiced stays.

    Returns the completion if this made it practiced. Raises NotFound for a viewing of a class that the person does not
    teach, Invalid for a viewing that was not logged as done.
    """
    with records.writing() as tx:
        found = viewings.get_viewing(tx, viewing_id)
        taught_by = classrooms.get_classroom(tx, found.classroom_id, found.on_day).teacher_ids
        if person.id not in taught_by or found.on_day > today:
            raise NotFound("We couldn’t find that logged session.")
        if found.state is not ViewingState.DELIVERED:
            message = worded(
                "Choose a day when the class did the session. If you haven’t logged it yet, do that first."
            )
            raise Invalid(NOT_SAVED, {"viewing_id": message})
        training.put_facilitation_viewing(tx, person.id, slug, found.id, at)
        return mark_practiced(tx, person.id, slug)
