"""The program as people start it: real processes with an environment of their own."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

WELLNESS = str(Path(sys.executable).with_name("wellness"))
"""The command, as it was installed beside this Python."""

COMMAND_SECONDS = 300.0
"""After this long a command will not end any more, however busy the machine is."""

DEADLINE = 60.0
"""Seconds to wait for a server on a busy machine."""


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This process's environment without settings of the site, then with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLNESS_", "RECORDS_URL"))}
    return kept | {"WELLNESS_HOME": str(home), "WELLNESS_PRESSES": "1000000"} | settings


def wellness(home: Path, *arguments: str, answer: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the program to its end. One that never ends is a failure, not a run that stands still."""
    return subprocess.run(
        [WELLNESS, *arguments],
        env=environment(home, **settings), input=answer, capture_output=True, text=True, check=False,
        timeout=COMMAND_SECONDS,
    )  # fmt: skip


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], environ: dict[str, str], folder: Path, port: int) -> Iterator[str]:
    """The address of a server that answers; it is ended afterwards."""
    server = subprocess.Popen(
        command, env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until_ready(server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()


def wait_until_ready(server: subprocess.Popen[str]) -> None:
    """Return when the server has said where it is; fail with what it said when it ends or takes too long."""
    assert server.stdout is not None
    said = ""
    end = time.monotonic() + DEADLINE
    while "Wellness is at" not in said:
        ready, _, _ = select.select([server.stdout], [], [], max(0.0, end - time.monotonic()))
        line = server.stdout.readline() if ready else ""
        assert line, f"the server did not start: {said}"
        said += line


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return as soon as it is so; fail when it is not after a long time."""
    end, pause = time.monotonic() + DEADLINE, threading.Event()
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        pause.wait(0.02)
