"""The plan: which session is due for which grades of which school in which week."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from ..domain import GRADES, PlanEntry, week_of
from ..errors import Invalid, worded
from .database.transactions import Reading, Writing, new_id
from .schema import plan
from .week_summaries import roll_up_plan

# Built once: nearly every page of staff asks for a plan, and building a statement costs more than running it.
_PLAN = select(plan).where(plan.c.week_on.between(bindparam("first"), bindparam("last")))
_PLAN_OF_SCHOOLS = _PLAN.where(plan.c.school_id.in_(bindparam("school_ids", expanding=True)))
_PLANNED = select(plan.c.slug).where(
    plan.c.school_id == bindparam("school_id"),
    plan.c.week_on == bindparam("week_on"),
    plan.c.grade == bindparam("grade"),
)


def set_plan(
    tx: Writing,
    school_id: str,
    week_on: date,
    grades: Iterable[str],
    slug: str | None,
    by: str | None,
    at: datetime,
) -> None:
    """From now on `slug` is due for these grades in the week of Monday `week_on`; None takes their plan away.

    `by` is a person's id. Raises Invalid when `week_on` is no Monday or a grade is unknown.
    """
    chosen = sorted(set(grades))
    if week_on != week_of(week_on):
        raise Invalid("The plan wasn’t saved. Choose the Monday of the week.", {"week_on": worded("Choose a Monday.")})
    if not set(chosen) <= set(GRADES):
        raise Invalid("The plan wasn’t saved. Choose grades from K to 12.", {"grades": worded("Choose grades.")})
    tx.execute(delete(plan).where(plan.c.school_id == school_id, plan.c.week_on == week_on, plan.c.grade.in_(chosen)))
    if slug is not None and chosen:
        same = {"school_id": school_id, "week_on": week_on, "slug": slug, "entered_by": by, "entered_at": at}
        tx.execute(insert(plan), [{**same, "id": new_id(), "grade": grade} for grade in chosen])
    roll_up_plan(tx, school_id, week_on, chosen)


def list_plan(tx: Reading, *, first: date, last: date, school_ids: Collection[str] | None = None) -> list[PlanEntry]:
    """The plan of all weeks that touch first..last, of these schools or of all, by week, school and grade."""
    weeks: dict[str, Any] = {"first": week_of(first), "last": last}
    if school_ids is None:
        rows = tx.execute(_PLAN, weeks)
    else:
        rows = tx.execute(_PLAN_OF_SCHOOLS, {**weeks, "school_ids": list(school_ids)})
    return sorted(map(_entry, rows), key=lambda entry: (entry.week_on, entry.school_id, GRADES.index(entry.grade)))


def planned_slug(tx: Reading, school_id: str, week_on: date, grade: str) -> str | None:
    """The session that is due for one grade of one school in the week of Monday `week_on`, or None."""
    due = {"school_id": school_id, "week_on": week_on, "grade": grade}
    slug: str | None = tx.execute(_PLANNED, due).scalar_one_or_none()
    return slug


def _entry(row: Row[Any]) -> PlanEntry:
    return PlanEntry(id=row.id, school_id=row.school_id, week_on=row.week_on, grade=row.grade, slug=row.slug)
