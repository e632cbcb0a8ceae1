"""Days of an older instance, upgraded: which calendars its schools have afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.postgres import empty_postgresql
from tests.support.scratch import sqlite_url
from wellness.domain import Calendar, week_of
from wellness.records import Records, calendars, migrations
from wellness.records.database import engines

BEFORE: dict[str, Callable[[Path], str]] = {"sqlite": sqlite_url, "postgresql": lambda _: empty_postgresql()}
"""The address of a database without a table."""

OLD = """
INSERT INTO school (id, name) VALUES ('elm', 'Elm School'), ('oak', 'Oak School');
INSERT INTO school_year (id, name, starts_on, ends_on) VALUES ('y26', '2026-27', '2026-08-17', '2027-06-08');
INSERT INTO no_school_day (id, school_id, on_day, reason) VALUES
  ('1', NULL, '2026-11-26', 'Thanksgiving'), ('2', NULL, '2026-11-27', 'Thanksgiving'),
  ('3', NULL, '2026-12-24', 'Winter break'), ('4', NULL, '2026-12-25', 'Winter break'),
  ('5', NULL, '2026-12-28', 'Winter break'), ('6', NULL, '2026-12-29', 'Inventory'),
  ('7', 'elm', '2026-11-25', 'Thanksgiving'), ('8', 'elm', '2026-11-26', 'Twice'),
  ('9', 'oak', '2026-11-28', 'A Saturday'), ('10', 'oak', '2031-01-01', 'Years away')
"""


@pytest.fixture(params=list(BEFORE))
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Calendar]:
    """The calendars of both schools after the migration of days that were noted before it."""
    url = BEFORE[request.param](tmp_path)
    engine = engines.open_engine(engines.parse_url(url), busy_timeout=1, migrates=True)
    with engines.writer_of(engine).begin() as connection:
        migrations.upgrade(connection, "0005")
        for statement in OLD.split(";\n"):
            connection.execute(text(statement))
    engine.dispose()
    records = Records(url)
    records.migrate()
    with records.reading() as tx:
        found = calendars.load_calendars(tx, year_id="y26", school_ids=["elm", "oak"])
    records.close()
    return found


def test_each_school_gets_the_days_of_the_year_and_of_all_schools(upgraded: dict[str, Calendar]) -> None:
    assert {(one.first_on, one.last_on, one.weekdays) for one in upgraded.values()} == {
        (date(2026, 8, 17), date(2027, 6, 8), ())
    }
    assert [(f"{one.first_on:%b %d}", f"{one.last_on:%b %d}", one.reason) for one in upgraded["oak"].closures] == [
        ("Nov 26", "Nov 27", "Thanksgiving"),
        ("Dec 24", "Dec 28", "Winter break"),
        ("Dec 29", "Dec 29", "Inventory"),
    ]
    assert [one.reason for one in upgraded["elm"].closures][:2] == ["Thanksgiving", "Thanksgiving"]
    assert len(upgraded["elm"].closures) == 4, "a day noted twice is there once"


def test_every_due_day_is_what_it_was_but_that_of_the_last_week(upgraded: dict[str, Calendar]) -> None:
    moved = {"elm": {"Nov 23": "Nov 24"}, "oak": {"Nov 23": "Nov 25"}}
    for school_id, calendar in upgraded.items():
        expected = {f"{week_on:%b %d}": week_on for week_on in calendar.weeks}
        due = {monday: calendar.due_day(week_on) for monday, week_on in expected.items()}
        not_friday = {monday: f"{day:%b %d}" for monday, day in due.items() if day and day.weekday() != 4}
        assert not_friday == {**moved[school_id], "Dec 21": "Dec 23", "Jun 07": "Jun 08"}
        assert week_of(calendar.last_on) == date(2027, 6, 7)
