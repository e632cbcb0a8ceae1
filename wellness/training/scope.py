"""Which staff a coach leads and which assignments apply to a person, by the schools where people work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..domain import Assignment, Person, Role
from ..policy import leads
from ..records import Reading, assignments, classrooms, people, schools


@dataclass(frozen=True)
class StaffScope:
    """Schools where people teach, and all assignments."""

    taught: dict[str, frozenset[str]]
    assignments: tuple[Assignment, ...]

    def workplaces(self, person: Person) -> frozenset[str]:
        """Return the schools of a person: the account's own and those of the classes they teach."""
        return person.reach.school_ids | self.taught.get(person.id, frozenset())

    def reaches(self, lead: Person, person: Person) -> bool:
        """Whether this coach or admin leads a school where the person works, or all of them."""
        return leads(lead, None) or any(leads(lead, school_id) for school_id in self.workplaces(person))

    def asked_of(self, person: Person) -> tuple[Assignment, ...]:
        """Return the assignments of a person: by name, or for all teachers of a school where they teach."""
        teaches_at = self.workplaces(person) if person.role is Role.TEACHER else self.taught.get(person.id, frozenset())
        return tuple(one for one in self.assignments if one.person_id == person.id or one.school_id in teaches_at)


def read_scope(tx: Reading, today: date) -> StaffScope:
    """Read where everyone teaches today, and every assignment."""
    return StaffScope(_taught(tx, today), tuple(assignments.list_assignments(tx)))


def read_own_scope(tx: Reading, person: Person, today: date) -> StaffScope:
    """Read the same for one person only, because a district has hundreds of teachers."""
    return StaffScope(_taught(tx, today, person.id), tuple(assignments.list_assignments(tx)))


def _taught(tx: Reading, today: date, person_id: str | None = None) -> dict[str, frozenset[str]]:
    """Return where people teach today, or on the nearest day of the current or nearest school year."""
    year = schools.find_nearest_year(tx, today)
    if year is None:
        return {}
    return classrooms.list_taught_schools(tx, year_id=year.id, on_day=year.nearest_day(today), person_id=person_id)


def list_in_scope(
    tx: Reading, lead: Person, today: date, *, inactive: bool = False, reach: StaffScope | None = None
) -> list[Person]:
    """Return the staff of the schools that this coach or admin leads, by name; `inactive` adds closed accounts."""
    found = reach or read_scope(tx, today)
    return [person for person in people.list_people(tx, inactive=inactive) if found.reaches(lead, person)]
