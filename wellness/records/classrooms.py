"""Classes, their first and last days and who teaches them. A class has a size and no list of students."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from ..domain import GRADES, Classroom, ClassSpan, Teaching, grades_of, name_key, natural_key
from ..errors import Invalid, NotFound, worded
from .database.transactions import Reading, Writing, insert_new, new_id
from .schema import class_change, class_weekday, classroom, door, metadata, person, school, teaching
from .week_summaries import roll_up_class

_SAME_NAME = worded("This school already has a class with that name in that year.")


def _within(day: ColumnElement[Any], table: Any) -> ColumnElement[bool]:
    """Whether a day is from the row's first to its last day."""
    return and_(table.c.first_on <= day, or_(table.c.last_on.is_(None), table.c.last_on >= day))


_ON_DAY: BindParameter[date] = bindparam("on_day")
_NEAREST_DAY = case(
    (classroom.c.last_on < _ON_DAY, classroom.c.last_on),
    (classroom.c.first_on > _ON_DAY, classroom.c.first_on),
    else_=_ON_DAY,
)
"""The day, or the class's last or first day when it does not meet on it."""
_SCHOOL = (school.c.name.label("school_name"), school.c.time_zone, school.c.closed_on)
_TAUGHT_THEN = _within(_NEAREST_DAY, teaching)

_CLASSES = select(classroom, *_SCHOOL).join(school, school.c.id == classroom.c.school_id)
_TEACHERS = (
    select(teaching.c.classroom_id, person.c.id, person.c.name)
    .join(classroom, classroom.c.id == teaching.c.classroom_id)
    .join(person, person.c.id == teaching.c.person_id)
    .where(person.c.is_active, _TAUGHT_THEN)
    .order_by(person.c.name, person.c.id)
)
# Built once, and one query: every page and every beacon of a class asks it.
_WITH_TEACHERS = (
    select(classroom, *_SCHOOL, person.c.id.label("teacher_id"), person.c.name.label("teacher"))
    .join(school, school.c.id == classroom.c.school_id)
    .outerjoin(teaching, and_(teaching.c.classroom_id == classroom.c.id, _TAUGHT_THEN))
    .outerjoin(person, and_(person.c.id == teaching.c.person_id, person.c.is_active))
    .where(classroom.c.id == bindparam("classroom_id"))
    .order_by(person.c.name, person.c.id)
)

_TAUGHT = (
    select(teaching.c.person_id, classroom.c.school_id)
    .join(classroom, classroom.c.id == teaching.c.classroom_id)
    .where(classroom.c.year_id == bindparam("year_id"), _within(_ON_DAY, teaching), _within(_ON_DAY, classroom))
    .distinct()
)
_TAUGHT_BY = _TAUGHT.where(teaching.c.person_id == bindparam("person_id"))
_SPAN = (classroom.c.school_id, classroom.c.grade, classroom.c.first_on, classroom.c.last_on)
_SPANS = (
    select(*_SPAN, func.count())
    .where(
        classroom.c.year_id == bindparam("year_id"),
        classroom.c.school_id.in_(bindparam("school_ids", expanding=True)),
    )
    .group_by(*_SPAN)
)


def add_classroom(
    tx: Writing,
    *,
    school_id: str,
    year_id: str,
    name: str,
    grade: str,
    size: int,
    first_on: date,
    last_on: date | None = None,
    other_grades: Iterable[str] = (),
    follows_id: str | None = None,
    teacher_ids: Iterable[str] = (),
) -> Classroom:
    """A new class from `first_on`, and its teachers from that day. It follows the plan of `grade`.

    Raises Invalid for an unknown grade, a size below 1 or a name the school has used in that year.
    """
    name = name.strip()
    facts = _checked(name, grade, other_grades, size)
    added = {"id": new_id(), "school_id": school_id, "year_id": year_id, **facts}
    if _is_taken(tx, school_id, year_id, name):
        raise Invalid(_SAME_NAME, {"name": _SAME_NAME})
    if not insert_new(tx, insert(classroom).values(**added, first_on=first_on, last_on=last_on, follows_id=follows_id)):
        raise Invalid(_SAME_NAME, {"name": _SAME_NAME})
    for teacher_id in sorted(set(teacher_ids)):
        add_teaching(tx, str(added["id"]), teacher_id, first_on)
    return get_classroom(tx, str(added["id"]), first_on)


def add_classrooms(tx: Writing, wanted: Sequence[Classroom]) -> list[tuple[Classroom, list[str]]]:
    """Add classes, each with its teachers from its first day. Returns each with its new ID and the IDs of its teachings.

    The caller has checked names, grades and sizes. Two statements, however many classes.
    """
    added = [replace(one, id=new_id()) for one in wanted]
    own = ("id", "school_id", "year_id", "name", "grade", "size", "first_on", "last_on", "follows_id")
    if added:
        facts = [{name: getattr(one, name) for name in own} | {"grades": ",".join(one.grades)} for one in added]
        tx.execute(insert(classroom), facts)
    taught = {one.id: [(new_id(), person_id) for person_id in sorted(one.teacher_ids)] for one in added}
    rows = [
        {"id": teaching_id, "classroom_id": one.id, "person_id": person_id, "first_on": one.first_on, "last_on": None}
        for one in added
        for teaching_id, person_id in taught[one.id]
    ]
    if rows:
        tx.execute(insert(teaching), rows)
    return [(one, [teaching_id for teaching_id, _ in taught[one.id]]) for one in added]


def change_classroom(
    tx: Writing, classroom_id: str, *, name: str, grade: str, size: int, other_grades: Iterable[str] = ()
) -> None:
    """Give the class another name, grades or size. Raises NotFound, and Invalid as `add_classroom` does."""
    before = tx.execute(select(classroom).where(classroom.c.id == classroom_id)).one_or_none()
    if before is None:
        raise NotFound("We couldn’t find that class.")
    name = name.strip()
    facts = _checked(name, grade, other_grades, size)
    if _is_taken(tx, before.school_id, before.year_id, name, but=classroom_id):
        raise Invalid(_SAME_NAME, {"name": _SAME_NAME})
    tx.execute(update(classroom).where(classroom.c.id == classroom_id).values(**facts))
    if grade != before.grade:
        roll_up_class(tx, classroom_id)


def set_size(tx: Writing, classroom_id: str, size: int) -> None:
    """Set how many students the class has."""
    tx.execute(update(classroom).where(classroom.c.id == classroom_id).values(size=size))


def set_days(tx: Writing, classroom_id: str, first_on: date, last_on: date | None) -> None:
    """Set the class's first and last day; `last_on` None means to the last day of its school year."""
    tx.execute(update(classroom).where(classroom.c.id == classroom_id).values(first_on=first_on, last_on=last_on))


def add_teaching(tx: Writing, classroom_id: str, person_id: str, first_on: date, last_on: date | None = None) -> None:
    """A person teaches the class from `first_on`. Harmless when the person already does from that day."""
    days = {"first_on": first_on, "last_on": last_on}
    insert_new(tx, insert(teaching).values(id=new_id(), classroom_id=classroom_id, person_id=person_id, **days))


def remove_classroom(tx: Writing, classroom_id: str) -> None:
    """Delete a class that has no history, with what belongs to it."""
    tx.execute(delete(classroom).where(classroom.c.id == classroom_id))


def remove_classrooms(tx: Writing, classroom_ids: Collection[str]) -> None:
    """Delete classes that have no history, with their teachers."""
    if classroom_ids:
        tx.execute(
            delete(classroom).where(classroom.c.id == bindparam("gone")), [{"gone": one} for one in classroom_ids]
        )


def has_history(tx: Reading, classroom_id: str) -> bool:
    """Whether anything refers to the class that doesn't end with it, such as a viewing or a visit."""
    own = (teaching, door, class_weekday, class_change)
    keys = [key for table in metadata.tables.values() if table not in own for key in table.foreign_keys]
    return any(
        tx.execute(select(key.parent).where(key.parent == classroom_id).limit(1)).first() is not None
        for key in keys
        if key.column is classroom.c.id
    )


def list_used(tx: Reading, year_id: str) -> set[str]:
    """Return the IDs of the year's classes that anything but teachers and weekdays refers to, such as a door card."""
    of_year = select(classroom.c.id).where(classroom.c.year_id == year_id)
    own = (teaching, class_weekday)
    keys = [key for table in metadata.tables.values() if table not in own for key in table.foreign_keys]
    return {
        classroom_id
        for key in keys
        if key.column is classroom.c.id
        for classroom_id in tx.execute(select(key.parent).where(key.parent.in_(of_year)).distinct()).scalars()
    }


def _is_taken(tx: Reading, school_id: str, year_id: str, name: str, *, but: str = "") -> bool:
    """Whether another class of the school and year has this name, whatever its case and spaces."""
    there = select(classroom.c.id, classroom.c.name).where(
        classroom.c.school_id == school_id, classroom.c.year_id == year_id
    )
    return any(name_key(row.name) == name_key(name) and row.id != but for row in tx.execute(there))


def remove_teaching(tx: Writing, teaching_id: str) -> None:
    """The person never taught the class."""
    tx.execute(delete(teaching).where(teaching.c.id == teaching_id))


def end_teaching(tx: Writing, teaching_id: str, last_on: date | None) -> None:
    """The person teaches the class up to `last_on`, or with None until further notice."""
    tx.execute(update(teaching).where(teaching.c.id == teaching_id).values(last_on=last_on))


def list_teaching(tx: Reading, classroom_id: str) -> list[Teaching]:
    """Everyone who teaches or taught the class, also people whose account is closed, by first day and name."""
    found = (
        select(teaching, person.c.name, person.c.email, person.c.is_active)
        .join(person, person.c.id == teaching.c.person_id)
        .where(teaching.c.classroom_id == classroom_id)
        .order_by(teaching.c.first_on, person.c.name, teaching.c.id)
    )
    return [Teaching(**row._mapping) for row in tx.execute(found)]


def list_teaching_of_year(tx: Reading, year_id: str) -> list[Teaching]:
    """Everyone who teaches or taught a class of the year, as `list_teaching` lists them."""
    found = (
        select(teaching, person.c.name, person.c.email, person.c.is_active)
        .join(person, person.c.id == teaching.c.person_id)
        .join(classroom, classroom.c.id == teaching.c.classroom_id)
        .where(classroom.c.year_id == year_id)
        .order_by(teaching.c.first_on, person.c.name, teaching.c.id)
    )
    return [Teaching(**row._mapping) for row in tx.execute(found)]


def get_classroom(tx: Reading, classroom_id: str, on_day: date) -> Classroom:
    """The class with its teachers of `on_day`, also when it does not meet on that day. Raises NotFound."""
    rows = tx.execute(_WITH_TEACHERS, {"classroom_id": classroom_id, "on_day": on_day}).all()
    if not rows:
        raise NotFound("We couldn’t find that class.")
    return _classroom(rows[0], {row.teacher_id: row.teacher for row in rows if row.teacher_id is not None})


def list_classrooms(
    tx: Reading,
    *,
    year_id: str,
    on_day: date,
    last_on: date | None = None,
    school_id: str | None = None,
    grade: str | None = None,
    teacher_id: str | None = None,
) -> list[Classroom]:
    """The classes of a year that meet on `on_day`, or on any day from there to `last_on`, by school, grade and name.

    A class of several grades is found under each of them. Narrowed by what is given; with their teachers of the last of
    these days. Two queries, always.
    """
    given = {"year_id": year_id, "school_id": school_id, "grade": grade, "teacher_id": teacher_id}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    found, teachers_of = _narrowed_by(tuple(sorted(values)))
    if grade is not None:
        values["grade"] = f",{grade},"
    values |= {"on_day": last_on or on_day, "from_day": on_day}
    rows = tx.execute(found, values).all()
    teachers = _by_class(tx.execute(teachers_of, values)) if rows else {}
    return sorted((_classroom(row, teachers.get(row.id, {})) for row in rows), key=place)


@cache
def _narrowed_by(names: tuple[str, ...]) -> tuple[Select[Any], Select[Any]]:
    """The classes that meet, narrowed by these, and their teachers."""
    own = teaching.alias("own")
    taught = exists().where(
        own.c.classroom_id == classroom.c.id, own.c.person_id == bindparam("teacher_id"), _within(_NEAREST_DAY, own)
    )
    narrow = {
        "year_id": classroom.c.year_id == bindparam("year_id"),
        "school_id": classroom.c.school_id == bindparam("school_id"),
        "grade": (literal(",") + classroom.c.grades + ",").contains(bindparam("grade")),
        "teacher_id": taught,
    }
    meets = [
        classroom.c.first_on <= _ON_DAY,
        or_(classroom.c.last_on.is_(None), classroom.c.last_on >= bindparam("from_day")),
    ]
    conditions = [*meets, *(narrow[name] for name in names)]
    is_open = or_(school.c.closed_on.is_(None), school.c.closed_on >= bindparam("from_day"))
    return _CLASSES.where(*conditions, is_open), _TEACHERS.where(*conditions)


def list_class_spans(tx: Reading, *, year_id: str, school_ids: Collection[str]) -> list[ClassSpan]:
    """How many classes of a year these schools have, by school, grade, first and last day. One query."""
    rows = tx.execute(_SPANS, {"year_id": year_id, "school_ids": list(school_ids)})
    return [ClassSpan(*row) for row in rows]


def has_classrooms(tx: Reading, year_id: str) -> bool:
    """Whether there is a class in that year, also one that no longer meets."""
    return tx.execute(select(classroom.c.id).where(classroom.c.year_id == year_id).limit(1)).first() is not None


def list_taught_schools(
    tx: Reading, *, year_id: str, on_day: date, person_id: str | None = None
) -> dict[str, frozenset[str]]:
    """For everybody who teaches a class of the year on that day, or for one person, the schools of those classes. One query."""
    values = {"year_id": year_id, "on_day": on_day} | ({} if person_id is None else {"person_id": person_id})
    found: dict[str, frozenset[str]] = {}
    for row in tx.execute(_TAUGHT if person_id is None else _TAUGHT_BY, values):
        found[row.person_id] = found.get(row.person_id, frozenset()) | {row.school_id}
    return found


def _checked(name: str, grade: str, other_grades: Iterable[str], size: int) -> dict[str, object]:
    """Return the columns of these facts. Raises Invalid with those that are wrong."""
    listed = {grade, *other_grades}
    fields: dict[str, str] = {}
    if not name:
        fields["name"] = worded("Give the class a name.")
    if not listed <= set(GRADES):
        fields["grade"] = worded("Choose a grade from the list.")
    if size < 1:
        fields["size"] = worded("Enter how many students the class has, 1 or more.")
    if fields:
        raise Invalid("The class wasn’t saved. Please fix what’s marked.", fields)
    return {"name": name, "grade": grade, "grades": ",".join(grades_of(grade, listed)), "size": size}


def place(one: Classroom) -> tuple[object, int, object]:
    """The order of a list of classes: by school, grade and name."""
    return natural_key(one.school_name), GRADES.index(one.grade), natural_key(one.name)


def _by_class(rows: Iterable[Row[Any]]) -> dict[str, dict[str, str]]:
    """For each class, its teachers who may sign in: id and name, by name."""
    teachers: dict[str, dict[str, str]] = {}
    for row in rows:
        teachers.setdefault(row.classroom_id, {})[row.id] = row.name
    return teachers


def _classroom(row: Row[Any], teachers: dict[str, str]) -> Classroom:
    return Classroom(
        id=row.id,
        school_id=row.school_id,
        school_name=row.school_name,
        time_zone=row.time_zone or "",
        year_id=row.year_id,
        name=row.name,
        grade=row.grade,
        grades=tuple(row.grades.split(",")),
        size=row.size,
        first_on=row.first_on,
        last_on=row.last_on,
        follows_id=row.follows_id,
        teacher_ids=frozenset(teachers),
        teacher_names=tuple(teachers.values()),
    )
