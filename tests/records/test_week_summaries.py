"""The weeks that the records keep added up: never other than what they were made from, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from tests.support.processes import wellness
from tests.support.scratch import (
    DONE,
    FRIDAY,
    MONDAY,
    NOON,
    SHORTENED,
    Cast,
    add_cast,
    close_school,
    end_class,
    fresh_sqlite,
)
from wellness.domain import Classroom, Completeness, EnteredRole, NotDoneReason, Outcome, ViewingState, WeekStatus
from wellness.errors import Conflict, Invalid, WellnessError
from wellness.records import (
    Records,
    Writing,
    classrooms,
    open_records,
    outcomes,
    outside_lessons,
    plans,
    publications,
    schema,
    viewings,
    week_summaries,
)
from wellness.records.migrations.versions import r0005_class_weeks
from wellness.school.expectations import close_weeks
from wellness.school.reporting import GridFilter, Totals, make_report, week_grid

pytestmark = pytest.mark.each_engine

WEEK = timedelta(weeks=1)
SLUGS = ("four-square", "body-scan", "kind-self-talk")
OUTCOMES = (
    DONE,
    SHORTENED,
    Outcome(ViewingState.DELIVERED, extent=Completeness.WHOLE, minutes=45),
    Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.DRILL, minutes=30),
)


def kept(records: Records) -> list[tuple[Any, ...]]:
    """Every class week without the name of the class."""
    table = schema.class_week
    columns = (table.c.week_on, table.c.slug, table.c.told, table.c.delivered_minutes, table.c.outside_minutes)
    with records.reading() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(table.c.week_on, table.c.classroom_id))]


def disagreements(records: Records) -> list[tuple[str, date]]:
    with records.reading() as tx:
        return list(week_summaries.list_disagreements(tx))


def say(tx: Writing, room: Classroom, outcome: Outcome, on_day: date = FRIDAY, slug: str = SLUGS[0]) -> None:
    outcomes.enter_outcome(tx, "batch", room.id, slug, "r1", on_day, outcome, None, EnteredRole.SUBSTITUTE, NOON, False)


def teach(tx: Writing, cast: Cast, room: Classroom, on_day: date, minutes: int) -> str:
    return outside_lessons.add_outside_lesson(
        tx, classroom_id=room.id, on_day=on_day, minutes=minutes, curriculum="Other", title="", by=None, at=NOON
    ).id


# --- One by one -------------------------------------------------------------------------------------------------------


def test_a_week_is_added_up_from_its_viewings_its_lessons_and_its_plan(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        viewing = viewings.open_viewing(tx, cast.room_12.id, SLUGS[0], "r1", FRIDAY, NOON)
    assert kept(records) == [(MONDAY, None, None, 0, 0)]
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], SLUGS[0], None, NOON)
    assert kept(records) == [(MONDAY, SLUGS[0], "opened", 0, 0)]
    with records.writing() as tx:
        viewings.note_ran(tx, viewing, "s4-1", 64, [(0, 64)], NOON)
    assert kept(records) == [(MONDAY, SLUGS[0], "played", 0, 0)]
    with records.writing() as tx:
        say(tx, cast.room_12, SHORTENED)
    assert kept(records) == [(MONDAY, SLUGS[0], "shortened", 5, 0)]
    with records.writing() as tx:
        lesson = teach(tx, cast, cast.room_12, FRIDAY + timedelta(days=2), 20)
    assert kept(records) == [(MONDAY, SLUGS[0], "shortened", 5, 20)]
    with records.writing() as tx:
        outcomes.undo_batch(tx, "batch", None, NOON)
        outside_lessons.remove_outside_lesson(tx, lesson)
        outside_lessons.remove_outside_lesson(tx, lesson)
    assert kept(records) == [(MONDAY, SLUGS[0], "played", 0, 0)]
    assert disagreements(records) == []


def test_a_week_of_which_nothing_is_left_is_gone(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        say(tx, cast.room_12, DONE)
        lesson = teach(tx, cast, cast.room_14, MONDAY + WEEK, 20)
    assert len(kept(records)) == 2
    with records.writing() as tx:
        outcomes.undo_batch(tx, "batch", None, NOON)
        outside_lessons.remove_outside_lesson(tx, lesson)
    assert kept(records) == []


def test_what_is_taken_back_with_its_transaction_is_taken_back_here_too(records: Records, cast: Cast) -> None:
    with pytest.raises(Invalid), records.writing() as tx:
        say(tx, cast.room_12, DONE)
        assert tx.execute(select(schema.class_week)).all()
        teach(tx, cast, cast.room_12, FRIDAY, 0)
    assert kept(records) == []


def test_another_grade_has_another_plan(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], SLUGS[0], None, NOON)
        plans.set_plan(tx, cast.school.id, MONDAY + WEEK, ["7"], SLUGS[0], None, NOON)
        say(tx, cast.room_12, DONE)
        say(tx, cast.room_12, DONE, FRIDAY + WEEK)
    told = [(row[1], row[2]) for row in kept(records)]
    assert told == [(SLUGS[0], "delivered"), (None, "another session")]
    with records.writing() as tx:
        classrooms.change_classroom(tx, cast.room_12.id, name="Room 12", grade="7", size=24)
    told = [(row[1], row[2]) for row in kept(records)]
    assert told == [(None, "another session"), (SLUGS[0], "delivered")]
    assert disagreements(records) == []


def test_another_name_of_a_session_stands_in_its_weeks(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], SLUGS[0], None, NOON)
        say(tx, cast.room_12, DONE)
        say(tx, cast.room_14, DONE, slug=SLUGS[1])
        publications.rename_everywhere(tx, SLUGS[0], "new-name")
    assert sorted((row[1], row[2]) for row in kept(records)) == [
        ("new-name", "another session"),
        ("new-name", "delivered"),
    ]
    assert disagreements(records) == []


# --- Verified and made again ------------------------------------------------------------------------------------------


def _change(tx: Writing) -> None:
    tx.execute(update(schema.class_week).values(told="not done"))


def _lose(tx: Writing) -> None:
    tx.execute(delete(schema.class_week))


def _make_up(tx: Writing) -> None:
    room = tx.execute(select(schema.classroom.c.id).where(schema.classroom.c.name == "Room 12")).scalar_one()
    values = {"told": None, "slug": None, "delivered_minutes": 0, "outside_minutes": 7}
    tx.execute(insert(schema.class_week).values(classroom_id=room, week_on=MONDAY + WEEK, **values))


@pytest.mark.parametrize(("spoil", "weeks"), [(_change, [MONDAY]), (_lose, [MONDAY]), (_make_up, [MONDAY + WEEK])])
def test_a_week_that_is_not_what_it_should_be_is_found_and_made_again(
    records: Records, cast: Cast, spoil: Callable[[Writing], None], weeks: list[date]
) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], SLUGS[0], None, NOON)
        say(tx, cast.room_12, DONE)
    right = kept(records)
    with records.writing() as tx:
        spoil(tx)
    assert disagreements(records) == [(cast.room_12.id, week_on) for week_on in weeks]
    with records.writing() as tx:
        assert week_summaries.rebuild(tx) == 1
    assert (disagreements(records), kept(records)) == ([], right)


def test_check_names_the_weeks_and_rebuild_fixes_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert wellness(home, "init").returncode == 0
    with closing(open_records(f"sqlite:///{home / 'records.db'}")) as records:
        with records.writing() as tx:
            say(tx, add_cast(tx).room_12, DONE)
        with records.writing() as tx:
            _change(tx)
    found = wellness(home, "check")
    assert found.returncode == 1
    assert f"records:1: Room 12, Elm School, week of {MONDAY}" in found.stdout
    assert "wellness records rebuild" in found.stdout
    rebuilt = wellness(home, "records", "rebuild")
    assert (rebuilt.returncode, rebuilt.stdout) == (0, "Recalculated 1 class week; 1 did not match.\n")
    assert "Elm School" not in wellness(home, "check").stdout


# --- Records of an older version --------------------------------------------------------------------------------------


OLD_PLAN = (
    "SELECT school_id, week_on, grade, slug FROM plan_entry p WHERE says = 'session' AND NOT EXISTS (SELECT 1 FROM "
    "plan_entry n WHERE n.school_id = p.school_id AND n.week_on = p.week_on AND n.grade = p.grade AND n.id > p.id)"
)
"""The plan as it was kept then: one row for each grade and week with a session."""


def test_the_migration_adds_up_what_was_there_before(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        play(tx, cast, LONG_DAY)
    right = kept(records)
    assert {row[2] for row in right} == {None, *WeekStatus}
    with records.writing() as tx:
        tx.execute(text("DROP TABLE class_week"))
        tx.execute(text(f"CREATE VIEW plan AS {OLD_PLAN}"))
        with Operations.context(MigrationContext.configure(tx)):
            r0005_class_weeks.upgrade()
        tx.execute(text("DROP VIEW plan"))
    assert (disagreements(records), kept(records)) == ([], right)


# --- In any order, and the same as the grid ---------------------------------------------------------------------------

Act = tuple[str, int, int, int]
ACTS = ("open", "run", "say", "undo", "teach", "unteach", "plan", "grade", "close", "rename", "no school", "night")
LONG_DAY: list[Act] = [
    *[("plan", room, week, 1) for room in (0, 2) for week in range(3)],
    ("say", 0, 0, 1),  # shortened
    ("say", 1, 0, 0),  # whole
    ("open", 0, 1, 1),
    ("say", 1, 1, 3),  # not done
    ("run", 2, 1, 2),
    ("say", 2, 2, 1),  # another session
    ("say", 2, 0, 2),  # with its minutes
    *[("teach", room, week, 3) for room in (0, 2) for week in (1, 2)],
]
"""Every word there is for a week."""


def play(tx: Writing, cast: Cast, acts: list[Act]) -> None:
    """Do all of it; what the records refuse is left out."""
    player = Player(tx, cast)
    for act, room, week, other in acts:
        on_day = MONDAY + week * WEEK + timedelta(days=2 * other)
        try:
            with tx.begin_nested():
                player.do(
                    act, (cast.room_12, cast.room_14, cast.other_room)[room], on_day, other, SLUGS[(other + room) % 3]
                )
        except WellnessError as error:
            assert isinstance(error, Conflict | Invalid), error


class Player:
    """Everything that can change what a week adds up to. `other` is a number from 0 to 3 that varies the act."""

    def __init__(self, tx: Writing, cast: Cast) -> None:
        self.tx, self.cast = tx, cast
        self.lessons: list[str] = []
        self.batches: list[str] = []
        self.renamed = 0

    def do(self, act: str, room: Classroom, day: date, other: int, slug: str) -> None:
        acts: dict[str, Callable[[], object]] = {
            "open": lambda: viewings.open_viewing(self.tx, room.id, slug, "r1", day, NOON),
            "run": lambda: self.run(room, day, slug, 20 + other * 15),
            "say": lambda: self.say(room, day, slug, OUTCOMES[other]),
            "undo": lambda: self.undo(other),
            "teach": lambda: self.lessons.append(teach(self.tx, self.cast, room, day, 10 + other)),
            "unteach": lambda: self.lessons and outside_lessons.remove_outside_lesson(self.tx, self.lessons.pop()),
            "plan": lambda: self.plan(room, day, ["6", "7"][: 1 + other % 2], (*SLUGS, None)[other]),
            "grade": lambda: classrooms.change_classroom(
                self.tx, room.id, name=room.name, grade=str(6 + other % 2), size=20
            ),
            "close": lambda: end_class(self.tx, room, day),
            "rename": lambda: self.rename(slug),
            "no school": lambda: close_school(self.tx, [room.school_id], day),
            "night": lambda: close_weeks(self.tx, [room.school_id], datetime.combine(day + WEEK, time(), UTC)),
        }
        acts[act]()

    def run(self, room: Classroom, day: date, slug: str, seconds: int) -> None:
        viewing = viewings.open_viewing(self.tx, room.id, slug, "r1", day, NOON)
        viewings.note_ran(self.tx, viewing, "s4-1", 64, [(0, seconds)], NOON)

    def say(self, room: Classroom, day: date, slug: str, outcome: Outcome) -> None:
        self.batches.insert(0, f"batch-{len(self.batches)}")
        said = (room.id, slug, "r1", day, outcome, None, EnteredRole.SUBSTITUTE, NOON, False)
        outcomes.enter_outcome(self.tx, self.batches[0], *said)

    def undo(self, other: int) -> None:
        if self.batches:
            outcomes.undo_batch(self.tx, self.batches[other % len(self.batches)], None, NOON)

    def rename(self, slug: str) -> None:
        self.renamed += 1  # a name is never given twice
        publications.rename_everywhere(self.tx, slug, f"{slug}-{self.renamed}")

    def plan(self, room: Classroom, day: date, grades: list[str], slug: str | None) -> None:
        plans.set_plan(self.tx, room.school_id, day - timedelta(days=day.weekday()), grades, slug, None, NOON)


def compare(records: Records, cast: Cast, today: date) -> None:
    """Hold the kept weeks against what they were made from, and the report, cut by cut, against the grid."""
    assert disagreements(records) == []
    span = GridFilter(MONDAY, MONDAY + 2 * WEEK)
    with records.reading() as tx:
        report = make_report(tx, cast.admin, cast.year, span, today)
        grid = week_grid(tx, cast.admin, cast.year, span, today)
        assert report.totals == grid.totals
        for share in report.by_school():
            own = GridFilter(span.first, span.last, share.of.id)
            assert share.totals == week_grid(tx, cast.admin, cast.year, own, today).totals
        for week in report.by_week():
            one = GridFilter(week.of, week.of)
            assert week.totals == week_grid(tx, cast.admin, cast.year, one, today).totals
    cells = [cell for row in grid.rows for cell in row.cells if cell.is_planned(today)]
    by_session = {share.of: share.totals.delivered for share in report.by_session()}
    assert by_session == {
        slug: sum(cell.state.is_delivered for cell in cells if cell.slug == slug) for slug in {c.slug for c in cells}
    }
    assert sum((share.totals for share in report.by_session()), Totals()).planned == grid.totals.planned
    assert report.classes == {
        school: sum(row.classroom.school_id == school.id for row in grid.rows) for school in report.classes
    }


def test_the_report_counts_what_the_grid_counts(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        play(tx, cast, LONG_DAY)
    for days in (-3, 0, 4, 11, 60):
        compare(records, cast, MONDAY + timedelta(days=days))
    with records.writing() as tx:
        play(tx, cast, [("close", 1, 0, 0), ("no school", 0, 2, 3)])
    compare(records, cast, FRIDAY + 4 * WEEK)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), max_size=40
    ),
    days=st.integers(-2, 24),
)
def test_in_any_order_the_weeks_are_what_they_were_made_from(
    tmp_path_factory: pytest.TempPathFactory, acts: list[Act], days: int
) -> None:
    with closing(open_records(fresh_sqlite(tmp_path_factory.mktemp("any")))) as records:
        with records.writing() as tx:
            cast = add_cast(tx)
            play(tx, cast, acts)
        compare(records, cast, MONDAY + timedelta(days=days))
