"""What turning the school year over takes in a district of 40 schools and 2,000 classes.

python -m bench.rollover            prints the table
python -m bench.rollover --write    writes it into docs/performance.md too

Every class has a teacher, every week of every grade a plan, and every school the same 20 no-school days. Everything is copied.
The preview is what a page is made from; the press is one transaction, and so is the undo. Each is the median of three rollovers
in records of their own: a second press makes nothing.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench import tables
from wellness.domain import Classroom, ClosureKind, EnteredRole, Person, Role, School, SchoolYear
from wellness.records import Records, calendars, classrooms, people, plans, rollovers, schools
from wellness.school import rollover, rollover_undo
from wellness.school.expectations import close_weeks
from wellness.school.rollover import Choices

SCHOOLS, CLASSES, RUNS = 40, 2_000, 3
GRADES = ("K", "1", "2", "3", "4", "5")
BEGINS, ENDS = date(2026, 8, 17), date(2027, 6, 4)
AT = datetime(2026, 8, 1, 12, tzinfo=UTC)
JUNE, TODAY = datetime(2027, 6, 14, 12, tzinfo=UTC), date(2027, 6, 14)


def make_district(records: Records) -> tuple[Person, SchoolYear]:
    """A year of the district with its classes, teachers, plan and no-school days. Returns the admin and the year."""
    with records.writing() as tx:
        admin = people.add_person(tx, email="a@demo.test", name="Admin", role=Role.ADMIN, password_hash="!", at=AT)
        made = [schools.add_school(tx, f"School {number:02}") for number in range(SCHOOLS)]
        year = schools.add_year(tx, "2026-27", BEGINS, ENDS)
        teachers = [
            people.add_person(
                tx, email=f"t{number}@demo.test", name=f"Teacher {number}", role=Role.TEACHER, password_hash="!", at=AT
            ).id
            for number in range(CLASSES)
        ]
        classrooms.add_classrooms(tx, [*make_classes(made, year, teachers)])
        for number in range(20):
            day = BEGINS + timedelta(days=14 * number + 1)
            calendars.add_closure(
                tx, [one.id for one in made], day, day, f"Day {number}", by=admin, at=AT, kind=ClosureKind.CLOSED
            )
        weeks = range((ENDS - BEGINS).days // 7 + 1)
        planned = [
            (one.id, BEGINS + timedelta(weeks=week), grade, f"session-{week}")
            for one in made
            for week in weeks
            for grade in GRADES
        ]
        plans.add_entries(tx, planned, by=admin.id, role=EnteredRole.ADMIN, at=AT, batch_id="the-plan")
    return admin, year


def make_classes(made: Sequence[School], year: SchoolYear, teachers: Sequence[str]) -> Iterator[Classroom]:
    """The classes of the district, each with a teacher of its own."""
    for number, teacher_id in enumerate(teachers):
        school, grade = made[number % SCHOOLS], GRADES[number // SCHOOLS % len(GRADES)]
        yield Classroom(
            id="", school_id=school.id, school_name=school.name, year_id=year.id, name=f"Room {number}", grade=grade,
            grades=(grade,), size=24, first_on=BEGINS, teacher_ids=frozenset([teacher_id]),
        )  # fmt: skip


def measure(folder: Path) -> list[float]:
    """Seconds of preview, press and undo."""
    records = Records(f"sqlite:///{folder / 'records.db'}", busy_timeout=600)
    records.migrate()
    admin, year = make_district(records)
    with records.writing() as tx:
        close_weeks(tx, [one.id for one in schools.list_schools(tx)], JUNE)  # as every night does
    slugs = frozenset(f"session-{number}" for number in range(60))
    with records.reading() as tx:
        facts = rollover.load_facts(tx, year.id, "")
    choices = everything(rollover.propose(facts), facts)

    began = time.perf_counter()
    with records.reading() as tx:
        _, turnover = rollover.preview(tx, year.id, "", choices, known_slugs=slugs, today=TODAY)
        seen = turnover.seen
    seconds = [time.perf_counter() - began]
    assert len(turnover.classes) == CLASSES and len(turnover.plan.entries) > 9_000

    began = time.perf_counter()
    made = rollover.turn_over(records, admin, year.id, "", choices, seen=seen, known_slugs=slugs, at=JUNE, today=TODAY)
    seconds.append(time.perf_counter() - began)

    began = time.perf_counter()
    with records.reading() as tx:
        undo = rollover_undo.work_out_undo(tx, rollovers.get_rollover(tx, made), TODAY)
    rollover_undo.undo(records, admin, made, seen=undo.seen, at=JUNE, today=TODAY)
    seconds.append(time.perf_counter() - began)
    assert len(undo.classes) == CLASSES and undo.removes_year
    records.close()
    return seconds


def everything(proposed: Choices, facts: rollover.Facts) -> Choices:
    """The choice of copying all there is."""
    days = {one.key: (one.first_on, one.last_on) for one in facts.closures}
    return replace(proposed, with_plan=frozenset(one.id for one in facts.schools), closures=days)


def table() -> str:
    """Seconds of each step."""
    found = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="wellness-rollover-") as folder:
            found.append(measure(Path(folder)))
    names = ("preview", "press", "undo, with its own preview")
    medians = [statistics.median(steps) for steps in zip(*found, strict=True)]
    body = [(name, f"{seconds:.1f} s") for name, seconds in zip(names, medians, strict=True)]
    return tables.rows(("2,000 classes", "median"), body)


if __name__ == "__main__":
    tables.run("rollover", __doc__, table)
