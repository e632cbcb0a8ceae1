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
from wellness.app import MAX_REQUEST_BYTES
from wellness.server import UPLOAD_PATHS, cookie_reader
from wellness.web.http.headers import ALWAYS, CONTENT_SECURITY_POLICY

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


@pytest.mark.parametrize("path", ["/", "/sign-in", "/c/ABCDEFGH/log", *UPLOAD_PATHS])
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


def test_a_visitors_own_cookie_is_no_sign_in(demo: DemoSite) -> None:
    may_send = cookie_reader(demo.app)
    visitor, coach = demo.browser(), demo.signed_in("coach")
    visitor.any_token()
    cookies = [browser.http.get_cookie("__Host-wellness") for browser in (visitor, coach)]
    assert [may_send(f"x=y; __Host-wellness={cookie.value}") for cookie in cookies if cookie] == [False, True]


def test_who_has_signed_in_may_begin_to_send(own_site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=own_site.address)
    sign_in(context.new_page(), COACH)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    assert announce(own_site, "/sign-in", LARGE, cookie)[0] == 413
    host, port = own_site.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST {UPLOAD_PATHS[0]} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nContent-Length: {LARGE}\r\n\r\n"
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
