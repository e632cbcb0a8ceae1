"""Small real disks for one test: a tmpfs in a name space of its own, which goes away with the process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.support.processes import environment
from tests.support.scratch import CHECKOUT

_MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'


def on_small_disk(folder: Path, program: str, *arguments: str, size: str = "16m") -> list[str]:
    """Run a program whose first argument is a folder on a disk of that size; returns the lines it printed.

    It may mount what it likes (Linux lets every account do so in a name space of its own, and CI runs as root).
    """
    place, file = folder / "disk", folder / "program.py"
    place.mkdir()
    file.write_text(textwrap.dedent(program), encoding="utf-8")
    command = [sys.executable, str(file), str(place), *arguments]
    environ = environment(place) | {"PYTHONPATH": str(CHECKOUT), "TMPDIR": str(folder)}
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", _MOUNT, "sh", size, str(place), *command],
        cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def fill(folder: Path) -> Path:
    """A file that takes all the room that the disk has left."""
    filler = folder / "filler"
    descriptor = os.open(filler, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for piece in (b"x" * 65_536, b"x" * 512, b"x"):
            try:
                while True:
                    os.write(descriptor, piece)
            except OSError:
                continue
    finally:
        os.close(descriptor)
    return filler
