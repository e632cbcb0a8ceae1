"""Disks that are full or may not be written, and records that are damaged: a clear sentence, nothing lost, a way back."""

from __future__ import annotations

import random
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.durability.disks import on_small_disk
from tests.support.callers import Caller, make_busy_instance, served
from tests.support.instances import close, contents_of, desk_of, make_instance, raw_of, settings_of
from tests.support.processes import wellness
from tests.support.scratch import NOON, short_session
from wellness.domain import Language
from wellness.errors import Misconfigured, Unavailable, WellnessError
from wellness.instance import backup_instance, init_instance, refuse_damage, restore_instance, verify_instance
from wellness.publishing.sync import sync, verify
from wellness.records import open_records, people, settings


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that is only copied, with a backup beside it."""
    folder = tmp_path_factory.mktemp("ready")
    make_instance(folder / "home")
    backup_instance(settings_of(folder / "home"), folder / "b.zip", lambda line: None)
    return folder


@pytest.fixture
def home(ready: Path, tmp_path: Path) -> Path:
    """An instance of one's own."""
    return Path(shutil.copytree(ready / "home", tmp_path / "home"))


# --- Damaged records --------------------------------------------------------------------------------------------------


def overwritten(*places: float) -> Callable[[Path], None]:
    """Rubbish at these parts of the file."""

    def damage(file: Path) -> None:
        data = bytearray(file.read_bytes())
        for place in places:
            start = int(len(data) * place)
            data[start : start + 400] = bytes(random.Random(place).randbytes(400))
        file.write_bytes(data)

    return damage


def overwritten_at(words: bytes) -> Callable[[Path], None]:
    """Rubbish where these words stand."""
    return lambda file: file.write_bytes(file.read_bytes().replace(words, b"\xff" * len(words))) and None


def cut(share: float) -> Callable[[Path], None]:
    """Only the first part of the file."""
    return lambda file: file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)]) and None


DAMAGED: dict[str, Callable[[Path], object]] = {
    "rubbish at the start": overwritten(0.0),
    "rubbish in the schema": overwritten_at(b'CREATE TABLE "viewing" ('),
    "rubbish everywhere": overwritten(*(part / 400 for part in range(1, 400))),
    "cut in the middle": cut(0.5),
    "cut near the start": cut(0.02),
    "no database": lambda file: file.write_text("Dear all,\n" * 1000),
    "no length": lambda file: file.write_bytes(b""),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_damaged_records_stop_the_start_stay_as_they_are_and_come_back(
    home: Path, ready: Path, damage: Callable[[Path], object]
) -> None:
    damage(home / "records.db")
    before = raw_of(home)
    with socket.socket() as taken:  # should it ever get as far as serving, it ends all the same
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = wellness(home, "serve", WELLNESS_PORT=str(taken.getsockname()[1]))
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    with pytest.raises(Misconfigured, match="wellness restore FILE") as refused:
        init_instance(settings_of(home), lambda line: None)
        refuse_damage(open_records(settings_of(home).records_url))  # what only a page in the middle shows
    assert "restore" in ran.stderr or refused.value.message in ran.stderr or "Run `wellness init`" in ran.stderr
    assert [problem.file for problem in verify_instance(settings_of(home))] == ["records"]
    assert {name: data for name, data in raw_of(home).items() if name in before} == before
    restore_instance(settings_of(home), ready / "b.zip", lambda line: None)
    assert contents_of(home) == contents_of(ready / "home")


def test_scattered_damage_is_always_noticed_and_never_mended_into_something_else(home: Path) -> None:
    """One bit in ten thousand, as of a dying disk, in fifty ways."""
    file = home / "records.db"
    whole = file.read_bytes()
    for seed in range(50):
        chance, damaged = random.Random(seed), bytearray(whole)
        for _ in range(len(whole) * 8 // 10_000):
            damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        with pytest.raises(WellnessError, match=r"damaged|complete database"):
            records = open_records(settings_of(home).records_url)
            try:
                refuse_damage(records)
            finally:
                records.close()
        assert file.read_bytes() == damaged, seed


def test_an_empty_school_is_only_made_when_it_is_asked_for(home: Path) -> None:
    (home / "records.db").unlink()
    ran = wellness(home, "init")
    assert ran.returncode == 1
    assert re.match(r"Error: The records of this site are gone: .* Restore the last backup with `wellness", ran.stderr)
    assert not (home / "records.db").exists()
    assert wellness(home, "init", "--new-records").returncode == 0
    records = open_records(settings_of(home).records_url)
    with records.reading() as tx:
        assert people.list_people(tx) == []
    records.close()


def test_check_and_doctor_name_the_damage(home: Path) -> None:
    data = bytearray((home / "records.db").read_bytes())
    data[data.index(b"Elm School") // 4096 * 4096] = 0xFF  # says what kind of page it is
    (home / "records.db").write_bytes(data)
    ran = wellness(home, "check")
    assert ran.returncode == 1
    assert re.search(r"^records:1: the database is damaged \(.+\); restore the last backup", ran.stdout, re.MULTILINE)
    ran = wellness(home, "doctor")
    assert re.search(
        r"^ERROR    records: The records are damaged \(.+\)\. They were not changed\. Restore", ran.stdout, re.MULTILINE
    )
    assert re.search(r"^ERROR    every row: The records are damaged: .+\. Restore the last", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize("what", ["a day that is none", "a text that is none", "half a value"])
def test_a_value_that_cannot_be_read_is_a_damage_and_not_a_mistake_of_the_program(home: Path, what: str) -> None:
    records = open_records(settings_of(home).records_url)
    with records.writing() as tx:
        if what == "a day that is none":
            tx.execute(text("UPDATE person SET created_at = '20x6-09-18'"))
        elif what == "a text that is none":
            tx.execute(text("UPDATE person SET name = CAST(x'C3' AS TEXT)"))
        else:
            tx.execute(text("INSERT INTO setting (key, value) VALUES ('site', '{')"))
    with pytest.raises(Unavailable, match="The records are damaged, so this page"), records.reading() as tx:
        settings.load_settings(tx) if what == "half a value" else people.list_people(tx)
    with pytest.raises(ValueError, match="mine"), records.reading():
        raise ValueError("mine: what the program itself does wrong stays its own")
    records.close()


def test_damage_that_comes_while_the_site_runs_is_said_and_no_page_fails_otherwise(tmp_path: Path) -> None:
    home = tmp_path / "home"
    codes = make_busy_instance(home)
    with served(home) as server:
        caller = Caller(server.port)
        caller.enter(codes[0])
        file = home / "records.db"
        size = file.stat().st_size
        for companion in home.glob("records.db-*"):  # what a disk loses, it loses everywhere
            companion.write_bytes(b"\xff" * companion.stat().st_size)
        file.write_bytes(random.Random(1).randbytes(size))
        answers = [caller.get(f"/c/{codes[0]}"), caller.post(f"/c/{codes[0]}/log", outcome="done", slug="feet")]
        assert [status for status, _, _ in answers] == [503, 503]
        assert "wellness doctor" in answers[0][1]
        assert caller.get("/sessions/")[0] == 200, "the sessions need no records"
        caller.close()


def test_a_damaged_catalogue_is_built_again_by_itself(home: Path) -> None:
    """After a power cut it once stayed as it was for ever: the copy to write into was as damaged as the original."""
    file = home / "catalogue.db"
    data = bytearray(file.read_bytes())
    for page in range(3, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(data)
    (home / "library" / "sessions" / "hands.md").write_text(short_session("Other hands"), encoding="utf-8")
    desk = desk_of(home)
    try:
        sync(desk, NOON)
        shown = desk.catalogue.find_session("hands", Language.EN)
        assert shown is not None and shown.title == "Other hands"
        assert verify(desk) == []
    finally:
        close(desk)


# --- Full and read-only disks -----------------------------------------------------------------------------------------

FULL = """
    import sys
    from pathlib import Path
    from tests.support.callers import Caller, Friday, make_busy_instance, served
    from tests.durability.disks import fill

    if __name__ == "__main__":
        disk = Path(sys.argv[1])
        codes = make_busy_instance(disk / "home")
        friday = Friday(disk / "home", codes)
        with served(disk / "home") as server:
            caller = Caller(server.port)
            caller.enter(codes[0])
            for what in ("press", "beam"):
                assert friday.call_once(caller, codes[0], what) in (204, 303)
            for _ in range(2):
                filler, statuses = fill(disk), []
                while len(statuses) < 300 and (not statuses or statuses[-1] in (204, 303)):
                    statuses.append(friday.call_once(caller, codes[0], ("press", "beam")[len(statuses) % 2]))
                refusals = [friday.call_once(caller, codes[0], what) for what in ("press", "beam", "press")]
                print(statuses[-1], *refusals, caller.get("/sessions/feet")[0], caller.get(f"/c/{codes[0]}")[0])
                filler.unlink()
                print(*[friday.call_once(caller, codes[0], what) for what in ("press", "beam")])
            caller.close()
        print(all("Nothing was saved." in page for _, page, _ in friday.saved.refused), friday.find_faults())
"""


def test_a_full_disk_is_never_a_false_success_and_passes_without_a_restart(tmp_path: Path) -> None:
    lines = on_small_disk(tmp_path, FULL)
    for refused, again in (lines[0:2], lines[2:4]):
        *writes, session, door = map(int, refused.split())
        assert set(writes) == {507}
        assert (session, door) == (200, 200), "reading goes on"
        assert again == "303 204"
    assert lines[4] == "True []"


BACKUP = """
    import sys
    from pathlib import Path
    from tests.durability.disks import fill
    from tests.support.instances import add_recording, contents_of, make_instance, settings_of
    from tests.durability.killed_backups import left_in
    from wellness.errors import WellnessError
    from wellness.instance import backup_instance, restore_instance

    def told(work):
        try:
            return work()
        except WellnessError as error:
            return error.message.replace(sys.argv[1], "DISK")

    if __name__ == "__main__":
        disk, home = Path(sys.argv[1]), Path(sys.argv[2])
        make_instance(home)
        add_recording(home, "noise", b"x" * 6_000_000)
        settings, target = settings_of(home), disk / "b.zip"
        filler = None

        def fill_at(start):
            def say(line):
                if line.startswith(start):
                    fill(disk)
            return say

        for start in ("Library", "Records", "Videos: 1 of"):
            print(told(lambda: backup_instance(settings, target, fill_at(start))))
            (disk / "filler").unlink()
            print(sorted(path.name for path in disk.iterdir()))
        backup_instance(settings, target, print)
        backup_instance(settings, home.parent / "b.zip", lambda line: None)
        target.unlink()

        there = settings_of(disk / "there")
        for start in ("Records", "Library", "Media"):
            print(told(lambda: restore_instance(there, home.parent / "b.zip", fill_at(start))))
            (disk / "filler").unlink()
            print(sorted(path.name for path in (disk / "there").iterdir()), left_in(disk / "there"))
        print(told(lambda: restore_instance(there, home.parent / "b.zip", lambda line: None)))
        print(contents_of(there.home) == contents_of(home))
"""


def test_a_disk_that_fills_up_leaves_no_backup_and_no_half_restore(tmp_path: Path) -> None:
    lines = on_small_disk(tmp_path, BACKUP, str(tmp_path / "home"), size="36m")
    sentence = (
        "There isn't enough space on the disk for DISK/b.zip. No backup was made. Free up space or use another disk."
    )
    assert lines[0:6] == [sentence, "[]"] * 3
    assert lines[6] == "Library: 3 files"
    restores = [line for line in lines if line.startswith("The backup couldn't be restored into")]
    sentence = (
        "The backup couldn't be restored into DISK/there (No space left on device). Your current data was not changed."
    )
    assert restores == [sentence] * 3
    assert lines.count("['instance.lock'] []") == 3
    assert lines[-2:] == ["None", "True"]


READ_ONLY = """
    import subprocess, sys
    from pathlib import Path
    from tests.support.instances import make_instance, raw_of
    from tests.support.processes import wellness

    if __name__ == "__main__":
        disk = Path(sys.argv[1])
        make_instance(disk / "home")
        before = raw_of(disk / "home")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for words in (["serve"], ["init"], ["people", "list"], ["backup", "/tmp/never.zip"], ["restore", sys.argv[2]]):
            ran = wellness(disk / "home", *words)
            print(ran.returncode, ran.stderr.replace(str(disk), "DISK"), end="")
        print([line for line in wellness(disk / "home", "doctor").stdout.splitlines() if line.startswith("ERROR")])
        print(raw_of(disk / "home") == before)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        print(wellness(disk / "home", "people", "list").returncode)
"""


def test_a_disk_that_may_not_be_written_is_named_and_nothing_half_starts(tmp_path: Path, ready: Path) -> None:
    lines = on_small_disk(tmp_path, READ_ONLY, str(ready / "b.zip"))
    assert lines[0].startswith(
        "1 Error: The folder DISK/home can't be written to (Read-only file system). Give the account"
    )
    sentence = "1 Error: The instance folder DISK/home can't be written to (Read-only file system). "
    others = [line for line in lines if line.startswith(sentence)]
    assert len(others) == 4, lines
    assert lines[-3].startswith('["ERROR    folder: ')
    assert lines[-2:] == ["True", "0"]
