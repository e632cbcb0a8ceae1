"""How long one edit takes from the press to the page, in a library of 1,000 sessions.

python bench/one_edit.py            prints the table
python bench/one_edit.py --write    writes it into docs/performance.md too

The sessions are made from the shipped ones. A press is all of it: the check, the log, the file, the catalogue; it is visible
when the public page, asked for over the application, shows the new title. In the studio the text was checked before, while it
was typed and on the page with the button, so its layout is at hand; the press without that is measured in turns with it. So
is the cold build: the catalogue is deleted and made again from the log and the library.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from wellness.app import create_app
from wellness.authoring import Desk, drafting, publishing
from wellness.authoring.catching_up import catch_up, verify
from wellness.authoring.checking import find_problems
from wellness.config import read_settings
from wellness.domain import Person, Role, TextKey, TextKind
from wellness.instance import init_instance
from wellness.staffing import add_person

ROOT = Path(__file__).resolve().parents[1]
SESSIONS, EDITS, LOOKS = 1000, 20, 50
START, END = "<!-- one edit -->", "<!-- /one edit -->"


def generate(library: Path) -> list[TextKey]:
    """Fill the library up to 1,000 sessions; returns those that were made."""
    shipped = [path for path in sorted((ROOT / "content" / "sessions").glob("*.md")) if "." not in path.stem]
    made = []
    for number in range(len(shipped), SESSIONS):
        original = shipped[number % len(shipped)]
        key = TextKey(TextKind.SESSION, f"{original.stem}-{number}")
        title = re.sub(
            r"^title: .*", f"title: Session number {number}", original.read_text(encoding="utf-8"), flags=re.M
        )
        (library / key.file).write_text(title, encoding="utf-8")
        made.append(key)
    return made


def timed(work: Callable[[], object]) -> float:
    """Seconds it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def edit(desk: Desk, key: TextKey, by: Person, number: int) -> int:
    """Save a draft with another title, as the editor does while somebody types; its version."""
    opened = drafting.open_text(desk, key)
    text = re.sub(r"^title: .*", f"title: Edited for the time {number}", opened.text, flags=re.M)
    return drafting.save_draft(desk, key, text, by, datetime.now(UTC), version=opened.version).version


def press(desk: Desk, key: TextKey, by: Person, version: int, show: Callable[[str], str], number: int) -> float:
    """Seconds from the press until the public page shows the new title."""
    begun = time.perf_counter()
    publishing.publish(desk, key, by, datetime.now(UTC), version=version)
    if f"Edited for the time {number}" not in show(f"/sessions/{key.slug}"):
        raise RuntimeError("the page does not show the edit")
    return time.perf_counter() - begun


def describe(seconds: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1000:.1f} ms ({ordered[int(len(ordered) * 0.95)] * 1000:.1f})"


def table(home: Path) -> str:
    """The results as Markdown."""
    settings = read_settings({"WELLNESS_HOME": str(home)})
    init_instance(settings, lambda line: None)
    keys = generate(settings.library)
    app = create_app(settings)
    here = app.extensions["wellness"]
    desk = Desk(here.records, here.catalogue, here.workshop, here.media)
    try:
        by = add_person(
            here.records, None, email="coach@bench.test", name="Coach", role=Role.COACH, school_id=None,
            password="four quiet words here", at=datetime.now(UTC),
        )  # fmt: skip
        catch_up(desk, datetime.now(UTC))
        client = app.test_client()

        def show(path: str) -> str:
            return client.get(path, base_url="http://127.0.0.1").get_data(as_text=True)

        settings.catalogue.unlink()
        cold = timed(lambda: catch_up(desk, datetime.now(UTC)))
        nothing = [timed(lambda: catch_up(desk, datetime.now(UTC))) for _ in range(LOOKS)]
        edits: dict[bool, list[float]] = {True: [], False: []}
        for number in range(2 * EDITS):
            key, is_checked = keys[number * (len(keys) // (2 * EDITS))], number % 2 == 0
            version = edit(desk, key, by, number)
            if is_checked:
                find_problems(desk, key, drafting.open_text(desk, key).text)
            edits[is_checked].append(press(desk, key, by, version, show, number))
        if problems := verify(desk):
            raise RuntimeError(f"log, library and catalogue do not agree: {problems[:3]}")
    finally:
        here.close()
    return "\n".join(
        [
            f"| {SESSIONS} sessions | median (p95) | goal |",
            "|:--|--:|--:|",
            f"| nothing changed: one look ({LOOKS}) | {describe(nothing)} | 300 ms |",
            f"| one edit, from the press to the page ({EDITS}) | {describe(edits[True])} | 100 ms |",
            f"| the same with a text that was not checked before ({EDITS}) | {describe(edits[False])} | |",
            f"| cold build from the log and the library (1) | {cold:.1f} s | 6 s |",
        ]
    )


def main() -> None:
    """Measure, print, and write when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = table(Path(folder) / "instance")
    print(result)
    if arguments.write:
        page = ROOT / "docs" / "performance.md"
        text = page.read_text(encoding="utf-8")
        before, after = text.split(START)[0], text.split(END)[1]
        machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        page.write_text(f"{before}{START}\n\n{result}\n\nMeasured on: {machine}.\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
