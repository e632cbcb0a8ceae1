"""The accounts of staff. Passwords come here hashed; students and families have no account."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from ..domain import Language, Person, Role
from ..errors import Invalid, NotFound, worded
from .database.transactions import Reading, Writing, insert_new, new_id
from .schema import metadata, person, sign_in, sign_in_failure


def add_person(
    tx: Writing,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str,
    at: datetime,
    school_id: str | None = None,
    language: Language = Language.EN,
) -> Person:
    """A new account. `school_id` None means every school. Raises Invalid when the e-mail has an account already."""
    added = Person(new_id(), email_key(email), name.strip(), role, school_id, language, version=1)
    values = {"id": added.id, "email": added.email, "name": added.name, "school_id": school_id, "version": 1}
    words = {"role": role.value, "language": language.value, "password_hash": password_hash}
    if not insert_new(tx, insert(person).values(**values, **words, is_active=True, created_at=at)):
        raise Invalid("There's already an account with that email.", {"email": worded("Enter a different email.")})
    return added


def get_person(tx: Reading, person_id: str) -> Person:
    """The account, also when it may no longer sign in. Raises NotFound."""
    row = tx.execute(select(person).where(person.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn't find that person.")
    return person_from(row)


def find_person_by_email(tx: Reading, email: str) -> Person | None:
    """The account with that email, in any case, also when it may no longer sign in; or None."""
    row = tx.execute(select(person).where(person.c.email == email_key(email))).one_or_none()
    return None if row is None else person_from(row)


def list_people(
    tx: Reading, *, school_id: str | None = None, role: Role | None = None, inactive: bool = False
) -> list[Person]:
    """The accounts by name. With `school_id`: of that school and of every school. `inactive` adds the closed ones."""
    found = select(person).order_by(func.lower(person.c.name), person.c.email)
    if not inactive:
        found = found.where(person.c.is_active)
    if role is not None:
        found = found.where(person.c.role == role.value)
    if school_id is not None:
        found = found.where(or_(person.c.school_id == school_id, person.c.school_id.is_(None)))
    return [person_from(row) for row in tx.execute(found)]


def password_hash_of(tx: Reading, person_id: str) -> str | None:
    """The hash of the person's password, or None when there is no such person."""
    hashed: str | None = tx.execute(select(person.c.password_hash).where(person.c.id == person_id)).scalar()
    return hashed


def set_password_hash(tx: Writing, person_id: str, password_hash: str) -> Person:
    """Set the password. The version goes up, which ends every sign-in of the person. Raises NotFound."""
    return _change(tx, person_id, password_hash=password_hash)


def renew_password_hash(tx: Writing, person_id: str, password_hash: str) -> None:
    """Store the same password hashed in a newer way; sign-ins stay valid."""
    tx.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def set_role(tx: Writing, person_id: str, role: Role) -> Person:
    """Set the role. The version goes up, which ends every sign-in of the person. Raises NotFound."""
    return _change(tx, person_id, role=role.value)


def set_language(tx: Writing, person_id: str, language: Language) -> None:
    """Set the language of the person's pages; sign-ins stay valid."""
    tx.execute(update(person).where(person.c.id == person_id).values(language=language.value))


def close_account(tx: Writing, person_id: str) -> Person:
    """Close the account and end its sign-ins. What the person entered stays. Raises NotFound."""
    return _change(tx, person_id, is_active=False)


def reopen_account(tx: Writing, person_id: str) -> Person:
    """Reopen the account. Raises NotFound."""
    return _change(tx, person_id, is_active=True)


def remove_person(tx: Writing, person_id: str) -> None:
    """Remove the account and everything about the person; what they entered stays, without the name.

    Raises NotFound.
    """
    removed = get_person(tx, person_id)
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.account_digest == account_digest(removed.email)))
    tx.execute(delete(person).where(person.c.id == person_id))


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
    """An e-mail as it is kept and compared: without the spaces around it, in small letters."""
    return email.strip().lower()


def account_digest(email: str, device: str = "") -> str:
    """The fingerprint of a typed e-mail, so that what strangers type is not kept.

    A browser that has signed in as this person before (`device`, its random name) has one of its own.
    """
    typed = f"{email_key(email)}\0{device}" if device else email_key(email)
    return sha256(typed.encode()).hexdigest()


def person_from(row: Row[Any]) -> Person:
    """The person in a row of the table."""
    return Person(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        school_id=row.school_id,
        language=Language(row.language),
        version=row.version,
        is_active=row.is_active,
    )


def _change(tx: Writing, person_id: str, **values: str | bool) -> Person:
    changed = update(person).where(person.c.id == person_id).values(**values, version=person.c.version + 1)
    tx.execute(changed)
    tx.execute(delete(sign_in).where(sign_in.c.person_id == person_id))
    return get_person(tx, person_id)
