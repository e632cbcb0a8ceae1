"""The log: one event a line whatever was sent, and nothing in it about who was there."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.processes import environment, free_port, wait_until_ready
from tests.support.scratch import copy_instance
from wellness.logs import LONGEST, OneLine, redacted

SERVER = """
from flask import Response, request
from wellness.app import create_app
from wellness.config import read_settings
from wellness.logs import start_log
from wellness.server import serve

settings = read_settings()
start_log()
app = create_app(settings)

def fail():
    raise ValueError(f"{request.url} {request.headers.get('User-Agent')} {request.form} {request.args}")

def tear(code):
    def pieces():
        yield b"x"
        raise OSError(f"half of {request.path}")
    return Response(pieces())

app.view_functions["browse.help"] = fail
app.view_functions["door.door"] = tear
serve(app, settings, lambda: print("Wellness is at last", flush=True))
"""
"""The real site, with one page that fails with all it was sent in its words, and one that breaks off."""

FORGED = '2026-11-20 ERROR forged {"level": "error"}'
REQUESTS = [
    b"GET /help HTTP/1.1\r\nHost: localhost\r\nUser-Agent: evil\x1b[2J\x1b[31mred\r\n",
    b"GET /help?a=%0d%0a" + FORGED.replace(" ", "%20").encode() + b"%0a HTTP/1.1\r\nHost: localhost\r\n",
    b"GET /help?a=%1b%5d0;title%07%e2%80%a8%c2%85%00 HTTP/1.1\r\nHost: localhost\r\n",
    b"GET /help?who=teacher@demo.test&back=/c/ABCD2345/log HTTP/1.1\r\nHost: localhost\r\n",
    b"GET /c/ABCD2345 HTTP/1.1\r\nHost: localhost\r\n",
    b"GET /c/ABCD%0a2345%1b[2J HTTP/1.1\r\nHost: localhost\r\n",
    b"GET /nothing\x1b[2J HTTP/1.1\r\nHost: localhost\r\n",
    b"\x16\x03\x01 not http at all \x1b[2J\r\n",
]


def test_one_event_is_one_line_whatever_a_visitor_sends(instance: Path, tmp_path: Path) -> None:
    home, port = copy_instance(instance, tmp_path / "home"), free_port()
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=environment(home, WELLNESS_PORT=str(port)), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        wait_until_ready(server)
        for request in REQUESTS:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(request + b"Connection: close\r\n\r\n")
                while connection.recv(65536):
                    pass
    finally:
        server.terminate()
        server.communicate()
    written = (tmp_path / "log").read_text(encoding="ascii")
    events = [json.loads(line) for line in written.splitlines()]
    assert all({"at", "level", "from", "said"} <= set(event) for event in events)
    assert sum(event["from"] == "wellness.web.errors" for event in events) == 3
    assert sum("Exception while serving" in event["said"] for event in events) == 2
    assert all("Traceback" in event["trace"] for event in events)
    assert not re.search(r"[^\x20-\x7e\n]", written), "nothing that a terminal would obey"
    for secret in ("ABCD2345", "teacher@demo.test", "127.0.0.1"):
        assert secret not in written


@given(st.text(), st.text())
def test_any_text_is_one_line_of_plain_signs_and_can_be_read_back(said: str, cause: str) -> None:
    try:
        raise ValueError(cause)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "%s", (said,), sys.exc_info())
    line = OneLine().format(record)
    assert re.fullmatch(r"[\x20-\x7e]+", line)
    assert json.loads(line)["said"] == redacted(said)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("at /c/ABCD2345/log?x", "at /c/(code)/log?x"),
        ("Exception while serving /c/abcd-2345", "Exception while serving /c/(code)"),
        ("https://school.org/c/ABCD2345#a", "https://school.org/c/(code)#a"),
        ("'a.b+c@school.org', x@y", "'(email)', (email)"),
        ("nothing to hide at /coach/ or @ all", "nothing to hide at /coach/ or @ all"),
    ],
)
def test_codes_and_e_mails_are_taken_out(text: str, kept: str) -> None:
    assert redacted(text) == kept


def test_a_very_long_message_keeps_its_ends() -> None:
    short = redacted(
        "a" + "b" * 100 * LONGEST + "c"
    )  # read once: it took minutes when every letter could begin an email
    assert short[0] + short[-1] == "ac"
    assert len(short) < LONGEST + 20
