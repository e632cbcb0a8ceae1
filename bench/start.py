"""How soon the site answers after it is started, what it takes on the disk, and what it holds in memory.

python -m bench.start            prints the tables
python -m bench.start --write    writes them into docs/performance.md too

The instance stands ready and its catalogue is built. The clock runs from the start of `wellness serve` until a session page is
here; CPU seconds tell more than the clock on a machine that does other things too. Python keeps what it compiled, as it does
unless it is told otherwise. What it takes on the disk is what the installed packages of requirements.txt hold, by their own
lists of files, with the bytecode that Python makes of them.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from bench import load, tables
from bench.served import family, instance, process_of, serving
from bench.tables import ROOT

STARTS = 9
PAGE = "/sessions/four-square-breathing"
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""So that a start is like those of a school, whose modules and templates are compiled once."""

SHOWN = 8
"""How many packages have a line of their own."""

BUILDING = ("hatchling", "editables", "pathspec", "pluggy", "trove-classifiers", "packaging")
"""Needed to install this checkout, not to run the site."""


def start(home: Path) -> tuple[float, float]:
    """Seconds, and CPU seconds, from the start of the process to the first page."""
    with process_of(home, **COMPILED) as started:
        begun = time.perf_counter()
        page = load.request(PAGE)
        while True:
            try:
                connection = load.Connection(started.port)
                break
            except ConnectionRefusedError:
                time.sleep(0.002)
        status, _, _ = connection.ask(page)
        seconds = time.perf_counter() - begun
        used = started.cpu_seconds()
        connection.close()
        if status != 200:
            raise RuntimeError(f"the first answer was {status}")
    return seconds, used


def change_texts(home: Path) -> None:
    """Another title for every session, as a hand in the library's folder would do it: the workshop's processes wake up."""
    for text in (home / "library" / "sessions").glob("*.md"):
        was = text.read_text(encoding="utf-8")
        text.write_text(re.sub(r"^title: (.*)$", r"title: \1 again", was, flags=re.M), encoding="utf-8")


def importing() -> float:
    """CPU seconds that importing all of it takes, without making anything: the least a start can take."""
    told = "import time; import wellness.app, wellness.server; print(time.process_time())"
    environ = {**os.environ, **COMPILED}
    took = [float(subprocess.check_output([sys.executable, "-c", told], cwd=ROOT, env=environ)) for _ in range(STARTS)]
    return statistics.median(took)


def packages() -> Iterator[tuple[str, float, float]]:
    """The installed packages of requirements.txt, their megabytes, and how many of these Python compiled of the others."""
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if not re.match(r"[a-z0-9]", line):
            continue
        asked = Requirement(line.rstrip(" \\"))
        if asked.name in BUILDING or (asked.marker is not None and not asked.marker.evaluate()):
            continue
        files = importlib.metadata.distribution(asked.name).files or []
        there = [file for file in (Path(str(file.locate())) for file in files) if file.is_file()]
        compiled = sum(file.stat().st_size for file in there if file.suffix == ".pyc")
        yield asked.name, sum(file.stat().st_size for file in there) / 1e6, compiled / 1e6


def own() -> tuple[float, float]:
    """Megabytes of the site itself without the recordings it brings, and how many of these Python and Jinja compiled."""
    folders = ("wellness", "templates", "static", "content", "translations")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    there = [file for file in files if not file.is_relative_to(ROOT / "static" / "media")]
    compiled = sum(file.stat().st_size for file in there if file.suffix == ".pyc")
    return sum(file.stat().st_size for file in there) / 1e6, compiled / 1e6


def table() -> str:
    """The results as Markdown."""
    with instance() as home:
        start(home)
        starts = [start(home) for _ in range(STARTS)]
        with serving(home, WELLNESS_PLAIN_HTTP="1") as site:
            at_first = site.pss_mib()
            for path in ("/", "/sessions/", PAGE, "/help", "/healthz"):
                load.run(site, load.Asked(path, load.request(path)), 1000)
            after = site.pss_mib()
            change_texts(home)
            load.run(site, load.Asked(PAGE, load.request(PAGE)), 1000)
            at_work = site.pss_mib()
            processes = len(family(site.pid)) - 1
    lines = [
        (f"start to the first page ({STARTS})", f"{statistics.median(s for s, _ in starts):.2f} s", "0.6 s"),
        ("CPU of that", f"{statistics.median(used for _, used in starts):.2f} s", ""),
        ("of that: Python and the imports alone", f"{importing():.2f} s", ""),
        ("memory after the first page (PSS)", f"{at_first:.0f} MiB", ""),
        ("memory after 5,000 pages (PSS)", f"{after:.0f} MiB", ""),
        (
            f"the same after texts were changed, with the sandbox ({processes} processes)",
            f"{at_work:.0f} MiB",
            "130 MiB",
        ),
    ]
    sizes = sorted(packages(), key=lambda one: -one[1])
    weighed = [(name, f"{size:.1f} MB") for name, size, _ in sizes[:SHOWN]]
    rest = sum(size for _, size, _ in sizes[SHOWN:])
    ours, ours_compiled = own()
    total = sum(size for _, size, _ in sizes) + ours
    compiled = sum(part for *_, part in sizes) + ours_compiled
    disk = [
        *weighed,
        (f"{len(sizes) - SHOWN} others", f"{rest:.1f} MB"),
        ("the site without its recordings", f"{ours:.1f} MB"),
        ("all", f"{total:.1f} MB"),
        ("of that, what Python compiled of the rest", f"{compiled:.1f} MB"),
    ]
    return f"{tables.rows(('', 'measured', 'goal'), lines)}\n\n{tables.rows(('on the disk', 'size'), disk)}"


if __name__ == "__main__":
    tables.run("start", __doc__, table)
