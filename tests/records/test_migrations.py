"""What a migration makes of the records of an older version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.support.postgres import empty_postgresql
from tests.support.scratch import sqlite_url
from wellness.records import migrations
from wellness.records.database import engines

AT = "2026-09-18 16:00:00.000000"
LATER = "2026-09-25 16:00:00.000000"
PERSON = "p" * 22
GONE = "g" * 22


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    """An empty database in one transaction, as a migration has it."""
    url = engines.parse_url(sqlite_url(tmp_path) if request.param == "sqlite" else empty_postgresql())
    engine = engines.writer_of(engines.open_engine(url, busy_timeout=1, migrates=True))
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def run(connection: Connection, statement: str, **values: object) -> None:
    """One statement, as an older version wrote it."""
    connection.execute(text(statement), values)


def add_person(connection: Connection, **values: object) -> None:
    """A person as versions before 0007 wrote one."""
    known = {
        "id": PERSON, "email": "jo@school.org", "name": "Jo", "role": "coach", "school_id": None, "language": "en",
        "password_hash": "!", "version": 1, "is_active": True, "created_at": AT, **values,
    }  # fmt: skip
    names = ", ".join(known)
    run(connection, f"INSERT INTO person ({names}) VALUES ({', '.join(f':{name}' for name in known)})", **known)


def test_accounts_keep_their_password_and_sign_ins_and_old_entries_name_their_person(connection: Connection) -> None:
    migrations.upgrade(connection, "0006")
    add_person(connection)
    run(
        connection,
        "INSERT INTO sign_in (key_digest, person_id, person_version, created_at, seen_at, expires_at) "
        "VALUES ('key', :person, 1, :at, :at, :later)",
        person=PERSON, at=AT, later=LATER,
    )  # fmt: skip
    entries = [
        ("add person", f"coach {PERSON}", ""),
        ("add person", f"teacher {GONE}", ""),
        ("remove person", GONE, ""),
        ("assign module", "training/a", f"{PERSON}, by 2026-10-01"),
        ("assign module", "training/a", "Elm School, by 2026-10-01"),
    ]
    for action, what, detail in entries:
        run(
            connection,
            "INSERT INTO audit (at, role, action, object, detail) VALUES (:at, 'admin', :action, :what, :detail)",
            at=AT, action=action, what=what, detail=detail,
        )  # fmt: skip

    migrations.upgrade(connection)

    person = connection.execute(text("SELECT password_hash, password_expires_at FROM person")).one()
    assert tuple(person) == ("!", None)
    kept = connection.execute(text("SELECT confirmed_at = created_at, is_remembered FROM sign_in")).one()
    assert [bool(value) for value in kept] == [True, False]
    rows = connection.execute(text("SELECT object, detail, about_id FROM audit ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        ("coach", "", PERSON),
        ("teacher", "", None),
        ("person", "", None),
        ("training/a", "by 2026-10-01", PERSON),
        ("training/a", "Elm School, by 2026-10-01", None),
    ]


def test_a_school_becomes_a_list_and_none_becomes_all_schools(connection: Connection) -> None:
    migrations.upgrade(connection, "0009")
    run(connection, "INSERT INTO school (id, name) VALUES ('elm', 'Elm School')")
    add_person(connection, school_id="elm")
    add_person(connection, id=GONE, email="ada@school.org", role="admin")

    migrations.upgrade(connection)

    reach = connection.execute(text("SELECT email, role, reach FROM person ORDER BY email")).all()
    assert [tuple(row) for row in reach] == [
        ("ada@school.org", "admin", "all schools"),
        ("jo@school.org", "coach", "listed"),
    ]
    listed = connection.execute(text("SELECT person_id, school_id FROM person_school")).all()
    assert [tuple(row) for row in listed] == [(PERSON, "elm")]


def test_the_plan_becomes_a_history_with_its_people_and_times(connection: Connection) -> None:
    migrations.upgrade(connection, "0013")
    run(connection, "INSERT INTO school (id, name) VALUES ('elm', 'Elm School')")
    run(
        connection,
        "INSERT INTO person (id, email, name, role, reach, language, password_hash, version, is_active, created_at) "
        "VALUES (:id, 'jo@school.org', 'Jo', 'coach', 'all schools', 'en', '!', 1, :active, :at)",
        id=PERSON, at=AT, active=True,
    )  # fmt: skip
    for number, grade, by, at in (("b", "7", None, AT), ("a", "6", PERSON, LATER)):
        run(
            connection,
            "INSERT INTO plan (id, school_id, week_on, grade, slug, entered_by, entered_at) "
            "VALUES (:id, 'elm', '2026-09-14', :grade, 'feet', :by, :at)",
            id=number, grade=grade, by=by, at=at,
        )  # fmt: skip

    migrations.upgrade(connection, "0014")

    columns = 'id, school_id, grade, says, slug, "by", role, batch_id'
    rows = connection.execute(text(f"SELECT {columns} FROM plan_entry ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        (1, "elm", "7", "session", "feet", None, "auto", "b"),
        (2, "elm", "6", "session", "feet", PERSON, "coach", "a"),
    ]
    times = connection.execute(text("SELECT at FROM plan_entry ORDER BY id")).scalars().all()
    assert [str(at)[:19] for at in times] == [AT[:19], LATER[:19]]
