"""The admin's actions on accounts: add, change, close, reopen, set a temporary password, remove.

`by` is the admin, or None on the command line. Each action has its entry in the audit log and takes effect on the
person's next request.
"""

from __future__ import annotations

import re
from datetime import datetime

from ..domain import Language, Person, Role
from ..errors import Invalid, worded
from ..records import Reading, Records, Writing, audit_log, people, schools, sign_ins
from .accounts import TEMPORARY_FOR, check_new_password, hash_password, make_temporary_password

_EMAIL = re.compile(r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")
_LAST_ADMIN = worded("This is the last admin of the whole site. Make another person an admin of all schools first.")


def add_person(
    records: Records,
    by: Person | None,
    *,
    email: str,
    name: str,
    role: Role,
    school_id: str | None,
    at: datetime,
    password: str = "",
    language: Language = Language.EN,
) -> tuple[Person, str]:
    """Add a staff member; return the account and its password.

    Without `password` it is a generated temporary one. Raises Invalid with the fields that are wrong.
    """
    fields = _check_name_and_email(name, email)
    if password:
        try:
            check_new_password(password)
        except Invalid as error:
            fields |= error.fields
    if fields:
        raise Invalid("The account wasn’t added.", fields)
    expires_at = None if password else at + TEMPORARY_FOR
    password = password or make_temporary_password()
    hashed = hash_password(password)
    with records.writing() as tx:
        _check_school(tx, school_id)
        person = people.add_person(
            tx, email=email, name=name, role=role, password_hash=hashed, at=at, school_id=school_id,
            language=language, password_expires_at=expires_at,
        )  # fmt: skip
        audit_log.note(tx, by, at, "add person", role.value, about=person.id)
    return person, password


def change_person(
    records: Records,
    by: Person | None,
    person_id: str,
    *,
    name: str,
    email: str,
    role: Role,
    school_id: str | None,
    language: Language,
    at: datetime,
) -> Person:
    """Change an account. A new role or school signs the person out. Raises Invalid with the wrong fields, NotFound."""
    if fields := _check_name_and_email(name, email):
        raise Invalid("The account wasn’t changed.", fields)
    with records.writing() as tx:
        before = people.get_person(tx, person_id)
        _check_school(tx, school_id)
        if (role, school_id) != (Role.ADMIN, None):
            _check_not_last_admin(tx, before, "role")
        changed = _changes(before, name.strip(), people.email_key(email), role, school_id, language)
        if "email" in changed:
            people.set_email(tx, person_id, email)
        people.set_name(tx, person_id, name)
        people.set_language(tx, person_id, language)
        if "role" in changed or "school" in changed:
            people.set_role(tx, person_id, role, school_id)
        if changed:
            detail = ", ".join(changed) + (f": {before.role.value} to {role.value}" if "role" in changed else "")
            audit_log.note(tx, by, at, "change person", role.value, detail, about=person_id)
        return people.get_person(tx, person_id)


def set_temporary_password(records: Records, by: Person | None, person_id: str, at: datetime) -> str:
    """Give the person a new temporary password and return it; it is stored as a hash only. Ends every sign-in.

    Raises NotFound.
    """
    password = make_temporary_password()
    hashed = hash_password(password)
    with records.writing() as tx:
        person = people.set_password_hash(tx, person_id, hashed, at + TEMPORARY_FOR)
        sign_ins.clear_failures(tx, person.email)
        audit_log.note(tx, by, at, "set temporary password", person.role.value, about=person_id)
    return password


def close_person(records: Records, by: Person | None, person_id: str, at: datetime) -> Person:
    """Close an account: the person is signed out and cannot sign in; everything about them stays.

    Raises Invalid for the last admin of the whole site, NotFound.
    """
    with records.writing() as tx:
        _check_not_last_admin(tx, people.get_person(tx, person_id))
        closed = people.close_account(tx, person_id)
        audit_log.note(tx, by, at, "close account", closed.role.value, about=person_id)
    return closed


def reopen_person(records: Records, by: Person | None, person_id: str, at: datetime) -> Person:
    """Reopen a closed account, with the password it had. Raises NotFound."""
    with records.writing() as tx:
        opened = people.reopen_account(tx, person_id)
        audit_log.note(tx, by, at, "reopen account", opened.role.value, about=person_id)
    return opened


def end_sign_ins(records: Records, by: Person | None, person_id: str, at: datetime) -> Person:
    """Sign the person out everywhere. Raises NotFound."""
    with records.writing() as tx:
        person = people.get_person(tx, person_id)
        sign_ins.end_all_sign_ins(tx, person_id)
        audit_log.note(tx, by, at, "end sign-ins", person.role.value, about=person_id)
    return person


def remove_person(records: Records, by: Person | None, person_id: str, at: datetime) -> None:
    """Remove an account and everything about the person; what they entered stays, without the name.

    Raises Invalid for the last admin of the whole site, NotFound.
    """
    with records.writing() as tx:
        person = people.get_person(tx, person_id)
        _check_not_last_admin(tx, person)
        people.remove_person(tx, person_id)
        audit_log.note(tx, by, at, "remove person", person.role.value)


def _check_name_and_email(name: str, email: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not _EMAIL.match(email.strip()):
        fields["email"] = worded("Enter a complete email address, like name@school.org.")
    if not name.strip():
        fields["name"] = worded("Enter the name.")
    return fields


def _check_school(tx: Reading, school_id: str | None) -> None:
    if school_id is not None and school_id not in {school.id for school in schools.list_schools(tx)}:
        raise Invalid("The account wasn’t saved.", {"school_id": worded("Choose a school from the list.")})


def _check_not_last_admin(tx: Writing, person: Person, field: str = "") -> None:
    """Raise Invalid when this person is the only open admin of the whole site."""
    if [admin.id for admin in people.list_site_admins(tx)] == [person.id]:
        raise Invalid(_LAST_ADMIN, {field: _LAST_ADMIN} if field else {})


def _changes(before: Person, name: str, email: str, role: Role, school_id: str | None, language: Language) -> list[str]:
    pairs = {
        "name": (before.name, name),
        "email": (before.email, email),
        "role": (before.role, role),
        "school": (before.school_id, school_id),
        "language": (before.language, language),
    }
    return [what for what, (old, new) in pairs.items() if old != new]
