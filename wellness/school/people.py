"""The admin's acts on accounts: adding a staff member and removing one."""

from __future__ import annotations

import re
from datetime import datetime

from ..domain import Person, Role
from ..errors import Invalid, worded
from ..records import Records, audit_log, people, schools
from .accounts import check_new_password, hash_password

_EMAIL = re.compile(r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")


def add_person(
    records: Records,
    by: Person | None,
    *,
    email: str,
    name: str,
    role: Role,
    school_id: str | None,
    password: str,
    at: datetime,
) -> Person:
    """A new member of staff. `by` is None on the command line. Raises Invalid with the fields that are wrong."""
    fields: dict[str, str] = {}
    if not _EMAIL.match(email.strip()):
        fields["email"] = worded("Enter a complete email address, like name@school.org.")
    if not name.strip():
        fields["name"] = worded("Enter the name.")
    try:
        check_new_password(password)
    except Invalid as error:
        fields |= error.fields
    if fields:
        raise Invalid("The account wasn't added.", fields)
    hashed = hash_password(password)
    with records.writing() as tx:
        if school_id is not None and school_id not in {school.id for school in schools.list_schools(tx)}:
            raise Invalid("The account wasn't added.", {"school_id": worded("Choose a school from the list.")})
        person = people.add_person(
            tx, email=email, name=name.strip(), role=role, password_hash=hashed, at=at, school_id=school_id
        )
        audit_log.note(tx, by, at, "add person", f"{role.value} {person.id}")
    return person


def remove_person(records: Records, by: Person | None, person_id: str, at: datetime) -> None:
    """Remove an account and everything about the person; what they entered stays, without the name. Raises NotFound."""
    with records.writing() as tx:
        people.remove_person(tx, person_id)
        audit_log.note(tx, by, at, "remove person", person_id)
