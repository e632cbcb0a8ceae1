"""The week grid on real records: what each cell says, what the totals count, and whose classes are shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support.scratch import DONE, FRIDAY, MONDAY, NOON, SHORTENED, Cast, add_cast, close_school
from wellness.domain import Classroom, EnteredRole, NotDoneReason, Outcome, Person, ViewingState
from wellness.records import Records, Writing, expected_weeks, outcomes, outside_lessons, plans, viewings
from wellness.school.expectations import close_weeks
from wellness.school.reporting import Cell, CellState, Grid, GridFilter, grid_rows, make_report, week_grid

WEEK = timedelta(weeks=1)
NOT_DONE = Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.DRILL)


@pytest.fixture
def cast(records: Records) -> Cast:
    """The cast; four-square is planned for grade 6 of both schools this week."""
    with records.writing() as tx:
        made = add_cast(tx)
        for school in (made.school, made.other_school):
            plans.set_plan(tx, school.id, MONDAY, ["6"], "four-square", made.coach.id, NOON)
        return made


def say(tx: Writing, room: Classroom, outcome: Outcome, on_day: date = FRIDAY, slug: str = "four-square") -> None:
    outcomes.enter_outcome(tx, "batch", room.id, slug, "r1", on_day, outcome, None, EnteredRole.SUBSTITUTE, NOON, False)


def opened(tx: Writing, room: Classroom, slug: str = "four-square", *, ran: int = 0) -> None:
    viewing = viewings.open_viewing(tx, room.id, slug, "r1", FRIDAY, NOON)
    if ran:
        viewings.note_ran(tx, viewing, "s4-1", 64, [(0, ran)], NOON)


def cell(records: Records, room: Classroom, today: date = FRIDAY) -> Cell:
    with records.reading() as tx:
        (row,) = grid_rows(tx, [room], [MONDAY], today)
    return row.cells[0]


def grid(records: Records, person: Person, cast: Cast, today: date = FRIDAY, **chosen: str | date | None) -> Grid:
    first = chosen.pop("first", MONDAY)
    last = chosen.pop("last", FRIDAY)
    with records.reading() as tx:
        return week_grid(tx, person, cast.year, GridFilter(first, last, **chosen), today)  # type: ignore[arg-type]


# --- One cell ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (MONDAY, CellState.UPCOMING),
        (FRIDAY - timedelta(days=1), CellState.UPCOMING),
        (FRIDAY, CellState.DUE),
        (FRIDAY + timedelta(days=1), CellState.NOTHING_LOGGED),
        (FRIDAY + 10 * WEEK, CellState.NOTHING_LOGGED),
    ],
)
def test_a_planned_week_is_upcoming_then_due_then_open(
    records: Records, cast: Cast, today: date, state: CellState
) -> None:
    assert cell(records, cast.room_12, today).state is state


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(DONE, CellState.DELIVERED), (SHORTENED, CellState.SHORTENED), (NOT_DONE, CellState.NOT_DONE)],
)
@pytest.mark.parametrize("on_day", [MONDAY, FRIDAY, FRIDAY + timedelta(days=2)])
def test_what_a_person_said_is_what_the_week_says(
    records: Records, cast: Cast, outcome: Outcome, state: CellState, on_day: date
) -> None:
    with records.writing() as tx:
        say(tx, cast.room_12, outcome, on_day)
    shown = cell(records, cast.room_12, FRIDAY + WEEK)
    assert shown.state is state
    assert shown.viewing is not None
    assert shown.viewing.on_day == on_day
    assert cell(records, cast.room_14).state is CellState.DUE, "another class is not touched"


@pytest.mark.parametrize(("ran", "state"), [(0, CellState.OPENED), (20, CellState.OPENED), (64, CellState.PLAYED)])
def test_what_ran_is_opened_or_played_and_never_delivered(
    records: Records, cast: Cast, ran: int, state: CellState
) -> None:
    with records.writing() as tx:
        opened(tx, cast.room_12, ran=ran)
    shown = cell(records, cast.room_12, FRIDAY + WEEK)
    assert (shown.state, shown.state.is_delivered, shown.minutes) == (state, False, 0)


def test_the_viewing_that_says_most_tells_of_the_week(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        say(tx, cast.room_12, NOT_DONE, MONDAY)
        opened(tx, cast.room_12)
    assert cell(records, cast.room_12).state is CellState.NOT_DONE
    with records.writing() as tx:
        say(tx, cast.room_12, DONE, MONDAY + timedelta(days=1))
    shown = cell(records, cast.room_12)
    assert shown.state is CellState.DELIVERED
    assert len(shown.viewings) == 3, "every row of the week stays behind the cell"


def test_another_session_is_said_so_and_its_minutes_count(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        say(tx, cast.room_12, Outcome(ViewingState.DELIVERED, extent=DONE.extent, minutes=12), slug="body-scan")
    shown = cell(records, cast.room_12)
    assert (shown.state, shown.viewing, shown.minutes) == (CellState.ANOTHER, None, 12)


def test_another_session_that_was_only_opened_does_not_hide_that_the_planned_one_is_due(
    records: Records, cast: Cast
) -> None:
    with records.writing() as tx:
        opened(tx, cast.room_12, "body-scan", ran=64)
    assert cell(records, cast.room_12).state is CellState.DUE


def test_a_week_without_a_plan_is_not_planned(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], None, None, NOON)
    shown = cell(records, cast.room_12)
    assert (shown.state, shown.slug, shown.is_planned(FRIDAY)) == (CellState.NOT_PLANNED, None, False)


def test_a_week_without_school_is_said_so_and_is_not_expected(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        close_school(tx, [cast.school.id], MONDAY, FRIDAY)
    shown = cell(records, cast.room_12, FRIDAY + WEEK)
    assert (shown.state, shown.due_on, shown.is_planned(FRIDAY + WEEK)) == (CellState.NO_SCHOOL, None, False)


def test_a_free_friday_makes_the_day_before_the_one_that_is_due_in_that_school_only(
    records: Records, cast: Cast
) -> None:
    with records.writing() as tx:
        close_school(tx, [cast.school.id], FRIDAY)
    thursday = FRIDAY - timedelta(days=1)
    assert (cell(records, cast.room_12, thursday).state, cell(records, cast.room_12).due_on) == (
        CellState.DUE,
        thursday,
    )
    assert cell(records, cast.room_12).state is CellState.NOTHING_LOGGED
    assert cell(records, cast.other_room).state is CellState.DUE


def test_minutes_are_those_delivered_and_those_taught_elsewhere_and_nothing_else(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        say(tx, cast.room_12, SHORTENED)
        say(tx, cast.room_12, Outcome(ViewingState.DELIVERED, extent=DONE.extent, minutes=10), MONDAY, "body-scan")
        not_done = Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.DRILL, minutes=30)
        say(tx, cast.room_12, not_done, MONDAY, "kind-self-talk")
        opened(tx, cast.room_12, "gratitude-note", ran=64)
        for on_day, minutes in ((MONDAY, 20), (FRIDAY + timedelta(days=2), 15), (FRIDAY + timedelta(days=3), 100)):
            outside_lessons.add_outside_lesson(
                tx, classroom_id=cast.room_12.id, on_day=on_day, minutes=minutes, curriculum="Second Step", title="",
                by=cast.teacher.id, at=NOON,
            )  # fmt: skip
    shown = cell(records, cast.room_12)
    assert (shown.session_minutes, shown.outside_minutes, shown.minutes) == (15, 35, 50)


# --- The whole grid ---------------------------------------------------------------------------------------------------


def test_a_grid_has_every_class_of_the_persons_schools_in_order(records: Records, cast: Cast) -> None:
    def names(person: Person, **chosen: str) -> list[str]:
        return [row.classroom.name for row in grid(records, person, cast, **chosen).rows]

    assert names(cast.coach) == ["Room 12", "Room 14"]
    assert names(cast.admin) == ["Room 12", "Room 14", "Room 1"]
    assert names(cast.admin, school_id=cast.other_school.id) == ["Room 1"]
    assert names(cast.coach, school_id=cast.other_school.id) == []
    assert names(cast.admin, grade="6") == ["Room 12", "Room 14", "Room 1"]
    assert names(cast.admin, grade="7") == []
    assert names(cast.teacher) == ["Room 12", "Room 14"]


def test_a_grid_has_every_week_that_is_touched(records: Records, cast: Cast) -> None:
    shown = grid(records, cast.coach, cast, first=MONDAY + timedelta(days=2), last=MONDAY + 2 * WEEK)
    assert shown.weeks == (MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK)
    assert all([cell.week_on for cell in row.cells] == list(shown.weeks) for row in shown.rows)


def test_no_weeks_and_no_classes_are_an_empty_grid(records: Records, cast: Cast) -> None:
    shown = grid(records, cast.coach, cast, first=MONDAY, last=MONDAY - WEEK)
    assert (shown.weeks, [row.cells for row in shown.rows], shown.totals.planned) == ((), [(), ()], 0)
    with records.reading() as tx:
        assert grid_rows(tx, [], [MONDAY], FRIDAY) == ()


def test_totals_count_the_cells_whose_day_has_come(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY + WEEK, ["6"], "body-scan", None, NOON)
        say(tx, cast.room_12, Outcome(ViewingState.DELIVERED, extent=DONE.extent, minutes=45))
        say(tx, cast.room_14, NOT_DONE)
        opened(tx, cast.other_room, ran=64)
    totals = grid(records, cast.admin, cast, last=FRIDAY + WEEK).totals
    assert (totals.planned, totals.delivered, totals.shortened, totals.not_done, totals.open) == (3, 1, 0, 1, 1)
    assert (totals.on_target, totals.weeks_counted) == (1, 3)


def test_totals_are_what_the_cells_say_counted_again(records: Records, cast: Cast) -> None:
    weeks = [MONDAY + n * WEEK for n in range(6)]
    with records.writing() as tx:
        for n, week_on in enumerate(weeks):
            plans.set_plan(tx, cast.school.id, week_on, ["6"], f"session-{n}", None, NOON)
            if n in (1, 3):
                say(tx, cast.room_12, SHORTENED if n == 3 else DONE, week_on + timedelta(days=4), f"session-{n}")
            if n == 2:
                say(tx, cast.room_12, DONE, week_on, "another")
        close_school(tx, [cast.school.id], weeks[4], weeks[4] + timedelta(days=4))
    shown = grid(records, cast.coach, cast, weeks[5] + timedelta(days=1), last=weeks[5])
    states = [cell.state for row in shown.rows for cell in row.cells]
    open_states = (CellState.NOTHING_LOGGED, CellState.DUE, CellState.OPENED, CellState.PLAYED)
    totals = shown.totals
    assert states[:6] == [
        CellState.NOTHING_LOGGED, CellState.DELIVERED, CellState.ANOTHER, CellState.SHORTENED,
        CellState.NO_SCHOOL, CellState.UPCOMING,
    ]  # fmt: skip
    assert totals.delivered == states.count(CellState.DELIVERED) + states.count(CellState.SHORTENED) == 2
    assert totals.shortened == 1
    assert totals.open == sum(state in open_states for state in states)
    assert totals.another == states.count(CellState.ANOTHER) == 1, "a different session is a response"
    assert totals.planned == totals.delivered + totals.not_done + totals.another + totals.open == 8


def test_a_state_has_a_key_for_the_style_sheet() -> None:
    assert CellState.NOTHING_LOGGED.key == "nothing-logged"
    assert len({state.key for state in CellState}) == len(CellState)


# --- While somebody else closes the weeks -----------------------------------------------------------------------------


@pytest.mark.each_engine
def test_a_report_that_weeks_close_under_counts_each_week_once(records: Records, cast: Cast) -> None:
    today, later = FRIDAY + timedelta(days=3), NOON + timedelta(days=3)
    ids, chosen = [cast.school.id, cast.other_school.id], GridFilter(MONDAY, MONDAY)
    with records.reading() as tx:
        before = make_report(tx, cast.admin, cast.year, chosen, today)
        assert before.totals.planned == 3
        with records.writing() as other:
            close_weeks(other, ids, later)
            say(other, cast.room_12, DONE)
        assert expected_weeks.closed_through(tx, ids) == {}
        assert expected_weeks.list_of_schools(tx, ids, MONDAY, MONDAY) == []
        assert make_report(tx, cast.admin, cast.year, chosen, today) == before
    with records.reading() as tx:
        after = make_report(tx, cast.admin, cast.year, chosen, today)
    assert (after.totals.planned, after.totals.delivered) == (3, 1)
