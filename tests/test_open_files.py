"""The built-in server where the system allows few open files: silent browsers stop nobody."""

from __future__ import annotations

import http.client
import resource
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.instances import make_instance
from tests.support.processes import WELLNESS, environment, free_port, wait_until_ready

FEW, SILENT = 300, 400
"""Open files that a shell allows, and browsers that connect and say nothing."""


@contextmanager
def served(home: Path, most: int | None) -> Iterator[int]:
    """The port of a site that may open few files; `most` is what it may allow itself, None as much as this process."""
    port = free_port()

    def limit() -> None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if most is None else most
        resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, hard))

    server = subprocess.Popen(
        [WELLNESS, "serve"], env=environment(home, WELLNESS_PORT=str(port), WELLNESS_PLAIN_HTTP="1"), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=limit,
    )  # fmt: skip
    try:
        wait_until_ready(server)
        yield port
    finally:
        server.terminate()
        server.communicate()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """Browsers that connect and say nothing."""
    with ExitStack() as stack:
        for _ in range(SILENT):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        yield


@contextmanager
def browser(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, path: str = "/sessions/feet") -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_instance(tmp_path / "home")


def test_more_files_are_allowed_where_more_can_be(home: Path) -> None:
    with served(home, None) as port, silent(port), browser(port) as visitor:
        assert ask(visitor) == 200


def test_where_no_more_can_be_who_is_connected_is_still_answered(home: Path) -> None:
    video = next((home / "media").glob("*/720.mp4"))
    with served(home, FEW) as port, browser(port) as connected, browser(port) as later:
        assert ask(connected) == 200
        with silent(port):
            assert [ask(connected) for _ in range(50)] == [200] * 50, "time to take all connections it takes"
            assert ask(connected, f"/media/{video.parent.name}/{video.name}") == 200, "a file could be opened"
        assert ask(later) == 200
