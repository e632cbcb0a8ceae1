"""What happens in a school until the power goes, and what is found when it is back.

    python -m tests.durability.powercut.day do ACT ROOT                      does it; run under record.so
    python -m tests.durability.powercut.day cut ACT ROOT BEFORE NOTES SCRATCH CUTS SEED

The second cuts the power at CUTS random points of the notes, each with all, none or some of what was not safe, lets a process
of its own start on what is left, and prints a line of JSON with every fault for each.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import select

from tests.durability.killed import forked
from tests.durability.killed_backups import left_in, migrate, quiet, sum_of
from tests.durability.powercut.disk import Disk, Luck, read_notes
from tests.support.instances import FEET, VTT, close, desk_of, settings_of
from tests.support.scratch import FRIDAY, NOON, short_session
from wellness.domain import Classroom, Completeness, Language, Outcome, Person, PublicationAct, ViewingState
from wellness.instance import backup_instance, refuse_damage, restore_instance
from wellness.instance.backup_file import prove
from wellness.instance.lock import sharing
from wellness.media.store import StoredVideoFacts
from wellness.policy import DoorHolder
from wellness.publishing import drafts
from wellness.publishing import publish as publishing_publish
from wellness.publishing.sync import sync, verify
from wellness.records import Records, classrooms, people, schools
from wellness.records.schema import viewing_change, viewing_ran
from wellness.school import presenting
from wellness.school.reporting.verify import verify_weeks
from wellness.stores import Stores

ROUNDS = 12
"""How often a class says how it went and a coach publishes."""

LUCK: tuple[Luck, ...] = ("none", "some", "all", "some")


def text_of(number: int) -> str:
    """The session as it is in that round."""
    return short_session(f"Feet {number}")


def acknowledge(root: Path, what: str, which: object) -> None:
    """A person was told that it is saved. It is noted among the writes, so that it is known what came before."""
    descriptor = os.open(root / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (json.dumps([what, which]) + "\n").encode())
    os.close(descriptor)


# --- What happens -----------------------------------------------------------------------------------------------------


def friday(root: Path) -> None:
    """Classes, a coach and a backup, one after the other."""
    home = root / "home"
    with sharing(settings_of(home)):
        desk = desk_of(home)
        coach, holder = cast_of(desk)
        for number in range(1, ROUNDS + 1):
            acknowledge(root, "press", press(desk, holder, number))
            beam(desk, holder, number)
            acknowledge(root, "second", 2 * number)
            if number % 3 == 0:
                publish(root, desk, coach, number)
            if number % 4 == 0:
                record(desk, f"video-{number}")
                acknowledge(root, "recording", f"video-{number}")
        backup_instance(settings_of(home), root / "backup.zip", quiet)
        acknowledge(root, "backup", "backup.zip")
        acknowledge(root, "press", press(desk, holder, 0))
        close(desk)


def cast_of(desk: Stores) -> tuple[Person, DoorHolder]:
    """Who presses."""
    with desk.records.reading() as tx:
        coach = people.find_person_by_email(tx, "cora@demo.test")
        year = schools.find_nearest_year(tx, FRIDAY)
        assert coach is not None and year is not None
        return coach, DoorHolder(classrooms.list_classrooms(tx, year_id=year.id, on_day=FRIDAY)[0].id)


def press(desk: Stores, holder: DoorHolder, number: int) -> str:
    """Say how it went; each time otherwise."""
    said = Outcome(ViewingState.DELIVERED, extent=Completeness.WHOLE, minutes=number + 1)
    pairs = [(room_of(desk, holder), presenting.ShownVersion("feet", "r1", Language.EN))]
    return presenting.log_outcome(
        desk.records, holder, pairs, on_day=FRIDAY, outcome=said, at=NOON, today=FRIDAY
    ).batch_id


def room_of(desk: Stores, holder: DoorHolder) -> Classroom:
    """The class of the door."""
    with desk.records.reading() as tx:
        return classrooms.get_classroom(tx, holder.classroom_id, FRIDAY)


def beam(desk: Stores, holder: DoorHolder, number: int) -> None:
    """One second more has run."""
    shown, ran = presenting.ShownVersion("feet", "r1", Language.EN), [(2 * number, 2 * number + 1)]
    presenting.note_ran(
        desk.records, room_of(desk, holder), shown, FRIDAY, part="video-1", duration=900, ranges=ran, at=NOON
    )


def publish(root: Path, desk: Stores, coach: Person, number: int) -> None:
    """Save a draft, then publish it."""
    version = drafts.open_text(desk, FEET).version
    version = drafts.save_draft(desk, FEET, text_of(number), coach, NOON, version=version).version
    acknowledge(root, "draft", number)
    publishing_publish.publish(desk, FEET, coach, NOON, version=version)
    acknowledge(root, "published", number)


def record(desk: Stores, name: str) -> None:
    """Bring a recording."""
    with desk.media.building() as folder:
        (folder / "720.mp4").write_bytes(name.encode() * 3000)
        (folder / "captions.en.vtt").write_text(VTT)
        desk.media.add(folder, StoredVideoFacts(name, {"en": name}, seconds=9.7, width=1280, height=720), NOON)


def restore(root: Path) -> None:
    """Put the backup in the place of what is there."""
    restore_instance(settings_of(root / "home"), root / "ready.zip", quiet)
    acknowledge(root, "restored", True)


def update(root: Path) -> None:
    """Bring records of an older version up to date."""
    migrate(root / "home", root)
    acknowledge(root, "migrated", True)


DOINGS: dict[str, Callable[[Path], None]] = {"friday": friday, "restore": restore, "migrate": update}


# --- What is found ----------------------------------------------------------------------------------------------------


def find_faults(act: str, root: Path, told: list[tuple[str, object]], known: dict[str, object]) -> list[str]:
    """What is not as it was acknowledged, when a site starts on what the power cut has left."""
    home = root / "home"
    if act == "friday":
        return list(_after_friday(home, root, told, known))
    with sharing(settings_of(home)):
        records = Records(settings_of(home).records_url)
        revision, damage = records.revision(), records.find_damage(thorough=True)
        records.close()
    faults = list(damage)
    if act == "migrate":
        is_new = revision == known["new revision"]
        faults += [] if is_new or not told else ["it was migrated and is not"]
        faults += [] if is_new or revision == known["old revision"] else [f"revision {revision}"]
        backups = [prove(path) for path in sorted((home / "backups").glob("*.zip"))] if is_new else [None]
        faults += [] if backups else ["changed without a backup"]
        update(root)
        return [*faults, *([] if sum_of(home) == known["new"] else ["not all rows are there"])]
    found = sum_of(home)
    faults += [] if found in (known["old"], known["new"]) else ["neither the old nor the new"]
    faults += [] if found == known["new"] or not told else ["it was restored and is not"]
    restore_instance(settings_of(home), root / "ready.zip", quiet)
    faults += [] if sum_of(home) == known["new"] else ["a second restore did not finish it"]
    return [*faults, *left_in(home)]


def _after_friday(home: Path, root: Path, told: list[tuple[str, object]], known: dict[str, object]) -> Iterator[str]:
    with sharing(settings_of(home)):
        desk = desk_of(home)
        desk.catalogue._builder.outcomes = dict(known["outcomes"])  # type: ignore[call-overload]
        refuse_damage(desk.records)
        sync(desk, NOON)
        yield from map(str, [*verify(desk), *verify_weeks(desk.records)])
        with desk.records.reading() as tx:
            presses = Counter(tx.execute(select(viewing_change.c.batch_id)).scalars())
            ranges = ",".join(tx.execute(select(viewing_ran.c.ranges)).scalars()).split(",")
        history = [
            one.text for one in publishing_publish.list_history(desk, FEET) if one.act is PublicationAct.PUBLISHED
        ]
        outside = [one for one in publishing_publish.list_history(desk, FEET) if one.act is PublicationAct.OUTSIDE]
        yield from ([f"taken for an edit from outside: {len(outside) - 1}"] if len(outside) > 1 else [])
        yield from (f"press {one} is there {times} times" for one, times in presses.items() if times > 1)
        shown = desk.catalogue._find_session("feet", Language.EN)
        yield from ([] if shown is not None else ["the session is not on the page"])
        for what, which in told:
            is_there = {
                "press": lambda which=which: presses[which] == 1,
                "second": lambda which=which: _has_second(ranges, which),
                "draft": lambda which=which: _is_kept(desk, history, which),
                "published": lambda which=which: history.count(text_of(which)) == 1,
                "recording": lambda which=which: desk.media.find_medium(which) is not None,
                "backup": lambda which=which: (root / which).exists(),
            }[what]()
            yield from ([] if is_there else [f"{what} {which} is lost"])
        yield from map(str, desk.media.check())
        close(desk)
    for backup in root.glob("*.zip"):
        prove(backup)


def _has_second(ranges: list[str], second: object) -> bool:
    pairs = [one.split("-") for one in ranges if one]
    return any(int(first) <= int(str(second)) < int(end) for first, end in pairs)


def _is_kept(desk: Stores, history: list[str | None], number: object) -> bool:
    draft = drafts.open_text(desk, FEET).draft
    kept = [draft.text if draft is not None else "", *history]
    return any(text_of(later) in kept for later in range(int(str(number)), ROUNDS + 1))


# --- Cutting ----------------------------------------------------------------------------------------------------------


def known_of(act: str, root: Path, before: Path, scratch: Path) -> dict[str, object]:
    """What can be known before any power goes: what the old and the new is, and what the check says of the texts."""
    if act == "friday":
        desk = desk_of(Path(shutil.copytree(before / "home", scratch / "known")))
        for number in range(ROUNDS + 1):
            desk.catalogue.find_outcome(FEET, text_of(number))
        known: dict[str, object] = {"outcomes": desk.catalogue._builder.outcomes}
        close(desk)
        return known
    ends = {
        name: Path(shutil.copytree(home, scratch / name))
        for name, home in (("old", before / "home"), ("new", root / "home"))
    }
    if act == "restore":
        return {name: sum_of(home) for name, home in ends.items()}
    revisions = {}
    for name, home in ends.items():
        records = Records(settings_of(home).records_url)
        revisions[f"{name} revision"] = records.revision()
        records.close()
    return {"new": sum_of(ends["new"]), **revisions}


def cut(act: str, root: Path, before: Path, notes: Path, scratch: Path, cuts: int, seed: int) -> None:
    """Cut the power that often, and print what is found."""
    known = known_of(act, root, before, scratch)
    chance = random.Random(seed)
    log = list(read_notes(notes))
    points = sorted([len(log), *(chance.randint(1, len(log)) for _ in range(cuts - 1))])
    disk, done = Disk(root, before), 0
    for number, point in enumerate(points):
        for note in log[done:point]:
            disk.apply(note)
        done = point
        luck = LUCK[number % len(LUCK)]
        left = scratch / f"cut-{number}"
        disk.write_after_cut(left, luck, chance)
        assert not disk.hasty, f"renamed before it was synced: {disk.hasty}"
        told = [tuple(json.loads(line)) for line in disk.read_if_there("acknowledged").splitlines()]

        place = {"point": point, "of": len(log), "luck": luck, "acknowledged": len(told)}
        assert forked(partial(look, place, act, left, told, known)) == 0, f"{place}: {left}"
        shutil.rmtree(left)


def look(
    place: dict[str, object], act: str, left: Path, told: list[tuple[str, object]], known: dict[str, object]
) -> None:
    """Start on what is left, and print what is wrong."""
    print(json.dumps({**place, "faults": find_faults(act, left, told, known)}), flush=True)


def main(what: str, act: str, root: str, *more: str) -> None:
    """Do it, or cut it."""
    if what == "do":
        DOINGS[act](Path(root))
        return
    before, notes, scratch, cuts, seed = more
    cut(act, Path(root), Path(before), Path(notes), Path(scratch), int(cuts), int(seed))


if __name__ == "__main__":
    main(*sys.argv[1:])
