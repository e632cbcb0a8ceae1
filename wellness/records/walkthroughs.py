"""Walkthroughs: a coach's visit to a class that did one session on one day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from ..domain import Seen, Walkthrough, WalkthroughItem
from ..errors import NotFound
from .database.transactions import Reading, Writing, insert_new
from .schema import classroom, person, walkthrough

_COACH = person.alias("coach")
_TEACHER = person.alias("teacher")
_FOUND = (
    select(walkthrough, _COACH.c.name.label("coach_name"), _TEACHER.c.name.label("teacher_name"))
    .outerjoin(_COACH, _COACH.c.id == walkthrough.c.coach_id)
    .outerjoin(_TEACHER, _TEACHER.c.id == walkthrough.c.teacher_id)
)


def add_walkthrough(tx: Writing, one: Walkthrough) -> bool:
    """Keep a visit. Says whether it was new: False when there is one with this id already."""
    values = {"id": one.id, "classroom_id": one.classroom_id, "coach_id": one.coach_id, "noted_at": one.noted_at}
    return insert_new(tx, insert(walkthrough).values(values | _said(one)))


def change_walkthrough(tx: Writing, one: Walkthrough) -> None:
    """Keep what is said of a visit now. Its class, who noted it and when stay."""
    tx.execute(update(walkthrough).where(walkthrough.c.id == one.id).values(_said(one)))


def remove_walkthrough(tx: Writing, walkthrough_id: str) -> None:
    """Forget a visit. Harmless when it is gone."""
    tx.execute(delete(walkthrough).where(walkthrough.c.id == walkthrough_id))


def get_walkthrough(tx: Reading, walkthrough_id: str) -> Walkthrough:
    """The visit. Raises NotFound."""
    row = tx.execute(_FOUND.where(walkthrough.c.id == walkthrough_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that visit.")
    return _walkthrough(row)


def list_walkthroughs(
    tx: Reading,
    *,
    teacher_id: str | None = None,
    coach_id: str | None = None,
    school_id: str | None = None,
    classroom_id: str | None = None,
    slug: str | None = None,
    on_day: date | None = None,
    limit: int | None = None,
) -> list[Walkthrough]:
    """The visits, the latest day first, narrowed by what is given. One query."""
    wanted = {"teacher_id": teacher_id, "coach_id": coach_id, "classroom_id": classroom_id, "slug": slug}
    conditions: list[ColumnElement[bool]] = [
        walkthrough.c[name] == value for name, value in {**wanted, "on_day": on_day}.items() if value is not None
    ]
    found = _FOUND
    if school_id is not None:
        found = found.join(classroom, classroom.c.id == walkthrough.c.classroom_id)
        conditions.append(classroom.c.school_id == school_id)
    order = (walkthrough.c.on_day.desc(), walkthrough.c.noted_at.desc(), walkthrough.c.id)
    return [_walkthrough(row) for row in tx.execute(found.where(*conditions).order_by(*order).limit(limit))]


def _said(one: Walkthrough) -> dict[str, Any]:
    values: dict[str, Any] = {item.value: seen.value for item, seen in one.items.items()}
    facts = {"slug": one.slug, "on_day": one.on_day, "teacher_id": one.teacher_id}
    facts |= {"led_by_substitute": one.led_by_substitute}
    return values | facts | {"glow": one.glow, "next_step": one.next_step}


def _walkthrough(row: Row[Any]) -> Walkthrough:
    return Walkthrough(
        id=row.id,
        classroom_id=row.classroom_id,
        slug=row.slug,
        on_day=row.on_day,
        coach_id=row.coach_id,
        coach_name=row.coach_name,
        teacher_id=row.teacher_id,
        teacher_name=row.teacher_name,
        items={item: Seen(row._mapping[item.value]) for item in WalkthroughItem},
        glow=row.glow,
        next_step=row.next_step,
        noted_at=row.noted_at,
        led_by_substitute=row.led_by_substitute,
    )
