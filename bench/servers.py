"""The servers beside each other, each as it would really be run: what a request costs, slow clients, memory.

python -m bench.servers            prints the tables
python -m bench.servers --write    writes them into docs/performance.md too

waitress is what `wellness serve` runs. gunicorn and granian are installed beside the environment, into .venv/bench-servers,
and are no part of the product; what cannot be installed is left out and named. Behind nginx (deploy/nginx.conf, over TLS) are
one process of waitress, two of them, which share one SQLite file and count guesses in Redis, and gunicorn. All of them run at
the same time, with an instance each; every round asks each of them in turn, so that the machine's noise falls on all.
"""

from __future__ import annotations

import http.client
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import load, nginx, tables
from bench.calling import PAGE, Front, cookies_for, page_for
from bench.pages import beacons_of, first_class
from bench.served import Served, instance, serving
from bench.slow_clients import KINDS, slow_clients
from bench.slow_readers import video_path
from bench.tables import ROOT
from wellness.demo import PASSWORD

BESIDE = ROOT / ".venv" / "bench-servers"
WANTED = {"gunicorn": "gunicorn>=27,<28", "granian": "granian>=2.8,<2.9"}
THREADS, WORKERS = "8", "2"

ROUNDS, TIMES, WARM = 5, 200, 40
COUNTS = {"videos": 60, "headers": 1000, "bodies": 1000}
VISITS, VISIT_SECONDS, GIVE_UP = 40, 20.0, 10.0
"""A visitor's pages beside slow clients: so many, for so long at most, and how long one waits."""


@dataclass(slots=True)
class Contestant:
    """One way to serve the site, and what was measured of it."""

    name: str
    workers: str
    served: Served
    asked: list[load.Asked] = field(default_factory=list)
    micros: dict[str, list[float]] = field(default_factory=dict)
    visits: dict[str, tuple[list[float], int]] = field(default_factory=dict)
    memory: float = 0.0


def install() -> list[str]:
    """Install the other servers beside the environment; returns the names of those that are there."""
    there = []
    for name, wanted in WANTED.items():
        if not (BESIDE / name).exists():
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(BESIDE), "--upgrade", wanted]
            subprocess.run([*command, "--disable-pip-version-check"], check=False, capture_output=True)
        if (BESIDE / name).exists():
            there.append(name)
    return there


def command_of(name: str) -> list[str]:
    """How that server is started for the site, on two cores."""
    begun = [sys.executable, "-m", name, "--workers", WORKERS]
    if name == "gunicorn":
        many = ["--worker-class", "gthread", "--threads", THREADS, "--worker-connections", "4000", "--keep-alive", "75"]
        return [*begun, *many, "--bind", "127.0.0.1:{port}", "bench.wsgi_app:app"]
    many = ["--blocking-threads", THREADS, "--backlog", "2048", "--host", "127.0.0.1", "--port", "{port}"]
    return [*begun, "--interface", "wsgi", *many, "bench.wsgi_app:app"]


# --- All of them at once ----------------------------------------------------------------------------------------------


@contextmanager
def contestants() -> Iterator[list[Contestant]]:
    """Everybody, each with a copy of the same instance."""
    there = install()
    with ExitStack() as stack:
        first = stack.enter_context(instance())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        numbers = itertools.count()

        def copy() -> Path:
            return Path(shutil.copytree(first, folder / str(next(numbers))))

        def start(home: Path, name: str = "", **environ: str) -> Served:
            paths = {"PYTHONPATH": f"{BESIDE}{os.pathsep}{ROOT}"} if name else {}
            return stack.enter_context(serving(home, command_of(name) if name else None, **paths, **environ))

        def fronted(*nodes: Served) -> Served:
            front, pid = stack.enter_context(nginx.in_front_of(nodes))
            return Served(front.port, pid, nodes[0].home, front.trusted, tuple(node.pid for node in nodes))

        plain = {"WELLNESS_PLAIN_HTTP": "1"}
        found = [Contestant("waitress, as `wellness serve`", "1 × 8 threads", start(copy(), **plain))]
        for name in there:
            started = start(copy(), name, **plain)
            found.append(Contestant({"gunicorn": "gunicorn gthread"}.get(name, name), "2 × 8 threads", started))
        found.append(Contestant("nginx, waitress", "1 × 8 threads", fronted(start(copy(), **nginx.behind()))))
        counted, shared = {**nginx.behind(), "RATE_LIMIT_URL": stack.enter_context(counters())}, copy()
        two = fronted(start(shared, **counted), start(shared, **counted))
        found.append(Contestant("nginx, two of waitress, Redis", "2 × 8 threads", two))
        if "gunicorn" in there:
            found.append(
                Contestant(
                    "nginx, gunicorn gthread", "2 × 8 threads", fronted(start(copy(), "gunicorn", **nginx.behind()))
                )
            )
        for one in found:
            one.asked = requests_of(one.served)
        yield found


@contextmanager
def counters() -> Iterator[str]:
    """The address of a Redis."""
    from tests.support.redis_server import redis_server

    with redis_server() as server:
        yield server.url


def front_of(served: Served) -> Front:
    """The same for callers."""
    return Front(served.port, "127.0.0.1", served.trusted)


def requests_of(served: Served) -> list[load.Asked]:
    """A public page, a page of somebody who signed in, and a beacon that has to be written."""
    front = front_of(served)
    cookie, token = cookies_for(front, "teacher@demo.test", PASSWORD)
    seen = f"/teach/classes/{first_class(page_for(front, 'teacher@demo.test', '/teach/', PASSWORD))}/ran"
    headers = (f"Cookie: {cookie}", "Sec-Fetch-Site: same-origin")
    beacons = beacons_of(served.home, token, datetime.now(UTC).date())

    def beacon() -> bytes:
        return load.request(seen, method="POST", headers=headers, body=next(beacons))

    return [
        load.Asked("session page", load.request(PAGE)),
        load.Asked("signed in", load.request(PAGE, headers=headers[:1])),
        load.Asked("beacon", beacon, 204),
    ]


# --- What is measured -------------------------------------------------------------------------------------------------


def ask_all(found: list[Contestant]) -> None:
    """CPU of each kind, everybody in turn."""
    for number in range(ROUNDS + 1):
        for kind in range(3):
            for one in found:
                answered = load.run(one.served, one.asked[kind], TIMES if number else WARM)
                if number:
                    one.micros.setdefault(one.asked[kind].name, []).append(answered.micros)
    for one in found:
        one.memory = one.served.pss_mib()


def visit(served: Served) -> list[float]:
    """Seconds of each page of a visitor who opens a connection for each; a page that never comes counts as GIVE_UP."""
    taken: list[float] = []
    tls, end = served.tls(), time.monotonic() + VISIT_SECONDS
    while len(taken) < VISITS and time.monotonic() < end:
        begun = time.perf_counter()
        connection = (
            http.client.HTTPSConnection("127.0.0.1", served.port, context=tls, timeout=GIVE_UP)
            if tls
            else http.client.HTTPConnection("127.0.0.1", served.port, timeout=GIVE_UP)
        )
        try:
            connection.request("GET", PAGE)
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - begun if answer.status == 200 else GIVE_UP)
        except OSError:
            taken.append(GIVE_UP)
        finally:
            connection.close()
    return taken


def visit_all(found: list[Contestant]) -> None:
    """A visitor alone, then beside slow clients of each kind, everybody in turn."""
    for one in found:
        visit(one.served)
        one.visits["alone"] = (visit(one.served), 0)
    for kind in KINDS:
        for one in found:
            with slow_clients(kind, one.served, COUNTS[kind], video_path(one.served.home / "media")) as held:
                taken = visit(one.served)
            one.visits[kind] = (taken, held[0])


def shown(measured: tuple[list[float], int], count: int) -> str:
    """Median and 95th percentile in milliseconds, and how many slow clients were held to the end."""
    taken, held = measured
    if tables.percentile(taken, 50) >= GIVE_UP:
        said = "no answer"
    else:
        median, late = (f"{tables.percentile(taken, percent) * 1000:,.1f}" for percent in (50, 95))
        said = f"{median} ms ({late})"
    return f"{said}, {held:,} held" if count else said


def median(values: list[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]


def table() -> str:
    """The results as Markdown."""
    with contestants() as found:
        ask_all(found)
        visit_all(found)
    first = {name: median(taken) for name, taken in found[0].micros.items()}
    costs, slow = [], []
    for one in found:
        cells = [
            f"{median(one.micros[name]):.0f} ({median(one.micros[name]) / least:.2f})" for name, least in first.items()
        ]
        costs.append((one.name, one.workers, *cells, f"{one.memory:.0f} MiB"))
        slow.append((one.name, *(shown(one.visits[kind], COUNTS.get(kind, 0)) for kind in ("alone", *KINDS))))
    heads = [f"{name}, µs (of waitress)" for name in first]
    wide = ("server", "alone", *(f"{COUNTS[kind]:,} slow {kind}" for kind in KINDS))
    missing = [name for name in WANTED if not (BESIDE / name).exists()]
    note = f"\n\nNot installed here, so not measured: {', '.join(missing)}." if missing else ""
    return f"{tables.rows(('server', 'workers', *heads, 'memory (PSS)'), costs)}\n\n{tables.rows(wide, slow)}{note}"


if __name__ == "__main__":
    tables.run("servers", __doc__, table)
