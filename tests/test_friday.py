"""A short Friday of a small district on the served site: what was acknowledged is there once, and the count of it can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from bench import calling, district, friday
from bench.calling import Called
from bench.district import Told
from bench.friday import Site, Size
from wellness.records import open_records
from wellness.records.schema import viewing, viewing_change, viewing_ran

SMALL = Size(schools=2, classes=20, seconds=2.0, rate=20.0, rate_seconds=1.0)
"""Twenty: each way in which an answer can be lost comes up for teachers or for substitutes."""


@dataclass(frozen=True)
class Day:
    """What is left of a Friday: the site that still answers, and what its callers were told."""

    site: Site
    called: Called


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    with friday.one_process() as site:
        rooms = district.grow(site.url, SMALL.schools, SMALL.classes)
        cookies = calling.sign_ins(site.front, rooms).cookies
        yield Day(site, calling.classes(site.front, rooms, cookies, SMALL.seconds))


def test_what_was_acknowledged_is_in_records_and_grid_once(day: Day) -> None:
    assert not day.called.errors
    assert len(day.called.told) == SMALL.classes
    assert all(one.is_open and one.seconds and one.outcome for one in day.called.told)
    assert sum(one.acknowledged for one in day.called.told) >= 7 * SMALL.classes
    assert any(one.perhaps - one.seconds for one in day.called.told), "some answers were lost for good"
    assert any(one.presses > len(one.batches) for one in day.called.told), "some presses were sent twice"
    assert friday.faults_of(day.site, day.called) == []


def test_beacons_at_a_steady_rate_are_all_there(day: Day) -> None:
    rooms = district.grow(day.site.url, 1, 8, "Beacons", weeks=5)
    called = calling.beacons(day.site.front, rooms, SMALL.rate, SMALL.rate_seconds)
    assert not called.errors
    assert sum(one.beacons for one in called.told) == SMALL.rate * SMALL.rate_seconds
    assert district.differences(called.told, district.read(day.site.url, rooms)) == []


# --- It notices -------------------------------------------------------------------------------------------------------

Harm = Callable[[Connection, int], object]


def lose_a_second(tx: Connection, one: int) -> None:
    ran = tx.execute(select(viewing_ran.c.ranges).where(viewing_ran.c.viewing_id == one)).scalar_one()
    first, _, rest = ran.partition("-")
    tx.execute(update(viewing_ran).where(viewing_ran.c.viewing_id == one).values(ranges=f"{int(first) + 1}-{rest}"))


def double_a_press(tx: Connection, one: int) -> None:
    row = tx.execute(
        select(viewing_change).join(viewing, viewing.c.classroom_id == viewing_change.c.classroom_id).where(viewing.c.id == one)
    ).mappings().first()  # fmt: skip
    assert row is not None
    tx.execute(insert(viewing_change).values({**row, "id": None}))


def forget_presses(tx: Connection, one: int) -> None:
    room = select(viewing.c.classroom_id).where(viewing.c.id == one).scalar_subquery()
    tx.execute(delete(viewing_change).where(viewing_change.c.classroom_id == room))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lose_a_second, "1 seconds were acknowledged and are lost"),
        (double_a_press, "is there 2 times"),
        (forget_presses, "is there 0 times"),
        (lambda tx, one: tx.execute(update(viewing).where(viewing.c.id == one).values(minutes=181)), "the records say"),
        (
            lambda tx, one: tx.execute(update(viewing).where(viewing.c.id == one).values(coverage=0.01)),
            "coverage is 0.01",
        ),
    ],
    ids=["second", "doubled", "forgotten", "minutes", "coverage"],
)
def test_harm_in_the_records_is_found(day: Day, harm: Harm, said: str) -> None:
    told = next(one for one in day.called.told if one.batches and one.presses == 1)
    with closing(open_records(day.site.url)) as records:
        with records.reading() as tx:
            found = tx.execute(select(viewing.c.id).where(viewing.c.classroom_id == told.room.id)).scalar_one()

        class Enough(Exception):
            """The harm is taken back."""

        with pytest.raises(Enough), records.writing() as tx:
            harm(tx, found)
            held = district.held(tx, [told.room])
            raise Enough
    assert [line for line in district.differences([told], held) if said in line]


def test_a_grid_that_says_otherwise_is_found(day: Day) -> None:
    told = next(one for one in day.called.told if one.outcome and one.outcome.minutes)
    assert told.outcome is not None
    otherwise = replace(told.outcome, minutes=(told.outcome.minutes or 0) + 1)
    others = [one if one is not told else changed_told(told, otherwise) for one in day.called.told]
    lines = friday.faults_of(day.site, Called(others))
    assert [line for line in lines if "the grid says" in line]
    assert [line for line in lines if "the records say" in line]


def changed_told(told: Told, outcome: object) -> Told:
    return replace(told, outcome=outcome)  # type: ignore[arg-type]
