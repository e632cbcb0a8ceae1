"""The server's loop: who has nothing to say is not asked, and everybody else is served as waitress serves.

The servers here ask all connections once a minute only, so nothing is answered because of that.
"""

from __future__ import annotations

import http.client
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import waitress
from waitress import wasyncore

from tests.support.callers import served
from tests.support.instances import make_instance
from tests.support.processes import free_port, wait_until
from wellness.watching import EpollLoop, use_epoll

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGE = b"0123456789" * 500_000
IDLE = 60


class Site:
    """A small site: echoes, sends much, or waits until it is told to go on."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/wait":
            self.began.set()
            self.may_end.wait(60)
        if path == "/wrong":
            raise RuntimeError("an error of the site")
        body = LARGE if path == "/large" else path.encode() + environ["wsgi.input"].read()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]


class Running:
    """A server of waitress with our loop."""

    def __init__(self, site: Site, server: Any, ports: tuple[int, ...]) -> None:
        self.site, self.server, self.ports, self.port = site, server, ports, ports[0]
        self.watch: EpollLoop = server.asyncore
        self.connections: dict[int, Any] = self.watch._connections

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def browser(self, port: int = 0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)

    def channels(self) -> list[Any]:
        return list(self.server.active_channels.values())


@contextmanager
def running(ports: int = 1, **told: Any) -> Iterator[Running]:
    """One that runs until the block ends."""
    site, chosen = Site(), tuple(free_port() for _ in range(ports))
    settings = {"threads": 4, "asyncore_loop_timeout": 60, "asyncore_use_poll": True, **told}
    server = waitress.create_server(site, listen=" ".join(f"127.0.0.1:{port}" for port in chosen), **settings)
    use_epoll(server)
    here = Running(site, server, chosen)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield here
    finally:
        site.may_end.set()
        server.task_dispatcher.shutdown()
        trigger = next(one for one in here.connections.values() if hasattr(one, "pull_trigger"))
        trigger.pull_trigger(lambda: wasyncore.close_all(here.connections))
        thread.join(60)
        assert not thread.is_alive()


def ask(browser: http.client.HTTPConnection, path: str, body: bytes | None = None, method: str = "GET") -> bytes:
    browser.request(method, path, body)
    return browser.getresponse().read()


def read_until_closed(own: socket.socket) -> bytes:
    told = b""
    while data := own.recv(65536):
        told += data
    return told


def test_who_has_nothing_to_say_is_not_asked() -> None:
    with running(connection_limit=500) as here:
        idle = [here.connect() for _ in range(IDLE)]
        wait_until(lambda: len(here.channels()) == IDLE)
        asked: list[Any] = []
        browser = here.browser()
        ask(browser, "/first")
        for channel in here.channels()[:IDLE]:
            channel.readable = lambda of=channel: asked.append(of) or True
        for number in range(50):
            assert ask(browser, f"/{number}") == f"/{number}".encode()
        assert asked == []
        idle[7].sendall(b"GET /seven HTTP/1.0\r\n\r\n")
        assert read_until_closed(idle[7]).endswith(b"/seven")
        for own in idle:
            own.close()
        browser.close()


def test_a_connection_is_used_again_and_requests_sent_together_are_answered_in_order() -> None:
    with running() as here, here.connect() as own:
        own.sendall(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
        told = b""
        while not told.endswith(b"/2"):
            told += own.recv(65536)
        assert told.index(b"\r\n\r\n/1") < told.index(b"\r\n\r\n/2")
        own.sendall(b"GET /3 HTTP/1.0\r\n\r\n")
        assert read_until_closed(own).endswith(b"/3")


def test_what_is_larger_than_the_system_takes_at_once_arrives_whole() -> None:
    with running() as here:
        for _ in range(3):
            browser = here.browser()
            assert ask(browser, "/large") == LARGE
            assert ask(browser, "/after") == b"/after"
            browser.close()


def test_a_body_in_pieces_is_awaited_and_asked_for() -> None:
    with running() as here, here.connect() as own:
        own.sendall(
            b"POST /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n"
        )
        assert own.recv(65536).startswith(b"HTTP/1.1 100 Continue")
        for piece in (b"ab", b"cd", b"ef"):
            own.sendall(piece)
        assert read_until_closed(own).endswith(b"/babcdef")


def test_an_error_of_the_site_ends_its_request_and_nothing_else() -> None:
    with running() as here:
        browser, other = here.browser(), here.browser()
        ask(other, "/before")
        browser.request("GET", "/wrong")
        assert browser.getresponse().status == 500
        assert ask(other, "/after") == b"/after"
        browser.close(), other.close()


def test_who_goes_while_it_is_answered_is_not_looked_at_again_and_again() -> None:
    with running() as here:
        own = here.connect()
        own.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert here.site.began.wait(60)
        (channel,) = here.channels()
        wait_until(
            lambda: here.watch._asked.get(channel._fileno) == 0
        )  # the system would tell of its end in each round
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        own.close()
        browser = here.browser()
        assert ask(browser, "/meanwhile") == b"/meanwhile"
        here.site.may_end.set()
        wait_until(lambda: channel not in here.channels())
        assert ask(browser, "/after") == b"/after"
        browser.close()


def test_the_number_of_a_closed_connection_serves_the_next_one() -> None:
    with running() as here:
        for number in range(300):
            with here.connect() as own:
                own.sendall(f"GET /{number} HTTP/1.0\r\n\r\n".encode())
                assert read_until_closed(own).endswith(f"/{number}".encode())
        wait_until(lambda: not here.channels())
        watched = [number for number, wanted in here.watch._asked.items() if wanted]
        assert sorted(watched) == sorted(here.connections)


def test_many_at_once_are_each_answered() -> None:
    with running(connection_limit=500) as here:
        wrong: list[object] = []

        def visit(name: int) -> None:
            browser = here.browser()
            for number in range(40):
                path = f"/{name}/{number}"
                if ask(browser, path, path.encode(), "POST") != (path * 2).encode():
                    wrong.append(path)
            browser.close()

        threads = [threading.Thread(target=visit, args=(name,)) for name in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_the_silent_are_let_go() -> None:
    with running(asyncore_loop_timeout=1, cleanup_interval=1, channel_timeout=1) as here, here.connect() as own:
        assert own.recv(1) == b""


def test_beyond_the_limit_others_wait_until_somebody_goes() -> None:
    with running(asyncore_loop_timeout=1, connection_limit=4) as here:
        first = [here.browser() for _ in range(2)]
        for browser in first:
            ask(browser, "/")
        late = here.browser()
        late.request("GET", "/late")
        wait_until(lambda: here.server.in_connection_overflow)
        first[0].close()
        assert late.getresponse().read() == b"/late"
        for browser in (*first, late):
            browser.close()


@pytest.mark.parametrize("which", [0, 1])
def test_a_server_on_two_ports_answers_on_both(which: int) -> None:
    with running(ports=2) as here:
        browser = here.browser(here.ports[which])
        assert [ask(browser, f"/{number}") for number in range(3)] == [b"/0", b"/1", b"/2"]
        browser.close()


def test_a_connection_that_outlives_the_loop_can_be_closed() -> None:
    server = waitress.create_server(Site(), listen=f"127.0.0.1:{free_port()}", asyncore_use_poll=True)
    use_epoll(server)
    thread = threading.Thread(target=server.run)
    thread.start()
    browser = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=60)
    assert ask(browser, "/1") == b"/1"
    server.task_dispatcher.shutdown()
    (channel,) = server.active_channels.values()
    server.trigger.pull_trigger(server._map.clear)
    thread.join(60)
    channel.handle_close()
    assert browser.sock.recv(1) == b""
    server.close()
    browser.close()


@pytest.mark.parametrize(("setting", "loops"), [("0", 0), ("1", 1)])
def test_a_site_waits_by_epoll_when_it_is_told_to(tmp_path: Path, setting: str, loops: int) -> None:
    home = make_instance(tmp_path / "home")
    with served(home, WELLNESS_EPOLL=setting) as server:
        opened = [os.readlink(one) for one in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    assert opened.count("anon_inode:[eventpoll]") == loops
