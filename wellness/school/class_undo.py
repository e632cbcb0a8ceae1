"""Undoing that a class was closed, merged or split, until something hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..domain import ClassChange, ClassChangeKind, Classroom, Person, Teaching, week_of
from ..errors import Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, calendars, class_changes, classrooms, expected_weeks
from .expectations import close_weeks

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Undo:
    """A change of a class and what undoing it does.

    `refused` says why it can't be undone anymore, empty when it can. `leaving` teach the other class only because of
    the change, and stop.
    """

    change: ClassChange
    refused: str
    leaving: tuple[Teaching, ...] = ()


def find_undo(tx: Reading, classroom: Classroom) -> Undo | None:
    """Return the latest change of the class, None when there is none or the class was changed since."""
    change = next(iter(class_changes.list_changes(tx, classroom.id)), None)
    if change is None:
        return None
    if change.kind is ClassChangeKind.SPLIT:
        return Undo(change, _why_not_split(tx, change))
    if classroom.last_on != change.last_on:
        return None
    if _is_counted_without(tx, classroom, change.last_on):
        message = worded(
            "A week without this class is over, so this can’t be undone anymore. You can reopen the class."
        )
        return Undo(change, message)
    if change.kind is ClassChangeKind.CLOSED:
        return Undo(change, "")
    return Undo(change, _why_not_merged(tx, change), tuple(_list_leaving(tx, classroom, change)))


def undo_change(records: Records, by: Person, classroom: Classroom, change_id: int, at: datetime) -> None:
    """Undo the latest change of the class. Raises NotFound for another one, Invalid when something hangs on it."""
    with records.writing() as tx:
        close_weeks(tx, [classroom.school_id], at)
        now = classrooms.get_classroom(tx, classroom.id, classroom.first_on)
        found = find_undo(tx, now)
        if found is None or found.change.id != change_id:
            raise NotFound(worded("We couldn’t find that change."))
        if found.refused:
            raise Invalid(found.refused)
        if found.change.kind is ClassChangeKind.SPLIT:
            _undo_split(tx, now, found.change)
        else:
            _undo_end(tx, now, found)
        class_changes.end_change(tx, change_id, at)
        detail = f"{found.change.kind.value} {found.change.other_name}".strip()
        audit_log.note(tx, by, at, "undo change of class", f"class {classroom.name}", detail)


def _is_counted_without(tx: Reading, classroom: Classroom, last_on: date) -> bool:
    """Whether a week in which the class would have been due after its last day is closed."""
    calendar = calendars.load_calendar(tx, classroom)
    week_on = week_of(last_on)
    due_on = calendar.due_day_of(classroom.id, week_on)
    first = week_on if due_on is not None and due_on > last_on else week_on + _WEEK
    return expected_weeks.closed_through(tx, [classroom.school_id]).get(classroom.school_id, date.min) >= first


def _why_not_split(tx: Reading, change: ClassChange) -> str:
    if change.other_id is not None and classrooms.has_history(tx, change.other_id):
        return worded("The new class has history, so this can’t be undone anymore. You can merge or close it.")
    return ""


def _why_not_merged(tx: Reading, change: ClassChange) -> str:
    other = classrooms.get_classroom(tx, str(change.other_id), change.last_on)
    if other.size <= (change.size or 0):
        return worded("The other class is too small now, so this can’t be undone anymore. You can reopen the class.")
    return ""


def _list_leaving(tx: Reading, classroom: Classroom, change: ClassChange) -> list[Teaching]:
    taught = {one.person_id for one in classrooms.list_teaching(tx, classroom.id)}
    first_on = change.last_on + _DAY
    listed = classrooms.list_teaching(tx, str(change.other_id))
    return [one for one in listed if one.first_on == first_on and one.last_on is None and one.person_id in taught]


def _undo_split(tx: Writing, classroom: Classroom, change: ClassChange) -> None:
    if change.other_id is not None:
        classrooms.remove_classroom(tx, change.other_id)
    classrooms.set_size(tx, classroom.id, classroom.size + (change.size or 0))


def _undo_end(tx: Writing, classroom: Classroom, found: Undo) -> None:
    classrooms.set_days(tx, classroom.id, classroom.first_on, found.change.last_on_before)
    if found.change.other_id is not None:
        other = classrooms.get_classroom(tx, found.change.other_id, found.change.last_on)
        classrooms.set_size(tx, other.id, other.size - (found.change.size or 0))
    for one in found.leaving:
        classrooms.remove_teaching(tx, one.id)
