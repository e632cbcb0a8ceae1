"""Assignments: the training modules a coach asks for, of one person or of everybody who teaches at a school."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from ..domain import Assignment
from ..errors import NotFound
from .database.transactions import Reading, Writing, new_id
from .schema import assignment


def put_assignment(
    tx: Writing,
    slug: str,
    *,
    school_id: str | None = None,
    person_id: str | None = None,
    due_on: date,
    by: str | None,
    at: datetime,
) -> Assignment:
    """Ask a school or a person (exactly one) for a module; asking the same again gives another day."""
    asked = assignment.c.school_id == school_id if person_id is None else assignment.c.person_id == person_id
    same = (assignment.c.slug == slug) & asked
    values = {"due_on": due_on, "assigned_by": by, "assigned_at": at}
    if tx.execute(update(assignment).where(same).values(**values)).rowcount == 0:
        whom = {"school_id": school_id, "person_id": person_id}
        tx.execute(insert(assignment).values(id=new_id(), slug=slug, **whom, **values))
    return _assignment(tx.execute(select(assignment).where(same)).one())


def get_assignment(tx: Reading, assignment_id: str) -> Assignment:
    """The assignment. Raises NotFound."""
    row = tx.execute(select(assignment).where(assignment.c.id == assignment_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that assignment.")
    return _assignment(row)


def list_assignments(tx: Reading) -> list[Assignment]:
    """Every assignment, the one that is due first first."""
    return [_assignment(row) for row in tx.execute(_ALL)]


_ALL = select(assignment).order_by(assignment.c.due_on, assignment.c.slug, assignment.c.assigned_at, assignment.c.id)


def remove_assignment(tx: Writing, assignment_id: str) -> None:
    """Take an assignment back. Harmless when it is gone."""
    tx.execute(delete(assignment).where(assignment.c.id == assignment_id))


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(row.id, row.slug, row.school_id, row.person_id, row.due_on, row.assigned_by, row.assigned_at)
