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


def test_a_visit_without_a_teacher_says_a_substitute_unless_a_removed_teacher_logged_it(connection: Connection) -> None:
    migrations.upgrade(connection, "0015")
    add_class(connection)
    for number, (role, by) in enumerate(
        [("teacher", None), ("teacher", PERSON), ("substitute", None), ("coach", None)]
    ):
        add_visit(connection, f"2026-09-1{number}", teacher_id=None)
        add_viewing(connection, number + 1, f"2026-09-1{number}", entered_role=role, entered_by=by)
    add_visit(connection, "2026-09-17", teacher_id=None)
    add_visit(connection, "2026-09-18", teacher_id=PERSON)

    migrations.upgrade(connection)

    found = connection.execute(text("SELECT on_day, led_by_substitute FROM walkthrough ORDER BY on_day")).all()
    assert [(str(row.on_day), bool(row.led_by_substitute)) for row in found] == [
        ("2026-09-10", False),  # logged by a teacher whose account is gone
        ("2026-09-11", True),
        ("2026-09-12", True),
        ("2026-09-13", True),
        ("2026-09-17", True),
        ("2026-09-18", False),
    ]


def test_certificates_stay_when_the_account_goes_from_now_on(connection: Connection) -> None:
    migrations.upgrade(connection, "0015")
    add_class(connection)
    run(
        connection,
        "INSERT INTO completion (code, person_id, slug, language, revision, title, issuer, hours, completed_on, "
        "completed_at) VALUES ('code', :person, 'mindful', 'en', 'r1', 'Mindful', 'Elm', 0.5, '2026-09-18', :at)",
        person=PERSON, at=AT,
    )  # fmt: skip

    migrations.upgrade(connection)

    kept = "SELECT person_id, left_name, left_school_ids, title FROM completion"
    assert tuple(connection.execute(text(kept)).one()) == (PERSON, None, None, "Mindful")
    if connection.dialect.name == "postgresql":  # SQLite does not look at references while it migrates
        run(connection, "DELETE FROM person WHERE id = :id", id=PERSON)
        assert tuple(connection.execute(text(kept)).one()) == (None, None, None, "Mindful")


def add_class(connection: Connection) -> None:
    """A class with a teacher, as versions before 0016 wrote them."""
    run(connection, "INSERT INTO school (id, name) VALUES ('elm', 'Elm School')")
    run(connection, "INSERT INTO school_year VALUES ('year', '2026-27', '2026-08-17', '2027-06-11')")
    run(
        connection,
        "INSERT INTO classroom (id, school_id, year_id, name, grade, size, first_on) "
        "VALUES ('room', 'elm', 'year', 'Room 12', '6', 20, '2026-08-17')",
    )
    run(
        connection,
        "INSERT INTO person (id, email, name, role, reach, language, password_hash, version, is_active, created_at) "
        "VALUES (:id, 'jo@school.org', 'Jo', 'teacher', 'all schools', 'en', '!', 1, :yes, :at)",
        id=PERSON, yes=True, at=AT,
    )  # fmt: skip


def add_visit(connection: Connection, on_day: str, teacher_id: str | None) -> None:
    run(
        connection,
        "INSERT INTO walkthrough (id, classroom_id, slug, on_day, teacher_id, choices, alongside, alternative, passing, "
        "closing, glow, next_step, noted_at) VALUES (:id, 'room', 'feet', :on_day, :teacher_id, 'seen', 'seen', "
        "'seen', 'seen', 'seen', 'A.', 'B.', :at)",
        id=f"visit {on_day}", on_day=on_day, teacher_id=teacher_id, at=AT,
    )  # fmt: skip


def add_viewing(connection: Connection, number: int, on_day: str, **words: object) -> None:
    run(
        connection,
        "INSERT INTO viewing (id, classroom_id, slug, revision, language, on_day, week_on, state, extent, coverage, "
        "entered_at, entered_role, entered_by, is_late) VALUES (:number, 'room', 'feet', 'r1', 'en', :on_day, '2026-09-07', "
        "'delivered', 'whole', 0, :at, :entered_role, :entered_by, :no)",
        number=number, on_day=on_day, at=AT, no=False, **words,
    )  # fmt: skip
