"""Admin actions on schools, classes and settings, each with an entry in the audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime

from ..domain import Classroom, Contact, Person, Role, School, SiteSettings
from ..errors import Conflict, Invalid, worded
from ..records import Reading, Records, audit_log, classrooms, people, schools, settings
from .expectations import close_weeks
from .planning import open_schools


def add_school(records: Records, by: Person, *, name: str, at: datetime) -> School:
    """Add a school. Raises Invalid when the name is empty or taken."""
    if not name.strip():
        raise Invalid("The school wasn’t added.", {"name": worded("Enter the name.")})
    with records.writing() as tx:
        added = schools.add_school(tx, name.strip())
        audit_log.note(tx, by, at, "add school", added.name)
    return added


def rename_school(records: Records, by: Person, school_id: str, *, name: str, at: datetime) -> School:
    """Rename a school. Raises NotFound, Invalid when the name is empty or taken."""
    if not name.strip():
        raise Invalid("The school wasn’t saved.", {"name": worded("Enter the name.")})
    with records.writing() as tx:
        before = schools.get_school(tx, school_id)
        schools.rename_school(tx, school_id, name)
        if before.name != name.strip():
            audit_log.note(tx, by, at, "rename school", before.name, f"now {name.strip()}")
        return schools.get_school(tx, school_id)


def add_classroom(
    records: Records,
    by: Person,
    *,
    name: str,
    school_id: str,
    grade: str,
    size: int,
    teacher_ids: Collection[str],
    at: datetime,
    today: date,
    other_grades: Collection[str] = (),
    year_id: str = "",
) -> Classroom:
    """Add a class to that school year, else to the nearest one, from today on. Raises Invalid with the wrong fields."""
    with records.writing() as tx:
        year = schools.find_year(tx, year_id, today)
        if year is None:
            raise Invalid("There’s no school year yet, so the class can’t be added. Add the year first.")
        known = {person.id for person in list_possible_teachers(tx, by)}
        if not set(teacher_ids) <= known:
            raise Invalid("The class wasn’t added.", {"teacher_ids": worded("Choose teachers from the list.")})
        if school_id not in {school.id for school in open_schools(tx, by, today)}:
            raise Invalid("The class wasn’t added.", {"school_id": worded("Choose a school from the list.")})
        close_weeks(tx, [school_id], at)
        added = classrooms.add_classroom(
            tx, school_id=school_id, year_id=year.id, name=name, grade=grade, size=size,
            first_on=year.nearest_day(today), other_grades=other_grades, teacher_ids=teacher_ids,
        )  # fmt: skip
        audit_log.note(tx, by, at, "add class", f"class {added.name}")
    return added


def list_possible_teachers(tx: Reading, by: Person) -> list[Person]:
    """Return the open accounts that can teach a class of this admin's schools, by name."""
    return [
        person
        for person in people.list_people(tx)
        if person.role is not Role.PRINCIPAL
        and (person.reach.is_everywhere or any(by.reach.includes(school_id) for school_id in person.reach.school_ids))
    ]


def revision_of(current: SiteSettings) -> str:
    """Return a hash of the settings; a form sends it along to detect changes made in the meantime."""
    return hashlib.sha256(repr(current).encode()).hexdigest()[:16]


def change_settings(records: Records, by: Person, changed: SiteSettings, at: datetime, *, seen: str) -> None:
    """Save new site-wide settings. `seen` is the revision that the form was filled from.

    Raises Invalid with the wrong fields, Conflict with both versions when somebody else changed them since.
    """
    with records.writing() as tx:
        before = settings.load_settings(tx)
        if seen != revision_of(before) and before != changed:
            message = worded("Someone else changed the settings while you were editing. Your changes weren’t saved.")
            raise Conflict(message, theirs=_as_text(before), yours=_as_text(changed))
        close_weeks(tx, [school.id for school in schools.list_schools(tx)], at)
        settings.save_settings(tx, changed)
        names = [name for name, value in asdict(changed).items() if asdict(before)[name] != value]
        audit_log.note(tx, by, at, "change settings", ", ".join(names) or "nothing")


def _as_text(current: SiteSettings) -> str:
    facts = [current.site_name, current.district, current.time_zone]
    if current.module_hours is not None:
        facts.append(f"{current.module_hours:g} contact hours")
    if current.certificate_issuer:
        facts.append(current.certificate_issuer)
    if current.certificates_keep_names:
        facts.append("certificates keep the name")
    return "\n".join([*facts, write_contacts(current.contacts)])


def read_contacts(text: str) -> tuple[Contact, ...]:
    """Parse contacts written one per line as `school; name; place; reach`. Raises Invalid naming the line."""
    contacts = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        pieces = [piece.strip() for piece in line.split(";")]
        if len(pieces) not in (3, 4) or not pieces[1]:
            message = f"Line {number}: write school; name and role; place; how to reach them. The school may be empty."
            raise Invalid("The settings weren’t saved.", {"contacts": message})
        school, name, place = pieces[:3]
        contacts.append(Contact(name=name, place=place, reach=pieces[3] if len(pieces) == 4 else "", school=school))
    return tuple(contacts)


def write_contacts(contacts: Collection[Contact]) -> str:
    """Format contacts for `read_contacts`, one per line."""
    return "\n".join("; ".join((c.school, c.name, c.place, *([c.reach] if c.reach else []))) for c in contacts)
