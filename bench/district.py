"""A district to call from: its schools, classes, teachers and door cards, and whether all it was told is in the records."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from bench import on_friday
from wellness.domain import GRADES, Outcome, Reach, Role, coverage_of, school_day, week_of
from wellness.records import Reading, classrooms, door_cards, open_records, people, plans, schools, settings
from wellness.records.schema import viewing, viewing_change, viewing_ran
from wellness.school.accounts import hash_password

PASSWORD = "four quiet words here"
SESSIONS = ("four-square-breathing", "body-scan", "naming-feelings")


@dataclass(frozen=True, slots=True)
class Room:
    """A class, and how it is run: by its teacher, who signs in, or by a substitute with the code of its door."""

    id: str
    number: int
    school: str
    name: str
    slug: str
    email: str
    code: str


@dataclass(slots=True)
class Told:
    """What the callers of one class know. An answer that was lost leaves it open whether that was saved."""

    room: Room
    is_open: bool = False
    on_day: str = ""
    part: str = ""
    """Key of the session's longest video or practice, and its length in seconds."""
    length: int = 1
    beacons: int = 0
    """Acknowledged beacons."""
    seconds: set[int] = field(default_factory=set)
    """What those said."""
    perhaps: set[int] = field(default_factory=set)
    """Seconds whose answer was lost."""
    presses: int = 0
    """Acknowledged presses that said something new."""
    batches: list[str] = field(default_factory=list)
    """Those of them whose answer named what was entered."""
    lost: int = 0
    """Presses whose answer was lost and which were not repeated."""
    outcome: Outcome | None = None
    perhaps_outcome: Outcome | None = None

    @property
    def acknowledged(self) -> int:
        """Beacons and presses that the site said are saved."""
        return self.beacons + self.presses


def grow(url: str, count: int, classes: int, name: str = "Friday", weeks: int = 4) -> list[Room]:
    """That many schools more with so many classes and a plan for this week, in a school year of their own.

    It began so many `weeks` ago; a coach's pages show the year that began last.
    """
    at = on_friday.now()
    password, rooms = hash_password(PASSWORD), []
    with closing(open_records(url)) as records, records.writing() as tx:
        today = school_day(at, settings.load_settings(tx).zone)
        people.add_person(
            tx,
            email=f"{name.lower()}-admin@bench.test",
            name="Ms. Fern",
            role=Role.ADMIN,
            password_hash=password,
            at=at,
        )
        days = week_of(today) - timedelta(weeks=weeks), week_of(today) + timedelta(weeks=4)
        year = schools.add_year(tx, f"{name} {today}", *days)
        made = [schools.add_school(tx, f"{name} school {number}") for number in range(1, count + 1)]
        for school in made:
            for place, slug in enumerate(SESSIONS):
                plans.set_plan(tx, school.id, week_of(today), GRADES[place :: len(SESSIONS)], slug, None, at)
        for number in range(classes):
            school, grade = made[number % count], number // count % len(GRADES)
            title, email, code, teachers = f"Room {number // count + 1}", "", "", []
            if number % 2:
                email = f"{name.lower()}-{number}@bench.test"
                teachers = [
                    people.add_person(
                        tx, email=email, name=f"Teacher {number}", role=Role.TEACHER, password_hash=password, at=at,
                        reach=Reach.of(school.id),
                    ).id
                ]  # fmt: skip
            added = classrooms.add_classroom(
                tx,
                school_id=school.id,
                year_id=year.id,
                name=title,
                grade=GRADES[grade],
                size=16,
                first_on=days[0],
                teacher_ids=teachers,
            )
            if not number % 2:
                code = door_cards.issue_door_card(tx, added.id, at).code
            rooms.append(Room(added.id, number, school.name, title, SESSIONS[grade % len(SESSIONS)], email, code))
    return rooms


def admin_of(room: Room) -> str:
    """The email of the admin who came with the class's schools."""
    return _admin(room.school.split()[0])


def _admin(name: str) -> str:
    return f"{name.lower()}-admin@bench.test"


# --- Exactly once -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Found:
    """What the records hold of one class."""

    viewings: list[tuple[int, str, str, int | None, float]] = field(default_factory=list)
    seconds: list[int] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)


def read(url: str, rooms: Iterable[Room]) -> dict[str, Found]:
    """What the records hold of these classes, by the class's id."""
    with closing(open_records(url)) as records, records.reading() as tx:
        return held(tx, rooms)


def held(tx: Reading, rooms: Iterable[Room]) -> dict[str, Found]:
    """The same inside a transaction."""
    found = {room.id: Found() for room in rooms}
    seen = select(
        viewing.c.id, viewing.c.classroom_id, viewing.c.slug, viewing.c.state, viewing.c.minutes, viewing.c.coverage
    )
    ran = select(viewing.c.classroom_id, viewing_ran.c.ranges).join(viewing, viewing.c.id == viewing_ran.c.viewing_id)
    for row in tx.execute(seen):
        if row.classroom_id in found:
            found[row.classroom_id].viewings.append((row.id, row.slug, row.state, row.minutes, row.coverage))
    for row in tx.execute(ran):
        if row.classroom_id in found:
            found[row.classroom_id].seconds += seconds_of(row.ranges)
    for row in tx.execute(select(viewing_change.c.classroom_id, viewing_change.c.batch_id)):
        if row.classroom_id in found:
            found[row.classroom_id].batches.append(row.batch_id)
    return found


def seconds_of(ranges: str) -> list[int]:
    """The seconds of `0-3,5-6`: 0, 1, 2, 5."""
    pairs = (pair.split("-") for pair in ranges.split(",") if pair)
    return [second for first, end in pairs for second in range(int(first), int(end))]


def differences(told: Sequence[Told], there: Mapping[str, Found]) -> list[str]:
    """Where the records say something else than the callers were told. Each line is a loss or a double."""
    return [f"{one.room.school}, {one.room.name}: {said}" for one in told for said in _differ(one, there[one.room.id])]


def _differ(told: Told, found: Found) -> Iterable[str]:
    if not 0 <= len(found.viewings) - told.is_open <= (0 if told.is_open else 1):
        yield f"{len(found.viewings)} viewings"
    yield from _seconds_differ(told, found)
    yield from _presses_differ(told, found)
    for _, slug, state, minutes, coverage in found.viewings:
        there = len(set(found.seconds))
        if abs(coverage - coverage_of(((0, there),), told.length)) > 1e-9:
            yield f"coverage is {coverage} with {there} seconds"
        if slug != told.room.slug or (told.outcome is not None and not _says(told, state, minutes)):
            yield f"the records say {slug}, {state}, {minutes}"


def _seconds_differ(told: Told, found: Found) -> Iterable[str]:
    there = set(found.seconds)
    if lost := told.seconds - there:
        yield f"{len(lost)} seconds were acknowledged and are lost"
    if made := there - told.seconds - told.perhaps:
        yield f"{len(made)} seconds are there and nobody sent them"
    if len(there) != len(found.seconds):
        yield "seconds are there twice"


def _presses_differ(told: Told, found: Found) -> Iterable[str]:
    times = Counter(found.batches)
    for one in told.batches:
        if times[one] != 1:
            yield f"the press {one} was acknowledged and is there {times[one]} times"
    if not told.presses <= len(found.batches) <= told.presses + told.lost:
        yield f"{told.presses} presses were acknowledged, {told.lost} had no answer, {len(found.batches)} are there"


def _says(told: Told, state: str, minutes: int | None) -> bool:
    said = (one for one in (told.outcome, told.perhaps_outcome) if one is not None)
    return any((state, minutes) == (one.state.value, one.minutes) for one in said)


def grid_differences(told: Sequence[Told], table: str) -> list[str]:
    """Where the week grid, as the coach's file for a spreadsheet, says something else than the callers were told."""
    rows = list(csv.DictReader(table.removeprefix("\ufeff").splitlines()))
    held = {(row["school"], row["class"]): row for row in rows}
    wrong = [] if len(held) == len(rows) == len(told) else [f"{len(told)} classes, {len(rows)} rows in the grid"]
    for one in told:
        row = held.get((one.room.school, one.room.name), {})
        if one.outcome is None:
            continue
        said = {_cell(outcome) for outcome in (one.outcome, one.perhaps_outcome) if outcome is not None}
        if (row.get("state"), row.get("session_minutes")) not in said:
            wrong.append(
                f"{one.room.school}, {one.room.name}: the grid says {row.get('state')}, {row.get('session_minutes')}"
            )
    return wrong


def _cell(outcome: Outcome) -> tuple[str, str]:
    is_shortened = outcome.extent is not None and outcome.extent.value == "shortened"
    return "shortened" if is_shortened else outcome.state.value, str(outcome.minutes or 0)
