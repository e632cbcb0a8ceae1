"""Kills a publisher at its touches of the disk and says what is left: `... -m tests.durability.killed HOME ACT SCRATCH EVERY`.

Each try is a process of its own, forked so that nothing has to be imported again, on a copy of HOME. It is gone by SIGKILL
right before its n-th call that could change the disk: a statement or a commit of a database, a file opened, written
through, renamed, removed. Then another process looks (what visitors see meanwhile), catches up as a restarted site does,
and a line of JSON tells what it found. Every EVERY-th touch is tried. The last try is the one that was not killed.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from tests.support.scratch import NOON
from wellness.catalogue import Catalogue
from wellness.domain import Language, Person, TextKey, TextKind
from wellness.library.files import Library
from wellness.library.prepared import Outcome
from wellness.library.sandbox import Sandbox
from wellness.media import MediaStore
from wellness.publishing import drafts
from wellness.publishing import publish as publishing_publish
from wellness.publishing.sync import sync, verify
from wellness.records import open_records, people
from wellness.stores import Stores

FEET = TextKey(TextKind.SESSION, "feet")
LATER = NOON + timedelta(hours=1)
FILES = frozenset({"open", "write", "close", "fsync", "replace", "rename", "unlink", "remove", "mkdir", "sendfile"})
STATEMENTS = frozenset({"execute", "executemany", "commit"})
READS = ("select", "pragma", "explain", "begin")
Outcomes = dict[str, Outcome]


def desk_of(home: Path, outcomes: Outcomes) -> Stores:
    """A desk of this process; its catalogue remembers the texts that were checked before."""
    workshop, media = Sandbox(processes=1), MediaStore(home / "media")
    catalogue = Catalogue(home / "catalogue.db", Library(home / "library"), workshop, media.list_facts)
    catalogue._builder.outcomes = dict(outcomes)
    return Stores(open_records(f"sqlite:///{home / 'records.db'}"), catalogue, workshop, media)


def coach(desk: Stores) -> Person:
    """The one who presses."""
    with desk.records.reading() as tx:
        found = people.find_person_by_email(tx, "cora@demo.test")
    assert found is not None
    return found


def publish(desk: Stores) -> None:
    """A press on *Publish*."""
    version = drafts.open_text(desk, FEET).version
    publishing_publish.publish(desk, FEET, coach(desk), NOON, version=version)


def unpublish(desk: Stores) -> None:
    """A press on *Take down*."""
    publishing_publish.unpublish(desk, FEET, coach(desk), NOON)


def restore(desk: Stores) -> None:
    """A press on *Restore* beside the oldest text."""
    oldest = publishing_publish.list_history(desk, FEET)[-1]
    publishing_publish.restore(desk, FEET, oldest.seq, coach(desk), NOON)


def rename(desk: Stores) -> None:
    """A press on *Give it another address*."""
    publishing_publish.rename(desk, FEET, "toes", coach(desk), NOON)


def be_due(desk: Stores) -> None:
    """The first page after the time of a scheduled draft."""
    sync(desk, LATER)


ACTS: dict[str, Callable[[Stores], None]] = {
    "publish": publish,
    "unpublish": unpublish,
    "restore": restore,
    "rename": rename,
    "schedule": be_due,
}


def killer(left: int) -> Callable[[FrameType, str, Any], None]:
    """A profiler that ends the process before its `left`-th call that could touch the disk."""

    def count(frame: FrameType, event: str, called: Any) -> None:
        nonlocal left
        if event == "c_call" and touches_disk(frame, called):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return count


def touches_disk(frame: FrameType, called: Any) -> bool:
    """Whether the call may change a file or a database. SQLAlchemy and sqlite-utils have the statement at hand by name."""
    owner, seen = getattr(called, "__self__", None), frame.f_locals
    if called.__name__ in FILES:
        is_file = isinstance(owner, ModuleType | io.IOBase)
        return is_file and not (called.__name__ == "open" and seen.get("mode") in ("r", "rb"))
    if called.__name__ in STATEMENTS:
        told = str(seen.get("statement") or seen.get("sql") or "").lstrip().casefold()
        return not told.startswith(READS) and frame.f_code.co_name != "_begin_file"
    return False


def forked(work: Callable[[], None]) -> int:
    """How a process of its own ended that did the work: 0, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def look(desk: Stores) -> dict[str, object]:
    """What a visitor sees, what the history and the draft say, and where they do not agree."""
    shown = {slug: desk.catalogue._find_session(slug, Language.EN) for slug in ("feet", "toes")}
    files = {slug: desk.library.root / "sessions" / f"{slug}.md" for slug in shown}
    key = next(
        TextKey(FEET.kind, slug)
        for slug in ("toes", "feet")
        if publishing_publish.list_history(desk, TextKey(FEET.kind, slug))
    )
    try:
        draft = drafts.open_text(desk, key).draft
    except Exception:
        draft = None
    return {
        "shown": {slug: session.title for slug, session in shown.items() if session is not None},
        "files": {slug: file.read_text(encoding="utf-8") for slug, file in files.items() if file.exists()},
        "history": [one.act.value for one in publishing_publish.list_history(desk, FEET)],
        "draft": draft.text if draft is not None else None,
        "disagreements": [str(problem) for problem in verify(desk)],
        "left_behind": [str(path) for path in desk.library.root.glob("*/.*")],
    }


def try_once(home: Path, act: str, left: int, outcomes: Outcomes) -> int:
    """Let a process be killed at that touch, then look, catch up and look again."""

    def press() -> None:
        sys.setprofile(killer(left))
        ACTS[act](desk_of(home, outcomes))
        sys.setprofile(None)

    def restart() -> None:
        desk = desk_of(home, outcomes)
        meanwhile = look(desk)
        at: datetime = LATER if act == "schedule" else NOON
        sync(desk, at)
        print(json.dumps({"meanwhile": meanwhile, "restarted": look(desk)}), flush=True)

    ended = forked(press)
    assert forked(restart) == 0
    return ended


def check_beforehand(home: Path) -> Outcomes:
    """What preparing the texts gives, so that no try has to start a workshop."""
    desk = desk_of(home, {})
    texts = [one.text for one in publishing_publish.list_history(desk, FEET)] + [drafts.open_text(desk, FEET).text]
    for text in filter(None, texts):
        desk.catalogue.find_outcome(FEET, text)
        for aliased in (TextKey(FEET.kind, "toes"),):
            desk.catalogue.find_outcome(aliased, publishing_publish._with_alias(text, FEET, aliased))
    desk.workshop.close()
    desk.records.close()
    return desk.catalogue._builder.outcomes


def main(home: str, act: str, scratch: str, every: str) -> None:
    """Try until a process comes through."""
    outcomes = check_beforehand(Path(home))
    left, ended = 1, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        copy = Path(scratch) / str(left)
        shutil.copytree(home, copy)
        ended = try_once(copy, act, left, outcomes)
        shutil.rmtree(copy)
        left += int(every)
    sys.exit(ended)


if __name__ == "__main__":
    main(*sys.argv[1:])
