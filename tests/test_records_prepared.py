"""Statements that are compiled once: the same rows, types and faults as SQLAlchemy gives, in the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import StatementError

from tests.scratch import fresh_records
from wellness.errors import Unavailable
from wellness.records import Records
from wellness.records.faults import Damaged
from wellness.records.prepared import Prepared
from wellness.records.schema import person, school, school_year

AT = datetime(2026, 11, 20, 15, 0, 0, 123456, tzinfo=UTC)

ADD = Prepared(
    insert(person).values(
        id=bindparam("new_id"), email=bindparam("new_email"), name="A", role="coach", school_id=None, language="es",
        password_hash="x", version=bindparam("new_version"), is_active=bindparam("new_active"), created_at=bindparam("new_at"),
    )
)  # fmt: skip
BY_ID = Prepared(select(person).where(person.c.id == bindparam("wanted"), person.c.role == "coach"))
ACTIVE = Prepared(select(person.c.id, person.c.created_at.label("since")).where(person.c.is_active))
RENAME = Prepared(update(person).where(person.c.id == bindparam("wanted")).values(name=bindparam("new_name")))


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    made = fresh_records(tmp_path)
    with made.writing() as tx:
        ADD.run(tx, new_id="1", new_email="a@b", new_version=3, new_active=True, new_at=AT)
        ADD.run(tx, new_id="2", new_email="b@b", new_version=4, new_active=False, new_at=AT)
    yield made
    made.close()


def test_a_row_is_what_sqlalchemy_makes_of_it(records: Records) -> None:
    with records.reading() as tx:
        plain = tx.execute(select(person).where(person.c.id == "1")).one()
        found = BY_ID.one_or_none(tx, wanted="1")
        assert found._asdict() == plain._asdict()
        assert [type(cell) for cell in found] == [type(cell) for cell in plain]
        assert (found.created_at, found.is_active, found.version) == (AT, True, 3)
        assert BY_ID.one_or_none(tx, wanted="3") is None
        assert [(row.id, row.since) for row in ACTIVE.all(tx)] == [("1", AT)]


def test_what_is_changed_belongs_to_the_transaction(records: Records) -> None:
    with pytest.raises(RuntimeError), records.writing() as tx:
        assert RENAME.run(tx, wanted="1", new_name="B") == 1
        assert BY_ID.one_or_none(tx, wanted="1").name == "B"
        raise RuntimeError
    with records.writing() as tx:
        assert BY_ID.one_or_none(tx, wanted="1").name == "A"
        assert RENAME.run(tx, wanted="3", new_name="B") == 0
        assert RENAME.run(tx, wanted="2", new_name="C") == 1
    with records.reading() as tx:
        assert BY_ID.one_or_none(tx, wanted="2").name == "C"


def test_who_asks_one_thing_sees_what_is_kept_and_changes_nothing(records: Records) -> None:
    with records.asking() as tx:
        assert BY_ID.one_or_none(tx, wanted="1").name == "A"
    with records.writing() as other:
        RENAME.run(other, wanted="1", new_name="B")
        with records.asking() as tx:
            assert BY_ID.one_or_none(tx, wanted="1").name == "A", "what is not kept yet is not seen"
    with records.asking() as tx:
        assert BY_ID.one_or_none(tx, wanted="1").name == "B"
    with pytest.raises(Unavailable), records.asking() as tx:
        RENAME.run(tx, wanted="1", new_name="C")  # type: ignore[arg-type]
    with records.writing() as again:
        RENAME.run(again, wanted="1", new_name="D")
    with records.reading() as tx:
        assert BY_ID.one_or_none(tx, wanted="1").name == "D"


def test_who_reads_cannot_change_anything(records: Records) -> None:
    with pytest.raises(Unavailable), records.reading() as tx:
        RENAME.run(tx, wanted="1", new_name="B")  # type: ignore[arg-type]


def test_more_rows_than_one_are_not_taken_for_one(records: Records) -> None:
    with records.reading() as tx, pytest.raises(LookupError):
        Prepared(select(person.c.id)).one_or_none(tx)


def test_a_value_that_is_missing_is_a_fault_of_the_program(records: Records) -> None:
    with records.reading() as tx, pytest.raises(KeyError):
        BY_ID.all(tx)


def test_an_instant_without_a_zone_is_a_fault_of_the_program_and_none_of_the_file(records: Records) -> None:
    since = Prepared(select(person.c.id).where(person.c.created_at > bindparam("since")))
    with pytest.raises(StatementError, match="time zone") as told, records.reading() as tx:
        since.all(tx, since=AT.replace(tzinfo=None))
    assert "2026" not in str(told.value), "an error may come into the log, what was given must not"


def test_a_day_that_is_none_is_a_damaged_file(records: Records) -> None:
    with records.writing() as tx:
        year = {"id": "y", "name": "Y", "starts_on": date(2026, 8, 1), "ends_on": date(2027, 6, 1)}
        tx.execute(insert(school_year).values(**year))
        tx.exec_driver_sql("UPDATE school_year SET starts_on = '2026-02-30'")
    with pytest.raises(Damaged), records.reading() as tx:
        Prepared(select(school_year)).all(tx)


def test_a_file_that_is_locked_says_so(tmp_path: Path, records: Records) -> None:
    hasty = Records(f"sqlite:///{records.file}", busy_timeout=0.05)
    with records.writing(), pytest.raises(Unavailable, match="busy"), hasty.writing() as tx:
        RENAME.run(tx, wanted="1", new_name="B")
    hasty.close()


def test_a_row_that_another_points_to_keeps_the_rules_of_the_schema(records: Records) -> None:
    """Foreign keys and checks hold for these statements as for all."""
    move = Prepared(update(person).where(person.c.id == "1").values(school_id=bindparam("there")))
    with pytest.raises(Exception, match="FOREIGN KEY") as told, records.writing() as tx:
        move.run(tx, there="no school")
    assert isinstance(told.value, sqlite3.Error) or type(told.value).__module__.startswith("pysqlite3")
    with records.writing() as tx:
        assert Prepared(delete(school)).run(tx) == 0
