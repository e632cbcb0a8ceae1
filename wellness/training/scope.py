"""Which staff a coach leads and which assignments apply to a person, by the schools where people work."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain import Assignment, Person, Role
from ..policy import leads
from ..records import Reading, assignments, classrooms, people


@dataclass(frozen=True)
class StaffScope:
    """Schools where people teach, and all assignments."""

    taught: dict[str, frozenset[str]]
    assignments: tuple[Assignment, ...]

    def workplaces(self, person: Person) -> frozenset[str]:
        """Return the schools of a person: the account's own and those of the classes they teach."""
        own = frozenset() if person.school_id is None else frozenset({person.school_id})
        return own | self.taught.get(person.id, frozenset())

    def reaches(self, lead: Person, person: Person) -> bool:
        """Whether this coach or admin leads a school where the person works, or all of them."""
        return leads(lead, None) or any(leads(lead, school_id) for school_id in self.workplaces(person))

    def asked_of(self, person: Person) -> tuple[Assignment, ...]:
        """Return the assignments of a person: by name, or for all teachers of a school where they teach."""
        teaches_at = self.workplaces(person) if person.role is Role.TEACHER else self.taught.get(person.id, frozenset())
        return tuple(one for one in self.assignments if one.person_id == person.id or one.school_id in teaches_at)


def read_scope(tx: Reading) -> StaffScope:
    """Read where everyone teaches, and every assignment. Two queries."""
    return StaffScope(classrooms.list_taught_schools(tx), tuple(assignments.list_assignments(tx)))


def read_own_scope(tx: Reading, person: Person) -> StaffScope:
    """Read the same for one person only, because a district has hundreds of teachers. Two queries."""
    return StaffScope(classrooms.list_taught_schools(tx, person.id), tuple(assignments.list_assignments(tx)))


def list_in_scope(
    tx: Reading, lead: Person, *, inactive: bool = False, reach: StaffScope | None = None
) -> list[Person]:
    """Return the staff of the schools that this coach or admin leads, by name; `inactive` adds closed accounts."""
    found = reach or read_scope(tx)
    return [person for person in people.list_people(tx, inactive=inactive) if found.reaches(lead, person)]
