"""The accounts of staff. Passwords come here hashed; students and families have no account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Text, cast, delete, func, insert, null, or_, select, update

from ..domain import EVERYWHERE, Language, Person, Reach, ReachKind, Role
from ..errors import Invalid, NotFound, worded
from .completions import part_from_person
from .database.transactions import Reading, Writing, insert_new, new_id
from .schema import (
    classroom,
    metadata,
    person,
    person_school,
    sign_in,
    sign_in_failure,
    teaching,
    viewing_change,
    walkthrough,
)

WITH_SCHOOLS = select(person, person_school.c.school_id.label("listed_school_id")).outerjoin(
    person_school, person_school.c.person_id == person.c.id
)
"""Every person with their listed schools; for `people_from`."""

EMAIL_TAKEN = worded("There’s already an account with that email. Enter a different one.")


def add_person(
    tx: Writing,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str,
    at: datetime,
    reach: Reach = EVERYWHERE,
    language: Language = Language.EN,
    password_expires_at: datetime | None = None,
) -> Person:
    """A new account. `password_expires_at` makes the password a temporary one.

    Raises Invalid when the email has an account already.
    """
    is_temporary = password_expires_at is not None
    added = Person(
        new_id(), email_key(email), name.strip(), role, reach, language, 1, has_temporary_password=is_temporary
    )
    values = {"id": added.id, "email": added.email, "name": added.name, "reach": reach.kind.value, "version": 1}
    words = {"role": role.value, "language": language.value, "password_hash": password_hash}
    times = {"created_at": at, "password_expires_at": password_expires_at}
    if not insert_new(tx, insert(person).values(**values, **words, **times, is_active=True)):
        raise Invalid("There’s already an account with that email.", {"email": EMAIL_TAKEN})
    _set_schools(tx, added.id, reach)
    return added


def get_person(tx: Reading, person_id: str) -> Person:
    """The account, also when it may no longer sign in. Raises NotFound."""
    found = people_from(tx.execute(WITH_SCHOOLS.where(person.c.id == person_id)))
    if not found:
        raise NotFound("We couldn’t find that person.")
    return found[0]


def find_person_by_email(tx: Reading, email: str) -> Person | None:
    """The account with that email, in any case, also when it may no longer sign in; or None."""
    found = people_from(tx.execute(WITH_SCHOOLS.where(person.c.email == email_key(email))))
    return found[0] if found else None


def list_people(
    tx: Reading, *, school_id: str | None = None, role: Role | None = None, inactive: bool = False
) -> list[Person]:
    """The accounts by name. With `school_id`: of that school and of every school. `inactive` adds the closed ones."""
    found = WITH_SCHOOLS.order_by(func.lower(person.c.name), person.c.email)
    if not inactive:
        found = found.where(person.c.is_active)
    if role is not None:
        found = found.where(person.c.role == role.value)
    if school_id is not None:
        listed = select(person_school.c.person_id).where(person_school.c.school_id == school_id)
        found = found.where(or_(person.c.reach == ReachKind.ALL_SCHOOLS.value, person.c.id.in_(listed)))
    return people_from(tx.execute(found))


def password_hash_of(tx: Reading, person_id: str) -> str | None:
    """The hash of the person's password, or None when there is no such person."""
    hashed: str | None = tx.execute(select(person.c.password_hash).where(person.c.id == person_id)).scalar()
    return hashed


def password_expiry_of(tx: Reading, person_id: str) -> datetime | None:
    """When the person's temporary password stops working, or None for a password of their own."""
    expires_at: datetime | None = tx.execute(
        select(person.c.password_expires_at).where(person.c.id == person_id)
    ).scalar()
    return expires_at


def set_password_hash(tx: Writing, person_id: str, password_hash: str, expires_at: datetime | None = None) -> Person:
    """Set the password; with `expires_at` it is a temporary one.

    The version goes up, which ends every sign-in of the person. Raises NotFound.
    """
    return _change(tx, person_id, password_hash=password_hash, password_expires_at=expires_at)


def renew_password_hash(tx: Writing, person_id: str, password_hash: str) -> None:
    """Store the same password hashed in a newer way; sign-ins stay valid."""
    tx.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def set_role(tx: Writing, person_id: str, role: Role, reach: Reach) -> Person:
    """Set the role and its schools. The version goes up, which ends every sign-in of the person. Raises NotFound."""
    _set_schools(tx, person_id, reach)
    return _change(tx, person_id, role=role.value, reach=reach.kind.value)


def _set_schools(tx: Writing, person_id: str, reach: Reach) -> None:
    tx.execute(delete(person_school).where(person_school.c.person_id == person_id))
    if reach.school_ids:
        rows = [{"person_id": person_id, "school_id": school_id} for school_id in sorted(reach.school_ids)]
        tx.execute(insert(person_school), rows)


def set_name(tx: Writing, person_id: str, name: str) -> None:
    """Set the name; sign-ins stay valid."""
    tx.execute(update(person).where(person.c.id == person_id).values(name=name.strip()))


def set_email(tx: Writing, person_id: str, email: str) -> None:
    """Set the email to sign in with; sign-ins stay valid. Raises Invalid when another account has it."""
    if not insert_new(tx, update(person).where(person.c.id == person_id).values(email=email_key(email))):
        raise Invalid("There’s already an account with that email.", {"email": EMAIL_TAKEN})


def set_language(tx: Writing, person_id: str, language: Language) -> None:
    """Set the language of the person's pages; sign-ins stay valid."""
    tx.execute(update(person).where(person.c.id == person_id).values(language=language.value))


def close_account(tx: Writing, person_id: str) -> Person:
    """Close the account and end its sign-ins. What the person entered stays. Raises NotFound."""
    return _change(tx, person_id, is_active=False)


def reopen_account(tx: Writing, person_id: str) -> Person:
    """Reopen the account. Raises NotFound."""
    return _change(tx, person_id, is_active=True)


def remove_person(tx: Writing, person_id: str, *, keeps_name: bool = False) -> None:
    """Remove the account and everything about the person; what they entered stays, without the name.

    Their certificates stay too, with the name if it `keeps_name`. Raises NotFound.
    """
    removed = get_person(tx, person_id)
    _forget_in_changes(tx, person_id)
    part_from_person(tx, person_id, _schools_of(tx, removed), removed.name if keeps_name else None)
    tx.execute(update(walkthrough).where(walkthrough.c.teacher_id == person_id).values(glow="", next_step=""))
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.account_digest == account_digest(removed.email)))
    tx.execute(delete(person).where(person.c.id == person_id))


def _schools_of(tx: Reading, removed: Person) -> set[str]:
    """The schools of the account and of every class that the person has taught."""
    taught = (
        select(classroom.c.school_id)
        .join(teaching, teaching.c.classroom_id == classroom.c.id)
        .where(teaching.c.person_id == removed.id)
    )
    return {*removed.reach.school_ids, *tx.execute(taught).scalars()}


def count_visits_to(tx: Reading, person_id: str) -> int:
    """How many visits to sessions that the person led were logged."""
    theirs = select(func.count()).select_from(walkthrough).where(walkthrough.c.teacher_id == person_id)
    return tx.execute(theirs).scalar_one()


def count_rows_of(tx: Reading, person_id: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows of each table go when the person is removed, and how many stay without them; none is left out.

    Found through the schema's foreign keys, so that a new table cannot be forgotten.
    """
    goes: dict[str, int] = {}
    stays: dict[str, int] = {}
    for table in metadata.sorted_tables:
        for found, rule in ((goes, "CASCADE"), (stays, "SET NULL")):
            own = [key.parent for key in table.foreign_keys if key.references(person) and key.ondelete == rule]
            if own:
                theirs = or_(*(column == person_id for column in own))
                found[table.name] = tx.execute(select(func.count()).select_from(table).where(theirs)).scalar_one()
    return goes, stays


def list_site_admins(tx: Writing) -> list[Person]:
    """The open accounts of admins of every school, locked until the transaction ends.

    The lock keeps two admins who close each other at the same moment from leaving the site without one (PostgreSQL).
    """
    is_everywhere = person.c.reach == ReachKind.ALL_SCHOOLS.value
    whole = (person.c.role == Role.ADMIN.value) & is_everywhere & person.c.is_active
    rows = tx.execute(
        select(person, null().label("listed_school_id")).where(whole).order_by(person.c.id).with_for_update()
    )
    return people_from(rows)


def _forget_in_changes(tx: Writing, person_id: str) -> None:
    """Take the person's ID out of the JSON of changed viewings, where no foreign key can clear it."""
    texts = [cast(column, Text) for column in (viewing_change.c.before, viewing_change.c.after)]
    named = or_(*(text.contains(person_id, autoescape=True) for text in texts))
    for row in tx.execute(select(viewing_change.c.id, viewing_change.c.before, viewing_change.c.after).where(named)):
        values = {name: _without(value, person_id) for name, value in (("before", row.before), ("after", row.after))}
        tx.execute(update(viewing_change).where(viewing_change.c.id == row.id).values(**values))


def _without(entry: dict[str, Any] | None, person_id: str) -> dict[str, Any] | None:
    return None if entry is None else {name: None if value == person_id else value for name, value in entry.items()}


_SECRETS = ("password_hash", "key_digest")


def export_person(tx: Reading, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """All that is recorded about a member of staff, by table: every row that points to the account, without its secrets.

    Found through the schema's foreign keys, so that a new table cannot be forgotten. Raises NotFound.
    """
    get_person(tx, person_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        own = [column for column in table.columns if column.references(person.c.id) or column is person.c.id]
        if not own:
            continue
        shown = [column for column in table.columns if column.name not in _SECRETS]
        rows = tx.execute(select(*shown).where(or_(*(column == person_id for column in own)))).mappings()
        found[table.name] = [dict(row) for row in rows]
    return found


def email_key(email: str) -> str:
    """An email as it is kept and compared: without the spaces around it, in small letters."""
    return email.strip().lower()


def account_digest(email: str, device: str = "") -> str:
    """The fingerprint of a typed email, so that what strangers type is not kept.

    A browser that has signed in as this person before (`device`, its random name) has one of its own.
    """
    typed = f"{email_key(email)}\0{device}" if device else email_key(email)
    return sha256(typed.encode()).hexdigest()


def people_from(rows: Iterable[Row[Any]]) -> list[Person]:
    """The people in rows of `WITH_SCHOOLS`: one row for each school of a person, or one, next to each other."""
    found = []
    for _, group in groupby(rows, key=lambda row: row.id):
        listed = list(group)
        school_ids = frozenset(row.listed_school_id for row in listed if row.listed_school_id is not None)
        found.append(_person_from(listed[0], school_ids))
    return found


def _person_from(row: Row[Any], school_ids: frozenset[str]) -> Person:
    return Person(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        reach=Reach(ReachKind(row.reach), school_ids),
        language=Language(row.language),
        version=row.version,
        is_active=row.is_active,
        has_temporary_password=row.password_expires_at is not None,
    )


def _change(tx: Writing, person_id: str, **values: str | bool | datetime | None) -> Person:
    changed = update(person).where(person.c.id == person_id).values(**values, version=person.c.version + 1)
    tx.execute(changed)
    tx.execute(delete(sign_in).where(sign_in.c.person_id == person_id))
    return get_person(tx, person_id)
