"""Random acts over a school year on two copies of a school: what must hold, whatever happens and whenever it closes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.school import a_year
from tests.school.a_year import Act, Broken, Twins, amend_and_undo
from wellness.domain import Expectation, ExpectationKind, week_of, weeks_between
from wellness.records import Writing, classrooms, expected_weeks
from wellness.school import amendments, classes, closures, plan_changes, setup, targets, years

RUNS, ACTS = (int(number) for number in os.environ.get("YEAR_RUNS", "3x50").split("x"))
"""Runs and acts of each; `YEAR_RUNS=60x160` for a long look."""


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Callable[[int], Twins]]:
    """Two copies of a school, made from a seed."""
    made: list[Twins] = []

    def make(seed: int) -> Twins:
        made.append(Twins(tmp_path / str(len(made)), seed))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("seed", range(RUNS))
def test_whatever_happens_closed_weeks_stay_and_both_copies_count_the_same(
    twins: Callable[[int], Twins], seed: int
) -> None:
    pair = twins(seed)
    pair.live(ACTS)
    for number in range(3):
        amend_and_undo(pair.nightly, [number, seed + number, number])


# --- Planted faults ---------------------------------------------------------------------------------------------------


def no_closing(tx: Writing, school_ids: Collection[str], at: datetime) -> dict[str, date]:
    """What `close_weeks` would be, if it closed nothing."""
    return expected_weeks.closed_through(tx, school_ids)


def keep_nothing(*arguments: object, **named: object) -> None:
    """What `keep_past_due_days` would be, if a due day could move into days that are over."""


def backdate_into_closed_weeks(
    tx: Writing, classroom_id: str, first_on: date, last_on: date | None, change: Callable[..., None]
) -> None:
    """A class that began earlier is expected in weeks that are closed, too."""
    change(tx, classroom_id, first_on, last_on)
    room = classrooms.get_classroom(tx, classroom_id, first_on)
    through = expected_weeks.closed_through(tx, [room.school_id]).get(room.school_id, date.min)
    known = {one.week_on for one in expected_weeks.list_of_classes(tx, [room.id], week_of(first_on), through)}
    added = [
        Expectation(
            room.id, week_on, room.school_id, room.grade, week_on, None, 45, ExpectationKind.NOTHING_PLANNED, seq=1
        )
        for week_on in weeks_between(first_on, through)
        if week_on not in known and first_on <= through
    ]
    expected_weeks.add_expected(tx, added)


def broken_rule(twins: Callable[[int], Twins], acts: Mapping[Act, int]) -> str:
    """The rule that breaks first, with these acts more often than others."""
    for seed in range(12):
        try:
            twins(seed).live(50, acts)
        except Broken as broken:
            return broken.rule
    return ""


def test_without_closing_first_the_copies_count_differently(
    twins: Callable[[int], Twins], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (amendments, classes, closures, plan_changes, setup, targets, years):
        monkeypatch.setattr(module, "close_weeks", no_closing)
    assert broken_rule(twins, {a_year.plan: 6, a_year.weekday: 1}).startswith("3 ")


def test_a_backdated_class_in_closed_weeks_is_seen(
    twins: Callable[[int], Twins], monkeypatch: pytest.MonkeyPatch
) -> None:
    backdating = partial(backdate_into_closed_weeks, change=classrooms.set_days)
    monkeypatch.setattr(classrooms, "set_days", backdating)
    assert broken_rule(twins, {a_year.backdate: 4, a_year.add_class: 4}).startswith("2 ")


def test_a_due_day_moved_into_days_that_are_over_is_seen(
    twins: Callable[[int], Twins], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (closures, years):
        monkeypatch.setattr(module, "keep_past_due_days", keep_nothing)
    assert broken_rule(twins, {a_year.weekday: 4}).startswith("4 ")
