"""Classes of a version that only knew active ones get a first and a last day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.support.older_records import AT, older_records, person_row, put, viewing_row
from tests.support.scratch import ENGINES, FRIDAY, MONDAY
from wellness.records import Records, classrooms

STARTS, ENDS = date(2026, 8, 31), date(2027, 6, 18)
DAY = timedelta(days=1)

each_engine = pytest.mark.parametrize("engine", ENGINES)


def put_school(connection: Connection) -> None:
    """A school and a year, as every version had them."""
    put(connection, "school", {"id": "elm", "name": "Elm School"})
    put(connection, "school_year", {"id": "year", "name": "2026-27", "starts_on": STARTS, "ends_on": ENDS})


def class_row(classroom_id: str, *, is_active: bool = True) -> dict[str, Any]:
    """A class of the sixth grade before classes had days."""
    named = {"id": classroom_id, "school_id": "elm", "year_id": "year", "name": classroom_id}
    return {**named, "grade": "6", "size": 24, "is_active": is_active}


def migrated(url: str) -> Records:
    """These records with the newest schema."""
    records = Records(url)
    records.migrate()
    return records


@each_engine
def test_classes_and_their_teachers_get_days(engine: str, tmp_path: Path) -> None:
    with older_records(engine, tmp_path, "0007") as (then, url):
        put_school(then)
        put(then, "person", person_row("tessa"), person_row("gone", is_active=False))
        put(then, "classroom", class_row("open"))
        put(then, "classroom", *(class_row(name, is_active=False) for name in ("viewed", "taught", "idle")))
        put(then, "classroom_teacher", *({"classroom_id": name, "person_id": "tessa"} for name in ("open", "viewed")))
        put(then, "classroom_teacher", {"classroom_id": "open", "person_id": "gone"})
        put(then, "viewing", viewing_row(1, "open", FRIDAY, MONDAY), viewing_row(2, "viewed", MONDAY, MONDAY))
        put(then, "viewing", viewing_row(3, "viewed", FRIDAY, MONDAY), viewing_row(4, "taught", MONDAY, MONDAY))
        lesson = {"id": "a", "classroom_id": "taught", "on_day": FRIDAY + DAY, "minutes": 15, "curriculum": "C"}
        put(then, "outside_lesson", lesson | {"title": "T", "entered_at": AT})
    records = migrated(url)
    with records.reading() as tx:
        listed = classrooms.list_classrooms(tx, year_id="year", on_day=STARTS)
        taught = {name: classrooms.list_teaching(tx, name) for name in ("open", "viewed")}
    records.close()
    assert {room.id: (room.first_on, room.last_on) for room in listed} == {
        "open": (STARTS, None), "viewed": (STARTS, FRIDAY), "taught": (STARTS, FRIDAY + DAY), "idle": (STARTS, STARTS),
    }  # fmt: skip
    assert [(one.person_id, one.first_on, one.last_on) for one in taught["open"]] == [
        ("gone", STARTS, None), ("tessa", STARTS, None),
    ]  # fmt: skip
    assert [(one.person_id, one.last_on) for one in taught["viewed"]] == [("tessa", FRIDAY)]


@each_engine
def test_a_class_has_the_one_grade_it_had(engine: str, tmp_path: Path) -> None:
    with older_records(engine, tmp_path, "0012") as (then, url):
        put_school(then)
        row = {"id": "open", "school_id": "elm", "year_id": "year", "name": "open", "size": 24, "first_on": STARTS}
        put(
            then,
            "classroom",
            row | {"grade": "K"},
            row | {"id": "next", "name": "next", "grade": "11", "follows_id": "open"},
        )
    records = migrated(url)
    with records.reading() as tx:
        listed = classrooms.list_classrooms(tx, year_id="year", on_day=STARTS)
    records.close()
    assert {room.id: (room.grade, room.grades, room.follows_id) for room in listed} == {
        "open": ("K", ("K",), None), "next": ("11", ("11",), "open"),
    }  # fmt: skip
