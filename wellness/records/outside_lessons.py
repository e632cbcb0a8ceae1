"""Outside lessons: SEL minutes taught from another curriculum."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from ..domain import OutsideLesson, week_of
from ..errors import Invalid, NotFound, worded
from .database.transactions import Reading, Writing, new_id
from .schema import outside_lesson
from .week_summaries import roll_up

_DURING = (
    select(outside_lesson)
    .where(outside_lesson.c.on_day.between(bindparam("first"), bindparam("last")))
    .order_by(outside_lesson.c.on_day, outside_lesson.c.entered_at)
)
_DURING_OF_CLASSES = _DURING.where(outside_lesson.c.classroom_id.in_(bindparam("classroom_ids", expanding=True)))


def add_outside_lesson(
    tx: Writing,
    *,
    classroom_id: str,
    on_day: date,
    minutes: int,
    curriculum: str,
    title: str,
    by: str | None,
    at: datetime,
) -> OutsideLesson:
    """A lesson from elsewhere. `by` is a person's id. Raises Invalid when it took no minutes."""
    if minutes < 1:
        raise Invalid("The lesson wasn’t saved.", {"minutes": worded("Enter the minutes it took, 1 or more.")})
    added = OutsideLesson(new_id(), classroom_id, on_day, minutes, curriculum.strip(), title.strip(), by, at)
    what = {"minutes": minutes, "curriculum": added.curriculum, "title": added.title}
    who = {"entered_by": by, "entered_at": at}
    tx.execute(insert(outside_lesson).values(id=added.id, classroom_id=classroom_id, on_day=on_day, **what, **who))
    roll_up(tx, classroom_id, week_of(on_day))
    return added


def get_outside_lesson(tx: Reading, lesson_id: str) -> OutsideLesson:
    """The lesson. Raises NotFound."""
    row = tx.execute(select(outside_lesson).where(outside_lesson.c.id == lesson_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that lesson.")
    return _lesson(row)


def list_outside_lessons(
    tx: Reading, *, first: date, last: date, classroom_ids: Collection[str] | None = None
) -> list[OutsideLesson]:
    """The lessons from first to last, of these classes or of all, in order."""
    days: dict[str, Any] = {"first": first, "last": last}
    if classroom_ids is None:
        return [_lesson(row) for row in tx.execute(_DURING, days)]
    return [_lesson(row) for row in tx.execute(_DURING_OF_CLASSES, {**days, "classroom_ids": list(classroom_ids)})]


def remove_outside_lesson(tx: Writing, lesson_id: str) -> None:
    """The lesson was entered by mistake. Harmless when it was removed before."""
    known = tx.execute(select(outside_lesson).where(outside_lesson.c.id == lesson_id)).one_or_none()
    if known is None:
        return
    tx.execute(delete(outside_lesson).where(outside_lesson.c.id == lesson_id))
    roll_up(tx, known.classroom_id, week_of(known.on_day))


def _lesson(row: Row[Any]) -> OutsideLesson:
    return OutsideLesson(
        id=row.id,
        classroom_id=row.classroom_id,
        on_day=row.on_day,
        minutes=row.minutes,
        curriculum=row.curriculum,
        title=row.title,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
    )
