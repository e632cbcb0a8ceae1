"""What the catalogue takes with 100, 1,000 and 10,000 sessions: from nothing, unchanged, one edit, search.

python -m bench.catalogue            prints the table
python -m bench.catalogue --write    writes it into docs/performance.md too
python -m bench.catalogue --large    with 10,000 sessions as well, which takes some minutes

The sessions are made from the shipped ones. A press on *Publish* is all of it: the check, the log, the file, the catalogue; it
is visible when the public page, asked for over the application, shows the new title. In the studio the text was checked before,
while it was typed and on the page with the button, so its layout is at hand; the press without that is measured in turns with
it. From nothing means that the catalogue was deleted and is made again from the log and the library. A search asks the
catalogue for the first page of one or two words with the places where they stand, and how many there are in all.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import tables
from bench.served import family
from bench.tables import ROOT
from wellness.app import create_app
from wellness.catalogue import Catalogue, Query
from wellness.config import read_settings
from wellness.domain import EVERYWHERE, Language, Person, Role, TextKey, TextKind
from wellness.instance import init_instance
from wellness.publishing import drafts, publish
from wellness.publishing.check import find_problems
from wellness.publishing.sync import sync, verify
from wellness.school.people import add_person
from wellness.stores import Stores
from wellness.web.public.pages import PAGE_LONG

SIZES, LARGE = (100, 1000), 10_000
EDITS, LOOKS, SEARCHES = 20, 50, 25
ASKED = ("breath", "square", "worry", "listen", "before test", "window", "feel", "thank you", "quiet", "three")


@dataclass(slots=True)
class Measured:
    """What one size took, in seconds."""

    sessions: int
    cold: float
    cold_cpu: float
    unchanged: list[float]
    checked: list[float]
    unchecked: list[float]
    search: list[float]
    megabytes: float


def generate(library: Path, count: int) -> list[TextKey]:
    """Fill the library up to so many sessions; returns those that were made."""
    shipped = [path for path in sorted((ROOT / "content" / "sessions").glob("*.md")) if "." not in path.stem]
    made = []
    for number in range(len(shipped), count):
        original = shipped[number % len(shipped)]
        key = TextKey(TextKind.SESSION, f"{original.stem}-{number}")
        text = original.read_text(encoding="utf-8")
        titled = re.sub(r"^title: .*", f"title: Session number {number}", text, flags=re.M)
        (library / key.file).write_text(titled, encoding="utf-8")
        made.append(key)
    return made


def timed(work: Callable[[], object]) -> float:
    """Seconds it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def edit(stores: Stores, key: TextKey, by: Person, number: int) -> int:
    """Save a draft with another title, as the editor does while somebody types; its version."""
    opened = drafts.open_text(stores, key)
    text = re.sub(r"^title: .*", f"title: Edited for the time {number}", opened.text, flags=re.M)
    return drafts.save_draft(stores, key, text, by, datetime.now(UTC), version=opened.version).version


def press(stores: Stores, key: TextKey, by: Person, version: int, show: Callable[[str], str], number: int) -> float:
    """Seconds from the press until the public page shows the new title."""
    begun = time.perf_counter()
    publish.publish(stores, key, by, datetime.now(UTC), version=version)
    if f"Edited for the time {number}" not in show(f"/sessions/{key.slug}"):
        raise RuntimeError("the page does not show the edit")
    return time.perf_counter() - begun


def cpu_seconds() -> float:
    """Of this process and its living children, which are the workshop's."""
    ticks = 0
    for pid in family(os.getpid()):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def search(catalogue: Catalogue) -> list[float]:
    """Seconds of each search; each word comes often, in turn with the others."""
    seconds = []
    for _ in range(SEARCHES):
        for asked in ASKED:
            begun = time.perf_counter()
            found = catalogue.find_sessions(Query(asked), Language.EN, most=PAGE_LONG)
            seconds.append(time.perf_counter() - begun)
            if not found.cards:
                raise RuntimeError(f"nothing is found for {asked}")
    return seconds


def measure(home: Path, count: int) -> Measured:
    """One size, in an instance of its own."""
    settings = read_settings({"WELLNESS_HOME": str(home)})
    init_instance(settings, lambda line: None)
    keys = generate(settings.library, count)
    app = create_app(settings)
    here = app.extensions["wellness"]
    try:
        by = add_person(
            here.records, None, email="coach@bench.test", name="Coach", role=Role.COACH, reach=EVERYWHERE,
            password="four quiet words here", at=datetime.now(UTC),
        )  # fmt: skip
        sync(here, datetime.now(UTC))
        client = app.test_client()

        def show(path: str) -> str:
            return client.get(path, base_url="http://127.0.0.1").get_data(as_text=True)

        settings.catalogue.unlink()
        before = cpu_seconds()
        cold = timed(lambda: sync(here, datetime.now(UTC)))
        cold_cpu = cpu_seconds() - before
        unchanged = [timed(lambda: sync(here, datetime.now(UTC))) for _ in range(LOOKS)]
        edits: dict[bool, list[float]] = {True: [], False: []}
        for number in range(2 * EDITS):
            key, is_checked = keys[number * (len(keys) // (2 * EDITS))], number % 2 == 0
            version = edit(here, key, by, number)
            if is_checked:
                find_problems(here, key, drafts.open_text(here, key).text)
            edits[is_checked].append(press(here, key, by, version, show, number))
        found = search(here.catalogue)
        if problems := verify(here):
            raise RuntimeError(f"log, library and catalogue do not agree: {problems[:3]}")
        size = settings.catalogue.stat().st_size / 1e6
    finally:
        here.close()
    return Measured(count, cold, cold_cpu, unchanged, edits[True], edits[False], found, size)


def searched(seconds: list[float]) -> str:
    """Median and 99th percentile in milliseconds."""
    return f"{tables.percentile(seconds, 50) * 1000:.1f} ms ({tables.percentile(seconds, 99) * 1000:.1f})"


def table(sizes: tuple[int, ...]) -> str:
    """The results as Markdown."""
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            found.append(measure(Path(folder) / "instance", size))
    head = ("median (p95)", *(f"{one.sessions:,} sessions" for one in found), "goal")
    lines = [
        ("from nothing (1)", *(f"{one.cold:.1f} s" for one in found), "1,000: 6 s"),
        ("CPU of that, a text", *(f"{one.cold_cpu / one.sessions * 1000:.1f} ms" for one in found), ""),
        (f"nothing changed: one look ({LOOKS})", *(tables.describe(one.unchanged) for one in found), "1,000: 300 ms"),
        (f"one edit, from the press to the page ({EDITS})", *(tables.describe(one.checked) for one in found), "100 ms"),
        (f"the same, not checked before ({EDITS})", *(tables.describe(one.unchecked) for one in found), ""),
        (
            f"search, p50 (p99) ({SEARCHES * len(ASKED)})",
            *(searched(one.search) for one in found),
            "200: 1.5 ms, 10,000: 8 ms",
        ),
        ("the file", *(f"{one.megabytes:.1f} MB" for one in found), ""),
    ]
    return tables.rows(head, lines)


def main() -> None:
    """Measure, print, and write when asked to."""
    parser = tables.parser_of(__doc__)
    parser.add_argument("--large", action="store_true", help="10,000 sessions as well")
    arguments = parser.parse_args()
    tables.show("catalogue", table((*SIZES, LARGE) if arguments.large else SIZES), arguments)


if __name__ == "__main__":
    main()
