"""Backups: everything is in them, nothing else is believed, and a restore leaves the old or the new."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from tests.durability.killed_backups import left_in, quiet, sum_of
from tests.support.instances import FEET, add_recording, close, contents_of, desk_of, make_instance, raw_of, settings_of
from tests.support.postgres import empty_postgresql, fresh_postgresql
from tests.support.processes import WELLNESS, environment, free_port, serving, wellness
from tests.support.scratch import CHECKOUT, NOON, short_session
from wellness import instance
from wellness.config import read_settings
from wellness.domain import PublicationAct
from wellness.errors import Misconfigured, StorageFull, Unavailable
from wellness.instance import backup_file, backup_instance, init_instance, restore, restore_instance
from wellness.instance.backup_file import part_of
from wellness.instance.lock import exclusively, places_of, sharing
from wellness.publishing import drafts, publish
from wellness.publishing.sync import sync, verify
from wellness.records import REVISIONS, Records, migrations, open_records, people, publications, schools
from wellness.records.database import engines


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that is made once and only read or copied."""
    return make_instance(tmp_path_factory.mktemp("ready") / "home")


@pytest.fixture(scope="module")
def ready_backup(ready: Path) -> Path:
    """A backup of it."""
    target = ready.parent / "ready.zip"
    backup_instance(settings_of(ready), target, quiet)
    return target


@pytest.fixture
def home(ready: Path, tmp_path: Path) -> Path:
    """An instance of one's own."""
    return Path(shutil.copytree(ready, tmp_path / "home"))


def restored(folder: Path, backup: Path) -> Path:
    """The backup, in a new instance."""
    restore_instance(settings_of(folder / "restored"), backup, quiet)
    return folder / "restored"


def grow(home: Path, name: str = "Ash School") -> None:
    """Let something happen in the school."""
    records = open_records(settings_of(home).records_url)
    with records.writing() as tx:
        schools.add_school(tx, name)
    records.close()
    (home / "library" / "sessions" / "hands.md").write_text(short_session("Other hands"), encoding="utf-8")
    add_recording(home, "hands", b"other")


# --- There and back ---------------------------------------------------------------------------------------------------


def test_a_backup_brings_everything_back_on_another_machine(ready: Path, ready_backup: Path, tmp_path: Path) -> None:
    there = restored(tmp_path, ready_backup)
    assert contents_of(there) == contents_of(ready)
    assert sum(map(len, contents_of(there)[0].values())) > 20
    desk = desk_of(there)
    sync(desk, NOON)
    assert verify(desk) == []
    with desk.records.reading() as tx:
        acts = [one.act for one in publications.list_history(tx, FEET)]
    assert PublicationAct.PUBLISHED in acts, "the log is the same: nothing was taken for an edit from outside"
    assert len(acts) == 2
    close(desk)


def test_no_secret_is_in_a_backup_and_nobody_is_signed_in(ready: Path, ready_backup: Path, tmp_path: Path) -> None:
    records = open_records(settings_of(ready).records_url)
    with records.reading() as tx:
        (digest,) = tx.execute(text("SELECT key_digest FROM sign_in")).scalars()
    records.close()
    there = restored(tmp_path, ready_backup)
    everything = b"".join(path.read_bytes() for path in there.rglob("*") if path.is_file())
    assert digest.encode() in (ready / "records.db").read_bytes(), "or this test looks for nothing"
    assert digest.encode() not in everything
    assert (ready / "secret-key").read_bytes() not in everything
    assert len(settings_of(there).read_secret_key()) > 40, "a new one"
    assert not any("secret" in name or name.endswith(".lock") for name in zipfile.ZipFile(ready_backup).namelist())
    assert stat.S_IMODE(ready_backup.stat().st_mode) == stat.S_IMODE((there / "records.db").stat().st_mode) == 0o600


def test_what_was_deleted_is_not_in_a_backup(home: Path, tmp_path: Path) -> None:
    """SQLite leaves deleted rows in its free pages."""
    records = open_records(settings_of(home).records_url)
    with records.writing() as tx:
        for number in range(200):
            schools.add_school(tx, f"Nobody's name {number}")
    with records.writing() as tx:
        tx.execute(text("DELETE FROM school WHERE name LIKE 'Nobody%'"))
    records.close()
    assert b"Nobody's name" in (home / "records.db").read_bytes()
    backup_instance(settings_of(home), tmp_path / "b.zip", quiet)
    assert b"Nobody's name" not in zipfile.ZipFile(tmp_path / "b.zip").read("records.db")


def test_the_commands_say_what_they_do(ready: Path, tmp_path: Path) -> None:
    shutil.copytree(ready, tmp_path / "home")
    grow(tmp_path / "home")
    ran = wellness(ready, "backup", str(tmp_path / "b.zip"))
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "Library: 3 files"
    assert re.fullmatch(r"Records: \d+\.\d MB, no damage", lines[1])
    assert lines[2:4] == ["Videos: 1 of 1, 0.1 MB", "Verifying the backup"]
    assert re.fullmatch(
        r"Made 20\d\d-\d\d-\d\d \d\d:\d\d UTC by version \S+, schema \d+: records, library, media; 8 files, .*",
        lines[4],
    )
    assert lines[5] == f"Backup saved: {tmp_path / 'b.zip'}"
    checked = wellness(tmp_path / "nowhere", "backup", "--check", str(tmp_path / "b.zip"))
    assert checked.stdout.splitlines() == [lines[4], f"{tmp_path / 'b.zip'} is complete and undamaged."]

    before = contents_of(tmp_path / "home")
    ran = wellness(tmp_path / "home", "restore", str(tmp_path / "b.zip"))
    assert ran.returncode == 0, ran.stderr
    assert contents_of(tmp_path / "home") == contents_of(ready)
    (kept,) = (tmp_path / "home").glob("before-restore-*")
    assert f"Your previous data is in {kept}. Delete it when you don't need it anymore." in ran.stdout
    assert not (tmp_path / "home" / "catalogue.db").exists(), "it told of another library"
    shutil.copy(tmp_path / "home" / "secret-key", kept)
    assert contents_of(kept) == before


def test_a_folder_gets_dated_backups_and_keeps_as_many_as_were_asked_for(ready: Path, tmp_path: Path) -> None:
    for day in range(1, 5):
        (tmp_path / f"wellness-2026010{day}-120000.zip").touch()
    (tmp_path / "wellness-notes.zip").touch()
    ran = wellness(ready, "backup", str(tmp_path), "--keep", "3", "--without-media")
    assert ran.returncode == 0, ran.stderr
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[:2] == ["wellness-20260103-120000.zip", "wellness-20260104-120000.zip"]
    assert len(names) == 4 and names[-1] == "wellness-notes.zip"
    assert ", library; " in ran.stdout.replace("records, library; ", ", library; ")
    refused = wellness(ready, "backup", str(tmp_path / "new.zip"), "--keep", "3")
    assert (refused.returncode, list(tmp_path.glob("new*"))) == (1, [])


def test_without_recordings_those_that_are_there_stay(home: Path, tmp_path: Path) -> None:
    backup_instance(settings_of(home), tmp_path / "b.zip", quiet, has_media=False)
    rows, files = contents_of(home)
    grow(home)
    grown = contents_of(home)[1]
    restore_instance(settings_of(home), tmp_path / "b.zip", quiet)
    now_rows, now_files = contents_of(home)
    assert now_rows == rows
    assert {n: f for n, f in now_files.items() if n.startswith("library")} == {
        n: f for n, f in files.items() if n.startswith("library")
    }
    assert {n for n in now_files if n.startswith("media")} == {n for n in grown if n.startswith("media")}


def test_what_is_not_taken_of_the_library_is_said(home: Path, tmp_path: Path) -> None:
    library = home / "library"
    (library / ".git" / "objects").mkdir(parents=True)
    (library / ".git" / "objects" / "x").write_text("x")
    (library / "sessions" / "link.md").symlink_to("/etc/passwd")
    (library / "sessions" / "Odd Name.md").write_text("kept: nobody reads it, but somebody wrote it")
    (library / "sessions" / ".feet.md.77.studio-new").write_text("half")
    (library / "pictures").mkdir()
    (library / "pictures" / "sky.svg").write_text("<svg/>")
    said: list[str] = []
    backup_instance(settings_of(home), tmp_path / "b.zip", said.append)
    assert [line for line in said if line.startswith("Not in")] == [
        f"Not in the backup: {library / '.git'}",
        f"Not in the backup: {library / 'sessions' / 'link.md'}",
    ]
    names = zipfile.ZipFile(tmp_path / "b.zip").namelist()
    assert {"library/sessions/Odd Name.md", "library/pictures/sky.svg"} <= set(names)
    assert not any("studio-new" in name or ".git" in name for name in names)


def test_links_of_an_instance_are_followed_and_stay(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    """A school may have its recordings on another disk."""
    big = tmp_path / "big"
    big.mkdir()
    (home / "media").rename(big / "media")
    (home / "media").symlink_to(big / "media")
    grow(home)
    restore_instance(settings_of(home), ready_backup, quiet)
    assert (home / "media").is_symlink()
    assert contents_of(home) == contents_of(ready_backup.parent / "home")
    assert [path.name for path in big.iterdir() if not path.name.startswith("before-restore-")] == ["media"]


def test_records_in_another_folder_are_restored_there(ready_backup: Path, ready: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'school.db'}"
    ran = wellness(tmp_path / "home", "restore", str(ready_backup), RECORDS_URL=url)
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "home" / "records.db").exists()
    shutil.copy(tmp_path / "data" / "school.db", tmp_path / "home" / "records.db")
    assert contents_of(tmp_path / "home") == contents_of(ready)


def test_a_school_on_a_server_is_backed_up_and_restored_on_either_engine(ready: Path, tmp_path: Path) -> None:
    server, other, third = fresh_postgresql(), empty_postgresql(), fresh_postgresql()
    with closing(open_records(settings_of(ready).records_url)) as source, closing(Records(server)) as target:
        target.fill_from(source)
    home = Path(shutil.copytree(ready, tmp_path / "home"))
    (home / "records.db").unlink()
    backup = tmp_path / "b.zip"
    ran = wellness(home, "backup", str(backup), RECORDS_URL=server)
    assert ran.returncode == 0, ran.stderr
    assert left_in(tmp_path) == []

    assert contents_of(restored(tmp_path, backup)) == contents_of(ready), "on a file"
    for number, url in enumerate((other, third)):
        there = tmp_path / f"there-{number}"
        ran = wellness(there, "restore", str(backup), RECORDS_URL=url)
        assert ran.returncode == 0, ran.stderr
        assert not (there / "records.db").exists() and left_in(there) == []
        with closing(Records(url)) as records, closing(open_records(settings_of(ready).records_url)) as source:
            with records.reading() as tx:
                assert tx.execute(text("SELECT count(*) FROM sign_in")).scalar_one() == 0
            with source.writing() as tx:
                tx.execute(text("DELETE FROM sign_in"))
            records.fill_from(source)  # the same rows, or it refuses
    ran = wellness(tmp_path / "there-0", "restore", str(backup), RECORDS_URL=other)
    assert ran.returncode == 1
    assert ran.stderr == (
        "Error: RECORDS_URL names a database that isn't empty. Set it to a new database and restore again. "
        "Nothing was changed.\n"
    )
    assert left_in(tmp_path / "there-0") == []


def test_a_restore_to_a_server_that_was_interrupted_is_finished_once(
    ready: Path, ready_backup: Path, tmp_path: Path
) -> None:
    """Killed after the rows arrived and before that was noted: the second run knows them again."""
    url = empty_postgresql()
    home = tmp_path / "there"
    home.mkdir()
    settings = read_settings({"WELLNESS_HOME": str(home), "RECORDS_URL": url})
    with exclusively(settings):
        restore.stage(ready_backup, places_of(settings), NOON, quiet)
        waiting = home / ".restoring-records.db"
        with closing(Records(url)) as target, closing(Records(f"sqlite:///{waiting}")) as source:
            target.fill_from(source)
        assert not (home / "library").exists()
    with sharing(settings):
        pass
    assert left_in(home) == []
    with closing(open_records(url)) as records, records.reading() as tx:
        assert len(schools.list_schools(tx)) == 2
    assert (home / "library" / "sessions" / "feet.md").exists()


# --- While the site runs ----------------------------------------------------------------------------------------------


class Busy:
    """A coach who publishes and an office that writes, each as quickly as they can, until told to stop."""

    def __init__(self, home: Path) -> None:
        self.desk = desk_of(home)
        with self.desk.records.reading() as tx:
            coach = people.find_person_by_email(tx, "cora@demo.test")
        assert coach is not None
        self.coach = coach
        self.failed: list[Exception] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(work,)) for work in (self._write, self._publish)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *raised: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        close(self.desk)

    def _repeat(self, work: Callable[[int], None]) -> None:
        try:
            for number in itertools.count():
                if self._stop.is_set():
                    return
                work(number)
        except Exception as error:
            self.failed.append(error)

    def _write(self, number: int) -> None:
        with self.desk.records.writing() as tx:
            schools.add_school(tx, f"Left {number}")
            schools.add_school(tx, f"Right {number}")

    def _publish(self, number: int) -> None:
        version = drafts.open_text(self.desk, FEET).version
        draft = short_session(f"Feet {number}")
        version = drafts.save_draft(self.desk, FEET, draft, self.coach, NOON, version=version).version
        publish.publish(self.desk, FEET, self.coach, NOON, version=version)


def test_a_backup_while_people_write_and_publish_is_one_instant(home: Path, tmp_path: Path) -> None:
    """Two rows of one transaction are both in it or neither, and what was published is on the page or not yet."""
    busy = Busy(home)
    made = [tmp_path / f"{number}.zip" for number in range(4)]
    with busy:
        for file in made:
            backup_instance(settings_of(home), file, quiet)
    assert busy.failed == []
    counts = [look_inside(restored(tmp_path / file.stem, file)) for file in made]
    assert counts == sorted(counts) and counts[0] != counts[-1]


def test_what_is_published_between_the_parts_is_there_once(home: Path, tmp_path: Path) -> None:
    """The library is read before the records: an older file is brought up to the log, a newer one would be an edit."""
    busy = Busy(home)
    numbers = itertools.count(1)
    backup_instance(settings_of(home), tmp_path / "b.zip", lambda line: busy._publish(next(numbers)))
    published = next(numbers) - 1
    close(busy.desk)
    assert published >= 4
    _, entries = look_inside(restored(tmp_path, tmp_path / "b.zip"))
    assert entries == 2 + 1, "what was published after the library was read and before the records were"


def look_inside(home: Path) -> tuple[int, int]:
    """How much was written and published; both sides of a pair are there, and log and library agree."""
    desk = desk_of(home)
    with desk.records.reading() as tx:
        names = [school.name.split() for school in schools.list_schools(tx)]
        history = [one.act for one in publications.list_history(tx, FEET)]
    left, right = ({number for side, number in names if side == which} for which in ("Left", "Right"))
    assert left == right
    sync(desk, NOON)
    assert verify(desk) == []
    with desk.records.reading() as tx:
        assert [one.act for one in publications.list_history(tx, FEET)] == history, "nothing came from outside"
    close(desk)
    return len(left), len(history)


def test_a_running_site_is_backed_up_and_not_restored_over(home: Path, tmp_path: Path) -> None:
    port = free_port()
    with serving([WELLNESS, "serve"], environment(home, WELLNESS_PORT=str(port)), tmp_path, port):
        ran = wellness(home, "backup", str(tmp_path / "b.zip"))
        assert ran.returncode == 0, ran.stderr
        before = raw_of(home)
        refused = wellness(home, "restore", str(tmp_path / "b.zip"))
        assert refused.returncode == 1
        assert re.fullmatch(
            r"Error: This instance is in use \(process \d+: wellness serve\)\. Stop the site and its commands first\. "
            r"Nothing was changed\.\n",
            refused.stderr,
        )
        assert raw_of(home) == before
    assert wellness(home, "restore", str(tmp_path / "b.zip")).returncode == 0


def test_nothing_begins_while_an_instance_is_restored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wellness.instance.lock.PATIENCE", 0.1)
    settings = settings_of(home)
    with (
        exclusively(settings),
        pytest.raises(Unavailable, match=r"A backup is being restored on this site\. Wait until it finishes\."),
        sharing(settings),
    ):
        raise AssertionError("somebody used it meanwhile")
    with sharing(settings), sharing(settings), pytest.raises(Unavailable, match=r"is in use"), exclusively(settings):
        raise AssertionError("somebody had it alone meanwhile")
    with exclusively(settings):
        pass


# --- What is refused --------------------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_never_overwritten(ready: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("mine")
    (tmp_path / "dead.zip").symlink_to(tmp_path / "nowhere")
    for name in ("b.zip", "dead.zip"):
        ran = wellness(ready, "backup", str(tmp_path / name))
        assert ran.returncode == 1
        assert ran.stderr == (
            f"Error: {tmp_path / name} already exists. Choose a different name. No backup was made.\n"
        )
    assert (tmp_path / "b.zip").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "dead.zip"]


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(
    ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.zip"

    def say(line: str) -> None:
        if line.startswith("Verifying"):
            target.write_text("somebody was faster")

    with pytest.raises(Misconfigured, match="already exists"):
        backup_instance(settings_of(ready), target, say)
    assert target.read_text() == "somebody was faster"
    target.unlink()

    def no_links(*names: object) -> None:
        raise PermissionError("this disk knows no links")

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(Misconfigured, match="already exists"):
        backup_instance(settings_of(ready), target, say)
    assert target.read_text() == "somebody was faster"
    target.unlink()
    backup_instance(settings_of(ready), target, quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("no folder", "There's no folder {tmp_path}/none."),
        ("no instance", "There's no instance in {tmp_path}/none. Set WELLNESS_HOME to yours."),
        ("no records", "There are no records yet. Run `wellness init`."),
    ],
    ids=["no folder", "no instance", "no records"],
)
def test_what_cannot_be_backed_up_is_said(home: Path, tmp_path: Path, what: str, sentence: str) -> None:
    target = tmp_path / ("none/b.zip" if what == "no folder" else "b.zip")
    if what == "no records":
        (home / "records.db").unlink()
    ran = wellness(tmp_path / "none" if what == "no instance" else home, "backup", str(target))
    assert ran.returncode == 1
    assert ran.stderr == f"Error: {sentence.format(tmp_path=tmp_path)} No backup was made.\n"
    assert left_in(tmp_path) == [] and not target.exists()


def damage(file: Path) -> None:
    """Overwrite pages in the middle of a database, as a dying disk does."""
    data = bytearray(file.read_bytes())
    for page in range(4, len(data) // 4096, 3):
        data[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    file.write_bytes(data)


def test_damaged_records_are_not_backed_up_as_if_they_were_well(home: Path, tmp_path: Path) -> None:
    data = bytearray((home / "records.db").read_bytes())
    place = data.index(b"Elm School")
    data[place - 40 : place - 30] = b"\xff" * 10
    (home / "records.db").write_bytes(data)
    ran = wellness(home, "backup", str(tmp_path / "b.zip"))
    assert ran.returncode == 1
    assert re.match(
        r"Error: The records are damaged \(.+\), so they were not backed up\. "
        r"Keep the backups you have and restore the last one with `wellness restore FILE`\.\n",
        ran.stderr,
    )
    damage(home / "records.db")
    ran = wellness(home, "backup", str(tmp_path / "b.zip"))
    assert ran.returncode == 1
    assert ran.stderr == (
        "Error: The records file isn't a complete database. Restore the last backup with `wellness restore FILE`.\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def refusal(home: Path, backup: Path) -> str:
    """What is said when that is restored; nothing may change."""
    before = raw_of(home)
    with pytest.raises(Misconfigured) as refused:
        restore_instance(settings_of(home), backup, quiet)
    assert raw_of(home) == before
    assert left_in(home) == []
    with pytest.raises((Misconfigured, AssertionError)):
        backup_file.prove(backup)
        raise AssertionError("only the restore looks into the records")
    return refused.value.message


DAMAGED = "This backup is incomplete or was changed, so it wasn't used. Nothing was changed. Use a different backup."
STRANGE = "This isn't a backup made by this program, so it wasn't used. Nothing was changed."


def test_a_backup_that_was_cut_short_is_refused(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    data, cut = ready_backup.read_bytes(), tmp_path / "cut.zip"
    for length in (0, 1, 100, len(data) // 3, len(data) // 2, len(data) - 100, len(data) - 1):
        cut.write_bytes(data[:length])
        assert refusal(home, cut) == DAMAGED


def test_a_backup_with_a_changed_byte_is_refused_or_the_same(
    home: Path, ready_backup: Path, ready: Path, tmp_path: Path
) -> None:
    """A byte that says nothing about the content, such as a date, may differ; whatever is restored is what was saved."""
    data, changed = ready_backup.read_bytes(), tmp_path / "changed.zip"
    wanted, refused, tries = contents_of(ready), 0, 150
    for number in range(tries):
        place = number * len(data) // tries
        changed.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        try:
            backup_file.prove(changed)
        except Misconfigured as error:
            assert error.message in (DAMAGED, STRANGE)
            refused += 1
        else:
            assert contents_of(restored(tmp_path / str(number), changed)) == wanted
    assert refused > tries * 0.8


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """A backup made by somebody else: its files and its manifest changed, the sums made right again."""
    with zipfile.ZipFile(source) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    change(files, manifest)
    listed = manifest["files"]
    for name, data in files.items():
        if name not in listed or listed[name] is not None:
            listed[name] = {"sha256": backup_file.hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest["files"] = {name: one for name, one in listed.items() if one is not None and name in files}
    with zipfile.ZipFile(target, "w") as out:
        for name, data in files.items():
            out.writestr(name, data)
        out.writestr("manifest.json", json.dumps(manifest))
    return target


def put(name: str, data: bytes = b"x") -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    """A change that adds a file."""
    return lambda files, manifest: files.update({name: data})


def told(**values: object) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    """A change of the manifest."""
    return lambda files, manifest: manifest.update(values)


BY_OTHERS: dict[str, Callable[[dict[str, bytes], dict[str, Any]], None]] = {
    "a name that climbs": put("library/../../evil.md"),
    "a name that climbs at once": put("../evil.md"),
    "an absolute name": put("/tmp/evil.md"),
    "a name of another system": put("library\\..\\evil.md"),
    "a drive": put("library/C:evil.md"),
    "a hidden file": put("library/.git/config"),
    "a hidden text": put("library/sessions/.x.md"),
    "a secret key": put("secret-key", b"k" * 64),
    "a catalogue": put("catalogue.db"),
    "records beside": put("records.db-wal"),
    "a program among the recordings": put("media/0123456789abcdef/../../x.mp4"),
    "a strange recording": put("media/0123456789abcdef/x/y.mp4"),
    "a name with a line break": put("library/sessions/a\nb.md"),
    "a very long name": put("library/" + "x" * 250),
    "a file for a part that is not named": told(parts=["records"]),
    "a part nobody knows": told(parts=["records", "library", "media", "keys"]),
    "no records": lambda files, manifest: files.pop("records.db") and None,
    "no instant": told(made_at="yesterday"),
    "an instant without a zone": told(made_at="2026-09-18T16:00:00"),
    "an older format": told(format=0),
    "no manifest worth the name": told(parts=None),
    "a file that is not listed": lambda files, manifest: (files.update(x=b""), manifest["files"].update(x=None))[1],
}


@pytest.mark.parametrize("change", BY_OTHERS.values(), ids=BY_OTHERS)
def test_what_this_program_has_not_made_is_refused(
    home: Path, ready_backup: Path, tmp_path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]
) -> None:
    strange = rewritten(ready_backup, tmp_path / "strange.zip", change)
    assert refusal(home, strange) == STRANGE
    assert not list(tmp_path.rglob("evil*")) and not Path("/tmp/evil.md").exists()


def test_a_backup_rewritten_without_a_change_is_taken(
    home: Path, ready: Path, ready_backup: Path, tmp_path: Path
) -> None:
    """So the test above refuses for the right reason."""
    same = rewritten(ready_backup, tmp_path / "same.zip", lambda files, manifest: None)
    grow(home)
    restore_instance(settings_of(home), same, quiet)
    assert contents_of(home) == contents_of(ready)


def test_a_zip_of_something_else_is_refused(home: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as out:
        out.writestr("letter.txt", "Dear all")
    assert refusal(home, tmp_path / "other.zip") == STRANGE
    (tmp_path / "text.zip").write_text("no zip at all" * 100)
    assert refusal(home, tmp_path / "text.zip") == DAMAGED
    with pytest.raises(Misconfigured, match=r"There's no file .*\. Nothing was changed\."):
        restore_instance(settings_of(home), tmp_path / "none.zip", quiet)
    assert not (tmp_path / "fresh").exists()
    with pytest.raises(Misconfigured):
        restore_instance(settings_of(tmp_path / "fresh"), tmp_path / "other.zip", quiet)
    assert not (tmp_path / "fresh").exists(), "no instance is made for it"


def test_links_and_twins_in_a_zip_are_refused(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("library/sessions/link.md")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    for name, entry, data in (("link", link, "/etc/passwd"), ("twin", "library/sessions/feet.md", "again")):
        bad = Path(shutil.copy(ready_backup, tmp_path / f"{name}.zip"))
        with zipfile.ZipFile(bad, "a") as out:
            if name == "twin":
                with pytest.warns(UserWarning, match="Duplicate name"):
                    out.writestr(entry, data)
            else:
                out.writestr(entry, data)
        assert refusal(home, bad) == STRANGE


def test_a_small_zip_that_becomes_a_large_folder_is_refused(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    """Many names for the same bytes, and a file larger than the disk has room for."""

    def many(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files["library/sessions/bomb.md"] = b"\0" * 1_000_000

    bomb = rewritten(ready_backup, tmp_path / "bomb.zip", many)
    data = bomb.read_bytes()
    end = data.rfind(b"PK\x05\x06")
    size, offset = struct.unpack_from("<II", data, end + 12)
    first = data.index(b"PK\x01\x02", offset)
    length = 46 + sum(struct.unpack_from("<HHH", data, first + 28))
    twins = b"".join(
        data[first : first + 46] + name.encode() + data[first + 46 + len(name) : first + length]
        for name in (data[first + 46 : first + length].decode()[:-4] + f"{n:04}" for n in range(50))
    )
    count = struct.unpack_from("<H", data, end + 10)[0] + 50
    overlapping = (
        data[:end] + twins + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, size + len(twins), offset, 0)
    )
    (tmp_path / "overlapping.zip").write_bytes(overlapping)
    assert refusal(home, tmp_path / "overlapping.zip") == STRANGE

    free = shutil.disk_usage(tmp_path).free
    with zipfile.ZipFile(ready_backup) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        manifest["files"]["records.db"]["bytes"] = free
        huge = ready_backup.read_bytes()
    assert refusal(home, patched_size(huge, manifest, free, tmp_path / "huge.zip")) == DAMAGED


def patched_size(data: bytes, manifest: dict[str, Any], size: int, target: Path) -> Path:
    """A zip whose manifest says that the records are that large, as its directory then does not."""
    source = io.BytesIO(data)
    with zipfile.ZipFile(source) as opened, zipfile.ZipFile(target, "w") as out:
        for name in opened.namelist():
            out.writestr(name, opened.read(name) if name != "manifest.json" else json.dumps(manifest))
    return target


def test_there_has_to_be_room(home: Path, ready_backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = raw_of(home)
    real = shutil.disk_usage(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real._replace(free=100_000))
    with pytest.raises(StorageFull, match=r"The backup needs 1\d MB and the disk of .* has 0 MB free\. Nothing was"):
        restore_instance(settings_of(home), ready_backup, quiet)
    with pytest.raises(StorageFull, match=r"There isn't enough space on the disk for .* No backup was made"):
        backup_instance(settings_of(home), tmp_path / "b.zip", quiet)
    assert raw_of(home) == before


def test_records_with_something_hidden_in_them_are_refused(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    def plant(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        file = tmp_path / "planted.db"
        file.write_bytes(files["records.db"])
        connection = engines.sqlite_module().connect(str(file))
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON viewing BEGIN DELETE FROM person; END")
        connection.commit()
        connection.close()
        files["records.db"] = file.read_bytes()

    planted = rewritten(ready_backup, tmp_path / "b.zip", plant)
    assert "The records in this backup are damaged (a trigger named evil does not belong there)" in refusal(
        home, planted
    )


def test_damaged_records_in_a_backup_are_refused(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    def spoil(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        (tmp_path / "spoiled.db").write_bytes(files["records.db"])
        damage(tmp_path / "spoiled.db")
        files["records.db"] = (tmp_path / "spoiled.db").read_bytes()

    spoiled = rewritten(ready_backup, tmp_path / "b.zip", spoil)
    assert "damaged" in refusal(home, spoiled) or "isn't a complete database" in refusal(home, spoiled)


# --- Versions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [told(format=2), told(schema="9999")], ids=["format", "schema"])
def test_a_backup_of_a_newer_version_is_refused(
    home: Path, ready_backup: Path, tmp_path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]
) -> None:
    newer = rewritten(ready_backup, tmp_path / "newer.zip", change)
    with pytest.raises(
        Misconfigured,
        match=r"newer version of this program\. Install that version first\. Nothing was changed\.",
    ):
        restore_instance(settings_of(home), newer, quiet)


def older(home: Path, revision: str) -> None:
    """Records as an older version of the program made them, with two schools."""
    file = home / "records.db"
    for one in home.glob("records.db*"):
        one.unlink()
    file.touch(0o600)
    engine = engines.writer_of(
        engines.open_engine(engines.parse_url(f"sqlite:///{file}"), busy_timeout=5, migrates=True)
    )
    with engine.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text("INSERT INTO school (id, name) VALUES ('a', 'Elm School'), ('b', 'Oak School')"))
    engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_instance_is_backed_up_before_it_is_changed(home: Path, tmp_path: Path, revision: str) -> None:
    older(home, revision)
    records = Records(settings_of(home).records_url)
    said: list[str] = []
    with sharing(settings_of(home)):
        records.migrate(
            before=lambda old, new: instance._backup_before(settings_of(home), records, old, new, said.append)
        )
    records.close()
    (file,) = (home / "backups").iterdir()
    assert re.fullmatch(rf"before-{REVISIONS[-1]}-\d{{8}}-\d{{6}}\.zip", file.name)
    assert said == [f"Records: backup of schema {revision} saved in {file}"]
    assert stat.S_IMODE((home / "backups").stat().st_mode) == 0o700
    contents = backup_file.prove(file)
    assert (contents.revision, contents.parts) == (revision, (backup_file.Part.RECORDS,))
    (home / "records.db").unlink()
    restore_instance(settings_of(home), file, said.append)
    assert f"Records: updated from schema {revision} to {REVISIONS[-1]}" in said
    opened = open_records(settings_of(home).records_url)
    with opened.reading() as tx:
        assert [school.name for school in schools.list_schools(tx)] == ["Elm School", "Oak School"]
    opened.close()


def test_init_backs_up_older_records_and_keeps_the_last_five(home: Path) -> None:
    older(home, REVISIONS[-2])
    folder = home / "backups"
    folder.mkdir()
    for day in range(1, 8):
        (folder / f"before-{REVISIONS[-2]}-2026010{day}-000000.zip").touch()
    (folder / "mine.zip").touch()
    said: list[str] = []
    init_instance(settings_of(home), said.append)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 6 and names[-1] == "mine.zip"
    assert names[:4] == [f"before-{REVISIONS[-2]}-2026010{day}-000000.zip" for day in range(4, 8)]
    assert any(line.startswith(f"Records: backup of schema {REVISIONS[-2]} saved in ") for line in said)
    init_instance(settings_of(home), quiet)
    assert sorted(path.name for path in folder.iterdir()) == names, "nothing was changed, so nothing was kept"


def test_records_that_cannot_be_backed_up_are_not_changed(home: Path) -> None:
    older(home, REVISIONS[-2])
    (home / "backups").write_text("a file where the folder should be")
    with pytest.raises(Misconfigured):
        init_instance(settings_of(home), quiet)
    records = Records(settings_of(home).records_url)
    assert records.revision() == REVISIONS[-2]
    records.close()


# --- Killed -----------------------------------------------------------------------------------------------------------


def kill(act: str, home: Path, backup: Path, scratch: Path, every: int) -> list[dict[str, Any]]:
    """What was found after each kill."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.durability.killed_backups", act, str(home), str(backup), str(scratch), str(every)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_killed_backup_leaves_nothing_that_looks_like_one(ready: Path, ready_backup: Path, tmp_path: Path) -> None:
    found = kill("backup", ready, ready_backup, tmp_path, every=23)
    assert len(found) > 4
    assert [one["left"] for one in found] == [[]] * len(found)
    assert [found[0]["is_there"], found[-1]["is_there"]] == [False, True]


def test_a_killed_restore_leaves_the_old_or_the_new_and_a_second_run_finishes(
    home: Path, ready: Path, ready_backup: Path, tmp_path: Path
) -> None:
    grow(home)
    old, new = sum_of(home), sum_of(ready)
    found = kill("restore", home, ready_backup, tmp_path, every=29)
    assert len(found) > 5
    sums = [one["sum"] for one in found]
    assert sums == [old] * sums.count(old) + [new] * sums.count(new) and {old, new} == set(sums)
    for number, one in enumerate(found):
        assert (one["again"], one["left"]) == (new, []), number


def test_a_log_that_a_killed_server_left_does_not_come_near_the_restored_records(
    home: Path, ready: Path, ready_backup: Path
) -> None:
    """A write-ahead log beside a database that it does not belong to would be played into it."""
    code = """
import os, signal, sys
from wellness.records import open_records, schools
records = open_records(sys.argv[1])
with records.writing() as tx:
    for number in range(200):
        schools.add_school(tx, f"School {number}")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, settings_of(home).records_url], cwd=CHECKOUT, check=False)
    assert (home / "records.db-wal").stat().st_size > 10_000
    restore_instance(settings_of(home), ready_backup, quiet)
    assert not (home / "records.db-wal").exists()
    assert contents_of(home) == contents_of(ready)
    (kept,) = home.glob("before-restore-*")
    with closing(open_records(f"sqlite:///{kept / 'records.db'}")) as records, records.reading() as tx:
        assert len(schools.list_schools(tx)) == 202, "and what was there is whole with its log"


def test_a_start_finishes_a_restore_that_was_interrupted(
    home: Path, ready: Path, ready_backup: Path, tmp_path: Path
) -> None:
    """Whatever of the names was exchanged already: here the records are gone and the new ones not in their place."""
    grow(home)
    settings = settings_of(home)
    with exclusively(settings):
        restore.stage(ready_backup, places_of(settings), NOON, quiet)
    kept = home / "before-restore-20260918-160000"
    kept.mkdir()
    (home / "records.db").rename(kept / "records.db")
    port = free_port()
    with serving([WELLNESS, "serve"], environment(home, WELLNESS_PORT=str(port)), tmp_path, port):
        pass
    assert contents_of(home) == contents_of(ready)
    assert left_in(home) == []
    assert (kept / "library").is_dir() and (kept / "media").is_dir()


def test_a_killed_migration_leaves_the_old_or_the_new(home: Path, ready_backup: Path, tmp_path: Path) -> None:
    older(home, REVISIONS[0])
    found = kill("migrate", home, ready_backup, tmp_path, every=23)
    assert len(found) > 3
    revisions = [one["revision"] for one in found]
    assert revisions[0] == REVISIONS[0] and revisions[-1] == REVISIONS[-1]
    assert set(revisions) == {REVISIONS[0], REVISIONS[-1]}
    for number, one in enumerate(found):
        assert (one["damage"], one["left"], one["sum"]) == ([], [], found[-1]["sum"]), number
        assert set(one["backups"]) <= {REVISIONS[0]}
        assert one["revision"] == REVISIONS[0] or one["backups"], "nothing is changed without a backup"


# --- Names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("records.db", "records"),
        ("library/.delivered.json", "library"),
        ("library/sessions/four-square.es.md", "library"),
        ("library/sessions/Fußball spielen (neu).md", "library"),
        ("media/0123456789abcdef/media.json", "media"),
        ("media/0123456789abcdef/captions.en.vtt", "media"),
        ("media/0123456789abcdef/720.mp4", "media"),
        ("manifest.json", None),
        ("library", None),
        ("library/", None),
        ("library//x.md", None),
        ("library/.", None),
        ("library/sessions/..", None),
        ("library/con\u0000.md", None),
        ("media/.work/0123456789abcdef/x.mp4", None),
        ("media/0123456789ABCDEF/720.mp4", None),
    ],
)
def test_only_these_names_belong_into_a_backup(name: str, part: str | None) -> None:
    assert part_of(name) == part
