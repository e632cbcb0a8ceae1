"""Recordings on their way to the browser: the real server, asked as browsers ask."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from tests.support.demo_site import DemoSite
from tests.support.processes import WELLNESS, environment, free_port, serving
from wellness.app import create_app
from wellness.config import read_settings
from wellness.media import MediaStore, StoredVideo
from wellness.server import THREADS

SLUG = "four-square-breathing"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Server:
    """A served instance with its videos."""

    port: int
    medium: StoredVideo
    data: bytes

    @property
    def path(self) -> str:
        return f"/media/{self.medium.digest}/480.mp4"

    def ask(self, path: str = "", method: str = "GET", **headers: str) -> Answer:
        """One request on a connection of its own; `If_Range` is If-Range."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path or self.path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Answer(answer.status, answer.headers, body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`wellness serve` on an instance of its own."""
    home, port = tmp_path_factory.mktemp("served"), free_port()
    environ = environment(home, WELLNESS_PORT=str(port))
    subprocess.run([WELLNESS, "init"], env=environ, check=True, capture_output=True)
    medium = MediaStore(home / "media").get_medium(SLUG)
    data = (home / "media" / medium.digest / "480.mp4").read_bytes()
    with serving([WELLNESS, "serve"], environ, home, port):
        yield Server(port, medium, data)


# --- Whole and in parts (RFC 9110, section 14) ------------------------------------------------------------------------


def test_a_whole_recording_may_be_kept_for_ever_and_asked_for_in_parts(server: Server) -> None:
    answer = server.ask()
    assert (answer.status, answer.body) == (200, server.data)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1", 0, 1),
        ("bytes=1000-70999", 1000, 70_999),
        ("bytes=-500", -500, -1),
        ("bytes=100000-", 100_000, -1),
        ("bytes=100000-999999999", 100_000, -1),
        ("bytes=-999999999", 0, -1),
    ],
)
def test_one_range_is_answered_with_exactly_that_part(server: Server, asked: str, first: int, last: int) -> None:
    size = len(server.data)
    first, last = first % size, last % size
    answer = server.ask(Range=asked)
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert answer.body == server.data[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes=999999999-1000000000"])
def test_a_range_behind_the_end_is_refused_with_the_length(server: Server, asked: str) -> None:
    answer = server.ask(Range=asked.format(size=len(server.data)))
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(server.data)}"
    assert answer.body == b""


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=a-b", "bytes", "seconds=1-2", "bytes=0-1,5-6", "bytes=--5"])
def test_what_is_no_single_range_of_bytes_gets_the_whole(server: Server, asked: str) -> None:
    answer = server.ask(Range=asked)
    assert (answer.status, len(answer.body)) == (200, len(server.data))


def test_a_range_of_the_same_recording_goes_on_and_of_another_begins_anew(server: Server) -> None:
    tag = server.ask(method="HEAD").headers["ETag"]
    assert server.ask(Range="bytes=0-9", If_Range=tag).status == 206
    assert server.ask(Range="bytes=0-9", If_Range='"another"').status == 200
    assert server.ask(Range="bytes=0-9", If_Range=f"W/{tag}").status == 200
    assert server.ask(Range="bytes=0-9", If_Range="Sun, 22 Nov 2026 00:00:00 GMT").status == 200


def test_what_the_browser_has_is_not_sent_again(server: Server) -> None:
    tag = server.ask(method="HEAD").headers["ETag"]
    answer = server.ask(If_None_Match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["Cache-Control"] == FOREVER


def test_a_head_says_the_length_and_sends_nothing(server: Server) -> None:
    answer = server.ask(method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(server.data))


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("720.mp4", "video/mp4"),
        ("audio.m4a", "audio/mp4"),
        ("poster.jpg", "image/jpeg"),
        ("captions.es.vtt", "text/vtt; charset=utf-8"),
        ("transcript.en.txt", "text/plain; charset=utf-8"),
    ],
)
def test_every_file_is_served_as_what_it_is(server: Server, file: str, kind: str) -> None:
    answer = server.ask(f"/media/{server.medium.digest}/{file}", method="HEAD")
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)


@pytest.mark.parametrize(
    "path",
    [
        "/media/{digest}/media.json",
        "/media/{digest}/nothing.mp4",
        "/media/{digest}/..%2f..%2fsecret-key",
        "/media/{digest}/%2e%2e/%2e%2e/secret-key",
        "/media/0123456789abcdef/720.mp4",
        "/media/four-square-breathing/720.mp4",
        "/media/",
    ],
)
def test_nothing_else_of_the_instance_can_be_had(server: Server, path: str) -> None:
    answer = server.ask(path.format(digest=server.medium.digest))
    assert answer.status == 404
    assert b"secret" not in answer.body.lower()


def test_people_who_read_a_video_slowly_stop_nobody(server: Server) -> None:
    """Twice as many as the server has threads, each with a video under way."""
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            reader = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
            reader.sendall(f"GET {server.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            assert reader.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert server.ask(f"/sessions/{SLUG}").status == 200


# --- Settings ---------------------------------------------------------------------------------------------------------


@contextmanager
def site_with(demo: DemoSite, **settings: str) -> Iterator[Flask]:
    """The demo site with other settings."""
    app = create_app(read_settings({"WELLNESS_HOME": str(demo.home), **settings}), clock=demo.clock)
    yield app
    app.extensions["wellness"].close()


def test_behind_nginx_the_file_is_left_to_nginx(demo: DemoSite) -> None:
    medium = MediaStore(demo.settings.media).get_medium(SLUG)
    with site_with(demo, WELLNESS_ACCEL="/accel/media") as app:
        answer = app.test_client().get(f"/media/{medium.digest}/720.mp4", headers={"Range": "bytes=0-9"})
        secret = app.test_client().get(f"/media/{medium.digest}/media.json")
    assert answer.headers["X-Accel-Redirect"] == f"/accel/media/{medium.digest}/720.mp4"
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert (secret.status_code, "X-Accel-Redirect" in secret.headers) == (404, False)


def test_with_a_bucket_videos_come_from_there_and_captions_from_here(demo: DemoSite) -> None:
    medium = MediaStore(demo.settings.media).get_medium(SLUG)
    with site_with(demo, MEDIA_URL="https://media.example.org/wellness/") as app:
        answer = app.test_client().get(f"/sessions/{SLUG}")
    there = f"https://media.example.org/wellness/{medium.digest}/"
    for file in ("720.mp4", "480.mp4", "audio.m4a", "poster.jpg"):
        assert f'"{there}{file}"' in answer.text
    assert f'src="/media/{medium.digest}/captions.en.vtt"' in answer.text
    rules = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    assert rules["media-src"] == rules["img-src"] == "'self' https://media.example.org/wellness/"
    assert "example.org" not in rules["script-src"]


def test_a_video_whose_files_are_gone_leaves_the_step_in_words(demo: DemoSite, tmp_path: Path) -> None:
    demo.app.extensions["wellness"].media.root = tmp_path / "nothing"
    page = demo.browser().open(f"/sessions/{SLUG}").main
    assert "This video isn’t available right now." in page
    assert "<video" not in page
