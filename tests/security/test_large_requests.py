"""What is too large: refused before it is read, and only who has signed in may send what is large at all."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from tests.browser.school import COACH, Site, sign_in
from tests.support.demo_site import DemoSite
from tests.support.pages import PageClient
from wellness.app import MAX_REQUEST_BYTES
from wellness.server import UploadGate
from wellness.web.http.headers import ALWAYS, CONTENT_SECURITY_POLICY

UPLOADS = ("/coach/studio/media", "/coach/studio/media/films/body-scan/voice", "/coach/studio/packs/look")
LARGE = 3 * MAX_REQUEST_BYTES
COOKIES = ("", "a=b", "__Host-wellness=made.up.value", "__Host-wellness=", "__Host-wellness-known=a.b")


@contextmanager
def connected(site: Site) -> Iterator[http.client.HTTPConnection]:
    """A connection to the site, without a browser."""
    connection = http.client.HTTPConnection(site.address.removeprefix("http://"))
    yield connection
    connection.close()


def announce(site: Site, path: str, length: int, cookie: str) -> tuple[int, dict[str, str], str]:
    """Say that a body of that length is coming, and send none of it: what the server answers to that alone."""
    with connected(site) as connection:
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(length))
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Cookie", cookie)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()


@pytest.mark.parametrize("path", ["/", "/sign-in", "/c/ABCDEFGH/log", *UPLOADS])
@pytest.mark.parametrize("cookie", COOKIES, ids=["none", "another", "made up", "empty", "only known"])
def test_nobody_can_fill_the_disk_from_outside(shared_site: Site, path: str, cookie: str) -> None:
    """Any cookie was enough: then the server kept two gigabytes for whoever sent them."""
    status, headers, said = announce(shared_site, path, LARGE, cookie)
    assert status == 413
    assert said == "That's too large, so nothing was saved. Try a smaller file or a shorter text.\n"
    assert headers.items() >= ALWAYS.items()
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers


def cookie_of(browser: PageClient) -> str:
    """The Cookie header that this browser sends."""
    cookie = browser.http.get_cookie("__Host-wellness")
    return f"x=y; __Host-wellness={cookie.value}" if cookie is not None else ""


def test_only_staff_who_may_write_send_large_bodies_and_only_on_the_routes_for_them(demo: DemoSite) -> None:
    """The cookie of a teacher, a former coach or somebody who signed out was enough, on any address below."""
    gate = UploadGate(demo.app)
    coach, teacher, visitor = demo.signed_in("coach"), demo.signed_in("teacher"), demo.browser()
    visitor.any_token()
    sealed = cookie_of(coach)
    for path in UPLOADS:
        assert gate.admit("POST", path, sealed) == demo.person("coach").id
        gate.leave(demo.person("coach").id)
        assert [gate.admit("POST", path, cookie_of(one)) for one in (teacher, visitor)] == ["", ""]
        assert gate.admit("GET", path, sealed) == ""
        assert gate.admit("POST", path, "__Host-wellness=\xff\xfe") == ""
    for path in ("/", "/sign-in", "/coach/studio/", "/coach/studio/media-nothing", "/coach/studio/media/work"):
        assert gate.admit("POST", path, sealed) == ""
    assert [bool(gate.admit("POST", UPLOADS[0], sealed)) for _ in range(3)] == [True, True, False]
    gate.leave(demo.person("coach").id)
    coach.submit(coach.open("/coach/").form("/sign-out"))
    assert gate.admit("POST", UPLOADS[0], sealed) == ""


def test_a_request_with_two_lengths_or_an_expectation_without_a_body_is_refused(shared_site: Site) -> None:
    """Another server in front could read another request out of it (RFC 9112, 11.2)."""
    host, port = shared_site.address.removeprefix("http://").split(":")
    for head in ("Content-Length: 4\r\nTransfer-Encoding: chunked", "Expect: 100-continue"):
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            sent = f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n0\r\n\r\n"
            connection.sendall(sent.encode() + b"GET /help HTTP/1.1\r\nHost: x\r\n\r\n")
            said = b"".join(iter(lambda: connection.recv(65536), b""))
        assert said.startswith(b"HTTP/1.1 400"), said[:80]
        assert said.count(b"HTTP/1.1 ") == 1, said


def test_who_has_signed_in_may_begin_to_send(own_site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=own_site.address)
    sign_in(context.new_page(), COACH)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    assert announce(own_site, "/sign-in", LARGE, cookie)[0] == 413
    host, port = own_site.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST {UPLOADS[0]} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nContent-Length: {LARGE}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * (2 * MAX_REQUEST_BYTES))
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):  # the server waits for the rest: it has not refused
            connection.recv(1)


def test_a_head_that_is_too_long_is_refused_in_words(shared_site: Site) -> None:
    with connected(shared_site) as connection:
        connection.request("GET", "/", headers={"User-Agent": "x" * 1_000_000})
        answer = connection.getresponse()
        assert answer.status == 431
        assert b"Delete this site's cookies" in answer.read()


def test_what_is_no_http_is_refused_without_a_word_of_the_server(shared_site: Site) -> None:
    host, port = shared_site.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nbad header\r\n\r\n")
        said = connection.makefile("rb").read()
    assert said.startswith(b"HTTP/1.0 400") or said.startswith(b"HTTP/1.1 400")
    assert b"This server couldn't read that request." in said
    assert b"bad header" not in said
    assert b"waitress" not in said.lower()
