"""A district's Friday: 2,000 classes of 55 schools open their session, play and log it within a minute.

python -m bench.friday                          one process on SQLite, then the same behind nginx, then two processes there
python -m bench.friday --postgresql             and two nodes on PostgreSQL and Redis behind nginx
python -m bench.friday --postgresql --write     writes the table and the lines of docs/operating.md too

Half of the classes are run by teachers, who signed in before, half by substitutes with the code of a door. Each asks for its
page, opens the session, sends six beacons or seven with overlapping seconds, says how it went and looks at the page that
follows; some answers are lost on the way, and then most are asked again, as the presentation does. Afterwards everything that
was acknowledged has to be in the records and in the week grid, once. It ends with 1 when it is not.

Callers run in two processes on the same cores as the site, so the site has less than a machine of its own.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import calling, district, nginx, on_friday, tables
from bench.calling import Called, Front
from bench.served import Served, cpu_of, instance, serving, wellness
from bench.tables import ROOT, percentile
from wellness.config import read_settings

OPERATING = ROOT / "docs" / "operating.md"
HEADS = {
    "one-process": "one process on SQLite",
    "nginx": "nginx in front of it",
    "two-processes": "nginx, two processes on one SQLite",
    "two-nodes": "nginx, two nodes on PostgreSQL",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked for."""

    schools: int = 53
    """Beside the two of the demo."""
    classes: int = 2_000
    seconds: float = 60.0
    some: int = 400
    """Classes within the same time once more, to see what an answer takes when nothing has to queue."""
    openings: int = 32_000
    connections: int = 64
    devices: int = 600
    device_seconds: float = 60.0
    rate: float = 100.0
    rate_seconds: float = 60.0


SHORT = Size(3, 24, 4.0, 12, 200, 8, 12, 2.0, 20.0, 2.0)


@dataclass(frozen=True, slots=True)
class Site:
    """A site that answers: where, with which records, and whose CPU is counted as its own and as that of what is around it."""

    front: Front
    url: str
    nodes: tuple[Served, ...]
    around: tuple[int, ...] = ()

    def cpu(self) -> tuple[float, float]:
        """CPU seconds so far of the nodes, and of nginx and the database."""
        return sum(node.cpu_seconds() for node in self.nodes), sum(map(cpu_of, self.around))


@dataclass(slots=True)
class Column:
    """What one site did."""

    cells: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    rate: float = 0.0
    """Requests of classes that were answered in a second."""
    lasted: float = 0.0
    openings: float = 0.0
    """Session pages in a second."""


# --- Sites ------------------------------------------------------------------------------------------------------------


@contextmanager
def one_process() -> Iterator[Site]:
    """The demo's instance, served by one process."""
    with instance() as home, serving(home, on_friday.COMMAND, WELLNESS_PLAIN_HTTP="1", **nginx.district()) as node:
        yield Site(Front(node.port), url_of(home), (node,))


@contextmanager
def behind_nginx() -> Iterator[Site]:
    """The same behind nginx with deploy/nginx.conf."""
    with (
        instance() as home,
        serving(home, on_friday.COMMAND, **nginx.behind()) as node,
        nginx.in_front_of((node,)) as (front, pid),
    ):
        yield Site(front, url_of(home), (node,), (pid,))


@contextmanager
def two_processes() -> Iterator[Site]:
    """Two processes on one instance and its SQLite file, which count guesses in one Redis, behind nginx."""
    from tests.support.redis_server import redis_server

    with ExitStack() as stack:
        home, counters = stack.enter_context(instance()), stack.enter_context(redis_server())
        settings = {**nginx.behind(), "RATE_LIMIT_URL": counters.url}
        nodes = tuple(stack.enter_context(serving(home, on_friday.COMMAND, **settings)) for _ in range(2))
        front, pid = stack.enter_context(nginx.in_front_of(nodes))
        yield Site(front, url_of(home), nodes, (pid,))


@contextmanager
def two_nodes() -> Iterator[Site]:
    """Two nodes with instances of their own, one PostgreSQL, one Redis, nginx in front."""
    from tests.support.postgres import postgres
    from tests.support.redis_server import redis_server

    with ExitStack() as stack:
        database, counters = stack.enter_context(postgres(durable=True)), stack.enter_context(redis_server())
        shared = {
            **nginx.behind(), "RECORDS_URL": database.make_database(), "RATE_LIMIT_URL": counters.url,
            "SECRET_KEY": "the-same-on-both-nodes-and-nowhere-else",
        }  # fmt: skip
        homes = [Path(stack.enter_context(tempfile.TemporaryDirectory())) / "instance" for _ in range(2)]
        for home in homes:
            wellness({"WELLNESS_HOME": str(home), **shared}, "init")
        wellness({"WELLNESS_HOME": str(homes[0]), **shared}, "demo")
        nodes = tuple(stack.enter_context(serving(home, on_friday.COMMAND, **shared)) for home in homes)
        front, pid = stack.enter_context(nginx.in_front_of(nodes))
        keeper = int((database.folder / "data" / "postmaster.pid").read_text().split()[0])
        yield Site(front, shared["RECORDS_URL"], nodes, (pid, keeper))


SITES = {
    "one-process": one_process,
    "nginx": behind_nginx,
    "two-processes": two_processes,
    "two-nodes": two_nodes,
}


def url_of(home: Path) -> str:
    """The address of an instance's records."""
    return read_settings({"WELLNESS_HOME": str(home)}).records_url


# --- What is asked of each --------------------------------------------------------------------------------------------


def measure(site: Site, size: Size) -> Column:
    """All of it, and whether the records hold what was acknowledged."""
    column = Column()
    _classes(site, size, column)
    _some_classes(site, size, column)
    _openings(site, size, column)
    _devices(site, size, column)
    _beacons(site, size, column)
    return column


def _classes(site: Site, size: Size, column: Column) -> None:
    rooms = district.grow(site.url, size.schools, size.classes)
    signed_in = calling.sign_ins(site.front, rooms)
    before = site.cpu()
    called = calling.classes(site.front, rooms, signed_in.cookies, size.seconds)
    nodes, around = (now - then for now, then in zip(site.cpu(), before, strict=True))
    column.faults += faults_of(site, called)
    column.rate, column.lasted = len(called.took) / called.seconds, called.seconds
    safe = sum(one.acknowledged for one in called.told)
    column.cells |= {
        "sign-ins before that, per second": f"{len(signed_in.cookies) / max(signed_in.seconds, 1e-9):.0f}",
        f"{size.classes:,} classes within {size.seconds:.0f} s: requests": f"{len(called.took):,}",
        "the last of them answered after": f"{called.seconds:.0f} s",
        "requests answered a second": f"{column.rate:.0f}",
        "errors": errors_of(called),
        "an answer takes, p50 / p95 / p99": times(called.took),
        "counted from when it was due": times(called.late),
        "CPU of the site, of nginx and database, of the callers": f"{nodes:.0f} s, {around:.0f} s, {called.cpu:.0f} s",
        "memory of the site afterwards (PSS)": f"{sum(node.pss_mib() for node in site.nodes):.0f} MiB",
        "acknowledged beacons and forms": f"{safe:,}",
        "of those lost, doubled, or otherwise in the grid": f"{len(column.faults)}",
    }


def _some_classes(site: Site, size: Size, column: Column) -> None:
    rooms = district.grow(site.url, 1, size.some, "Some", weeks=3)
    called = calling.classes(site.front, rooms, calling.sign_ins(site.front, rooms).cookies, size.seconds)
    faults = faults_of(site, called)
    column.faults += faults
    rate = len(called.took) / called.seconds
    column.cells |= {
        f"{size.some:,} classes within {size.seconds:.0f} s: requests answered a second": f"{rate:.0f}",
        "errors, and what was lost or doubled": f"{errors_of(called)}, {len(faults)}",
        "counted from when it was due, p50 / p95 / p99": times(called.late),
    }


def faults_of(site: Site, called: Called) -> list[str]:
    """Where records and week grid say something else than the callers were told."""
    held = district.read(site.url, [one.room for one in called.told])
    day = max(one.on_day for one in called.told)
    table = calling.page_for(
        site.front, district.admin_of(called.told[0].room), f"/coach/grid.csv?school=all&week={day}"
    )
    return district.differences(called.told, held) + district.grid_differences(called.told, table)


def _openings(site: Site, size: Size, column: Column) -> None:
    before = site.cpu()
    called = calling.openings(site.front, size.openings, size.connections)
    nodes, around = (now - then for now, then in zip(site.cpu(), before, strict=True))
    column.openings = len(called.took) / called.seconds
    column.cells |= {
        f"{size.openings:,} openings of a session page, as quickly as answered, a second": f"{column.openings:,.0f}",
        "an opening, p50 / p95 / p99": times(called.took),
        "errors in them": errors_of(called),
        "CPU for them: site, nginx and database, callers": f"{nodes:.0f} s, {around:.0f} s, {called.cpu:.0f} s",
    }


def _devices(site: Site, size: Size, column: Column) -> None:
    called = calling.devices(site.front, size.devices, size.device_seconds)
    column.cells |= {
        f"{size.devices} new devices within {size.device_seconds:.0f} s, errors": errors_of(called),
        "page, style sheet or script, p50 / p95 / p99": times(called.late),
    }


def _beacons(site: Site, size: Size, column: Column) -> None:
    rooms = district.grow(site.url, 1, 64, "Beacons", weeks=5)
    called = calling.beacons(site.front, rooms, size.rate, size.rate_seconds)
    lost = district.differences(called.told, district.read(site.url, [one.room for one in called.told]))
    column.faults += lost
    answered = sum(one.beacons for one in called.told)
    column.cells |= {
        f"beacons asked at {size.rate:.0f} a second for {size.rate_seconds:.0f} s, answered a second": (
            f"{len(called.took) / called.seconds:.0f}"
        ),
        "a beacon, p50 / p95 / p99": times(called.late),
        "acknowledged and lost": f"{len(lost)} of {answered:,}",
    }


def times(seconds: Sequence[float]) -> str:
    """Three percentiles in milliseconds."""
    return (
        " / ".join(f"{percentile(seconds, percent) * 1000:,.0f}" for percent in (50, 95, 99)) + " ms"
        if seconds
        else "–"
    )


def errors_of(called: Called) -> str:
    """How many requests were not answered as they should be, and how."""
    said = ", ".join(f"{what}: {count}" for what, count in called.errors.most_common(3))
    return f"{called.errors.total()} ({said})" if said else "0"


GOALS = (
    ("answered after", "60 s"),
    ("lost or doubled", "0, 0"),
    ("errors", "0"),
    ("of those lost", "0"),
    ("openings", "1,600"),
    ("page, style sheet", "p95 300 ms"),
    ("beacons asked", "100"),
    ("acknowledged and lost", "0"),
)
"""The beginning or an end of a line, and what is wanted there."""


def table(columns: dict[str, Column]) -> str:
    """The results as Markdown."""
    lines = []
    for name in next(iter(columns.values())).cells:
        goal = next((goal for part, goal in GOALS if part in name), "")
        lines.append((name, *(one.cells[name] for one in columns.values()), goal))
    return tables.rows(("", *(HEADS[name] for name in columns), "goal"), lines)


def sentence(name: str, column: Column, size: Size) -> str:
    """What stands in docs/operating.md of it."""
    asked = f"{size.classes:,} classes that open, play and log in {size.seconds:.0f} s"
    answered = f"are answered after {column.lasted:.0f} s, {column.rate:.0f} requests a second"
    pages = f"{column.openings:,.0f} session pages a second"
    return f"on two cores, with the callers on them too: {asked} {answered}; {pages}"


def main() -> None:
    """Measure, print, and write when asked to. Ends with 1 when something was lost or doubled."""
    parser = tables.parser_of(__doc__)
    parser.add_argument("--postgresql", action="store_true", help="two nodes on PostgreSQL as well")
    parser.add_argument("--only", choices=SITES, help="one of them, which is not written")
    parser.add_argument("--short", action="store_true", help="few schools, few seconds: to see that it works")
    arguments = parser.parse_args()
    size = SHORT if arguments.short else Size()
    names = [name for name in SITES if arguments.postgresql or name != "two-nodes"]
    columns: dict[str, Column] = {}
    for name in [arguments.only] if arguments.only else names:
        with SITES[name]() as site:
            columns[name] = measure(site, size)
        print(f"{HEADS[name]}: {columns[name].cells}", file=sys.stderr, flush=True)
    arguments.write = arguments.write and not arguments.only and not arguments.short
    tables.show("friday", table(columns), arguments)
    for name, column in columns.items():
        if arguments.write and name != "two-processes":
            tables.write_inline(f"bench: {name}", sentence(name, column, size), OPERATING)
    if faults := [f"{HEADS[name]}: {fault}" for name, column in columns.items() for fault in column.faults]:
        print("\n".join(["WRONG:", *faults[:50]]))
        sys.exit(1)


if __name__ == "__main__":
    main()
