"""The demo district: two fictional schools, thirty classes, a planned year, and its history so far.

`load_demo` writes what the site itself would have written, click by click; only the ids
and the codes of the door cards differ from one load to the next.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ..catalogue import Catalogue, Query
from ..domain import (
    EVERYWHERE,
    Band,
    Classroom,
    Language,
    MinutesTarget,
    Person,
    Reach,
    Role,
    School,
    SchoolYear,
    SiteSettings,
    week_of,
)
from ..domain.plain_text import counted
from ..errors import Misconfigured
from ..library.prepared import PreparedModule
from ..records import (
    Reading,
    Records,
    Writing,
    audit_log,
    calendars,
    classrooms,
    door_cards,
    minutes_targets,
    outcomes,
    outside_lessons,
    people,
    plans,
    schools,
    settings,
    viewings,
)
from ..school.expectations import close_weeks
from . import district, learning, school_year, story
from .district import DOMAIN, ELEMENTARY, ROOMS, STAFF, Room
from .school_year import DemoSession
from .story import Showing

__all__ = [
    "PASSWORD",
    "SIGN_INS_SHOWN",
    "DemoSession",
    "DemoSignIn",
    "DemoSummary",
    "list_demo_sessions",
    "load_demo",
]

PASSWORD = "four-square"  # noqa: S105 - printed on purpose: the demo is refused where there are real people # nosec B105
"""The password of every demo account."""

SIGN_INS_SHOWN = tuple(f"{name}{DOMAIN}" for name in ("admin", "coach", "principal", "teacher", "teacher2"))
"""The accounts that are printed, one for each role and a second teacher."""


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """An account of the demo; `school` None is every school."""

    email: str
    name: str
    role: Role
    school: str | None


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was loaded. `is_new` is False when the demo already existed and nothing was changed."""

    is_new: bool
    district: str
    year: str
    schools: int
    classrooms: int
    teachers: int
    viewings: int
    outside_lessons: int
    sign_ins: tuple[DemoSignIn, ...]

    def __str__(self) -> str:
        begun = "Demo school loaded" if self.is_new else "Demo school: there already"
        return (
            f"{begun}: {self.district}, {counted(self.schools, 'school')}, {counted(self.classrooms, 'class')}, "
            f"{counted(self.teachers, 'teacher')}, {counted(self.viewings, 'viewing')} in {self.year}"
        )


def list_demo_sessions(catalogue: Catalogue) -> dict[str, DemoSession]:
    """Return the library's sessions for planning the demo's year."""
    cards = catalogue.list_sessions(Query(), Language.EN)
    return {
        card.slug: DemoSession(
            card.minutes, card.short_minutes, card.revision, tuple(Band(band) for band in card.bands)
        )
        for card in cards
    }


def load_demo(
    records: Records,
    today: date,
    hash_password: Callable[[str], str],
    sessions: Mapping[str, DemoSession],
    at: datetime,
    modules: Collection[PreparedModule] = (),
) -> DemoSummary:
    """Fill empty records with the fictional district as it stands on the morning of `today`, all of it or nothing.

    `sessions` are those of the library, by slug, `modules` its training modules in English; `at` is now. When the demo is
    there already, nothing is changed.

    Raises Misconfigured when the site is set up for real, or when the library has no session for one of the grade bands.
    """
    rotations = {band: school_year.rotation(sessions, band) for band in school_year.BANDS}
    password_hash = hash_password(PASSWORD)
    with records.writing() as tx:
        is_new = _is_free(tx)
        if is_new:
            _Load(tx, today, sessions, at).everything(password_hash, rotations, modules)
        return _summary(tx, is_new=is_new)


def _is_free(tx: Reading) -> bool:
    """Whether there are no accounts; False when the demo is loaded. Raises Misconfigured for any other accounts."""
    known = people.list_people(tx, inactive=True)
    is_real = any(not person.email.endswith(DOMAIN) for person in known)
    if is_real or (not known and schools.list_schools(tx)):
        raise Misconfigured(
            "This site is set up for a real school, so the demo was not loaded and nothing was changed: "
            "set WELLNESS_HOME to a new folder and try the demo there."
        )
    return not known


class _Load:
    """One load, inside one transaction: first what a school sets up in the summer, then week by week what happened."""

    def __init__(self, tx: Writing, today: date, sessions: Mapping[str, DemoSession], at: datetime) -> None:
        self._tx = tx
        self._today = today
        self._sessions = sessions
        self._at = at
        self._days = school_year.year_of(today)
        self._set_up_at = min(at, datetime.combine(self._days.starts_on - timedelta(days=7), time(9), story.ZONE))
        self._schools: dict[str, School] = {}
        self._people: dict[str, Person] = {}

    def everything(
        self, password_hash: str, rotations: Mapping[Band, tuple[str, ...]], modules: Collection[PreparedModule]
    ) -> None:
        """Write everything."""
        self._add_settings()
        self._schools = {name: schools.add_school(self._tx, name) for name in district.SCHOOLS}
        self._add_staff(password_hash)
        year = self._add_year()
        rooms = [(room, self._add_classroom(room, year)) for room in ROOMS]
        planned = {band: school_year.plan_weeks(self._days, rotated) for band, rotated in rotations.items()}
        for band, weeks in planned.items():
            self._add_plan(band, weeks)
        for week_on in (week_on for week_on in self._days.weeks if week_on <= self._today):
            for room, classroom in rooms:
                self._add_week(room, classroom, week_on, planned[classroom.band].get(week_on))
        learned = learning.Learning(self._tx, self._people, modules, self._days, self._today)
        own = [school.id for school in self._schools.values()]
        learned.everything(own, self._set_up_at)
        close_weeks(self._tx, own, self._at)
        audit_log.note(self._tx, None, self._at, "load demo", district.DISTRICT)

    # --- Before the year ---

    def _add_settings(self) -> None:
        settings.save_settings(
            self._tx,
            SiteSettings(
                site_name="Wellness",
                district=district.DISTRICT,
                time_zone=district.TIME_ZONE,
                contacts=district.CONTACTS,
            ),
        )
        target = MinutesTarget(week_of(self._days.starts_on), district.MINUTES_TARGET)
        minutes_targets.set_target(self._tx, target, by=None, at=self._set_up_at)

    def _add_staff(self, password_hash: str) -> None:
        for one in STAFF:
            self._people[one.key] = people.add_person(
                self._tx,
                email=one.email,
                name=one.name,
                role=one.role,
                password_hash=password_hash,
                at=self._set_up_at,
                reach=EVERYWHERE if one.school is None else Reach.of(self._schools[one.school].id),
            )

    def _add_year(self) -> SchoolYear:
        days = self._days
        every_school = [school.id for school in self._schools.values()]
        for first_on, last_on, reason in days.closed:
            self._close(every_school, first_on, last_on, reason)
        self._close([self._schools[ELEMENTARY].id], days.workday_on, days.workday_on, "Teacher workday")
        return schools.add_year(self._tx, days.name, days.starts_on, days.ends_on, days.terms)

    def _close(self, school_ids: list[str], first_on: date, last_on: date, reason: str) -> None:
        coach = self._people[district.COACH.key]
        calendars.add_closure(self._tx, school_ids, first_on, last_on, reason, by=coach, at=self._set_up_at)

    def _add_classroom(self, room: Room, year: SchoolYear) -> Classroom:
        added = classrooms.add_classroom(
            self._tx,
            school_id=self._schools[room.school].id,
            year_id=year.id,
            name=room.name,
            grade=room.grade,
            size=room.size,
            first_on=year.starts_on,
            teacher_ids=[self._people[key].id for key in room.teachers],
        )
        if room.has_door:
            door_cards.issue_door_card(self._tx, added.id, self._set_up_at)
        return added

    def _add_plan(self, band: Band, weeks: Mapping[date, str]) -> None:
        """The sessions of one grade band, in the schools that have its grades."""
        coach = self._people[district.COACH.key]
        for school in self._schools.values():
            grades = {room.grade for room in ROOMS if room.school == school.name and room.grade in band.grades}
            for week_on, slug in weeks.items() if grades else ():
                plans.set_plan(self._tx, school.id, week_on, grades, slug, coach.id, self._set_up_at)

    # --- Week by week ---

    def _add_week(self, room: Room, classroom: Classroom, week_on: date, slug: str | None) -> None:
        week = self._days.week(week_on, has_workday=room.school == ELEMENTARY)
        if slug is None or week is None:
            return
        for lesson in story.tell_lessons(room, week, self._today):
            outside_lessons.add_outside_lesson(
                self._tx,
                classroom_id=classroom.id,
                on_day=lesson.on_day,
                minutes=lesson.minutes,
                curriculum=lesson.curriculum,
                title=lesson.title,
                by=self._people[lesson.by].id,
                at=lesson.at,
            )
        showing = story.tell_session(room, week, self._sessions[slug], self._today)
        if showing is not None:
            self._add_showing(classroom, slug, showing)

    def _add_showing(self, classroom: Classroom, slug: str, showing: Showing) -> None:
        """Write a viewing as the site does: opened, partly run, then logged."""
        revision = self._sessions[slug].revision
        if showing.opened_at is not None:
            viewing = viewings.open_viewing(self._tx, classroom.id, slug, revision, showing.on_day, showing.opened_at)
            if showing.ran:
                ran_at = showing.opened_at + timedelta(minutes=6)
                viewings.note_ran(self._tx, viewing, story.PART, story.PART_SECONDS, [(0, showing.ran)], ran_at)
        told = showing.told
        if told is not None:
            outcomes.enter_outcome(
                self._tx,
                secrets.token_urlsafe(16),
                classroom.id,
                slug,
                revision,
                showing.on_day,
                told.outcome,
                None if told.by is None else self._people[told.by].id,
                told.role,
                told.at,
                showing.is_late,
            )


def _summary(tx: Reading, *, is_new: bool) -> DemoSummary:
    year = schools.list_years(tx)[-1]
    names = {school.id: school.name for school in schools.list_schools(tx)}
    staff = {person.email: person for person in people.list_people(tx)}
    listed = [staff[one.email] for one in STAFF if one.email in staff]
    first, last = year.starts_on, year.ends_on
    return DemoSummary(
        is_new=is_new,
        district=settings.load_settings(tx).district,
        year=year.name,
        schools=len(names),
        classrooms=len(classrooms.list_classrooms(tx, year_id=year.id, on_day=year.starts_on)),
        teachers=sum(person.role is Role.TEACHER for person in listed),
        viewings=len(viewings.list_viewings(tx, first=first, last=last)),
        outside_lessons=len(outside_lessons.list_outside_lessons(tx, first=first, last=last)),
        sign_ins=tuple(DemoSignIn(one.email, one.name, one.role, _school_names(one, names)) for one in listed),
    )


def _school_names(person: Person, names: Mapping[str, str]) -> str | None:
    return ", ".join(sorted(names[school_id] for school_id in person.reach.school_ids)) or None
