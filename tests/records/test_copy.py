"""A school moves from one engine to the other: every row, with its number, or none."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from tests.support.demo_site import DemoSite
from tests.support.postgres import fresh_postgresql
from tests.support.processes import wellness
from tests.support.scratch import CHECKOUT, ENGINES, FRIDAY, NOON, add_cast, fresh_sqlite, sqlite_url
from wellness.domain import Completeness, EnteredRole, Outcome, ViewingState
from wellness.errors import Invalid, Misconfigured
from wellness.records import Records, open_records, outcomes, schema, settings, viewings
from wellness.records.database import copy as database_copy
from wellness.records.database.copy import TableSum

PAIRS = list(product(ENGINES, ENGINES))


@pytest.fixture(params=PAIRS, ids="-to-".join)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Where a school is, and a new database for it."""
    folders = tmp_path / "from", tmp_path / "to"
    for folder in folders:
        folder.mkdir()
    source, target = (ENGINES[engine](folder) for engine, folder in zip(request.param, folders, strict=True))
    with closing(open_records(source)) as records:
        fill(records)
    return source, target


def fill(records: Records) -> None:
    """A little school with what engines keep differently: no value, shares, parts of a second, JSON, lost numbers."""
    with records.writing() as tx:
        cast = add_cast(tx)
        room, at = cast.room_12.id, NOON + timedelta(microseconds=1)
        shown = viewings.open_viewing(tx, room, "féet → 足", "rev-1", FRIDAY, at)
        viewings.note_ran(tx, shown, "video", 3, [(0, 1)], at)
        done = Outcome(ViewingState.DELIVERED, extent=Completeness.WHOLE)
        outcomes.enter_outcome(
            tx, "b1", room, "feet", "rev-1", FRIDAY, done, cast.teacher.id, EnteredRole.TEACHER, NOON, is_late=False
        )
        gone = viewings.open_viewing(tx, room, "gone", "rev-1", FRIDAY, NOON)
        tx.execute(delete(schema.viewing).where(schema.viewing.c.id == gone.id))
        settings.save_settings(tx, settings.load_settings(tx))


def sums(url: str) -> list[TableSum]:
    with closing(open_records(url)) as records, records.reading() as tx:
        return database_copy.sum_tables(tx)


def rows(url: str) -> int:
    return sum(one.rows for one in sums(url))


def copy(source: str, target: str) -> list[TableSum]:
    with (
        closing(open_records(source)) as there,
        closing(open_records(target)) as here,
        there.reading() as reading,
        here.writing() as writing,
    ):
        return database_copy.copy_all(reading, writing, lambda one: None)


@pytest.fixture
def demo_url(demo: DemoSite) -> str:
    demo.records.close()
    return demo.settings.records_url


# --- What arrives -----------------------------------------------------------------------------------------------------


def test_every_row_arrives_and_the_sums_agree(urls: tuple[str, str]) -> None:
    before = sums(urls[0])
    assert copy(*urls) == before == sums(urls[0]) == sums(urls[1])
    assert {one.name for one in before} == set(schema.metadata.tables)
    assert {one.name for one in before if one.rows} >= {"viewing", "viewing_ran", "viewing_change", "setting", "person"}


def test_numbers_go_on_where_they_were(urls: tuple[str, str]) -> None:
    """The number of a row that was removed is not given to another."""
    with closing(open_records(urls[0])) as records, records.reading() as tx:
        last = database_copy._last_number(tx, schema.viewing)
    copy(*urls)
    with closing(open_records(urls[1])) as records, records.writing() as tx:
        new = viewings.open_viewing(tx, a_classroom(records), "new", "rev-1", FRIDAY, NOON)
        assert new.id == last + 1
        assert tx.execute(text("SELECT max(id) FROM viewing WHERE slug <> 'new'")).scalar_one() < last


def a_classroom(records: Records) -> str:
    with records.reading() as tx:
        found: str = tx.execute(text("SELECT min(id) FROM classroom")).scalar_one()
        return found


def test_there_and_back_is_the_same(tmp_path: Path) -> None:
    first, second = fresh_sqlite(tmp_path), fresh_postgresql()
    with closing(open_records(first)) as records:
        fill(records)
    copy(first, second)
    (tmp_path / "back").mkdir()
    third = fresh_sqlite(tmp_path / "back")
    copy(second, third)
    assert sums(first) == sums(third)


@pytest.mark.parametrize(
    "change",
    [
        update(schema.viewing).values(coverage=0.3333),
        update(schema.viewing).values(opened_at=NOON + timedelta(microseconds=2)),
        update(schema.viewing).where(schema.viewing.c.id == 1).values(is_late=True),
        update(schema.viewing_change).values(after={}),
        update(schema.person).where(schema.person.c.name == "Ada Admin").values(reach="all schools", name="Ada admin"),
        delete(schema.viewing_ran),
    ],
    ids=str,
)
def test_the_sums_see_every_change(tmp_path: Path, change: object) -> None:
    url = fresh_sqlite(tmp_path)
    with closing(open_records(url)) as records:
        fill(records)
        with records.writing() as tx:
            before = database_copy.sum_tables(tx)
            tx.execute(change)  # type: ignore[call-overload]
            assert len(set(before) ^ set(database_copy.sum_tables(tx))) == 2


# --- What does not ----------------------------------------------------------------------------------------------------


def test_records_that_hold_something_are_refused_and_stay(urls: tuple[str, str]) -> None:
    with closing(open_records(urls[1])) as records, records.writing() as tx:
        settings.save_settings(tx, settings.load_settings(tx))
    before = sums(urls[1])
    with pytest.raises(Misconfigured, match=r"not empty \(setting: \d+ rows\), so nothing was copied"):
        copy(*urls)
    assert sums(urls[1]) == before


def test_a_row_that_the_other_engine_cannot_keep_stops_everything(tmp_path: Path) -> None:
    source, target = fresh_sqlite(tmp_path), fresh_postgresql()
    with closing(open_records(source)) as records, records.writing() as tx:
        tx.execute(text("INSERT INTO school (id, name) VALUES ('a', 'Elm' || char(0) || 'School')"))  # as long ago
    with pytest.raises(Invalid, match="A row of the table school can't be stored there, so nothing was copied"):
        copy(source, target)
    assert rows(target) == 0


def test_what_does_not_come_through_is_noticed(urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_records(urls[1])) as records, records.writing() as tx:
        if tx.dialect.name == "sqlite":
            tx.execute(text("CREATE TRIGGER lose AFTER INSERT ON viewing BEGIN DELETE FROM viewing WHERE id = 1; END"))
        else:
            tx.execute(text("CREATE RULE lose AS ON INSERT TO viewing WHERE NEW.id = 1 DO INSTEAD NOTHING"))
    with pytest.raises(
        Invalid, match=r"The table viewing was not copied completely \(1 of 2 rows arrived\), so nothing"
    ):
        copy(*urls)
    assert rows(urls[1]) == 0


KILLED = """
import os, signal, sys
from contextlib import closing
from wellness.records import open_records
from wellness.records.database import copy
with closing(open_records(sys.argv[1])) as there, closing(open_records(sys.argv[2])) as here:
    with there.reading() as reading, here.writing() as writing:
        copy.copy_all(reading, writing, lambda one: one.name == sys.argv[3] and os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.parametrize("urls", [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True, ids="-to-".join)
@pytest.mark.parametrize("at", ["school", database_copy.list_tables()[-1].name])
def test_killed_in_the_middle_nothing_has_arrived_and_it_can_be_done_again(urls: tuple[str, str], at: str) -> None:
    before = sums(urls[0])
    ended = subprocess.run([sys.executable, "-c", KILLED, *urls, at], cwd=CHECKOUT, check=False).returncode
    assert ended == -signal.SIGKILL
    assert rows(urls[1]) == 0
    assert copy(*urls) == before == sums(urls[0])


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_demo_district_moves_there_and_back_by_the_command(demo_url: str, tmp_path: Path) -> None:
    server, back = fresh_postgresql(), sqlite_url(tmp_path)
    there = wellness(tmp_path, "records", "copy", demo_url, server)
    assert there.returncode == 0, there.stderr
    again = wellness(tmp_path, "records", "copy", server, back)
    assert again.returncode == 0, again.stderr
    assert sums(demo_url) == sums(server) == sums(back)
    tables, last = there.stdout.splitlines()[:-1], there.stdout.splitlines()[-1]
    assert tables == again.stdout.splitlines()[:-1]
    assert len(tables) == len(schema.metadata.tables)
    assert last.startswith(
        f"Copied: {rows(back)} rows in {len(tables)} tables, and both sides match. Now set RECORDS_URL"
    )


def test_the_command_refuses_in_one_sentence_and_says_no_password(demo_url: str, tmp_path: Path) -> None:
    said = wellness(tmp_path, "records", "copy", demo_url, demo_url)
    assert (said.returncode, said.stdout) == (1, "")
    assert "The records to copy to are not empty" in said.stderr
    nowhere = "postgresql+psycopg://me:s3cret@127.0.0.1:1/there"
    for pair in ([demo_url, nowhere], [nowhere, demo_url], [sqlite_url(tmp_path), nowhere]):
        said = wellness(tmp_path, "records", "copy", *pair)
        assert said.returncode == 1
        assert len(said.stderr.splitlines()) == 1
        assert "s3cret" not in said.stdout + said.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]
