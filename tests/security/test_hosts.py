"""Whose name the site answers to, and whom it believes when a proxy stands in front."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.demo_site import DemoSite
from tests.support.processes import WELLNESS, environment, free_port, serving
from tests.support.scratch import copy_instance
from wellness.app import create_app

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "school.org"}


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "localhost@evil.test"])
def test_a_request_for_another_host_is_refused(demo: DemoSite, host: str) -> None:
    app = create_app(demo.settings.model_copy(update={"trusted_hosts": ("localhost",)}), clock=demo.clock)
    client = app.test_client()
    assert client.get("/", headers={"Host": "localhost"}).status_code == 200
    answer = client.get("/", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "evil" not in answer.text
    app.extensions["wellness"].close()


def test_the_name_of_a_link_is_never_taken_from_a_stranger(demo: DemoSite) -> None:
    """With a list of names, none but those can come into an address that a page or a redirection shows."""
    app = create_app(
        demo.settings.model_copy(update={"trusted_hosts": ("school.org",), "proxies": 1}), clock=demo.clock
    )
    client = app.test_client()
    for headers in ({"Host": "evil.test"}, {"Host": "school.org", "X-Forwarded-Host": "evil.test"}):
        for path in ("/", "/sessions", "//evil.test/sessions", "/c/ABCDEFGH"):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 400
            assert "evil" not in answer.text + answer.headers.get("Location", "")
    app.extensions["wellness"].close()


@contextmanager
def served(instance: Path, home: Path, **settings: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to a real server on a copy of the instance."""
    port = free_port()
    environ = environment(copy_instance(instance, home), WELLNESS_PORT=str(port), **settings)
    with serving([WELLNESS, "serve"], environ, home, port):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        yield connection
        connection.close()


def answers(connection: http.client.HTTPConnection, count: int, **headers: str) -> list[tuple[int, str | None]]:
    """Status and transport security of so many wrong codes, each as from a network of its own."""
    found = []
    for n in range(count):
        told = {"X-Forwarded-For": f"203.0.113.{n}", **FORWARDED, **headers}
        connection.request("GET", f"/c/WRNG{n:04}", headers=told)
        answer = connection.getresponse()
        answer.read()
        found.append((answer.status, answer.getheader("Strict-Transport-Security")))
    return found


def test_behind_a_proxy_every_visitor_has_limits_of_his_own(instance: Path, tmp_path: Path) -> None:
    """The server cleared what the proxy says, and a whole district shared one address: 20 wrong codes for all."""
    with served(instance, tmp_path / "home", WELLNESS_PROXIES="1", WELLNESS_TRUSTED_HOSTS="school.org") as connection:
        found = answers(connection, 25)
    assert {status for status, _ in found} == {404}
    assert all(security for _, security in found), "and the page knows that it came over HTTPS"


def test_without_a_proxy_nobody_can_make_up_a_network(instance: Path, tmp_path: Path) -> None:
    with served(instance, tmp_path / "home") as connection:
        found = answers(connection, 25)
    assert [status for status, _ in found] == [404] * 20 + [429] * 5
    assert not any(security for _, security in found)
