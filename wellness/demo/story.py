"""The demo's history: the same for the same class and week, whenever the demo is loaded.

Nothing in here touches the records. Instants are in the schools' own time zone, during the school day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from ..domain import Completeness, EnteredRole, NotDoneReason, Outcome, ViewingState, school_day, week_of
from .district import COACH_2, TEACHER, TIME_ZONE, Room
from .school_year import DemoSession, SchoolWeek

ZONE = ZoneInfo(TIME_ZONE)

PART, PART_SECONDS = "s4-2", 64
"""The practice that ran: four rounds of four-square breathing last so many seconds."""

_RAN = (PART_SECONDS, PART_SECONDS, PART_SECONDS, PART_SECONDS, 56, 30, 0, 0)
"""How much of the practice runs; sometimes a teacher leads it without the screen."""

_END_OF_DAY = time(15, 5)
_NEXT_MORNING = time(7, 40)
_MINUTE = timedelta(minutes=1)

_REASONS = (
    (NotDoneReason.ASSEMBLY, 5),
    (NotDoneReason.TESTING, 5),
    (NotDoneReason.DRILL, 3),
    (NotDoneReason.SUBSTITUTE, 4),
    (NotDoneReason.NOT_READY, 3),
    (NotDoneReason.OTHER, 2),
)

_LESSONS = {
    "District SEL curriculum": ("Class meeting", "Reading faces", "Solving a problem together", "Calm-down plans"),
    "Advisory curriculum": ("Goals for the week", "Study habits", "Being part of a team", "Looking back on the week"),
    "Health class": ("Sleep and mood", "Handling stress", "Friendships", "Making decisions"),
}

_LESSON_MINUTES = ((15,), (25,), (25,), (30,), (35,), (15, 15), (15, 20), (20, 15), (20, 20), (20, 25))
"""How long the lessons of a week may be: with the session they come near the target, some weeks above it."""


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """A log entry: outcome, time and role; `by` None is a substitute."""

    outcome: Outcome
    by: str | None
    role: EnteredRole
    at: datetime


@dataclass(frozen=True, slots=True)
class Showing:
    """One class and one session on one day, as far as it has happened. `ran` is seconds of the practice."""

    on_day: date
    opened_at: datetime | None
    ran: int
    told: StoryEntry | None

    @property
    def is_late(self) -> bool:
        """Whether it was logged on a later day."""
        return self.told is not None and school_day(self.told.at, ZONE) > self.on_day


@dataclass(frozen=True, slots=True)
class Lesson:
    """SEL minutes taught from another curriculum."""

    on_day: date
    minutes: int
    curriculum: str
    title: str
    by: str
    at: datetime


def tell_session(room: Room, week: SchoolWeek, session: DemoSession, today: date) -> Showing | None:
    """Return what happened with a class's session of that week before `today`; None when nothing did."""
    if _is_left_open(room, week, today):
        return None
    return _known(_showing(_dice("session", room, week), room, week, session), today)


def tell_lessons(room: Room, week: SchoolWeek, today: date) -> list[Lesson]:
    """Return the class's outside lessons of that week before `today`."""
    if not room.teachers or _is_left_open(room, week, today):
        return []
    dice = _dice("lessons", room, week)
    minutes = dice.choice(_LESSON_MINUTES)[: len(week.days)]
    days = sorted(dice.sample(week.days, len(minutes)))
    told = [_lesson(dice, room, day, long) for day, long in zip(days, minutes, strict=True)]
    return [lesson for lesson in told if lesson.on_day < today]


def _is_left_open(room: Room, week: SchoolWeek, today: date) -> bool:
    return TEACHER.key in room.teachers and week.week_on == week_of(today)


class _Dice(Random):
    """Deterministic random numbers from a seed of words; not for secrets."""


def _dice(what: str, room: Room, week: SchoolWeek) -> _Dice:
    return _Dice(f"{what} {room.school} {room.name} {week.week_on}")


# --- A session --------------------------------------------------------------------------------------------------------


def _showing(dice: _Dice, room: Room, week: SchoolWeek, session: DemoSession) -> Showing | None:
    on_day = _day(dice, room, week)
    begins = _at(on_day, room.begins) + dice.randrange(6) * _MINUTE
    if dice.random() < room.steadiness:
        return _delivered(dice, room, week, session, begins)
    what = dice.random()
    if what < 0.45:
        return _not_done(dice, room, week, begins)
    if what < 0.62:
        return Showing(on_day, begins, dice.randint(50, PART_SECONDS), None)
    if what < 0.78:
        return Showing(on_day, begins, dice.choice((0, 12, 20)), None)
    return None


def _day(dice: _Dice, room: Room, week: SchoolWeek) -> date:
    """The due day, or an earlier one: of the class's own weekday, or because it suited."""
    is_early, early = dice.random() < 0.14, dice.choice(week.days)
    if room.meets_on is not None:
        return next((day for day in week.days if day.weekday() == room.meets_on), week.due_on)
    return early if is_early else week.due_on


def _delivered(dice: _Dice, room: Room, week: SchoolWeek, session: DemoSession, begins: datetime) -> Showing:
    extent = Completeness.WHOLE if dice.random() < 0.84 else Completeness.SHORTENED
    planned = session.minutes if extent is Completeness.WHOLE else session.short_minutes or session.minutes // 2
    minutes = max(1, planned + dice.choice((-1, 0, 0, 0, 0, 1, 2)))
    by, role = _speaker(dice, room)
    is_substitute = role is EnteredRole.SUBSTITUTE
    on_screen = is_substitute or dice.random() < 0.78
    at = begins + (minutes + 1) * _MINUTE if on_screen else _end_of_day(dice, begins.date())
    if not is_substitute and dice.random() < 0.1:
        at = _next_morning(dice, week, begins.date()) or at
    told = StoryEntry(Outcome(ViewingState.DELIVERED, extent, minutes=minutes), by, role, at)
    return Showing(begins.date(), begins if on_screen else None, dice.choice(_RAN) if on_screen else 0, told)


def _not_done(dice: _Dice, room: Room, week: SchoolWeek, begins: datetime) -> Showing:
    """Return the log of a session that was not done; the teacher or the coach logs it, never a substitute."""
    words, weights = zip(*_REASONS, strict=True)
    reason: NotDoneReason = dice.choices(words, weights)[0]
    by = dice.choice(room.teachers) if room.teachers else COACH_2.key
    role = EnteredRole.TEACHER if room.teachers else EnteredRole.COACH
    at = _end_of_day(dice, begins.date())
    if reason is NotDoneReason.SUBSTITUTE:
        at = _next_morning(dice, week, begins.date()) or at
    return Showing(begins.date(), None, 0, StoryEntry(Outcome(ViewingState.NOT_DONE, reason=reason), by, role, at))


def _speaker(dice: _Dice, room: Room) -> tuple[str | None, EnteredRole]:
    """Return who logs it: usually the teacher; for a class without one, substitutes or a visiting coach."""
    luck = dice.random()
    if not room.teachers:
        return (None, EnteredRole.SUBSTITUTE) if luck < 0.7 else (COACH_2.key, EnteredRole.COACH)
    if room.has_door and luck < 0.07:
        return None, EnteredRole.SUBSTITUTE
    return dice.choice(room.teachers), EnteredRole.TEACHER


def _end_of_day(dice: _Dice, on_day: date) -> datetime:
    return _at(on_day, _END_OF_DAY) + dice.randrange(20) * _MINUTE


def _next_morning(dice: _Dice, week: SchoolWeek, on_day: date) -> datetime | None:
    following = [day for day in week.days if day > on_day]
    day = following[0] if following else week.next_day
    return None if day is None else _at(day, _NEXT_MORNING) + dice.randrange(25) * _MINUTE


def _known(showing: Showing | None, today: date) -> Showing | None:
    """Return the part that had happened, and was entered, before `today`."""
    if showing is None or showing.on_day >= today:
        return None
    if showing.told is not None and school_day(showing.told.at, ZONE) >= today:
        showing = replace(showing, told=None)
    return showing if showing.told is not None or showing.opened_at is not None else None


# --- Outside lessons --------------------------------------------------------------------------------------------------


def _lesson(dice: _Dice, room: Room, day: date, minutes: int) -> Lesson:
    curriculum = _curriculum(room)
    at = _at(day, time(14, 40)) + dice.randrange(20) * _MINUTE
    return Lesson(day, minutes, curriculum, dice.choice(_LESSONS[curriculum]), room.teachers[0], at)


def _curriculum(room: Room) -> str:
    first = room.name.split()[0]
    return {"Advisory": "Advisory curriculum", "Health": "Health class"}.get(first, "District SEL curriculum")


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE)
