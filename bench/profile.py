"""Where the server's time goes for one kind of request, inside one process and without a server or a network.

python -m bench.profile beacon       one kind: session, signed-in, home, library, search, classes, grid, beacon
python -m bench.profile beacon --callers FUNCTION    who calls it

For people who look for what stands between a page and its goal; nothing of it stands in docs/performance.md by itself.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import itertools
import pstats
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from bench.pages import SESSION, beacons_of, first_class, token_of
from bench.served import instance
from wellness.app import create_app
from wellness.config import read_settings

TIMES, BATCHES = 200, 8
HOST = "http://127.0.0.1"
PATHS = {
    "session": SESSION,
    "signed-in": SESSION,
    "home": "/",
    "library": "/sessions/?need=focus&minutes=8",
    "search": "/sessions/?q=breath",
    "classes": "/teach/",
    "grid": "/coach/",
}
WHO = {
    "signed-in": "teacher@demo.test",
    "classes": "teacher@demo.test",
    "beacon": "teacher@demo.test",
    "grid": "coach@demo.test",
}


def sign_in(client: FlaskClient, email: str) -> None:
    """Sign in as one of the demo's staff."""
    token = token_of(client.get("/sign-in", base_url=HOST).text)
    fields = {"email": email, "password": "four-square", "csrf_token": token, "next": ""}
    client.post("/sign-in", base_url=HOST, data=fields, headers={"Referer": f"{HOST}/sign-in"})


def environ_of(app: Flask, kind: str, home: Path) -> tuple[dict[str, Any], Iterator[bytes]]:
    """The request as a server would hand it over, and its bodies: each beacon says something new."""
    client = app.test_client()
    headers, page = Headers({"Accept-Encoding": "gzip", "Referer": f"{HOST}/teach/", "Origin": HOST}), ""
    if kind in WHO:
        sign_in(client, WHO[kind])
        page = client.get("/teach/", base_url=HOST).text
        name = app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name, domain="127.0.0.1")
        assert cookie is not None, "signing in sets the cookie"
        headers["Cookie"] = f"{name}={cookie.value}"
    if kind != "beacon":
        return EnvironBuilder(PATHS[kind], HOST, headers=headers).get_environ(), itertools.repeat(b"")
    bodies = (one.encode() for one in beacons_of(home, token_of(page), datetime.now(UTC).date()))
    path, form = f"/teach/classes/{first_class(page)}/ran", "application/x-www-form-urlencoded"
    given = EnvironBuilder(path, HOST, method="POST", headers=headers, content_type=form)
    return given.get_environ(), bodies


def ask(app: Flask, environ: dict[str, Any], bodies: Iterator[bytes]) -> str:
    """The status of the answer, which is read to its end."""
    told: list[str] = []
    body = next(bodies)

    def start(status: str, headers: list[tuple[str, str]], trouble: object = None) -> None:
        told.append(status)

    answer: Iterable[bytes] = app.wsgi_app(
        {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}, start
    )  # type: ignore[arg-type]
    for _ in answer:
        pass
    if (close := getattr(answer, "close", None)) is not None:
        close()
    return told[0]


def main() -> None:
    """Run one kind of request some hundred times and print the profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=[*PATHS, "beacon"])
    parser.add_argument("--callers", metavar="FUNCTION")
    arguments = parser.parse_args()
    with instance() as home:
        app = create_app(
            read_settings({"WELLNESS_HOME": str(home), "WELLNESS_PLAIN_HTTP": "1", "WELLNESS_PRESSES": "1000000"})
        )
        environ, bodies = environ_of(app, arguments.kind, home)
        status = ask(app, environ, bodies)
        batches = []
        for _ in range(BATCHES):
            begun = time.process_time()
            for _ in range(TIMES):
                ask(app, environ, bodies)
            batches.append(time.process_time() - begun)
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(TIMES):
            ask(app, environ, bodies)
        profile.disable()
        app.extensions["wellness"].close()
    print(
        f"{arguments.kind}: {status}, {min(batches) / TIMES * 1e6:.0f} µs of CPU a request in the best of {BATCHES} batches"
    )
    found = pstats.Stats(profile).strip_dirs().sort_stats("cumulative")
    found.print_callers(arguments.callers) if arguments.callers else found.print_stats(55)


if __name__ == "__main__":
    main()
