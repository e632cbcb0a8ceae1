"""No input makes the site fail: headers, cookies, queries, paths, form fields and file names of every route.

A failure would be an answer of 500 or a trace in the log, which anybody could fill with one request after another.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from wtforms import Form

import wellness
from tests.security.test_access import Matrix
from tests.support.pages import PageClient

WHO = ("visitor", "door", "teacher", "admin")

HEADERS = [
    ("Origin", "http://["),
    ("Origin", "null"),
    ("Origin", "//"),
    ("Origin", "http://localhost:99999999"),
    ("Origin", "\xff\xfe"),
    ("Referer", "http://[::1"),
    ("Referer", "\xff"),
    ("Sec-Fetch-Site", "\xff"),
    ("Host", "["),
    ("Host", "localhost:x"),
    ("Host", "\xff"),
    ("Accept-Language", "\xff;q=x,en;q=1e999,es;q=-1,*;q=nan"),
    ("Accept-Encoding", "gzip;q=x,\xff"),
    ("Accept", "a/b;q=\xff,/,text/html;q=9"),
    ("Range", "bytes=99999999999999999999-,-1,x"),
    ("If-None-Match", 'W/"\xff'),
    ("If-Modified-Since", "Mon, 99 Foo 99999 99:99:99 GMT"),
    ("If-Range", '"'),
    ("X-Forwarded-For", "\xff, 1.2.3"),
    ("X-Forwarded-Host", "["),
    ("Content-Type", "multipart/form-data; boundary=\xff"),
    ("Content-Type", "multipart/form-data"),
    ("Content-Type", "application/json; charset=\xff"),
    ("Content-Type", "\xff"),
    ("Cookie", "\xff=\xff; session=\xff\xfe"),
    ("Cookie", "session=" + "." * 3000),
    ("Cookie", "session=eyJ.\xff.x; session-known=\xff.\xff; theme=\xff; lang=\xff; grade=\xff"),
    ("Cookie", "=;;;=="),
]
VALUES = [
    "\0", "\ufffd\ud800", "\r\nX: y", "9" * 5000, "-1", "１０", "1_0", "1e9", "NaN", "²", "0001-01-01", "9999-12-31",
    "2026-02-30", "2026-W53-1", "%s%(x)s{0}{{7*7}}", "\u202e\u2028", "😀" * 300, "../../etc/passwd", "[]", "http://[",
    "a" * 20_000,
]  # fmt: skip
STEP = 3
USED_BY = {"auth": "visitor", "door": "door", "classroom": "teacher", "training": "teacher", "account": "teacher"}
"""Who sends the forms of a blueprint; the admin sends the others."""
TAKES_FILES = ("studio.bring", "studio.look_at_pack", "studio.create", "coach.", "admin.")
FILE_NAMES = [
    "..", ".", "/", "\\", "a\0b.mp4", "😀" * 100 + ".mp4", "漢" * 90 + ".mp4", "con", " ", "..\\..\\x.mp4", "x\r\n.mp4",
    "\ud800.mp4", "-rf", "%2e%2e", "x" * 300,
]  # fmt: skip


def subclasses(of: type[Form]) -> Iterator[type[Form]]:
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)


def field_names() -> list[str]:
    """The names that any form of the site reads."""
    unbound = (name for form in subclasses(Form) if form.__module__.startswith("wellness.") for name in dir(form))
    sources = "\n".join(path.read_text() for path in Path(wellness.__file__).parent.glob("web/**/*.py"))
    read = re.findall(r"request\.(?:form|values|files)\.get(?:list)?\(\s*\"(\w+)\"", sources)
    read += re.findall(r"request\.(?:form|values|files)\[\"(\w+)\"", sources)
    return sorted({name for name in unbound if not name.startswith("_")} | set(read))


def query_names() -> list[str]:
    """The names that any address of the site reads from its query."""
    sources = "\n".join(path.read_text() for path in Path(wellness.__file__).parent.glob("web/**/*.py"))
    read = re.findall(r"(?:args|values)\.get(?:list)?\(\s*\"(\w+)\"", sources)
    return sorted({*read, "lang"})


def encoded(value: str) -> str:
    """Percent-encoded, with a lone surrogate as the bytes that no decoder takes."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def assigned(names: list[str], turn: int, most: int) -> Iterator[tuple[str, str]]:
    """Each name with a value, cut to so many signs; in all turns together each name gets each third value."""
    for place, name in enumerate(names):
        yield name, encoded(VALUES[(place + turn) % len(VALUES)][:most])


def paths(matrix: Matrix, code: str) -> Iterator[tuple[str, str, str]]:
    """Method, endpoint and address of every route."""
    for method, endpoint, _ in matrix.routes():
        yield method, endpoint, matrix.address(matrix.rule(endpoint), code)


class Failures:
    """The answers of 500, and the traces in the log."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self.found: list[str] = []
        self._log = log

    def send(self, browser: PageClient, what: str, path: str, method: str, **sent: Any) -> None:
        self._log.clear()
        answer = browser.fetch(path, method=method, **sent)
        traced = [record.getMessage() for record in self._log.records if record.exc_info]
        if answer.status_code == 500 or traced:
            self.found.append(f"{what}: {method} {path[:80]} answered {answer.status_code} {traced}")


@pytest.fixture
def failures(caplog: pytest.LogCaptureFixture) -> Failures:
    return Failures(caplog)


@pytest.mark.parametrize("who", WHO)
def test_no_header_makes_the_site_fail(matrix: Matrix, failures: Failures, who: str) -> None:
    matrix.demo.app.config["PROPAGATE_EXCEPTIONS"] = False
    _, browser, code = matrix.actor(who)
    for name, value in HEADERS:
        for path in ("/", "/sessions/?q=breath", "/sessions/four-square-breathing", "/nothing", "/static/css/base.css"):
            failures.send(browser, f"{name}: {value!r}", path, "GET", headers=[(name, value)])
        for path in ("/sign-in", f"/c/{code}/ran", "/sign-out", "/nothing"):
            data = None if name == "Content-Type" else {"csrf_token": "x"}
            failures.send(browser, f"{name}: {value!r}", path, "POST", headers=[(name, value)], data=data)
    assert not failures.found, "\n".join(failures.found)


def test_no_query_or_path_makes_the_site_fail(matrix: Matrix, failures: Failures) -> None:
    matrix.demo.app.config["PROPAGATE_EXCEPTIONS"] = False
    _, browser, _ = matrix.actor("admin")
    code = matrix.demo.door().code
    names = query_names()
    assert {"q", "week", "year"} <= set(names)
    for method, endpoint, path in paths(matrix, code):
        for turn in range(0, len(VALUES), STEP) if method == "GET" else ():
            query = "&".join(f"{name}={value}" for name, value in assigned(names, turn, most=600))
            failures.send(browser, f"turn {turn}", f"{path}?{query}", "GET")
        rule = matrix.rule(endpoint)
        for value in ("\0", "\ud800", "9" * 300, "..", "%s", "2026-02-30", "-1") if rule.arguments else ():
            ids = {*matrix.ids.values(), code}
            hostile = "/".join(encoded(value) if segment in ids else segment for segment in path.split("/"))
            failures.send(browser, repr(value[:20]), hostile, method, data={} if method == "POST" else None)
    assert not failures.found, "\n".join(failures.found)


def test_no_form_makes_the_site_fail(matrix: Matrix, failures: Failures) -> None:
    matrix.demo.app.config["PROPAGATE_EXCEPTIONS"] = False
    browsers = {who: matrix.actor(who)[1] for who in WHO}
    code = matrix.actor("door")[2]
    names = [name for name in field_names() if name != "csrf_token"]
    assert {"on_day", "minutes", "email", "size", "slug"} <= set(names)
    for method, endpoint, path in paths(matrix, code):
        if method != "POST" or endpoint in ("auth.sign_out", "account.sign_out_everywhere"):
            continue
        browser = browsers[USED_BY.get(endpoint.partition(".")[0], "admin")]
        token = browser.any_token()
        for turn in range(0, len(VALUES), STEP):
            fields = [f"{name}={value}" for name, value in assigned(names, turn, most=1500)]
            body = "&".join([f"csrf_token={quote(token)}", *fields])
            sent = {"data": body.encode(), "content_type": "application/x-www-form-urlencoded"}
            failures.send(browser, f"turn {turn}", path, "POST", **sent)
    assert not failures.found, "\n".join(failures.found)


def test_no_file_name_makes_the_site_fail(matrix: Matrix, failures: Failures) -> None:
    matrix.demo.app.config["PROPAGATE_EXCEPTIONS"] = False
    _, browser, code = matrix.actor("coach")
    for method, endpoint, path in paths(matrix, code):
        if method != "POST" or not endpoint.startswith(TAKES_FILES):
            continue
        token = browser.any_token()
        for name in FILE_NAMES:
            boundary = "b0undary"
            parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode()]
            for field in ("file", "video", "captions", "voice", "pack", "transcript", "calendar"):
                head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
                parts.append(head.encode("utf-8", "surrogatepass") + b"Content-Type: video/mp4\r\n\r\nxyz\r\n")
            parts.append(f"--{boundary}--\r\n".encode())
            body = io.BytesIO(b"".join(parts))
            failures.send(
                browser, repr(name[:20]), path, "POST", input_stream=body,
                content_type=f"multipart/form-data; boundary={boundary}", content_length=len(body.getvalue()),
            )  # fmt: skip
    assert not failures.found, "\n".join(failures.found)
