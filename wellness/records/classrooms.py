"""Classes and who teaches them. A class has a size and no list of students."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, delete, func, insert, select, update

from ..domain import GRADES, Classroom
from ..errors import Invalid, NotFound, worded
from .database.transactions import Reading, Writing, insert_new, new_id
from .schema import classroom, classroom_teacher, person, school
from .week_summaries import roll_up_class

_SAME_NAME = worded("That school already has a class with that name for that year.")


_CLASSES = select(classroom, school.c.name.label("school_name")).join(school, school.c.id == classroom.c.school_id)
_TEACHERS = (
    select(classroom_teacher.c.classroom_id, person.c.id, person.c.name)
    .join(person, person.c.id == classroom_teacher.c.person_id)
    .where(person.c.is_active)
    .order_by(person.c.name, person.c.id)
)
# Made once, and one question: every page and every beacon of a class asks it.
_WITH_TEACHERS = (
    select(
        classroom, school.c.name.label("school_name"), person.c.id.label("teacher_id"), person.c.name.label("teacher")
    )
    .join(school, school.c.id == classroom.c.school_id)
    .outerjoin(classroom_teacher, classroom_teacher.c.classroom_id == classroom.c.id)
    .outerjoin(person, and_(person.c.id == classroom_teacher.c.person_id, person.c.is_active))
    .where(classroom.c.id == bindparam("classroom_id"))
    .order_by(person.c.name, person.c.id)
)

_TAUGHT = (
    select(classroom_teacher.c.person_id, classroom.c.school_id)
    .join(classroom, classroom.c.id == classroom_teacher.c.classroom_id)
    .where(classroom.c.is_active)
    .distinct()
)
_TAUGHT_BY = _TAUGHT.where(classroom_teacher.c.person_id == bindparam("person_id"))
_COUNT = (
    select(classroom.c.school_id, classroom.c.grade, func.count())
    .where(
        classroom.c.year_id == bindparam("year_id"),
        classroom.c.is_active,
        classroom.c.school_id.in_(bindparam("school_ids", expanding=True)),
    )
    .group_by(classroom.c.school_id, classroom.c.grade)
)


def add_classroom(
    tx: Writing,
    *,
    school_id: str,
    year_id: str,
    name: str,
    grade: str,
    size: int,
    teacher_ids: Iterable[str] = (),
) -> Classroom:
    """A new class. Raises Invalid for an unknown grade, a size below 1 or a name the school has used in that year."""
    name = name.strip()
    _check(name, grade, size)
    values = {"id": new_id(), "school_id": school_id, "year_id": year_id, "name": name, "grade": grade, "size": size}
    if not insert_new(tx, insert(classroom).values(**values, is_active=True)):
        raise Invalid(_SAME_NAME, {"name": worded("Choose a different name.")})
    set_teachers(tx, str(values["id"]), teacher_ids)
    return get_classroom(tx, str(values["id"]))


def change_classroom(tx: Writing, classroom_id: str, *, name: str, grade: str, size: int) -> Classroom:
    """The class with another name, grade or size. Raises NotFound, and Invalid as `add_classroom` does."""
    before = get_classroom(tx, classroom_id)
    name = name.strip()
    _check(name, grade, size)
    same = select(classroom.c.id).where(
        classroom.c.school_id == before.school_id,
        classroom.c.year_id == before.year_id,
        classroom.c.name == name,
        classroom.c.id != classroom_id,
    )
    if tx.execute(same).first() is not None:
        raise Invalid(_SAME_NAME, {"name": worded("Choose a different name.")})
    tx.execute(update(classroom).where(classroom.c.id == classroom_id).values(name=name, grade=grade, size=size))
    if grade != before.grade:
        roll_up_class(tx, classroom_id)
    return get_classroom(tx, classroom_id)


def set_teachers(tx: Writing, classroom_id: str, teacher_ids: Iterable[str]) -> None:
    """Set the class's teachers to exactly these people."""
    tx.execute(delete(classroom_teacher).where(classroom_teacher.c.classroom_id == classroom_id))
    rows = [{"classroom_id": classroom_id, "person_id": teacher_id} for teacher_id in sorted(set(teacher_ids))]
    if rows:
        tx.execute(insert(classroom_teacher), rows)


def close_classroom(tx: Writing, classroom_id: str) -> None:
    """The class no longer meets: it leaves the lists and its door closes; its viewings stay."""
    tx.execute(update(classroom).where(classroom.c.id == classroom_id).values(is_active=False))


def get_classroom(tx: Reading, classroom_id: str) -> Classroom:
    """The class with its teachers, also when it no longer meets. Raises NotFound."""
    rows = tx.execute(_WITH_TEACHERS, {"classroom_id": classroom_id}).all()
    if not rows:
        raise NotFound("We couldn’t find that class.")
    return _classroom(rows[0], {row.teacher_id: row.teacher for row in rows if row.teacher_id is not None})


def list_classrooms(
    tx: Reading,
    *,
    year_id: str,
    school_id: str | None = None,
    grade: str | None = None,
    teacher_id: str | None = None,
) -> list[Classroom]:
    """The classes of a year that meet, by school, grade and name; narrowed by what is given. Two queries, always."""
    given = {"year_id": year_id, "school_id": school_id, "grade": grade, "teacher_id": teacher_id}
    values = {name: value for name, value in given.items() if value is not None}
    found, teaching = _narrowed_by(tuple(sorted(values)))
    rows = tx.execute(found, values).all()
    teachers = _by_class(tx.execute(teaching, values)) if rows else {}
    return sorted((_classroom(row, teachers.get(row.id, {})) for row in rows), key=_place)


@cache
def _narrowed_by(names: tuple[str, ...]) -> tuple[Select[Any], Select[Any]]:
    """The classes that meet, narrowed by these, and their teachers."""
    taught = select(classroom_teacher.c.classroom_id).where(classroom_teacher.c.person_id == bindparam("teacher_id"))
    narrow = {
        "year_id": classroom.c.year_id == bindparam("year_id"),
        "school_id": classroom.c.school_id == bindparam("school_id"),
        "grade": classroom.c.grade == bindparam("grade"),
        "teacher_id": classroom.c.id.in_(taught),
    }
    conditions = [classroom.c.is_active, *(narrow[name] for name in names)]
    meant = classroom_teacher.c.classroom_id.in_(select(classroom.c.id).where(*conditions))
    return _CLASSES.where(*conditions), _TEACHERS.where(meant)


def count_classrooms(tx: Reading, *, year_id: str, school_ids: Collection[str]) -> dict[tuple[str, str], int]:
    """How many classes of a year meet in these schools, by school and grade. One query."""
    rows = tx.execute(_COUNT, {"year_id": year_id, "school_ids": list(school_ids)})
    return {(school_id, grade): size for school_id, grade, size in rows}


def list_taught_schools(tx: Reading, person_id: str | None = None) -> dict[str, frozenset[str]]:
    """For everybody who teaches a class that meets, or for one person, the schools of those classes. One query."""
    rows = tx.execute(_TAUGHT) if person_id is None else tx.execute(_TAUGHT_BY, {"person_id": person_id})
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        found[row.person_id] = found.get(row.person_id, frozenset()) | {row.school_id}
    return found


def _check(name: str, grade: str, size: int) -> None:
    fields: dict[str, str] = {}
    if not name:
        fields["name"] = worded("Give the class a name.")
    if grade not in GRADES:
        fields["grade"] = worded("Choose a grade from K to 12.")
    if size < 1:
        fields["size"] = worded("Enter how many students the class has, 1 or more.")
    if fields:
        raise Invalid("The class wasn’t saved. Please fix what’s marked.", fields)


def _place(one: Classroom) -> tuple[str, int, str]:
    return one.school_name, GRADES.index(one.grade), one.name


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
        year_id=row.year_id,
        name=row.name,
        grade=row.grade,
        size=row.size,
        teacher_ids=frozenset(teachers),
        teacher_names=tuple(teachers.values()),
    )
