"""Presenting a session to a class, logging outcomes and other SEL lessons, and door cards."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ..domain import (
    MAKE_UP_WEEKS,
    Classroom,
    Closure,
    DoorCard,
    EnteredRole,
    Language,
    Outcome,
    OutsideLesson,
    Person,
    Role,
    School,
    SchoolYear,
    Viewing,
    ViewingState,
    week_of,
)
from ..errors import Invalid, NotFound, worded
from ..policy import Action, Actor, may
from ..records import (
    Reading,
    Records,
    audit_log,
    calendars,
    classrooms,
    door_cards,
    door_notes,
    outcomes,
    outside_lessons,
    viewings,
)
from .reporting import Cell, grid_rows

MAX_MINUTES = 180
BACK_DAYS = 60
"""Days back for which an outcome may be logged; older weeks have been reported."""


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """Slug, revision and language that the class saw; stored with the viewing, so later edits do not change it."""

    slug: str
    revision: str
    language: Language


class SecondEntry(StrEnum):
    """What a session logged for a week means for a class that already has a done session in it."""

    ASK = "ask"
    AGAIN = "again"
    """The class did both."""
    INSTEAD = "instead"
    """It replaces what was logged for the week."""


class AlreadyLogged(Invalid):
    """The classes have a done session in that week already, and nobody said whether this one is another or replaces it."""

    def __init__(self, already: Sequence[Viewing]) -> None:
        super().__init__("Nothing was saved. Some classes already have a session logged for that week.")
        self.already = tuple(already)


class NoSchoolThatDay(Invalid):
    """A class has no school on the day of a done session, and nobody said that it met all the same."""

    def __init__(self, closure: Closure | None) -> None:
        super().__init__("Nothing was saved. That day has no school.")
        self.closure = closure
        """The no-school day with its reason; None for a weekend."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Result of logging an outcome for one or several classes. `earlier` has the viewings that it replaced."""

    batch_id: str
    viewings: tuple[Viewing, ...]
    earlier: tuple[Viewing, ...]


def list_due(tx: Reading, own: Sequence[Classroom], today: date) -> list[tuple[Classroom, Cell]]:
    """Return each class with its grid cell of this week."""
    return [(row.classroom, row.cells[0]) for row in grid_rows(tx, own, [week_of(today)], today) if row.cells]


def open_for(records: Records, classroom: Classroom, shown: ShownVersion, on_day: date, at: datetime) -> Viewing:
    """Record that the session was opened for the class on `on_day`. Opening it again returns the same viewing."""
    with records.reading() as tx:
        known = viewings.find_viewing(tx, classroom.id, shown.slug, on_day)
    if known is not None and known.opened_at is not None:
        return known
    with records.writing() as tx:
        return viewings.open_viewing(
            tx, classroom.id, shown.slug, shown.revision, on_day, at, EnteredRole.AUTO, shown.language
        )


def note_ran(
    records: Records,
    classroom: Classroom,
    shown: ShownVersion,
    on_day: date,
    *,
    part: str,
    duration: int,
    ranges: Iterable[tuple[int, int]],
    at: datetime,
) -> Viewing:
    """Record which seconds of a practice or video ran for the class. Idempotent: a repeated beacon changes nothing."""
    with records.writing() as tx:
        viewing = viewings.open_viewing(
            tx, classroom.id, shown.slug, shown.revision, on_day, at, EnteredRole.AUTO, shown.language
        )
        return viewings.add_ran_to(tx, viewing, part, duration, ranges, at)


def check_day(on_day: date, today: date) -> None:
    """Raise Invalid when `on_day` is in the future or more than 60 days ago."""
    if on_day > today:
        raise Invalid(
            "Nothing was saved.", {"on_day": worded("That day is in the future. Choose today or an earlier day.")}
        )
    if on_day < today - timedelta(days=BACK_DAYS):
        message = worded("That’s more than 60 days ago. Those weeks have already been reported.")
        raise Invalid("Nothing was saved.", {"on_day": message})


def _check_school_day(tx: Reading, own: Collection[Classroom], on_day: date, met_anyway: bool) -> None:
    for classroom in own:
        calendar = calendars.load_calendar(tx, classroom)
        if not calendar.is_in_year(on_day):
            raise Invalid("Nothing was saved.", {"on_day": worded("That day is outside the school year.")})
        if not met_anyway and not calendar.is_school_day(on_day):
            raise NoSchoolThatDay(next((one for one in calendar.closures if one.covers(on_day)), None))


def log_outcome(
    records: Records,
    actor: Actor,
    own: Collection[tuple[Classroom, ShownVersion]],
    *,
    on_day: date,
    outcome: Outcome,
    at: datetime,
    today: date,
    second: SecondEntry = SecondEntry.AGAIN,
    makes_up_for: date | None = None,
    met_anyway: bool = True,
) -> Logged:
    """Log the outcome of `on_day` for one or several classes, each with its session; a day before today is marked late.

    One transaction: all classes or none. `makes_up_for` is the Monday of an earlier week in which the same session was
    planned and not done; it then counts for that week. Raises Invalid for a day in the future, long past or outside the
    school year, minutes out of range or a week that needs no make-up, AlreadyLogged when `second` is to be asked,
    NoSchoolThatDay when a session was done on a day without school and nobody said that the class `met_anyway`.
    """
    check_day(on_day, today)
    if outcome.minutes is not None and not 1 <= outcome.minutes <= MAX_MINUTES:
        raise Invalid("Nothing was saved.", {"minutes": worded("Enter minutes from 1 to 180.")})
    if not own:
        raise Invalid("Nothing was saved.", {"classroom_id": worded("Choose at least one class.")})
    role = _role_of(actor)
    by = actor.id if isinstance(actor, Person) else None
    batch_id = secrets.token_urlsafe(16)
    now: list[Viewing] = []
    earlier: list[Viewing] = []
    with records.writing() as tx:
        if outcome.state is ViewingState.DELIVERED:
            _check_school_day(tx, [classroom for classroom, _ in own], on_day, met_anyway)
        if makes_up_for is not None:
            _check_make_up(tx, own, outcome, makes_up_for, on_day)
        already = _list_done_in_week(tx, own, on_day, makes_up_for or week_of(on_day))
        if already and second is SecondEntry.ASK:
            raise AlreadyLogged(already)
        for classroom, shown in own:
            viewing, before = outcomes.enter_outcome(
                tx, batch_id, classroom.id, shown.slug, shown.revision, on_day, outcome, by, role, at,
                on_day < today, shown.language, makes_up_for,
            )  # fmt: skip
            now.append(viewing)
            earlier += [before] if before is not None else []
        for replaced in already if second is SecondEntry.INSTEAD else ():
            outcomes.withdraw_outcome(tx, batch_id, replaced, by, role, at)
    return Logged(batch_id, tuple(now), tuple(earlier))


def list_door_days(tx: Reading, classroom: Classroom, today: date) -> list[date]:
    """Return the days for which a door card can log today, the latest first; none on a day without school.

    Today, this week's due day when it has come, and on the first school day of a week the due day of the week before.
    """
    calendar = calendars.load_calendar(tx, classroom)
    if not calendar.is_school_day(today):
        return []
    this_week = week_of(today)
    before = calendar.last_school_day(today - timedelta(days=1))
    weeks = [this_week] if before is not None and before >= this_week else [this_week, this_week - timedelta(weeks=1)]
    due = {calendar.due_day_of(classroom.id, week_on) for week_on in weeks}
    return sorted({today} | {day for day in due if day is not None and day <= today}, reverse=True)


def log_at_door(
    records: Records,
    own: tuple[Classroom, ShownVersion],
    *,
    on_day: date,
    outcome: Outcome,
    at: datetime,
    today: date,
) -> Logged | None:
    """Log the outcome with the class's door card, or return None when it was kept as a note for the teacher.

    What a signed-in person logged about the same session of the week is never replaced. A card has one answer a week:
    a new one replaces its earlier one.
    """
    classroom, shown = own
    batch_id = secrets.token_urlsafe(16)
    with records.writing() as tx:
        week_on = week_of(on_day)
        held = viewings.list_viewings_of_weeks(tx, first=week_on, last=week_on, classroom_ids=[classroom.id])
        said = [viewing for viewing in held if viewing.entered_at is not None]
        by_staff = [one for one in said if one.slug == shown.slug and one.entered_role is not EnteredRole.SUBSTITUTE]
        if any(_is_same_answer(one, outcome) for one in by_staff):
            return Logged("", (), ())
        if by_staff:
            version = (shown.slug, shown.revision, shown.language)
            door_notes.put_door_note(tx, classroom.id, *version, on_day, outcome, at)
            return None
        role, is_late = EnteredRole.SUBSTITUTE, on_day < today
        viewing, before = outcomes.enter_outcome(
            tx,
            batch_id,
            classroom.id,
            shown.slug,
            shown.revision,
            on_day,
            outcome,
            None,
            role,
            at,
            is_late,
            shown.language,
        )
        for other in said:
            if other.entered_role is EnteredRole.SUBSTITUTE and other.id != viewing.id:
                outcomes.withdraw_outcome(tx, batch_id, other, None, role, at)
    return Logged(batch_id, (viewing,), () if before is None else (before,))


def _is_same_answer(viewing: Viewing, outcome: Outcome) -> bool:
    return (viewing.state, viewing.extent, viewing.reason) == (outcome.state, outcome.extent, outcome.reason)


def answer_door_note(
    records: Records, person: Person, classroom: Classroom, note_id: str, *, use: bool, at: datetime, today: date
) -> Logged | None:
    """Log what a door note says in place of what staff logged, or dismiss it and return None. Raises NotFound."""
    batch_id, role = secrets.token_urlsafe(16), _role_of(person)
    with records.writing() as tx:
        note = door_notes.take_door_note(tx, classroom.id, note_id)
        if not use:
            return None
        week_on = week_of(note.on_day)
        held = viewings.list_viewings_of_weeks(tx, first=week_on, last=week_on, classroom_ids=[classroom.id])
        viewing, before = outcomes.enter_outcome(
            tx, batch_id, classroom.id, note.slug, note.revision, note.on_day, note.outcome, person.id, role, at,
            note.on_day < today, note.language,
        )  # fmt: skip
        for other in held:
            if other.entered_at is not None and other.slug == note.slug and other.id != viewing.id:
                outcomes.withdraw_outcome(tx, batch_id, other, person.id, role, at)
    return Logged(batch_id, (viewing,), () if before is None else (before,))


def list_missed(tx: Reading, own: Sequence[Classroom], today: date) -> dict[str, list[Cell]]:
    """Return by class the cells of earlier weeks whose planned session was not done, newest first."""
    this_week = week_of(today)
    weeks = [this_week - timedelta(weeks=back) for back in range(MAKE_UP_WEEKS, 0, -1)]
    return {
        row.classroom.id: [cell for cell in reversed(row.cells) if _is_missed(cell, today)]
        for row in grid_rows(tx, own, weeks, today)
    }


def _is_missed(cell: Cell, today: date) -> bool:
    return cell.is_planned(today) and not cell.state.is_delivered


def _check_make_up(
    tx: Reading,
    own: Collection[tuple[Classroom, ShownVersion]],
    outcome: Outcome,
    makes_up_for: date,
    on_day: date,
) -> None:
    """Raise Invalid unless the session was planned for each class in that week and not done."""
    if outcome.state is not ViewingState.DELIVERED:
        message = worded("Only a session that was done can make up for another week.")
        raise Invalid("Nothing was saved.", {"makes_up_for": message})
    missed = list_missed(tx, [classroom for classroom, _ in own], on_day)
    for classroom, shown in own:
        known = viewings.find_viewing(tx, classroom.id, shown.slug, on_day)
        is_same = known is not None and known.week_on == makes_up_for
        if not is_same and (makes_up_for, shown.slug) not in {
            (cell.week_on, cell.slug) for cell in missed[classroom.id]
        }:
            message = worded("That session wasn’t planned for that week, or it’s already logged as done.")
            raise Invalid("Nothing was saved.", {"makes_up_for": message})


def _list_done_in_week(
    tx: Reading, own: Iterable[tuple[Classroom, ShownVersion]], on_day: date, week_on: date
) -> list[Viewing]:
    """Return the done sessions that count for the week, without those that are logged again on `on_day`."""
    same = {(classroom.id, shown.slug, on_day) for classroom, shown in own}
    ids = {classroom_id for classroom_id, _, _ in same}
    held = viewings.list_viewings_of_weeks(tx, first=week_on, last=week_on, classroom_ids=ids)
    return [
        viewing
        for viewing in held
        if viewing.state is ViewingState.DELIVERED and (viewing.classroom_id, viewing.slug, viewing.on_day) not in same
    ]


def undo(records: Records, actor: Actor, batch_id: str, at: datetime, today: date) -> list[str]:
    """Undo a logged batch for all its classes and return their ids.

    Raises NotFound when the actor may not see such a batch, Conflict when somebody changed a viewing since.
    """
    with records.writing() as tx:
        changes = outcomes.list_batch(tx, batch_id)
        touched = {change.classroom_id for change in changes}
        action = Action.LOG_VIEWING if isinstance(actor, Person) else Action.OPEN_OWN_DOOR
        own = all(may(actor, action, classrooms.get_classroom(tx, classroom_id, today)) for classroom_id in touched)
        by = actor.id if isinstance(actor, Person) else None
        outcomes.undo_batch(tx, batch_id if own else "", by, at)
        return sorted(touched)


def log_outside_lesson(
    records: Records,
    person: Person,
    classroom: Classroom,
    *,
    on_day: date,
    minutes: int,
    curriculum: str,
    title: str,
    at: datetime,
    today: date,
) -> OutsideLesson:
    """Log SEL minutes from another curriculum; the same lesson twice is stored once. Raises Invalid with the wrong field."""
    check_day(on_day, today)
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid("Nothing was saved.", {"minutes": worded("Enter minutes from 1 to 180.")})
    if not curriculum.strip():
        raise Invalid("Nothing was saved.", {"curriculum": worded("Enter the curriculum it came from.")})
    with records.writing() as tx:
        same = [
            lesson
            for lesson in outside_lessons.list_outside_lessons(
                tx, first=on_day, last=on_day, classroom_ids=[classroom.id]
            )
            if (lesson.minutes, lesson.curriculum, lesson.title) == (minutes, curriculum.strip(), title.strip())
        ]
        if same:
            return same[0]
        return outside_lessons.add_outside_lesson(
            tx,
            classroom_id=classroom.id,
            on_day=on_day,
            minutes=minutes,
            curriculum=curriculum.strip(),
            title=title.strip(),
            by=person.id,
            at=at,
        )


def remove_outside_lesson(records: Records, person: Person, classroom: Classroom, lesson_id: str, at: datetime) -> None:
    """Remove an other SEL lesson of this class. Raises NotFound when the class has no such lesson."""
    with records.writing() as tx:
        lesson = outside_lessons.get_outside_lesson(tx, lesson_id)
        if lesson.classroom_id != classroom.id:
            raise NotFound("We couldn’t find that lesson for this class.")
        outside_lessons.remove_outside_lesson(tx, lesson_id)
        detail = f"{lesson.on_day}, {lesson.minutes} minutes, {lesson.curriculum}"
        audit_log.note(tx, person, at, "remove other SEL lesson", f"class {classroom.name}", detail)


def issue_door(records: Records, person: Person, classroom: Classroom, at: datetime) -> DoorCard:
    """Make a new door card for the class; the previous one stops working at once."""
    with records.writing() as tx:
        door = door_cards.issue_door_card(tx, classroom.id, at)
        audit_log.note(tx, person, at, "make door card", f"class {classroom.name}")
        return door


def issue_missing_doors(
    records: Records, person: Person, year: SchoolYear, school: School, at: datetime, today: date
) -> int:
    """Make a door card for each class of the school and year that has none and still meets. Returns how many."""
    with records.writing() as tx:
        own = classrooms.list_classrooms(
            tx, year_id=year.id, on_day=year.nearest_day(today), last_on=year.ends_on, school_id=school.id
        )
        known = door_cards.list_doors(tx, [one.id for one in own])
        missing = [one for one in own if one.id not in known]
        for one in missing:
            door_cards.issue_door_card(tx, one.id, at)
            audit_log.note(tx, person, at, "make door card", f"class {one.name}")
    return len(missing)


def revoke_door(records: Records, person: Person, classroom: Classroom, at: datetime) -> None:
    """Turn off the class's door card at once."""
    with records.writing() as tx:
        door_cards.revoke_door_card(tx, classroom.id, at)
        audit_log.note(tx, person, at, "turn off door card", f"class {classroom.name}")


def _role_of(actor: Actor) -> EnteredRole:
    if not isinstance(actor, Person):
        return EnteredRole.SUBSTITUTE
    return {
        Role.TEACHER: EnteredRole.TEACHER,
        Role.COACH: EnteredRole.COACH,
        Role.ADMIN: EnteredRole.ADMIN,
    }[actor.role]
