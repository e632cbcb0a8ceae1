"""The admin's actions on accounts: add, change, close, reopen, set a temporary password, remove.

`by` is the admin, or None on the command line. Each action has its entry in the audit log and takes effect on the
person's next request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ..domain import Language, Person, Reach, Role
from ..errors import Invalid, NotFound, worded
from ..policy import manages
from ..records import Reading, Records, Writing, audit_log, people, schools, settings, sign_ins
from .accounts import TEMPORARY_FOR, hash_password, make_temporary_password, names_to_avoid
from .passwords import check_new_password

_EMAIL = re.compile(r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")
_LAST_ADMIN = worded("This is the last admin of the whole site. Make another person an admin of all schools first.")


def add_person(
    records: Records,
    by: Person | None,
    *,
    email: str,
    name: str,
    role: Role,
    reach: Reach,
    at: datetime,
    password: str = "",
    language: Language = Language.EN,
) -> tuple[Person, str]:
    """Add a staff member; return the account and its password.

    Without `password` it is a generated temporary one. Raises Invalid with the fields that are wrong.
    """
    fields = _check_name_and_email(name, email)
    if password:
        fields |= _check_password(records, password, [name, email])
    if fields:
        raise Invalid("The account wasn’t added.", fields)
    expires_at = None if password else at + TEMPORARY_FOR
    password = password or make_temporary_password()
    hashed = hash_password(password)
    with records.writing() as tx:
        _check_reach(tx, by, reach)
        person = people.add_person(
            tx, email=email, name=name, role=role, password_hash=hashed, at=at, reach=reach,
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
    reach: Reach,
    language: Language,
    at: datetime,
) -> Person:
    """Change an account. A new role or school signs the person out. Raises Invalid with the wrong fields, NotFound."""
    if fields := _check_name_and_email(name, email):
        raise Invalid("The account wasn’t changed.", fields)
    with records.writing() as tx:
        before = find_managed(tx, by, person_id)
        _check_reach(tx, by, reach)
        if role is not Role.ADMIN or not reach.is_everywhere:
            _check_not_last_admin(tx, before, "role")
        changed = _changes(before, name.strip(), people.email_key(email), role, reach, language)
        if "email" in changed:
            people.set_email(tx, person_id, email)
        people.set_name(tx, person_id, name)
        people.set_language(tx, person_id, language)
        if "role" in changed or "schools" in changed:
            people.set_role(tx, person_id, role, reach)
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
        find_managed(tx, by, person_id)
        person = people.set_password_hash(tx, person_id, hashed, at + TEMPORARY_FOR)
        sign_ins.clear_failures(tx, person.email)
        audit_log.note(tx, by, at, "set temporary password", person.role.value, about=person_id)
    return password


def close_person(records: Records, by: Person | None, person_id: str, at: datetime) -> Person:
    """Close an account: the person is signed out and cannot sign in; everything about them stays.

    Raises Invalid for the last admin of the whole site, NotFound.
    """
    with records.writing() as tx:
        _check_not_last_admin(tx, find_managed(tx, by, person_id))
        closed = people.close_account(tx, person_id)
        audit_log.note(tx, by, at, "close account", closed.role.value, about=person_id)
    return closed


def reopen_person(records: Records, by: Person | None, person_id: str, at: datetime) -> Person:
    """Reopen a closed account, with the password it had. Raises NotFound."""
    with records.writing() as tx:
        find_managed(tx, by, person_id)
        opened = people.reopen_account(tx, person_id)
        audit_log.note(tx, by, at, "reopen account", opened.role.value, about=person_id)
    return opened


def end_sign_ins(records: Records, by: Person | None, person_id: str, at: datetime) -> Person:
    """Sign the person out everywhere. Raises NotFound."""
    with records.writing() as tx:
        person = find_managed(tx, by, person_id)
        sign_ins.end_all_sign_ins(tx, person_id)
        audit_log.note(tx, by, at, "end sign-ins", person.role.value, about=person_id)
    return person


@dataclass(frozen=True, slots=True)
class RemovalLine:
    """One kind of thing that goes with an account or stays after it: its words and how many there are."""

    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing an account would do. Kinds of which there are none are left out."""

    goes: tuple[RemovalLine, ...]
    stays: tuple[RemovalLine, ...]
    certificates: int
    keeps_names: bool


GOES = {
    "teaching": worded("Classes taught"),
    "person_school": worded("Schools of the account"),
    "sign_in": worded("Sign-ins"),
    "unsent_form": worded("A form that wasn’t saved"),
    "draft_opened": worded("Texts open for editing"),
    "training_progress": worded("Training parts seen or done"),
    "training_answer": worded("Answers saved for later"),
    "training_try": worded("Tries at checks"),
    "reflection": worded("Notes written in training, shared or private"),
    "facilitation": worded("Friday sessions chosen for training"),
    "assignment": worded("Training assigned by name"),
    "walkthrough": worded("Visits received: the glow and the next step"),
}
"""What goes, by table."""

STAYS = {
    "completion": worded("Certificates"),
    "viewing": worded("Sessions logged"),
    "viewing_change": worded("Changes to logged sessions"),
    "outside_lesson": worded("Other SEL lessons logged"),
    "walkthrough": worded("Classroom visits logged or received: class, day and what was seen"),
    "assignment": worded("Training assigned to others"),
    "plan_entry": worded("Weeks planned for a grade"),
    "class_plan_entry": worded("Weeks planned for one class"),
    "rollover": worded("School years turned over"),
    "closure": worded("No-school days added"),
    "week_decision": worded("Weeks left out or moved"),
    "school_weekday": worded("Weekdays set for sessions"),
    "class_weekday": worded("Weekdays set for one class"),
    "class_change": worded("Classes closed, merged or split"),
    "minutes_target": worded("Minutes goals set"),
    "amendment": worded("Past weeks changed"),
    "draft": worded("Drafts saved or scheduled"),
    "draft_keep": worded("Suggestions kept as is"),
    "publication": worded("Versions published"),
    "media_job": worded("Videos uploaded this week"),
    "audit": worded("Entries in the activity log"),
}
"""What stays without the name, by table."""


def preview_removal(tx: Reading, by: Person | None, person_id: str) -> Removal:
    """Return what would go and what would stay if the account were removed. Raises NotFound."""
    find_managed(tx, by, person_id)
    goes, stays = people.count_rows_of(tx, person_id)
    return Removal(
        goes=_lines(GOES, goes | {"walkthrough": people.count_visits_to(tx, person_id)}),
        stays=_lines(STAYS, stays),
        certificates=stays["completion"],
        keeps_names=settings.load_settings(tx).certificates_keep_names,
    )


def _lines(words: dict[str, str], numbers: dict[str, int]) -> tuple[RemovalLine, ...]:
    return tuple(RemovalLine(words[table], numbers[table]) for table in words if numbers[table])


def remove_person(records: Records, by: Person | None, person_id: str, at: datetime) -> None:
    """Remove an account and everything about the person, also from the bytes of the database file.

    What they entered stays, without the name. Certificates stay with it or without, as the settings say.

    Raises Invalid for the last admin of the whole site, NotFound.
    """
    with records.writing() as tx:
        person = find_managed(tx, by, person_id)
        _check_not_last_admin(tx, person)
        people.remove_person(tx, person_id, keeps_name=settings.load_settings(tx).certificates_keep_names)
        audit_log.note(tx, by, at, "remove person", person.role.value)
    records.forget_deleted()


def _check_password(records: Records, password: str, names: list[str]) -> dict[str, str]:
    with records.reading() as tx:
        names = [*names_to_avoid(tx), *names]
    try:
        check_new_password(password, names)
    except Invalid as error:
        return error.fields
    return {}


def _check_name_and_email(name: str, email: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not _EMAIL.match(email.strip()):
        fields["email"] = worded("Enter a complete email address, like name@school.org.")
    if not name.strip():
        fields["name"] = worded("Enter the name.")
    return fields


def find_managed(tx: Reading, by: Person | None, person_id: str) -> Person:
    """Return an account that this admin may change; None is the command line, which may change all.

    Raises NotFound, also for somebody of a school that is not the admin's.
    """
    person = people.get_person(tx, person_id)
    if by is not None and not manages(by, person):
        raise NotFound("We couldn’t find that person.")
    return person


def list_managed(tx: Reading, by: Person) -> list[Person]:
    """Return the accounts that this admin may change, closed ones too, by name."""
    return [person for person in people.list_people(tx, inactive=True) if manages(by, person)]


def _check_reach(tx: Reading, by: Person | None, reach: Reach) -> None:
    """Raise Invalid for no school, an unknown one, or one that is not the admin's to give."""
    known = {school.id for school in schools.list_schools(tx)}
    message = ""
    if not reach.is_everywhere and not reach.school_ids:
        message = worded("Choose a school, or all schools.")
    elif not reach.school_ids <= known or (by is not None and not by.reach.covers(reach)):
        message = worded("Choose schools from the list.")
    if message:
        raise Invalid("The account wasn’t saved.", {"school_ids": message})


def _check_not_last_admin(tx: Writing, person: Person, field: str = "") -> None:
    """Raise Invalid when this person is the only open admin of the whole site."""
    if [admin.id for admin in people.list_site_admins(tx)] == [person.id]:
        raise Invalid(_LAST_ADMIN, {field: _LAST_ADMIN} if field else {})


def _changes(before: Person, name: str, email: str, role: Role, reach: Reach, language: Language) -> list[str]:
    pairs = {
        "name": (before.name, name),
        "email": (before.email, email),
        "role": (before.role, role),
        "schools": (before.reach, reach),
        "language": (before.language, language),
    }
    return [what for what, (old, new) in pairs.items() if old != new]
