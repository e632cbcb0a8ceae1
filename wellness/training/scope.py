"""Whom a coach reaches, and who is asked by an assignment: by the schools where people work."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain import Assignment, Person, Role
from ..policy import leads
from ..records import Reading, assignments, classrooms, people


@dataclass(frozen=True)
class Reach:
    """Where people teach, and what is asked of whom."""

    taught: dict[str, frozenset[str]]
    assignments: tuple[Assignment, ...]

    def workplaces(self, person: Person) -> frozenset[str]:
        """The schools of a person: the one of the account, and those of the classes they teach."""
        own = frozenset() if person.school_id is None else frozenset({person.school_id})
        return own | self.taught.get(person.id, frozenset())

    def reaches(self, lead: Person, person: Person) -> bool:
        """Whether this coach or admin leads a school where the person works, or all of them."""
        return leads(lead, None) or any(leads(lead, school_id) for school_id in self.workplaces(person))

    def asked_of(self, person: Person) -> tuple[Assignment, ...]:
        """What is asked of a person: by name, or of everybody who teaches at one of their schools."""
        teaches_at = self.workplaces(person) if person.role is Role.TEACHER else self.taught.get(person.id, frozenset())
        return tuple(one for one in self.assignments if one.person_id == person.id or one.school_id in teaches_at)


def read_reach(tx: Reading) -> Reach:
    """Who works where, and every assignment. Two queries."""
    return Reach(classrooms.list_taught_schools(tx), tuple(assignments.list_assignments(tx)))


def read_own_reach(tx: Reading, person: Person) -> Reach:
    """The same for one person, who is the only one asked about: a district has hundreds who teach. Two queries."""
    return Reach(classrooms.list_taught_schools(tx, person.id), tuple(assignments.list_assignments(tx)))


def list_reached(tx: Reading, lead: Person, *, inactive: bool = False, reach: Reach | None = None) -> list[Person]:
    """The staff of the schools that this coach or admin leads, by name; `inactive` adds closed accounts."""
    found = reach or read_reach(tx)
    return [person for person in people.list_people(tx, inactive=inactive) if found.reaches(lead, person)]
