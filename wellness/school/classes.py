"""Changing classes: their facts, days and teachers, merging and splitting, each with an entry in the audit log.

A class that has ended keeps its history and can be reopened; only a class that nothing was ever logged for is removed.
Each act closes the weeks that are over first, so it changes only what is still open.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from ..domain import (
    ClassChangeKind,
    Classroom,
    ClassWeekday,
    Person,
    SchoolYear,
    Teaching,
    grades_of,
    is_within,
    week_of,
)
from ..errors import Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, calendars, class_changes, classrooms, schools
from .expectations import close_weeks
from .setup import list_possible_teachers

MAX_SIZE = 200
_NOT_SAVED = worded("The class wasn’t saved. Please fix what’s marked.")
_DAY = timedelta(days=1)


def change_class(
    records: Records,
    by: Person,
    classroom: Classroom,
    *,
    name: str,
    grade: str,
    other_grades: Collection[str],
    size: int,
    first_on: date,
    last_on: date | None,
    at: datetime,
) -> None:
    """Change name, grades, size, first and last day. Raises Invalid with the wrong fields."""
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        _check_days(_year_of(tx, classroom), first_on, last_on)
        classrooms.change_classroom(tx, classroom.id, name=name, grade=grade, other_grades=other_grades, size=size)
        classrooms.set_days(tx, classroom.id, first_on, last_on)
        changes = [
            f"{label} {before} → {after}"
            for label, before, after in (
                ("name", classroom.name, name.strip()),
                ("grade", _grades_in_words(classroom.grade, classroom.grades), _grades_in_words(grade, other_grades)),
                ("size", classroom.size, size),
                ("first day", classroom.first_on, first_on),
                ("last day", classroom.last_on or "open", last_on or "open"),
            )
            if before != after
        ]
        if changes:
            audit_log.note(tx, by, at, "change class", f"class {classroom.name}", "; ".join(changes))


def _grades_in_words(grade: str, others: Collection[str]) -> str:
    listed = grades_of(grade, others)
    return grade if len(listed) == 1 else f"{'/'.join(listed)} with the plan of {grade}"


def close_class(records: Records, by: Person, classroom: Classroom, *, last_on: date, at: datetime) -> None:
    """End the class with `last_on`. Raises Invalid when that is before its first day or outside the school year."""
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        _check_days(_year_of(tx, classroom), classroom.first_on, last_on)
        classrooms.set_days(tx, classroom.id, classroom.first_on, last_on)
        if classroom.last_on != last_on:
            class_changes.add_change(
                tx,
                ClassChangeKind.CLOSED,
                classroom.id,
                last_on=last_on,
                last_on_before=classroom.last_on,
                by=by,
                at=at,
            )
            audit_log.note(tx, by, at, "close class", f"class {classroom.name}", f"last day {last_on}")


def reopen_class(records: Records, by: Person, classroom: Classroom, at: datetime) -> None:
    """Let the class meet until the school year ends."""
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        classrooms.set_days(tx, classroom.id, classroom.first_on, None)
        if classroom.last_on is not None:
            audit_log.note(tx, by, at, "reopen class", f"class {classroom.name}")


def remove_class(records: Records, by: Person, classroom: Classroom, at: datetime) -> None:
    """Remove a class that was added by mistake. Raises Invalid when anything was logged for it."""
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        if classrooms.has_history(tx, classroom.id):
            raise Invalid(worded("This class has history, so it can’t be removed. Close it instead."))
        classrooms.remove_classroom(tx, classroom.id)
        audit_log.note(tx, by, at, "remove class", f"class {classroom.name}")


# --- Its own weekday --------------------------------------------------------------------------------------------------


def list_weekdays(tx: Reading, classroom: Classroom) -> list[ClassWeekday]:
    """Return from which Mondays on the class has which weekday of its own, in order."""
    own = calendars.load_calendar(tx, classroom).class_weekdays
    return [one for one in own if one.classroom_id == classroom.id]


def set_weekday(
    records: Records,
    by: Person,
    classroom: Classroom,
    *,
    weekday: int | None,
    valid_from: date,
    at: datetime,
    today: date,
) -> None:
    """Make the class's sessions due on `weekday` (None: when its school's are) from the week of Monday `valid_from` on.

    Raises Invalid with the wrong fields, also for a week in which the session is due already.
    """
    fields: dict[str, str] = {}
    if weekday is not None and weekday not in range(5):
        fields["weekday"] = worded("Choose a day from Monday to Friday.")
    if valid_from != week_of(valid_from) or valid_from < week_of(today):
        fields["valid_from"] = worded("Choose this week or a later one. Past weeks stay as they were.")
    if fields:
        raise Invalid(_NOT_SAVED, fields)
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        before = calendars.load_calendar(tx, classroom).due_day_of(classroom.id, valid_from)
        calendars.set_class_weekday(tx, classroom.id, valid_from, weekday, by=by, at=at)
        after = calendars.load_calendar(tx, classroom).due_day_of(classroom.id, valid_from)
        if any(day is not None and day < today for day in (before, after)):
            message = worded("That week’s session was already due. Choose a later week.")
            raise Invalid(_NOT_SAVED, {"valid_from": message})
        day = "as school" if weekday is None else str(weekday)
        audit_log.note(tx, by, at, "set weekday of class", f"class {classroom.name}", f"{day} from {valid_from}")


# --- Teachers ---------------------------------------------------------------------------------------------------------


def add_teacher(
    records: Records, by: Person, classroom: Classroom, *, who: str, first_on: date, at: datetime
) -> Person:
    """Let a person teach the class from `first_on`. `who` is a name, an email, or both as `describe_person` writes them.

    Raises Invalid for nobody or more than one person of that name, or a day on which the person already teaches it.
    """
    with records.writing() as tx:
        person = _find_person(tx, by, who)
        end = classroom.last_on or _year_of(tx, classroom).ends_on
        if not classroom.first_on <= first_on <= end:
            fields = {"first_on": worded("Choose a day on which the class meets.")}
            raise Invalid(_NOT_SAVED, fields)
        for one in classrooms.list_teaching(tx, classroom.id):
            if one.person_id == person.id and is_within(max(first_on, one.first_on), one.first_on, one.last_on):
                raise Invalid(_NOT_SAVED, {"who": worded("This person already teaches the class then.")})
        classrooms.add_teaching(tx, classroom.id, person.id, first_on)
        detail = f"from {first_on}"
        audit_log.note(tx, by, at, "add teacher", f"class {classroom.name}", detail, about=person.id)
    return person


def end_teacher(
    records: Records, by: Person, classroom: Classroom, teaching_id: str, *, last_on: date | None, at: datetime
) -> Teaching:
    """Let a person teach the class up to `last_on`, or until further notice with None.

    A last day before the first one removes the entry. Raises NotFound for an entry that the class doesn’t have.
    """
    with records.writing() as tx:
        listed = classrooms.list_teaching(tx, classroom.id)
        found = next((one for one in listed if one.id == teaching_id), None)
        if found is None:
            raise NotFound(worded("We couldn’t find that teacher in this class."))
        if last_on is not None and last_on < found.first_on:
            classrooms.remove_teaching(tx, teaching_id)
        else:
            classrooms.end_teaching(tx, teaching_id, last_on)
        if last_on != found.last_on:
            detail = f"last day {last_on}" if last_on is not None else "no last day"
            audit_log.note(tx, by, at, "change teacher", f"class {classroom.name}", detail, about=found.person_id)
    return found


def describe_person(person: Person) -> str:
    """Return name and email, so that people of the same name can be told apart: `Ana Diaz · ana@school.org`."""
    return f"{person.name} · {person.email}"


def _find_person(tx: Reading, by: Person, who: str) -> Person:
    typed = " ".join(who.split()).casefold()
    email = typed.rpartition("·")[2].strip()
    listed = list_possible_teachers(tx, by)
    by_email = [person for person in listed if person.email.casefold() == email]
    found = by_email or [person for person in listed if " ".join(person.name.split()).casefold() == typed]
    if not found:
        raise Invalid(_NOT_SAVED, {"who": worded("We couldn’t find this person. Choose a name from the list.")})
    if len(found) > 1:
        message = worded("More than one person has this name. Choose the one with the right email.")
        raise Invalid(_NOT_SAVED, {"who": message})
    return found[0]


# --- Two classes into one, one into two -------------------------------------------------------------------------------


def merge_into(
    records: Records, by: Person, classroom: Classroom, into_id: str, *, last_on: date, at: datetime
) -> Classroom:
    """End the class with `last_on`; from the next day its students and teachers are in the other class.

    Raises Invalid when the class has already ended, or the other is not a class of the same school and year.
    """
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        now = classrooms.get_classroom(tx, classroom.id, last_on)
        if now.last_on is not None:
            raise Invalid(worded("This class has already been closed, so it wasn’t merged again."))
        _check_days(_year_of(tx, now), now.first_on, last_on)
        others = {one.id: one for one in list_merge_targets(tx, now, last_on)}
        other = others.get(into_id)
        if other is None:
            raise Invalid(_NOT_SAVED, {"into_id": worded("Choose a class from the list.")})
        if other.size + now.size > MAX_SIZE:
            raise Invalid(_NOT_SAVED, {"into_id": worded("Together the classes have more than 200 students.")})
        classrooms.set_size(tx, other.id, other.size + now.size)
        for teacher_id in sorted(now.teacher_ids - other.teacher_ids):
            classrooms.add_teaching(tx, other.id, teacher_id, last_on + _DAY)
        classrooms.set_days(tx, now.id, now.first_on, last_on)
        class_changes.add_change(
            tx, ClassChangeKind.MERGED, now.id, other_id=other.id, size=now.size, last_on=last_on, by=by, at=at
        )
        detail = (
            f"into class {other.name}; last day {last_on}; size of {other.name} {other.size} → {other.size + now.size}"
        )
        audit_log.note(tx, by, at, "merge class", f"class {now.name}", detail)
    return other


def list_merge_targets(tx: Reading, classroom: Classroom, on_day: date) -> list[Classroom]:
    """Return the other classes of the school and year that meet after that day."""
    listed = classrooms.list_classrooms(
        tx, year_id=classroom.year_id, school_id=classroom.school_id, on_day=on_day + _DAY
    )
    return [one for one in listed if one.id != classroom.id]


def split_class(
    records: Records, by: Person, classroom: Classroom, *, name: str, size: int, first_on: date, at: datetime
) -> Classroom:
    """Make a second class of `size` of the students from `first_on`, with the same grade and teachers.

    Raises Invalid when nobody would be left, the name is taken, or the class doesn’t meet on that day.
    """
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        now = classrooms.get_classroom(tx, classroom.id, first_on)
        year = _year_of(tx, now)
        fields: dict[str, str] = {}
        if not 0 < size < now.size:
            fields["size"] = worded("Enter a number that leaves students in both classes.")
        if not year.starts_on <= first_on <= year.ends_on or not now.meets_on(first_on):
            fields["first_on"] = worded("Choose a day on which the class meets.")
        if fields:
            raise Invalid(_NOT_SAVED, fields)
        added = classrooms.add_classroom(
            tx, school_id=now.school_id, year_id=now.year_id, name=name, grade=now.grade, size=size,
            first_on=first_on, last_on=now.last_on, other_grades=now.grades, follows_id=now.id,
            teacher_ids=now.teacher_ids,
        )  # fmt: skip
        classrooms.set_size(tx, now.id, now.size - size)
        class_changes.add_change(
            tx, ClassChangeKind.SPLIT, now.id, other_id=added.id, size=size, last_on=first_on - _DAY, by=by, at=at
        )
        detail = f"new class {added.name} from {first_on}; size {now.size} → {now.size - size} and {size}"
        audit_log.note(tx, by, at, "split class", f"class {now.name}", detail)
    return added


def _year_of(tx: Writing, classroom: Classroom) -> SchoolYear:
    return next(year for year in schools.list_years(tx) if year.id == classroom.year_id)


def _check_days(year: SchoolYear, first_on: date, last_on: date | None) -> None:
    fields: dict[str, str] = {}
    if not year.starts_on <= first_on <= year.ends_on:
        fields["first_on"] = worded("Choose a day in the class’s school year.")
    if last_on is not None and not first_on <= last_on <= year.ends_on:
        fields["last_on"] = worded("Choose a day in the class’s school year that isn’t before its first day.")
    if fields:
        raise Invalid(_NOT_SAVED, fields)
