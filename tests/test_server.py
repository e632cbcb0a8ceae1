"""The server's own part of an answer: when a connection stays open for the next request."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import WELLNESS, environment, free_port, serving
from tests.support.scratch import copy_instance

SESSION = "/sessions/four-square-breathing"


@pytest.fixture(scope="module")
def port(instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server's."""
    home, port = tmp_path_factory.mktemp("serving"), free_port()
    environ = environment(copy_instance(instance, home / "instance"), WELLNESS_PORT=str(port))
    with serving([WELLNESS, "serve"], environ, home, port):
        yield port


def test_a_page_that_has_not_changed_leaves_the_connection_open(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", SESSION)
    first = connection.getresponse()
    body, tag = first.read(), first.headers["ETag"]
    own = connection.sock
    for _ in range(3):
        connection.request("GET", SESSION, headers={"If-None-Match": tag})
        again = connection.getresponse()
        assert (again.status, again.read(), again.getheader("Connection")) == (304, b"", None)
        connection.request("GET", SESSION)
        assert connection.getresponse().read() == body, "and the next answer begins where that one ended"
    assert connection.sock is own
    connection.close()


@pytest.mark.parametrize("asked", ["HTTP/1.1\r\nConnection: close", "HTTP/1.0"])
def test_who_wants_the_connection_closed_has_it_closed(port: int, asked: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as own:
        own.sendall(f"GET {SESSION} {asked}\r\nHost: 127.0.0.1\r\nIf-None-Match: *\r\n\r\n".encode())
        told = b""
        while data := own.recv(65536):
            told += data
    assert b" 304 " in told.partition(b"\r\n")[0]
    assert b"\r\nConnection: close\r\n" in told
