"""PostgreSQL itself: how it is reached and refused, and what is said when it goes away."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from tests.support.postgres import empty_postgresql, fresh_postgresql, shared
from tests.support.processes import wait_until
from tests.support.scratch import CHECKOUT
from wellness.errors import Misconfigured, Unavailable, Uncertain
from wellness.records import Records, migrations, open_records, schools
from wellness.records.database import engines
from wellness.records.schema import REVISIONS


@pytest.fixture
def url() -> str:
    return fresh_postgresql()


def names(records: Records) -> list[str]:
    with records.reading() as tx:
        return [school.name for school in schools.list_schools(tx)]


def add(records: Records, name: str) -> None:
    with records.writing() as tx:
        schools.add_school(tx, name)


def migrate(url: str) -> None:
    with closing(Records(url)) as opened:
        opened.migrate()


def revision(url: str) -> str | None:
    with closing(Records(url)) as opened:
        return opened.revision()


# --- Opening ----------------------------------------------------------------------------------------------------------


def test_a_server_that_cannot_be_reached_is_said_so_without_the_password() -> None:
    with pytest.raises(Misconfigured) as refused:
        open_records("postgresql+psycopg://nobody:s3cret@127.0.0.1:1/nothing")
    assert refused.value.message == (
        "The records can't be reached: PostgreSQL database nothing at 127.0.0.1 (Connection "
        "refused). Start it, or fix RECORDS_URL."
    )


@pytest.mark.parametrize(("wrong", "said"), [("/missing", "database"), ("//stranger@", "role")])
def test_a_database_or_a_user_that_is_not_there_is_named(wrong: str, said: str) -> None:
    right = {"/missing": "/postgres", "//stranger@": "//wellness@"}[wrong]
    with pytest.raises(Misconfigured, match=rf'{said} "{wrong.strip("/@")}" does not exist\)\. Start it, or fix'):
        open_records(shared().url("postgres").replace(right, wrong))


def test_a_database_without_tables_is_refused_and_stays_without() -> None:
    url = empty_postgresql()
    with pytest.raises(Misconfigured, match="wellness init"):
        open_records(url)
    assert revision(url) is None


def test_records_of_a_newer_version_are_refused(records: Records, url: str) -> None:
    with records.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="newer version"):
        open_records(url)
    with pytest.raises(Misconfigured, match="newer version"):
        migrate(url)


def test_a_database_in_another_encoding_is_refused() -> None:
    shared().do("CREATE DATABASE latin TEMPLATE template0 ENCODING latin1 LOCALE 'C' LOCALE_PROVIDER libc")
    try:
        with pytest.raises(Misconfigured, match="must use UTF8 encoding"):
            migrate(shared().url("latin"))
    finally:
        shared().drop_database(shared().url("latin"))


def test_a_server_that_is_too_old_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "OLDEST_POSTGRESQL", 99)
    with pytest.raises(Misconfigured, match=r"need PostgreSQL 99 or newer; this is 1\d"):
        open_records(url)


def test_each_connection_is_set_up_so_that_no_node_can_stop_the_others(records: Records) -> None:
    wanted = {
        "lock_timeout": "15s",
        "idle_in_transaction_session_timeout": "1min",
        "transaction_isolation": "read committed",
    }
    with records.writing() as tx:
        assert {name: tx.execute(text(f"SHOW {name}")).scalar_one() for name in wanted} == wanted


def test_a_server_that_may_lose_what_was_saved_is_told_of(records: Records) -> None:
    assert not records.is_durable()
    assert records.journal_note().endswith("Set fsync, full_page_writes, synchronous_commit to on.")
    with records.writing() as tx:
        tx.execute(text("SET LOCAL synchronous_commit = on"))
        assert engines.server_note(tx).endswith("Set fsync, full_page_writes to on.")


# --- Changing the schema ----------------------------------------------------------------------------------------------


def test_two_processes_migrate_at_once() -> None:
    url = empty_postgresql()
    code = "import sys; from wellness.records import Records; Records(sys.argv[1]).migrate()"
    command = [sys.executable, "-c", code, url]
    processes = [subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    open_records(url).close()


def test_a_migration_that_breaks_off_leaves_the_old_state() -> None:
    url = empty_postgresql()
    engine = engines.writer_of(engines.open_engine(engines.parse_url(url), busy_timeout=1, migrates=True))
    with pytest.raises(KeyboardInterrupt), engine.begin() as connection:
        migrations.upgrade(connection)
        assert "viewing" in inspect(connection).get_table_names()
        raise KeyboardInterrupt
    engine.dispose()
    assert revision(url) is None
    migrate(url)
    assert revision(url) == REVISIONS[-1]


# --- Faults -----------------------------------------------------------------------------------------------------------


def end_connections(url: str) -> None:
    """End every connection to the database, as an administrator or a restart does."""
    name = engines.parse_url(url).database
    shared().do(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")


def test_a_connection_that_was_lost_meanwhile_is_made_anew(records: Records, url: str) -> None:
    add(records, "Elm School")
    end_connections(url)
    add(records, "Oak School")
    end_connections(url)
    assert names(records) == ["Elm School", "Oak School"]


def test_a_connection_lost_in_the_middle_leaves_nothing_and_says_so(records: Records, url: str) -> None:
    with (
        pytest.raises(Unavailable, match=r"aren’t responding, so nothing was saved\. Try again"),
        records.writing() as tx,
    ):
        schools.add_school(tx, "Elm School")
        end_connections(url)
        schools.add_school(tx, "Oak School")
    with pytest.raises(Unavailable, match="this page can’t be shown right now"), records.reading() as reading:
        end_connections(url)
        schools.list_schools(reading)
    assert names(records) == []


def test_a_connection_lost_while_saving_is_never_called_unsaved(records: Records) -> None:
    """The database ends the connection inside of COMMIT: whether it was kept is more than the program can know."""
    with records.writing() as tx:
        tx.execute(text(
            "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
        ))  # fmt: skip
        tx.execute(text(
            "CREATE CONSTRAINT TRIGGER leaves AFTER INSERT ON school DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION leave()"
        ))  # fmt: skip
    with pytest.raises(Uncertain) as refused:
        add(records, "Elm School")
    assert "nothing was saved" not in refused.value.message
    assert names(records) == []


def test_a_server_that_takes_nothing_now_is_said_so_and_read_on(records: Records, url: str) -> None:
    add(records, "Elm School")
    shared().do(f"ALTER DATABASE {engines.parse_url(url).database} SET default_transaction_read_only = on")
    end_connections(url)
    with pytest.raises(Unavailable, match="nothing was saved"):
        add(records, "Oak School")
    assert names(records) == ["Elm School"]


def test_a_machine_that_does_not_answer_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        records = Records(f"postgresql+psycopg://wellness@127.0.0.1:{silent.getsockname()[1]}/there")
        took = []
        for _ in range(5):
            began = time.monotonic()
            with pytest.raises(Unavailable, match="aren’t responding"):
                records.ping()
            took.append(time.monotonic() - began)
        records.close()
    assert took[0] >= 1.5
    assert sum(took[1:]) < took[0]


def test_a_machine_that_answers_again_is_used_again(records: Records) -> None:
    """It is tried when the rest is over."""
    dialect, connecting = records._engine.dialect, engines._Connecting()
    arguments, options = dialect.create_connect_args(records._url)
    connecting._rests_until = time.monotonic() + 3600
    with pytest.raises(dialect.loaded_dbapi.OperationalError, match="did not answer a moment ago"):
        connecting(dialect, None, arguments, options)
    connecting._rests_until = time.monotonic()
    connecting(dialect, None, arguments, options).close()
    connecting(dialect, None, arguments, options).close()
    assert connecting._rests_until == 0


def test_a_lock_held_by_another_node_is_said_so_and_passes(url: str) -> None:
    first, second = open_records(url), open_records(url, busy_timeout=0.05)
    with first.writing() as tx:
        schools.add_school(tx, "Elm School")
        with pytest.raises(Unavailable, match="busy, so nothing was saved"):
            add(second, "Oak School")
    add(second, "Oak School")
    assert names(first) == ["Elm School", "Oak School"]
    first.close()
    second.close()


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


# --- The server of the tests ------------------------------------------------------------------------------------------


def test_the_server_of_the_tests_ends_with_the_process_that_needs_it() -> None:
    code = "import os; from tests.support.postgres import shared; print(shared().folder, flush=True); os.kill(os.getpid(), 9)"
    process = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert process.returncode == -signal.SIGKILL
    folder = Path(process.stdout.strip())
    assert folder.name.startswith("wellness-postgres-")
    wait_until(lambda: not folder.exists())
