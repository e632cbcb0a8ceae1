"""The working folder of one job, next to the store so that the result is moved in by a rename.

The worker locks the folder, and the system releases the lock when its process ends, however it ends: so it can
always be told whether the job is running.
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
class JobOrder:
    """A job's order: `kind` is the source's format, `voice_of` the digest of a video whose voice it replaces.

    `captions` are the languages of its caption files.
    """

    name: str
    title: str
    kind: str
    is_levelled: bool = False
    voice_of: str = ""
    captions: tuple[str, ...] = ()


class JobFolder:
    """The working folder of one job in the store's folder `root`."""

    def __init__(self, root: Path, job: str) -> None:
        if not _ID.fullmatch(job):
            raise ValueError(f"{job!r} is no job")
        self.folder = root / ".work" / job
        self.source = self.folder / "source"
        self.made = self.folder / "made"

    def prepare(self, order: JobOrder, source: Path, captions: Mapping[Language, str]) -> None:
        """Copy the source files here, so that the job doesn't need the originals. Raises OSError.

        Take the lock first: an unlocked folder without a job is removed.
        """
        shutil.copyfile(source, self.source)
        for language, text in captions.items():
            self.captions(language.value).write_text(text, encoding="utf-8")
        (self.folder / "order.json").write_text(json.dumps(asdict(order)), encoding="utf-8")

    def captions(self, language: str) -> Path:
        """Return the path of the captions in that language."""
        return self.folder / f"captions.{language}.vtt"

    def read_order(self) -> JobOrder | None:
        """Return the order, or None when the folder is missing or incomplete."""
        try:
            told: dict[str, Any] = json.loads((self.folder / "order.json").read_text(encoding="utf-8"))
            return JobOrder(**{**told, "captions": tuple(told["captions"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def fresh_made(self) -> Path:
        """Return an empty folder for the results, without leftovers of an earlier try."""
        shutil.rmtree(self.made, ignore_errors=True)
        self.made.mkdir()
        return self.made

    def take(self, *, is_new: bool = False) -> int | None:
        """Take the lock: return its descriptor, which a new process may inherit, or None when the job is running.

        `is_new` creates the folder.
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
        """Whether the job is running."""
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


def list_job_folders(root: Path) -> list[str]:
    """Return the ids of jobs that have a folder."""
    try:
        return sorted(path.name for path in (root / ".work").iterdir() if _ID.fullmatch(path.name))
    except FileNotFoundError:
        return []
