"""The folder in which one recording is worked on, beside the store so that the result moves in by a rename.

Whoever works holds the folder's lock, which the system takes back when that process ends, however it ends: so it can
always be told whether somebody is still at it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..domain import Language
from ..files import lock

_ID = re.compile(r"[A-Za-z0-9_-]{10,40}")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: `kind` is how the source is to be read, `voice_of` the digest of a film whose voice it replaces.

    `captions` says in which languages there are captions beside it.
    """

    name: str
    title: str
    kind: str
    is_levelled: bool = False
    voice_of: str = ""
    captions: tuple[str, ...] = ()


class Workplace:
    """The working folder of one job in the store's folder `root`."""

    def __init__(self, root: Path, job: str) -> None:
        if not _ID.fullmatch(job):
            raise ValueError(f"{job!r} is no job")
        self.folder = root / ".work" / job
        self.source = self.folder / "source"
        self.made = self.folder / "made"

    def prepare(self, order: Order, source: Path, captions: Mapping[Language, str]) -> None:
        """Copy what is needed here, so that the work can go on when the source is gone. Raises OSError.

        Take the lock first: a folder that nobody holds and no job knows is swept.
        """
        shutil.copyfile(source, self.source)
        for language, text in captions.items():
            self.captions(language.value).write_text(text, encoding="utf-8")
        (self.folder / "order.json").write_text(json.dumps(asdict(order)), encoding="utf-8")

    def captions(self, language: str) -> Path:
        """Where the captions in that language are."""
        return self.folder / f"captions.{language}.vtt"

    def read_order(self) -> Order | None:
        """The order, or None when the folder is gone or was never finished."""
        try:
            told: dict[str, Any] = json.loads((self.folder / "order.json").read_text(encoding="utf-8"))
            return Order(**{**told, "captions": tuple(told["captions"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def fresh_made(self) -> Path:
        """The folder for the results, empty: what an earlier try left is removed."""
        shutil.rmtree(self.made, ignore_errors=True)
        self.made.mkdir()
        return self.made

    def take(self, *, is_new: bool = False) -> int | None:
        """Take the lock: its descriptor, which a new process may inherit, or None when somebody works here.

        `is_new` makes the folder.
        """
        try:
            if is_new:
                self.folder.mkdir(parents=True)
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            return None
        if lock(descriptor):
            return descriptor
        os.close(descriptor)
        return None

    def is_taken(self) -> bool:
        """Whether somebody works here now."""
        if not self.folder.is_dir():
            return False
        descriptor = self.take()
        if descriptor is None:
            return self.folder.is_dir()
        os.close(descriptor)
        return False

    def remove(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def list_workplaces(root: Path) -> list[str]:
    """The jobs that have a folder."""
    try:
        return sorted(path.name for path in (root / ".work").iterdir() if _ID.fullmatch(path.name))
    except FileNotFoundError:
        return []
