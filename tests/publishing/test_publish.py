"""Publishing cannot lose or half-publish anything: real processes, really killed, on disks that are really full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.durability.killed import FEET, LATER
from tests.support.processes import wellness
from tests.support.scratch import CHECKOUT, NOON, add_cast, fresh_records, short_session, small_library
from wellness.catalogue import Catalogue
from wellness.domain import Person
from wellness.library.files import Library
from wellness.library.sandbox import Sandbox
from wellness.media import MediaStore
from wellness.publishing import drafts, publish
from wellness.publishing.sync import sync
from wellness.stores import Stores

FIRST, SECOND, THIRD = (short_session(title) for title in ("Feet", "Feet and toes", "Feet, toes and heels"))


@dataclass(frozen=True, slots=True)
class Instance:
    """A home with a published session, an older text of it and a draft, closed."""

    home: Path
    coach: Person


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return make_instance(tmp_path / "home")


def make_instance(home: Path) -> Instance:
    """The instance, in a folder that is not there yet."""
    home.mkdir()
    small_library(home / "library", feet="Feet", hands="Hands")
    records, workshop, media = fresh_records(home), Sandbox(processes=1), MediaStore(home / "media")
    catalogue = Catalogue(home / "catalogue.db", Library(home / "library"), workshop, media.list_facts)
    desk = Stores(records, catalogue, workshop, media)
    with records.writing() as tx:
        coach = add_cast(tx).coach
    sync(desk, NOON)
    version = drafts.save_draft(desk, FEET, SECOND, coach, NOON, version=0).version
    publish.publish(desk, FEET, coach, NOON, version=version)
    version = drafts.open_text(desk, FEET).version
    version = drafts.save_draft(desk, FEET, THIRD, coach, NOON, version=version).version
    publish.schedule(desk, FEET, LATER, coach, NOON, version=version)
    for opened in (catalogue, records, workshop):
        opened.release() if isinstance(opened, Catalogue) else opened.close()
    return Instance(home, coach)


AFTER: dict[str, dict[str, str]] = {
    "publish": {"feet": "Feet, toes and heels"},
    "schedule": {"feet": "Feet, toes and heels"},
    "restore": {"feet": "Feet"},
    "unpublish": {},
    "rename": {"toes": "Feet and toes"},
}
BEFORE = {"feet": "Feet and toes"}
TEXTS = {"Feet": FIRST, "Feet and toes": SECOND, "Feet, toes and heels": THIRD}


@pytest.mark.parametrize("act", AFTER)  # `tests.durability.soak` kills at every touch
def test_a_process_killed_at_any_touch_of_the_disk_leaves_the_old_or_the_new(
    instance: Instance, tmp_path: Path, act: str
) -> None:
    assert kill(instance, tmp_path, act, every=6) > 6


def kill(instance: Instance, tmp_path: Path, act: str, every: int) -> int:
    """Kill at every so many touches and look at what each leaves; returns how many processes there were."""
    (tmp_path / "tries").mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.durability.killed", str(instance.home), act, str(tmp_path / "tries"), str(every)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    meanwhile, restarted = [line["meanwhile"] for line in lines], [line["restarted"] for line in lines]
    for number, (seen, found) in enumerate(zip(meanwhile, restarted, strict=True)):
        place = f"killed at touch {1 + number * every}: {found}"
        assert seen["shown"] in (BEFORE, AFTER[act]), place
        assert found["shown"] in ((AFTER[act],) if act == "schedule" else (BEFORE, AFTER[act])), place
        assert found["disagreements"] == [], place
        assert found["left_behind"] == [], place
        check_whole(found, act, place)
        if seen["shown"] == AFTER[act]:
            assert found["shown"] == AFTER[act], f"what was seen once stays: {place}"
    assert meanwhile[-1]["shown"] == AFTER[act], "what came through is on the page without a restart"
    assert restarted[0]["shown"] == (AFTER[act] if act == "schedule" else BEFORE)
    return len(lines)


def check_whole(found: dict[str, Any], act: str, place: str) -> None:
    """The files are the texts of what is shown, and a draft that was not published is still there."""
    aliased = "aliases: [feet]\n"
    files = {slug: text.replace(aliased, "") for slug, text in found["files"].items()}
    assert files == {slug: TEXTS[title] for slug, title in found["shown"].items()}, place
    is_used = act in ("publish", "schedule") and found["shown"] == AFTER[act]
    assert (found["draft"] or "").replace(aliased, "") == ("" if is_used else THIRD), place


# --- Disks ------------------------------------------------------------------------------------------------------------

FULL = """
    import resource, signal, sys
    from pathlib import Path
    from tests.durability.killed import FEET, NOON, coach, desk_of, look
    from wellness.publishing import drafts, publish
    from wellness.publishing.sync import sync
    from wellness.errors import WellnessError

    if __name__ == "__main__":
        home, room = Path(sys.argv[1]), int(sys.argv[2])
        desk = desk_of(home, {})
        version = drafts.open_text(desk, FEET).version
        desk.catalogue.find_outcome(FEET, drafts.open_text(desk, FEET).text)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            publish.publish(desk, FEET, coach(desk), NOON, version=version)
            print("published")
        except WellnessError as error:
            print(f"refused: {error.message}")
        try:
            print(look(desk)["shown"]["feet"])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        sync(desk, NOON)
        found = look(desk)
        print(found["shown"]["feet"])
        print(found["disagreements"], found["left_behind"])
        desk.workshop.close()
"""


def run(folder: Path, code: str, *arguments: str) -> list[str]:
    path = folder / "program.py"
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    environ = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    ran = subprocess.run(
        [sys.executable, str(path), *arguments], cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("room", [0, 2_000, 8_000, 30_000, 60_000, 100_000, 200_000])
def test_a_full_disk_refuses_or_finishes_and_the_page_stays_whole(
    instance: Instance, tmp_path: Path, room: int
) -> None:
    answer, meanwhile, after, agreement = run(tmp_path, FULL, str(instance.home), str(room))
    assert agreement == "[] []"
    if answer == "published":
        assert meanwhile in ("Feet and toes", "Feet, toes and heels")
        assert after == "Feet, toes and heels"
    else:
        assert answer.startswith(
            ("refused: The disk is full", "refused: The content folder can’t be written", "refused: The records")
        )
        assert "not" in answer.lower()
        assert (meanwhile, after) == ("Feet and toes", "Feet and toes")


READ_ONLY = """
    import ctypes, os, sys
    from pathlib import Path
    from tests.durability.killed import FEET, NOON, coach, desk_of, look
    from wellness.publishing import drafts, publish
    from wellness.errors import WellnessError

    def obey_permissions():
        \"\"\"Even root does, without the capabilities to override them (DAC_OVERRIDE, DAC_READ_SEARCH).\"\"\"
        if os.geteuid() == 0:
            header = (ctypes.c_uint32 * 2)(0x20080522, 0)
            data = (ctypes.c_uint32 * 6)()
            libc = ctypes.CDLL(None, use_errno=True)
            assert libc.capget(header, data) == 0
            data[0] &= ~0b110
            assert libc.capset(header, data) == 0

    if __name__ == "__main__":
        home = Path(sys.argv[1])
        desk = desk_of(home, {})
        version = drafts.open_text(desk, FEET).version
        desk.catalogue.find_outcome(FEET, drafts.open_text(desk, FEET).text)
        (home / "library" / "sessions").chmod(0o500)
        obey_permissions()
        try:
            publish.publish(desk, FEET, coach(desk), NOON, version=version)
            print("published")
        except WellnessError as error:
            print(error.message)
        print(look(desk)["history"])
        (home / "library" / "sessions").chmod(0o700)
        publish.publish(desk, FEET, coach(desk), NOON, version=version)
        print(look(desk)["shown"]["feet"])
        desk.workshop.close()
"""


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_published(
    instance: Instance, tmp_path: Path
) -> None:
    assert run(tmp_path, READ_ONLY, str(instance.home)) == [
        "The content folder can’t be written to. Nothing was changed. Ask the person who runs the site.",
        "['published', 'outside']",
        "Feet, toes and heels",
    ]


# --- The command ------------------------------------------------------------------------------------------------------


def test_check_says_that_log_library_and_catalogue_agree(instance: Instance) -> None:
    ran = wellness(instance.home, "check")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_check_names_what_does_not_agree(instance: Instance) -> None:
    (instance.home / "library" / FEET.file).write_text(FIRST, encoding="utf-8")
    ran = wellness(instance.home, "check")
    assert ran.returncode == 1
    assert (
        "sessions/feet.md:1: this is not the version that was published last; open the site once to sync" in ran.stdout
    )
