"""The long round: kills, power cuts and requests by the thousand, for an evening before a release.

    python -m tests.durability.soak                  everything, about half an hour on two cores
    python -m tests.durability.soak --write          and the table of docs/durability.md with it
    python -m tests.durability.soak kills memory     only these parts; with --write the other lines of the table stay

`make test` does a short round of each but the power cuts, which need a C compiler. Ends with 1 and says what is wrong when
something was lost.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench.served import family
from bench.tables import ROOT, rows, write
from tests.durability.killed_backups import quiet, sum_of
from tests.durability.powercut.cutting import compile_recorder, cut_power
from tests.instance.test_backup import grow, kill, older
from tests.publishing.test_publish import AFTER
from tests.publishing.test_publish import kill as kill_publisher
from tests.publishing.test_publish import make_instance as make_publisher
from tests.support.callers import Caller, Friday, make_busy_instance, press, served, some, start_server
from tests.support.instances import make_instance, settings_of
from wellness.instance import backup_instance
from wellness.records import REVISIONS

KILLS, CUTS, REQUESTS, WARM = 200, 300, 200_000, 20_000
CALLERS = 4
PAGE = ROOT / "docs" / "durability.md"
GROWTH_MIB = 5.0
"""What a process may grow by in the whole round; quality.md allows it an hour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, and what is wrong."""

    what: str
    tries: str
    found: str
    faults: tuple[str, ...] = ()


Part = Callable[[Path], list[Line]]


def kills(folder: Path) -> list[Line]:
    """A server killed again and again while six callers press and beam."""
    home = folder / "home"
    friday = Friday(home, make_busy_instance(home))
    starts = []
    for number in range(KILLS):
        server = start_server(home)
        starts.append(server.seconds)
        friday.run_until_killed(server, after=some(number, 5, 60))
        server.stop()
    faults = friday.find_faults() + [f"refused: {status}" for status, _, _ in friday.saved.refused]
    said = f"{friday.saved.count} acknowledged beacons and forms, {len(faults)} lost or doubled"
    slowest = f"; answering again after {sorted(starts)[len(starts) // 2]:.1f} s, at most {max(starts):.1f} s"
    return [Line("server, during viewings", f"{KILLS} kills", said + slowest, tuple(faults))]


def publishing(folder: Path) -> list[Line]:
    """A publisher killed at every touch of the disk, in each of its acts."""
    tries = 0
    for act in AFTER:
        (folder / act).mkdir()
        tries += kill_publisher(make_publisher(folder / act / "home"), folder / act, act, every=1) - 1
    said = "the old page or the new one, log, library and catalogue agreeing after the next start"
    return [Line("publishing, restoring, renaming, unpublishing", f"{tries} kills", said)]


def backups(folder: Path) -> list[Line]:
    """A backup, a restore and a migration killed at every touch of the disk."""
    ready = make_instance(folder / "ready")
    backup_instance(settings_of(ready), folder / "ready.zip", quiet)
    grown = make_instance(folder / "grown")
    grow(grown)
    old = make_instance(folder / "old")
    older(old, REVISIONS[0])
    sums = {home: sum_of(home) for home in (ready, grown)}
    lines = []
    for act, home, said in (
        ("backup", ready, "no file, or a whole one; nothing left after the next backup"),
        ("restore", grown, "the old school or the new one; a second run finishes"),
        ("migrate", old, "the old schema or the new one, never changed without a backup; a second run finishes"),
    ):
        (folder / act).mkdir()
        found = kill(act, home, folder / "ready.zip", folder / act, every=1)
        wrong = [one for one in found if one["left"] or one.get("damage")]
        if act == "restore":
            wrong += [one for one in found if one["sum"] not in sums.values() or one["again"] != sums[ready]]
        if act == "migrate":
            wrong += [one for one in found if one["sum"] != found[-1]["sum"]]
        lines.append(Line(act, f"{len(found) - 1} kills", said, tuple(map(str, wrong))))
    return lines


def power(folder: Path) -> list[Line]:
    """Power cuts at random points of three days, after the tests of what simulates them."""
    tests = [sys.executable, "-m", "pytest", "-m", "soak", "tests/durability"]
    subprocess.run(tests, cwd=ROOT, check=True)
    recorder, lines = compile_recorder(folder), []
    says = {
        "friday": "{told} acknowledgments looked for, {lost} lost; it always opened",
        "restore": "the old school or the new one, {lost} neither; a second run finished it",
        "migrate": "the old schema or the new one, every row there, {lost} not; a second run finished it",
    }
    for act, cuts in (("friday", CUTS), ("restore", CUTS // 3), ("migrate", CUTS // 3)):
        found = cut_power(act, recorder, folder / act, cuts, seed=len(act))
        wrong = [fault for one in found for fault in one["faults"]]
        told = sum(one["acknowledged"] for one in found)
        said = says[act].format(told=told, lost=len(wrong))
        lines.append(Line(f"power cut, {act}", f"{cuts} cuts in {found[0]['of']} writes", said, tuple(wrong)))
    return lines


def memory(folder: Path) -> list[Line]:
    """Many requests of all kinds to one server."""
    home = folder / "home"
    codes = make_busy_instance(home)
    with served(home) as server:
        _ask(server.port, codes, WARM)
        before, open_before = _pss(server.process.pid), _open_files(server.process.pid)
        begun = time.monotonic()
        _ask(server.port, codes, REQUESTS)
        seconds = time.monotonic() - begun
        after, open_after = _pss(server.process.pid), _open_files(server.process.pid)
    said = f"{before:.1f} MiB before, {after:.1f} MiB after (PSS); {open_before} and {open_after} open files"
    faults = [said] if after - before > GROWTH_MIB or open_after - open_before > 20 else []
    return [Line("memory, pages and beacons", f"{REQUESTS:,} requests in {seconds / 60:.0f} min", said, tuple(faults))]


def _ask(port: int, codes: list[str], requests: int) -> None:
    """So many requests by some callers at once: public pages, a door's pages, beacons and presses."""
    failed: list[str] = []

    def call(code: str) -> None:
        caller = Caller(port)
        caller.enter(code)
        ways: list[Callable[[int], int]] = [
            lambda number: caller.get("/")[0],
            lambda number: caller.get("/sessions/")[0],
            lambda number: caller.get("/sessions/feet")[0],
            lambda number: caller.get("/practices/")[0],
            lambda number: caller.get(f"/c/{code}")[0],
            lambda number: caller.get("/nothing-here")[0],
            lambda number: press(caller, code, number)[0],
        ]
        for number, way in zip(range(requests // CALLERS), cycle(ways), strict=False):
            if (status := way(number)) not in (200, 303, 404):
                failed.append(f"{status}")
        caller.close()

    threads = [
        threading.Thread(target=call, args=(code,)) for code, _ in zip(cycle(codes), range(CALLERS), strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"{len(failed)} requests failed: {failed[:5]}")


def _pss(pid: int) -> float:
    """Memory of the process and those it started, in MiB, what is shared counted in parts."""
    lines = [line for one in family(pid) for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


PARTS: dict[str, Part] = {
    "kills": kills,
    "publishing": publishing,
    "backups": backups,
    "power": power,
    "memory": memory,
}


def table_of(lines: Sequence[Line], page: str) -> str:
    """The lines as a table, and those of the page's table about other things, in the order of the page."""
    there = re.search(r"<!-- soak -->\n(.*?)<!-- /soak -->", page, re.DOTALL)
    kept = [row.strip("| ").split(" | ") for row in (there[1].splitlines() if there else []) if row.startswith("| ")][
        1:
    ]
    cells = {what: (what, tries, found) for what, tries, found in kept}
    cells |= {line.what: (line.what, line.tries, line.found) for line in lines}
    return rows(("what", "how often", "what was found"), list(cells.values()))


def main() -> None:
    """Run the parts, print the table, and write it when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="without any, all")
    parser.add_argument("--write", action="store_true", help="write the table into docs/durability.md")
    arguments = parser.parse_args()
    lines: list[Line] = []
    for name in arguments.parts or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            found = PARTS[name](Path(folder))
            lines += found
            print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
            for line in found:
                print(f"  {line.what}: {line.tries}: {line.found}", flush=True)
    print(table_of(lines, ""))
    if faults := [fault for line in lines for fault in line.faults]:
        print("\n".join(["WRONG:", *faults[:50]]))
        sys.exit(1)
    if arguments.write:
        write("soak", table_of(lines, PAGE.read_text(encoding="utf-8")), PAGE)


if __name__ == "__main__":
    main()
