"""What each kind of page costs the server, beside the least that Flask can do, in turns of one run.

python -m bench.pages            prints the table
python -m bench.pages --write    writes it into docs/performance.md too

The limits are a Flask application on the same server with the same settings: it answers prepared bytes, reads a form and
writes nothing, or checks a password besides; and nginx, where there is one, that sends a session's page as a file. Each
round asks for everything once in turn, so that the machine's noise falls on all.
"""

from __future__ import annotations

import http.cookiejar
import itertools
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench import load, nginx, tables
from bench.served import Served, instance, serving
from wellness.config import read_settings
from wellness.demo import PASSWORD
from wellness.domain import Language
from wellness.library.blocks.practice import Practice
from wellness.stores import open_stores

ROUNDS, TIMES = 5, 400
FEWER = 80
"""How often a password is checked in a round: once takes the processor as long as a hundred cached pages."""
BYTES, NOTHING = "limit: Flask, prepared bytes", "limit: Flask, a POST that writes nothing"
CHECKED = "limit: Flask, a POST that checks a password"
SENT = "limit: nginx, a session's page as a file"
SESSION = "/sessions/four-square-breathing"
HEAD = ("request", "server CPU (µs)", "share of its limit", "goal", "p50 (ms)", "p99 (ms)", "bytes")


@dataclass(slots=True)
class Row:
    """One line of the table."""

    server: Served
    asked: load.Asked
    limit: str = ""
    goal: str = ""
    times: int = TIMES
    rounds: list[load.Answered] = field(default_factory=list)
    size: int = 0

    @property
    def micros(self) -> float:
        """The median round."""
        return sorted(one.micros for one in self.rounds)[len(self.rounds) // 2]


class Visitor:
    """A browser that keeps its cookies, to sign in and to find the tokens."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._jar = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar)).open

    def get(self, path: str) -> str:
        """The page."""
        text: str = self._open(self._base + path).read().decode()
        return text

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Send a form."""
        data = urllib.parse.urlencode(fields).encode()
        asked = urllib.request.Request(self._base + path, data, {"Referer": self._base + path})
        text: str = self._open(asked).read().decode()
        return text

    def sign_in(self, email: str) -> None:
        """Sign in as one of the demo's staff."""
        self.post("/sign-in", sign_in_of(email, token_of(self.get("/sign-in"))))

    @property
    def cookie(self) -> str:
        """The header that sends the cookies."""
        return "Cookie: " + "; ".join(f"{one.name}={one.value}" for one in self._jar)


def token_of(page: str) -> str:
    """The token of a page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise ValueError("there is no form on this page")
    return found.group(1)


def sign_in_of(email: str, token: str) -> dict[str, str]:
    """The fields of the sign-in page."""
    return {"email": email, "password": PASSWORD, "csrf_token": token, "next": ""}


def first_class(page: str) -> str:
    """The id of the first class on a teacher's page."""
    found = re.search(r"/teach/classes/([\w-]+)", page)
    assert found is not None, "the demo's teacher has a class"
    return found.group(1)


def beacons_of(home: Path, token: str, today: date) -> Iterator[str]:
    """What presentations of these seven days send when one more second of a practice or video ran.

    Each says something new, so that it has to be written.
    """
    stores = open_stores(read_settings({"WELLNESS_HOME": str(home)}))
    try:
        sessions = [stores.catalogue.get_session(slug, Language.EN) for slug in stores.catalogue.list_slugs()]
        parts = [(one.slug, part.data) for one in sessions for step in one.steps for part in step.parts if part.data]
        runs = [(slug, data) for slug, data in parts if isinstance(data, Practice)]
    finally:
        stores.close()
    for days, (slug, practice) in itertools.product(range(7), runs):
        fields = {"slug": slug, "part": practice.key, "duration": practice.seconds, "csrf_token": token}
        fields["on_day"] = (today - timedelta(days=days)).isoformat()
        for second in range(practice.seconds):
            yield urllib.parse.urlencode({**fields, "ranges": f"{second}-{second + 1}"})


def rows_of(site: Served, limits: Served) -> list[Row]:
    """Everything that is asked for."""
    teacher, coach = Visitor(site.port), Visitor(site.port)
    teacher.sign_in("teacher@demo.test")
    coach.sign_in("coach@demo.test")
    classes = teacher.get("/teach/")
    token = token_of(classes)
    beacons = beacons_of(site.home, token, datetime.now(UTC).date())
    own = ("Referer: http://127.0.0.1/teach/", "Origin: http://127.0.0.1")
    connection = load.Connection(site.port)
    etag = re.search(rb"(?i)etag: (\S+)", connection.ask(load.request(SESSION))[1])
    tag = f"If-None-Match: {etag.group(1).decode()}" if etag else ""
    connection.close()
    get, seen = load.request, f"/teach/classes/{first_class(classes)}/ran"
    signed_in, leading = (teacher.cookie,), (coach.cookie,)
    device = Visitor(site.port)
    form = device.get("/sign-in")  # a form's cookie, in which nobody is signed in: a class's door gives the same
    entry = urllib.parse.urlencode(sign_in_of("teacher@demo.test", token_of(form)))
    checked = load.request("/password", method="POST", headers=own, body=entry)
    signing_in = load.request("/sign-in", method="POST", headers=(device.cookie, *own), body=entry)
    unread = load.request("/nothing", method="POST", headers=own, body=next(beacons))

    def sent() -> bytes:
        return load.request(seen, method="POST", headers=(teacher.cookie, *own), body=next(beacons))

    return [
        Row(limits, load.Asked(BYTES, get("/bytes"))),
        Row(limits, load.Asked(NOTHING, unread, 204)),
        Row(limits, load.Asked(CHECKED, checked, 204), times=FEWER),
        Row(site, load.Asked("session page, anonymous", get(SESSION)), BYTES, "≥ 0.8"),
        Row(site, load.Asked("session page, not changed (304)", get(SESSION, headers=(tag,)), 304), BYTES),
        Row(
            site,
            load.Asked("session page, cookie of a class", get(SESSION, headers=(device.cookie,))),
            BYTES,
        ),
        Row(site, load.Asked("session page, signed in", get(SESSION, headers=signed_in)), BYTES),
        Row(site, load.Asked("home", get("/")), BYTES),
        Row(site, load.Asked("library with filters", get("/sessions/?need=focus&minutes=8")), BYTES),
        Row(site, load.Asked("library, search", get("/sessions/?q=breath")), BYTES),
        Row(site, load.Asked("my classes", get("/teach/", headers=signed_in)), BYTES),
        Row(site, load.Asked("week grid", get("/coach/", headers=leading)), BYTES),
        Row(site, load.Asked("view beacon, signed in", sent, 204), NOTHING, "≥ 0.5"),
        Row(site, load.Asked("sign-in page", get("/sign-in")), BYTES),
        Row(site, load.Asked("sign-in", signing_in, 303), CHECKED, times=FEWER),
    ]


def sending(stack: ExitStack, site: Served) -> list[Row]:
    """The session's page as nginx sends it from a file; no line where there is no nginx."""
    connection = load.Connection(site.port)
    packed = connection.ask(load.request(SESSION))[2]
    connection.close()
    try:
        file = stack.enter_context(nginx.sending(site.home, "/page", packed))
    except subprocess.CalledProcessError:
        return []
    return [Row(file, load.Asked(SENT, load.request("/page")))]


def table() -> str:
    """The results as Markdown."""
    with ExitStack() as stack:
        home = stack.enter_context(instance())
        site = stack.enter_context(serving(home, WELLNESS_PLAIN_HTTP="1"))
        limits = stack.enter_context(serving(home, [sys.executable, "-m", "bench.limits_app", "{port}"]))
        rows = sending(stack, site) + rows_of(site, limits)
        for row in rows:
            connection = load.Connection(row.server.port)
            row.size = len(connection.ask(row.asked.next())[2])
            connection.close()
            load.run(row.server, row.asked, row.times // 10)
        for _ in range(ROUNDS):
            for row in rows:
                row.rounds.append(load.run(row.server, row.asked, row.times))
        memory = site.pss_mib()
    least = {row.asked.name: row.micros for row in rows}
    lines = []
    for row in rows:
        seconds = load.Answered([one for told in row.rounds for one in told.seconds])
        share = f"{least[row.limit] / row.micros:.2f}" if row.limit else ""
        lines.append(
            (
                row.asked.name,
                f"{row.micros:.0f}",
                share,
                row.goal,
                f"{seconds.p50:.1f}",
                f"{seconds.p99:.1f}",
                f"{row.size:,}",
            )
        )
    return (
        tables.rows(HEAD, lines) + f"\n\nMemory of the site afterwards, including the sandbox: {memory:.0f} MiB (PSS)."
    )


if __name__ == "__main__":
    tables.run("pages", __doc__, table)
