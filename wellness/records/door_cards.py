"""The door cards of classes: a short code that opens this week's session for one class, without a sign-in.

A code has ten of 31 characters: the digits and the letters without I, L, O, U and Z. Those five are read as what
they look like (I and L as 1, O as 0, U as V, Z as 2), so a code that was copied by hand still finds its class.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select, update

from ..domain import DoorCard
from ..errors import Unavailable
from .database.transactions import Reading, Writing, insert_new, new_id
from .schema import classroom, door, school, school_calendar

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
LOOK_ALIKES = str.maketrans("ILOUZ", "110V2")
CODE_LENGTH = 10
"""Cards printed before have 8, and work until they are replaced."""
_TRIES = 20

_WORKING = select(door).where(door.c.revoked_at.is_(None))
_OF_CLASS = _WORKING.where(door.c.classroom_id == bindparam("classroom_id"))
_BY_CODE = (
    _WORKING.join(classroom, classroom.c.id == door.c.classroom_id)
    .join(
        school_calendar,
        (school_calendar.c.school_id == classroom.c.school_id) & (school_calendar.c.year_id == classroom.c.year_id),
    )
    .join(school, school.c.id == classroom.c.school_id)
    .where(
        door.c.code_digest == bindparam("code_digest"),
        or_(classroom.c.last_on.is_(None), classroom.c.last_on >= bindparam("on_day")),
        school_calendar.c.last_on >= bindparam("on_day"),
        or_(school.c.closed_on.is_(None), school.c.closed_on >= bindparam("on_day")),
    )
)


def issue_door_card(tx: Writing, classroom_id: str, at: datetime) -> DoorCard:
    """A new door card for the class; the earlier one stops working at once."""
    revoke_door_card(tx, classroom_id, at)
    for _ in range(_TRIES):
        issued = DoorCard(new_id(), classroom_id, _new_code(), at)
        values = {"id": issued.id, "classroom_id": classroom_id, "code": issued.code, "created_at": at}
        if insert_new(tx, insert(door).values(**values, code_digest=_digest(issued.code))):
            return issued
    raise Unavailable("We couldn’t make a new code, and nothing was saved. Try again.")


def revoke_door_card(tx: Writing, classroom_id: str, at: datetime) -> None:
    """The class's door card stops working. Harmless when there is none."""
    works = (door.c.classroom_id == classroom_id) & door.c.revoked_at.is_(None)
    tx.execute(update(door).where(works).values(revoked_at=at))


def door_of(tx: Reading, classroom_id: str) -> DoorCard | None:
    """The door card of the class that works now, or None."""
    row = tx.execute(_OF_CLASS, {"classroom_id": classroom_id}).one_or_none()
    return None if row is None else _door(row)


def list_doors(tx: Reading, classroom_ids: Collection[str]) -> dict[str, DoorCard]:
    """The door cards of these classes that work now, by class."""
    rows = tx.execute(_WORKING.where(door.c.classroom_id.in_(classroom_ids)))
    return {row.classroom_id: _door(row) for row in rows}


def find_door_card(tx: Reading, typed_code: str, on_day: date) -> DoorCard | None:
    """The door that a typed code opens on that day, whatever its case, spaces, hyphens and look-alikes.

    None for an unknown code, a revoked card, a class after its last day, after its school year, and after its school
    was closed.
    """
    typed = {"code_digest": _digest(read_code(typed_code)), "on_day": on_day}
    row = tx.execute(_BY_CODE, typed).one_or_none()
    return None if row is None else _door(row)


def read_code(typed: str) -> str:
    """A code as it was typed, in the letters of the alphabet; anything else a person might put between is left out."""
    letters = typed.upper().translate(LOOK_ALIKES)
    return "".join(letter for letter in letters if letter in ALPHABET)


def show_code(code: str) -> str:
    """A code as it is printed: ABCDE-FGHJK."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _door(row: Row[Any]) -> DoorCard:
    return DoorCard(row.id, row.classroom_id, row.code, row.created_at, row.revoked_at)
