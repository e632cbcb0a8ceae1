"""The database file itself: how it is made, opened and refused, and what is said when the disk or the file fails."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from filelock import FileLock
from sqlalchemy import inspect, text

from tests.support.scratch import fresh_records, sqlite_url
from wellness.domain import SiteSettings
from wellness.errors import Misconfigured, StorageFull, Unavailable
from wellness.records import Records, migrations, open_records, schools, settings
from wellness.records.database import engines
from wellness.records.schema import REVISIONS

HERE = Path(__file__).parents[2]


def run(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process of the same program."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def file_of(folder: Path) -> Path:
    return folder / "records.db"


# --- Opening ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["nonsense", "", "sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro", "mysql://h/d", "postgresql://h/d"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="RECORDS_URL must be"):
        open_records(url)


def test_records_that_were_never_made_are_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="wellness init"):
        open_records(sqlite_url(tmp_path))
    with pytest.raises(Unavailable):
        Records(sqlite_url(tmp_path)).ping()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file_of(tmp_path).touch()
    with pytest.raises(Misconfigured, match="wellness init"):
        open_records(sqlite_url(tmp_path))


def test_records_of_a_newer_version_are_refused(records: Records, tmp_path: Path) -> None:
    with records.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="newer version"):
        open_records(sqlite_url(tmp_path))
    with pytest.raises(Misconfigured, match="newer version"):
        Records(sqlite_url(tmp_path)).migrate()


@pytest.mark.parametrize("damage", ["not a database at all, but long enough" * 100, "cut short"])
def test_a_damaged_file_is_refused_in_one_sentence(records: Records, tmp_path: Path, damage: str) -> None:
    with records.writing() as tx:
        for number in range(50):
            schools.add_school(tx, f"School {number}" * 100)
    records.close()
    file = file_of(tmp_path)
    file.write_bytes(file.read_bytes()[:30_000] if damage == "cut short" else damage.encode())
    before = file.read_bytes()

    for refused in (lambda: open_records(sqlite_url(tmp_path)), Records(sqlite_url(tmp_path)).migrate):
        with pytest.raises(Misconfigured, match=r"isn't a complete database\. Restore the last backup"):
            refused()
    with (
        pytest.raises(Unavailable, match=r"nothing was saved.*wellness doctor"),
        Records(sqlite_url(tmp_path)).writing(),
    ):
        pass
    assert file.read_bytes() == before


def test_each_connection_is_set_up_to_keep_what_it_promised(records: Records) -> None:
    wanted = {"foreign_keys": 1, "synchronous": 2, "busy_timeout": 15_000, "journal_mode": "wal"}
    with records.writing() as tx:
        found = {name: tx.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
    assert found == wanted
    assert records.journal_note().endswith("with a write-ahead log.")


def test_an_old_sqlite_keeps_a_rollback_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = cast(Any, SimpleNamespace(sqlite_version_info=(3, 51, 2), sqlite_version="3.51.2"))
    new = cast(Any, SimpleNamespace(sqlite_version_info=(3, 51, 3), sqlite_version="3.51.3"))
    assert (engines.journal_mode(old), engines.journal_mode(new)) == ("DELETE", "WAL")
    assert engines.journal_note(old).startswith("SQLite 3.51.2 with a rollback journal")

    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    assert engines.sqlite_module() is sqlite3
    records = fresh_records(tmp_path)
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")
        mode = tx.execute(text("PRAGMA journal_mode")).scalar_one()
    records.ping()
    assert mode == engines.journal_mode(sqlite3).lower()
    records.close()


# --- Changing the schema ----------------------------------------------------------------------------------------------


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    records = Records(sqlite_url(tmp_path))
    records.migrate()
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")
    records.migrate()
    records.check()
    assert records.revision() == REVISIONS[-1]
    with records.reading() as tx:
        assert len(schools.list_schools(tx)) == 1
    records.close()


def test_two_processes_migrate_at_once(tmp_path: Path) -> None:
    code = "import sys; from wellness.records import Records; Records(sys.argv[1]).migrate()"
    processes = [run(code, sqlite_url(tmp_path)) for _ in range(2)]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    open_records(sqlite_url(tmp_path)).close()


def test_only_one_migrates_at_a_time(tmp_path: Path) -> None:
    with (
        FileLock(f"{file_of(tmp_path)}.migrating"),
        pytest.raises(Unavailable, match=r"The records are being changed by another process\. Nothing was changed"),
    ):
        Records(sqlite_url(tmp_path)).migrate(timeout=0.05)
    assert not file_of(tmp_path).exists()


def test_a_migration_that_breaks_off_leaves_the_old_state(tmp_path: Path) -> None:
    url = engines.parse_url(sqlite_url(tmp_path))
    engine = engines.writer_of(engines.open_engine(url, busy_timeout=1, migrates=True))
    with pytest.raises(KeyboardInterrupt), engine.begin() as connection:
        migrations.upgrade(connection)
        assert "viewing" in inspect(connection).get_table_names()
        raise KeyboardInterrupt
    assert Records(sqlite_url(tmp_path)).revision() is None
    Records(sqlite_url(tmp_path)).migrate()
    open_records(sqlite_url(tmp_path)).close()


def test_a_migration_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="folder"):
        Records(sqlite_url(tmp_path / "missing")).migrate()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    Records(sqlite_url(tmp_path)).migrate()
    records = open_records(sqlite_url(tmp_path))
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")
        for file in tmp_path.glob("records.db*"):
            if file.suffix != ".migrating":
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    records.close()


# --- Faults -----------------------------------------------------------------------------------------------------------


def test_a_lock_held_by_another_program_is_said_so_and_passes(tmp_path: Path) -> None:
    records = fresh_records(tmp_path, busy_timeout=0.05)
    other = engines.sqlite_module().connect(str(file_of(tmp_path)), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy, so nothing was saved"), records.writing():
        raise AssertionError("two programs wrote at once")
    records.ping()
    other.execute("ROLLBACK")
    other.close()
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")
    records.close()


@pytest.mark.parametrize("in_savepoint", [True, False])
def test_a_full_disk_saves_nothing_reads_on_and_recovers(records: Records, in_savepoint: bool) -> None:
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))

    with pytest.raises(StorageFull, match="disk is full, so nothing was saved"), records.writing() as tx:
        schools.add_school(tx, "Oak School")
        if in_savepoint:
            schools.add_school(tx, "x" * 100_000)
        else:
            settings.save_settings(tx, SiteSettings(site_name="x" * 100_000))

    with records.reading() as reading:
        assert [school.name for school in schools.list_schools(reading)] == ["Elm School"]
    with records.writing() as tx:
        tx.execute(text("PRAGMA max_page_count = 1000000"))
        schools.add_school(tx, "Ash School")


def test_a_file_that_goes_away_is_never_replaced_by_an_empty_one(records: Records, tmp_path: Path) -> None:
    records.close()
    file_of(tmp_path).rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="this page can’t be shown right now"):
        records.ping()
    with pytest.raises(Unavailable, match="nothing was saved"), records.writing():
        pass
    assert not file_of(tmp_path).exists()
    (tmp_path / "elsewhere").rename(file_of(tmp_path))
    records.ping()


def test_what_was_acknowledged_survives_a_kill(records: Records, tmp_path: Path) -> None:
    code = """
import sys
from wellness.records import open_records, schools
records = open_records(sys.argv[1])
number = 0
while True:
    with records.writing() as tx:
        schools.add_school(tx, f"School {number}")
    print(number, flush=True)
    number += 1
"""
    process = run(code, sqlite_url(tmp_path))
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(40)]
    os.kill(process.pid, signal.SIGKILL)
    # Not `communicate`, which does not see what `readline` has read ahead.
    acknowledged += [int(line) for line in process.stdout.read().split()]
    process.communicate()

    with records.reading() as tx:
        kept = {school.name for school in schools.list_schools(tx)}
        assert tx.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    assert kept >= {f"School {number}" for number in acknowledged}
    assert len(kept) <= len(acknowledged) + 1


def test_threads_take_the_same_connections_again(records: Records) -> None:
    seen: set[int] = set()

    def look() -> None:
        for _ in range(10):
            with records.reading() as tx:
                seen.add(id(tx.connection.dbapi_connection))

    for _ in range(5):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert len(seen) == 1
