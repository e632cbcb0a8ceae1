"""Closing weeks by command, a clock that is behind them, and what the check says of years and classes."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.demo_site import DemoSite
from wellness.cli import main
from wellness.records import Records, classrooms, expected_weeks, open_records, schools
from wellness.school.reporting.verify import verify_years

TODAY = datetime.now(UTC).date()
NEXT = TODAY + timedelta(days=21)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WELLNESS_HOME", str(tmp_path / "home"))
    assert run("init").exit_code == 0
    with closing(records_of(tmp_path / "home")) as records, records.writing() as tx:
        school = schools.add_school(tx, "Elm School")
        begun = TODAY - timedelta(days=60)
        year = schools.add_year(tx, "This year", begun, TODAY + timedelta(days=200))
        classrooms.add_classroom(
            tx, school_id=school.id, year_id=year.id, name="Room 1", grade="6", size=20, first_on=begun
        )
    return tmp_path / "home"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def records_of(home: Path) -> Records:
    return open_records(f"sqlite:///{home / 'records.db'}")


def newest(home: Path) -> date | None:
    with closing(records_of(home)) as records, records.reading() as tx:
        return expected_weeks.newest_closed(tx)


def test_the_command_closes_the_weeks_that_are_over_once(home: Path) -> None:
    assert newest(home) is None
    result = run("records", "close")
    assert result.exit_code == 0 and "The weeks of 1 school are closed through the week of" in result.output
    through = newest(home)
    assert through is not None and through < TODAY
    assert run("records", "close").output == result.output


def test_a_clock_behind_the_closed_weeks_is_named_and_closes_nothing(home: Path) -> None:
    with closing(records_of(home)) as records, records.writing() as tx:
        (school,) = schools.list_schools(tx)
        expected_weeks.close_through(tx, school.id, NEXT)
    result = run("records", "close")
    assert result.exit_code != 0 and "Set the clock" in result.output
    doctor = run("doctor").output
    assert f"the week of {NEXT} is closed already; set the clock" in doctor


def test_an_act_on_the_schools_time_is_refused_in_words_while_the_clock_is_behind(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        for school in schools.list_schools(tx):
            expected_weeks.close_through(tx, school.id, date(2027, 1, 4))
    admin, before = demo.signed_in("admin"), demo.dump()["minutes_target"]
    page = admin.submit(admin.open("/admin/settings").form("/admin/settings/goals/"), 422, minutes="60")
    assert "later weeks are closed already" in page.main
    assert demo.dump()["minutes_target"] == before


def test_the_check_names_years_that_overlap_and_classes_outside_of_theirs(home: Path) -> None:
    with closing(records_of(home)) as records:
        assert verify_years(records) == []
        with records.writing() as tx:
            (year,), (school,) = schools.list_years(tx), schools.list_schools(tx)
            schools.add_year(tx, "Second", year.ends_on, year.ends_on + timedelta(days=300))
            late = year.ends_on + timedelta(days=1)
            facts = {"school_id": school.id, "year_id": year.id, "grade": "6", "size": 20, "first_on": late}
            classrooms.add_classroom(tx, name="Room 2", **facts)  # type: ignore[arg-type]
        said = "\n".join(str(one) for one in verify_years(records))
    assert "This year and Second overlap" in said and "Room 2, Elm School, meets outside This year" in said
