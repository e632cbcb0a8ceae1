"""The simulator of power cuts can be believed, and a disk that cannot sync is never a success. Run by `make soak`."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.durability.powercut.cutting import compile_recorder
from tests.durability.powercut.disk import SECTOR, Disk, File, Note
from tests.support.callers import Caller, Friday, make_busy_instance, served

pytestmark = pytest.mark.soak


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled record.c."""
    return compile_recorder(tmp_path_factory.mktemp("recorder"))


# --- The imagined disk is a disk --------------------------------------------------------------------------------------


def noted(disk: Disk, *notes: tuple[str, str] | tuple[str, str, bytes, int] | tuple[str, str, str]) -> None:
    for note in notes:
        if len(note) == 4:
            what, path, data, offset = note
            disk.apply(Note(what, f"/r/{path}", "", offset, len(data), data))
        else:
            what, path, *other = note
            disk.apply(Note(what, f"/r/{path}".rstrip("/"), f"/r/{other[0]}" if other else "", 0, 0, b""))


def left(disk: Disk, folder: Path, luck: Any, seed: int = 0) -> dict[str, bytes]:
    target = folder / f"{luck}-{random.random()}"
    disk.write_after_cut(target, luck, random.Random(seed))
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def test_only_what_was_synced_is_safe(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    (before / "old").write_bytes(b"old")
    disk = Disk(Path("/r"), before)
    noted(disk, ("C", "new"), ("W", "new", b"abc", 0), ("W", "old", b"XY", 1))
    assert left(disk, tmp_path, "none") == {"old": b"old"}
    assert left(disk, tmp_path, "all") == {"old": b"oXY", "new": b"abc"}
    noted(disk, ("S", "new"))
    assert left(disk, tmp_path, "none") == {"old": b"old"}, "the name is not safe before its folder is"
    noted(disk, ("S", ""))
    assert left(disk, tmp_path, "none") == {"old": b"old", "new": b"abc"}
    noted(disk, ("W", "new", b"d", 3), ("R", "new", "old"))
    assert left(disk, tmp_path, "none") == {"old": b"old", "new": b"abc"}
    noted(disk, ("S", ""))
    assert left(disk, tmp_path, "none") == {"old": b"abc"}, "renamed over it, and what was not synced is not there"
    noted(disk, ("M", "folder"), ("R", "old", "folder/one"), ("S", "folder"))
    assert left(disk, tmp_path, "none") == {}, "it left its old place, and the folder it is in has no safe name"
    noted(disk, ("S", ""), ("U", "folder/one"))
    assert left(disk, tmp_path, "none") == {"folder/one": b"abc"}
    assert left(disk, tmp_path, "all") == {}


def test_with_some_luck_writes_are_torn_and_names_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    disk = Disk(Path("/r"), tmp_path / "before")
    noted(disk, ("C", "a"), ("S", "a"), ("S", ""), ("W", "a", b"x" * SECTOR * 8, 0), ("C", "b"), ("C", "c"))
    kept = [left(disk, tmp_path, "some", seed) for seed in range(60)]
    sizes = {one["a"].count(b"x") for one in kept}
    assert {0, SECTOR * 8} < sizes, "nothing, all of it, or some sectors of it"
    assert {tuple(sorted(one)) for one in kept} == {("a",), ("a", "b"), ("a", "b", "c")}
    assert File(bytearray(b"abcdef")).after("none", random.Random(0)) == b""


def test_a_site_that_does_not_sync_would_be_caught(recorder: Path, tmp_path: Path) -> None:
    """The test above can fail: the same writes without their fsyncs are lost."""
    root, notes = tmp_path / "root", tmp_path / "notes"
    root.mkdir()
    code = """
import os, sys
for number in range(3):
    with open(f"{sys.argv[1]}/{number}", "wb") as file:
        file.write(b"saved")
        file.flush()
        if number:
            os.fsync(file.fileno())
    if number == 2:
        os.fsync(os.open(sys.argv[1], os.O_RDONLY))
os.rename(f"{sys.argv[1]}/2", f"{sys.argv[1]}/3")
"""
    (tmp_path / "before").mkdir()
    preload = {"LD_PRELOAD": str(recorder), "POWERCUT_ROOT": str(root), "POWERCUT_LOG": str(notes)}
    subprocess.run([sys.executable, "-c", code, str(root)], env=os.environ | preload, check=True)
    from tests.durability.powercut.disk import read_notes

    disk = Disk(root, tmp_path / "before")
    for note in read_notes(notes):
        disk.apply(note)
    assert left(disk, tmp_path, "none") == {"0": b"", "1": b"saved", "2": b"saved"}
    assert left(disk, tmp_path, "all") == {"0": b"saved", "1": b"saved", "3": b"saved"}


# --- A disk that fails ------------------------------------------------------------------------------------------------


def test_a_disk_that_cannot_sync_is_never_a_success_and_passes_without_a_restart(
    recorder: Path, tmp_path: Path
) -> None:
    home, notes = tmp_path / "home", tmp_path / "notes"
    codes = make_busy_instance(home)
    friday = Friday(home, codes)
    preload = {"LD_PRELOAD": str(recorder), "POWERCUT_ROOT": str(home), "POWERCUT_LOG": str(notes)}
    with served(home, **preload) as server:
        caller = Caller(server.port)
        caller.enter(codes[0])
        assert friday.call_once(caller, codes[0], "press") == 303
        (tmp_path / "notes.fail").touch()
        assert [friday.call_once(caller, codes[0], what) for what in ("press", "beam", "press")] == [503] * 3
        assert caller.get("/sessions/feet")[0] == 200
        (tmp_path / "notes.fail").unlink()
        assert [friday.call_once(caller, codes[0], what) for what in ("press", "beam")] == [303, 204]
        caller.close()
    assert all("Nothing was saved." in page for _, page, _ in friday.saved.refused)
    assert friday.find_faults() == []
