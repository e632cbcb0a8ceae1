"""Records of a version that worked the past out anew at each look: their numbers stay what they were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import text

from tests.support.postgres import empty_postgresql
from tests.support.scratch import NOON
from wellness.domain import MinutesTarget, week_of
from wellness.records import Records, classrooms, migrations, minutes_targets, people, plans, schools
from wellness.records.database import engines
from wellness.school.expectations import close_weeks
from wellness.school.reporting import GridFilter, ReportLine, Totals, make_report

TODAY = datetime.now(UTC).date()
"""The migration closes the weeks that are over on the machine's day."""
THIS_WEEK = week_of(TODAY)
FIRST = THIS_WEEK - timedelta(weeks=3)
WEEK = timedelta(weeks=1)
VALUES = {
    "first": FIRST, "second": FIRST + WEEK, "now": THIS_WEEK, "last": THIS_WEEK + 20 * WEEK,
    "at": datetime(2026, 1, 1, tzinfo=UTC), **{f"day{day}": FIRST + WEEK + timedelta(days=day) for day in range(5)},
}  # fmt: skip
ROWS = (
    "INSERT INTO school (id, name) VALUES ('a', 'Elm School')",
    "INSERT INTO school_year (id, name, starts_on, ends_on) VALUES ('y', 'This year', :first, :last)",
    "INSERT INTO person (id, email, name, role, school_id, language, password_hash, version, is_active, created_at) "
    "VALUES ('p', 'ada@demo.test', 'Ada', 'admin', NULL, 'en', '!', 1, true, :at)",
    *(
        "INSERT INTO classroom (id, school_id, year_id, name, grade, size, is_active) "
        f"VALUES ('{name}', 'a', 'y', 'Room {name}', '6', 20, {active})"
        for name, active in (("1", "true"), ("2", "true"), ("closed", "false"))
    ),
    *(
        "INSERT INTO plan (id, school_id, week_on, grade, slug, entered_by, entered_at) "
        f"VALUES ('{n}', 'a', {week}, '6', 'feet', 'p', :at)"
        for n, week in enumerate((":first", ":second", ":now"))
    ),
    *(
        "INSERT INTO no_school_day (id, school_id, on_day, reason) "
        f"VALUES ('d{day}', {school}, {day_name}, 'Break')"
        for day, (day_name, school) in enumerate(
            ((":day0", "NULL"), (":day1", "'a'"), (":day2", "NULL"), (":day3", "NULL"), (":day4", "NULL"))
        )
    ),
    *(
        "INSERT INTO class_week (classroom_id, week_on, slug, told, delivered_minutes, outside_minutes) "
        f"VALUES ('{room}', {week}, 'feet', '{told}', {minutes}, {outside})"
        for room, week, told, minutes, outside in (
            ("1", ":first", "delivered", 12, 40),
            ("2", ":first", "another session", 9, 0),
            ("1", ":second", "shortened", 5, 0),
            ("closed", ":first", "delivered", 12, 0),
        )
    ),
)  # fmt: skip


@pytest.fixture
def old_records(url: str) -> Iterator[Records]:
    """Records of revision 0005 that were brought to the newest one."""
    address = f"{url}.old" if url.startswith("sqlite") else empty_postgresql()
    engine = engines.writer_of(engines.open_engine(engines.parse_url(address), busy_timeout=5, migrates=True))
    with engine.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for row in ROWS:
            named = {name: value for name, value in VALUES.items() if re.search(rf":{name}\b", row)}
            connection.execute(text(row), named)
    engine.dispose()
    with closing(Records(address)) as opened:
        opened.migrate()
        yield opened


@pytest.mark.each_engine
def test_reported_numbers_stay_what_they_were_before_the_upgrade(old_records: Records) -> None:
    with old_records.reading() as tx:
        (admin,), (year,) = people.list_people(tx), schools.list_years(tx)
        past = GridFilter(FIRST, FIRST + timedelta(weeks=2))
        report = make_report(tx, admin, year, past, TODAY)
    weeks = {share.of: share.totals for share in report.by_week()}
    assert weeks[FIRST] == Totals(planned=2, delivered=1, another=1, on_target=1, minutes=61, weeks_counted=2)
    assert weeks[FIRST + WEEK] == Totals(planned=1, delivered=1, shortened=1), "logged in a week without school"
    assert weeks[FIRST + 2 * WEEK] == Totals(weeks_counted=2), "nothing was planned"


@pytest.mark.each_engine
def test_no_later_change_reaches_the_weeks_that_the_upgrade_closed(old_records: Records) -> None:
    past = GridFilter(FIRST, FIRST + timedelta(weeks=2))
    with old_records.reading() as tx:
        (admin,), (year,) = people.list_people(tx), schools.list_years(tx)
        before = make_report(tx, admin, year, past, TODAY)
    with old_records.writing() as tx:
        plans.set_plan(tx, "a", FIRST, ["6"], "toes", None, NOON)
        classrooms.add_classroom(tx, school_id="a", year_id="y", name="New", grade="6", size=20, first_on=FIRST)
        minutes_targets.set_target(tx, MinutesTarget(FIRST, 5), by=None, at=NOON)
        close_weeks(tx, ["a"], datetime.now(UTC))
    with old_records.reading() as tx:
        after = make_report(tx, admin, year, past, TODAY)
    assert [expected_of(line) for line in after.lines] == [expected_of(line) for line in before.lines]


def expected_of(line: ReportLine) -> tuple[object, ...]:
    """What no log can change."""
    return line.week_on, line.slug, line.due_on, line.target, line.classes, line.totals.planned
