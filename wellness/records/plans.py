"""The plan: which session is due for which grades of which school in which week, and the classes that differ.

Entries are added, never changed or deleted: of a grade's (or a class's) entries for a week the newest one counts. So the
history says who planned what, and a change is undone by adding what was planned before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, false, func, insert, null, select, true, update

from ..domain import GRADES, ClassPlanEntry, ClassPlanRule, EnteredRole, Plan, PlanEntry, week_of
from ..errors import Invalid, worded
from .database.transactions import Reading, Writing, new_id
from .schema import class_plan_entry, classroom, plan_entry
from .week_summaries import list_weeks_with_status, roll_up, roll_up_plan

_SESSION, _NOTHING = ClassPlanRule.SESSION.value, ClassPlanRule.NOTHING.value

_newer = plan_entry.alias("newer")
_IS_NEWEST = (
    ~select(_newer.c.id)
    .where(
        _newer.c.school_id == plan_entry.c.school_id,
        _newer.c.week_on == plan_entry.c.week_on,
        _newer.c.grade == plan_entry.c.grade,
        _newer.c.id > plan_entry.c.id,
    )
    .exists()
)
_newer_of_class = class_plan_entry.alias("newer_of_class")
_IS_NEWEST_OF_CLASS = (
    ~select(_newer_of_class.c.id)
    .where(
        _newer_of_class.c.classroom_id == class_plan_entry.c.classroom_id,
        _newer_of_class.c.week_on == class_plan_entry.c.week_on,
        _newer_of_class.c.id > class_plan_entry.c.id,
    )
    .exists()
)
_older, _older_of_class = plan_entry.alias("older"), class_plan_entry.alias("older_of_class")
_IN_WEEKS = plan_entry.c.week_on.between(bindparam("first"), bindparam("last"))
_CLASS_IN_WEEKS = class_plan_entry.c.week_on.between(bindparam("first"), bindparam("last"))
_OF_SCHOOLS = plan_entry.c.school_id.in_(bindparam("school_ids", expanding=True))
_CLASS_OF_SCHOOLS = classroom.c.school_id.in_(bindparam("school_ids", expanding=True))

NewEntry = tuple[str, date, str, str | None]
"""An entry to be added: the ID of a school, a Monday, a grade, a session or None for nothing."""

# Built once: nearly every page of staff asks for a plan, and building a statement costs more than running it.
_PLAN = select(plan_entry).where(_IN_WEEKS, _IS_NEWEST, plan_entry.c.says == _SESSION)
_PLAN_OF_SCHOOLS = _PLAN.where(_OF_SCHOOLS)
_EXCEPTIONS = (
    select(class_plan_entry, classroom.c.school_id, classroom.c.name.label("class_name"), classroom.c.grade)
    .join(classroom, classroom.c.id == class_plan_entry.c.classroom_id)
    .where(
        _CLASS_IN_WEEKS,
        _CLASS_OF_SCHOOLS,
        _IS_NEWEST_OF_CLASS,
        class_plan_entry.c.says != ClassPlanRule.AS_GRADE.value,
    )
)
_BOTH = (
    select(
        false().label("is_class"),
        plan_entry.c.school_id,
        plan_entry.c.grade.label("of_id"),
        plan_entry.c.week_on,
        plan_entry.c.slug,
    )
    .where(_IN_WEEKS, _OF_SCHOOLS, _IS_NEWEST, plan_entry.c.says == _SESSION)
    .union_all(
        select(
            true(),
            classroom.c.school_id,
            class_plan_entry.c.classroom_id,
            class_plan_entry.c.week_on,
            class_plan_entry.c.slug,
        )
        .join(classroom, classroom.c.id == class_plan_entry.c.classroom_id)
        .where(
            _CLASS_IN_WEEKS,
            _CLASS_OF_SCHOOLS,
            _IS_NEWEST_OF_CLASS,
            class_plan_entry.c.says != ClassPlanRule.AS_GRADE.value,
        )
    )
)
_PLANNED = select(plan_entry.c.slug).where(
    plan_entry.c.school_id == bindparam("school_id"),
    plan_entry.c.week_on == bindparam("week_on"),
    plan_entry.c.grade == bindparam("grade"),
    _IS_NEWEST,
)


_before = plan_entry.alias("before")
_BATCH = (
    select(
        plan_entry.c.school_id,
        null().label("classroom_id"),
        plan_entry.c.week_on,
        plan_entry.c.grade,
        _before.c.says.label("says_before"),
        _before.c.slug.label("slug_before"),
        _IS_NEWEST.label("is_newest"),
    )
    .select_from(plan_entry)
    .outerjoin(
        _before,
        _before.c.id
        == select(func.max(_older.c.id))
        .where(
            _older.c.school_id == plan_entry.c.school_id,
            _older.c.week_on == plan_entry.c.week_on,
            _older.c.grade == plan_entry.c.grade,
            _older.c.id < plan_entry.c.id,
        )
        .scalar_subquery(),
    )
    .where(plan_entry.c.batch_id == bindparam("batch_id"))
    .order_by(plan_entry.c.id)
)
_before_of_class = class_plan_entry.alias("before_of_class")
_BATCH_OF_CLASSES = (
    select(
        classroom.c.school_id,
        class_plan_entry.c.classroom_id,
        class_plan_entry.c.week_on,
        classroom.c.grade,
        _before_of_class.c.says.label("says_before"),
        _before_of_class.c.slug.label("slug_before"),
        _IS_NEWEST_OF_CLASS.label("is_newest"),
    )
    .select_from(class_plan_entry)
    .join(classroom, classroom.c.id == class_plan_entry.c.classroom_id)
    .outerjoin(
        _before_of_class,
        _before_of_class.c.id
        == select(func.max(_older_of_class.c.id))
        .where(
            _older_of_class.c.classroom_id == class_plan_entry.c.classroom_id,
            _older_of_class.c.week_on == class_plan_entry.c.week_on,
            _older_of_class.c.id < class_plan_entry.c.id,
        )
        .scalar_subquery(),
    )
    .where(class_plan_entry.c.batch_id == bindparam("batch_id"))
    .order_by(class_plan_entry.c.id)
)


# --- Planning ---------------------------------------------------------------------------------------------------------


def set_plan(
    tx: Writing,
    school_id: str,
    week_on: date,
    grades: Iterable[str],
    slug: str | None,
    by: str | None,
    at: datetime,
    *,
    role: EnteredRole = EnteredRole.AUTO,
    batch_id: str | None = None,
) -> None:
    """From now on `slug` is due for these grades in the week of Monday `week_on`; None plans nothing.

    `by` is a person's id. A grade for which that is planned already gets no new entry. Entries with the same `batch_id`
    can be undone together. Raises Invalid when `week_on` is no Monday or a grade is unknown.
    """
    chosen = sorted(set(grades))
    _check_week(week_on)
    if not set(chosen) <= set(GRADES):
        raise Invalid("The plan wasn’t saved. Choose grades from K to 12.", {"grades": worded("Choose grades.")})
    planned = load_plan(tx, first=week_on, last=week_on, school_ids=[school_id])
    changed = [grade for grade in chosen if planned.of_grade(school_id, week_on, grade) != slug]
    same = {
        "school_id": school_id, "week_on": week_on, "says": _NOTHING if slug is None else _SESSION, "slug": slug,
        "by": by, "role": role.value, "at": at, "batch_id": batch_id or new_id(),
    }  # fmt: skip
    if changed:
        tx.execute(insert(plan_entry), [{**same, "grade": grade} for grade in changed])
        roll_up_plan(tx, school_id, week_on, changed)


def add_entries(
    tx: Writing, added: Sequence[NewEntry], *, by: str | None, role: EnteredRole, at: datetime, batch_id: str
) -> None:
    """Add these entries to the plan, however many, with few statements. `by` is a person's id."""
    if not added:
        return
    same = {"by": by, "role": role.value, "at": at, "batch_id": batch_id}
    rows = [
        {"school_id": school_id, "week_on": week_on, "grade": grade, "slug": slug,
         "says": _NOTHING if slug is None else _SESSION, **same}
        for school_id, week_on, grade, slug in added
    ]  # fmt: skip
    tx.execute(insert(plan_entry), rows)
    grades: dict[tuple[str, date], list[str]] = defaultdict(list)
    for school_id, week_on, grade, _ in added:
        grades[school_id, week_on].append(grade)
    school_ids, first = {school_id for school_id, _ in grades}, min(week_on for _, week_on in grades)
    for school_id, week_on in sorted(list_weeks_with_status(tx, school_ids, first) & grades.keys()):
        roll_up_plan(tx, school_id, week_on, grades[school_id, week_on])


def set_class_plan(
    tx: Writing,
    classroom_id: str,
    week_on: date,
    rule: ClassPlanRule,
    slug: str | None,
    by: str | None,
    at: datetime,
    *,
    role: EnteredRole = EnteredRole.AUTO,
    batch_id: str | None = None,
) -> None:
    """From now on the class does `slug` (or nothing, or again what its grade does) in the week of Monday `week_on`.

    Raises Invalid when `week_on` is no Monday.
    """
    _check_week(week_on)
    tx.execute(
        insert(class_plan_entry).values(
            classroom_id=classroom_id, week_on=week_on, says=rule.value, slug=slug,
            by=by, role=role.value, at=at, batch_id=batch_id or new_id(),
        )
    )  # fmt: skip
    roll_up(tx, classroom_id, week_on)


def _check_week(week_on: date) -> None:
    if week_on != week_of(week_on):
        raise Invalid("The plan wasn’t saved. Choose the Monday of the week.", {"week_on": worded("Choose a Monday.")})


# --- Looking ----------------------------------------------------------------------------------------------------------


def load_plan(tx: Reading, *, first: date, last: date, school_ids: Collection[str]) -> Plan:
    """Return what is planned for the grades and classes of these schools in all weeks that touch first..last. One query."""
    grades: dict[tuple[str, date, str], str] = {}
    classes: dict[tuple[str, date], str | None] = {}
    for row in tx.execute(_BOTH, {"first": week_of(first), "last": last, "school_ids": list(school_ids)}):
        if row.is_class:
            classes[row.of_id, row.week_on] = row.slug
        else:
            grades[row.school_id, row.week_on, row.of_id] = row.slug
    return Plan(grades, classes)


def list_plan(tx: Reading, *, first: date, last: date, school_ids: Collection[str] | None = None) -> list[PlanEntry]:
    """The grades' sessions in all weeks that touch first..last, of these schools or of all, by week, school and grade."""
    weeks: dict[str, Any] = {"first": week_of(first), "last": last}
    if school_ids is None:
        rows = tx.execute(_PLAN, weeks)
    else:
        rows = tx.execute(_PLAN_OF_SCHOOLS, {**weeks, "school_ids": list(school_ids)})
    return sorted(map(_entry, rows), key=lambda entry: (entry.week_on, entry.school_id, GRADES.index(entry.grade)))


def list_batch(tx: Reading, batch_id: str) -> list[PlanEntry]:
    """The sessions that were planned together, whether or not they still count."""
    meant = select(plan_entry).where(plan_entry.c.batch_id == batch_id, plan_entry.c.says == _SESSION)
    return [_entry(row) for row in tx.execute(meant.order_by(plan_entry.c.id))]


def list_exceptions(tx: Reading, *, first: date, last: date, school_ids: Collection[str]) -> list[ClassPlanEntry]:
    """The classes of these schools that differ from their grade in weeks that touch first..last."""
    rows = tx.execute(_EXCEPTIONS, {"first": week_of(first), "last": last, "school_ids": list(school_ids)})
    return [
        ClassPlanEntry(row.id, row.classroom_id, row.class_name, row.school_id, row.grade, row.week_on, row.slug)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One entry of a batch, and what was planned before it. `classroom_id` is None for the plan of a grade.

    `is_newest` says whether nothing was planned for the same grade or class and week since.
    """

    school_id: str
    classroom_id: str | None
    week_on: date
    grade: str
    rule_before: ClassPlanRule
    slug_before: str | None
    is_newest: bool


def list_steps(tx: Reading, batch_id: str) -> list[PlanStep]:
    """The entries that were made together, in their order, for undoing them."""
    return [
        PlanStep(
            row.school_id, row.classroom_id, row.week_on, row.grade,
            ClassPlanRule(row.says_before or ClassPlanRule.AS_GRADE.value), row.slug_before, row.is_newest,
        )
        for statement in (_BATCH, _BATCH_OF_CLASSES)
        for row in tx.execute(statement, {"batch_id": batch_id})
    ]  # fmt: skip


def planned_slug(tx: Reading, school_id: str, week_on: date, grade: str) -> str | None:
    """The session that is due for one grade of one school in the week of Monday `week_on`, or None."""
    due = {"school_id": school_id, "week_on": week_on, "grade": grade}
    slug: str | None = tx.execute(_PLANNED, due).scalar_one_or_none()
    return slug


def rename_session(tx: Writing, slug: str, new_slug: str) -> None:
    """Plan `new_slug` wherever `slug` was planned."""
    for table in (plan_entry, class_plan_entry):
        tx.execute(update(table).where(table.c.slug == slug).values(slug=new_slug))


def _entry(row: Row[Any]) -> PlanEntry:
    return PlanEntry(id=row.id, school_id=row.school_id, week_on=row.week_on, grade=row.grade, slug=row.slug)
