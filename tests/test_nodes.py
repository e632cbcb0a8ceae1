"""Two real servers with folders of their own, one PostgreSQL and one Redis: together they are one site."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.browser.school import COACH, FRIDAY, TEACHER, TEN_O_CLOCK
from tests.support.postgres import Server, postgres
from tests.support.processes import WELLNESS, environment, free_port, wait_until
from tests.support.redis_server import RedisServer, redis_server
from tests.support.scratch import CHECKOUT, changed
from tests.support.visitor import Visitor
from wellness.catalogue import Catalogue
from wellness.config import read_settings
from wellness.demo import list_demo_sessions, load_demo
from wellness.domain import PublicationAct, TextKey, TextKind
from wellness.library.files import Library
from wellness.library.sandbox import Sandbox
from wellness.media import MediaStore
from wellness.records import Records, drafts, open_records, people, publications
from wellness.records.schema import publication, viewing, viewing_change, viewing_ran
from wellness.school.accounts import hash_password
from wellness.web.http.rate_limits import WRONG_CODES

SLUG = "four-square-breathing"
TEXT = f"/coach/studio/sessions/{SLUG}"
SHOWN_WITHIN = 5.0
"""Seconds until a publication shows on every node."""


@dataclass(frozen=True, slots=True)
class District:
    """What the nodes share, and where they are."""

    database: Server
    counters: RedisServer
    homes: tuple[Path, Path]
    settings: dict[str, str]
    nodes: tuple[str, str]

    @contextmanager
    def records(self) -> Iterator[Records]:
        with closing(open_records(self.settings["RECORDS_URL"])) as opened:
            yield opened


def wellness(home: Path, settings: dict[str, str], *words: str) -> subprocess.Popen[str]:
    """A command of the program on one node, just started."""
    environ = environment(home, **settings)
    return subprocess.Popen([WELLNESS, *words], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def load(home: Path, settings: dict[str, str]) -> None:
    """The demo district as it stands on that Friday morning."""
    here = read_settings({**settings, "WELLNESS_HOME": str(home)})
    workshop = Sandbox()
    catalogue = Catalogue(here.catalogue, Library(here.library), workshop, MediaStore(here.media).list_facts)
    try:
        with closing(open_records(here.records_url)) as records:
            load_demo(records, FRIDAY, hash_password, list_demo_sessions(catalogue), TEN_O_CLOCK)
    finally:
        catalogue.release()
        workshop.close()


@contextmanager
def serving(home: Path, settings: dict[str, str]) -> Iterator[str]:
    """The node's address."""
    command = [sys.executable, "-m", "tests.browser.serve_at", str(home), str(free_port()), TEN_O_CLOCK.isoformat()]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment(home, **settings), stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address, (home / "log").read_text()
        yield address.rstrip("/")
        assert server.poll() is None, "it served to the end"
    finally:
        server.terminate()
        server.communicate()


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    homes = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    with ExitStack() as lives:
        database, counters = lives.enter_context(postgres(durable=True)), lives.enter_context(redis_server())
        settings = {
            "RECORDS_URL": database.make_database(),
            "RATE_LIMIT_URL": counters.url,
            "SECRET_KEY": "the-same-on-both-nodes-and-nowhere-else",
            "WELLNESS_PLAIN_HTTP": "1",
        }
        both = [wellness(home, settings, "init") for home in homes]  # at once, as two machines may be set up
        for made in both:
            _, said = made.communicate()
            assert made.returncode == 0, said
        load(homes[0], settings)
        nodes = [lives.enter_context(serving(home, settings)) for home in homes]
        yield District(database, counters, homes, settings, (nodes[0], nodes[1]))


@pytest.fixture
def coach(district: District) -> Visitor:
    visitor = Visitor()
    visitor.sign_in(district.nodes[0], COACH)
    return visitor


# --- One log ----------------------------------------------------------------------------------------------------------


def test_two_nodes_set_up_at_once_deliver_each_text_once(district: District) -> None:
    with district.records() as records, records.reading() as tx:
        acts = tx.execute(
            select(publication.c.kind, publication.c.slug, publication.c.language, publication.c.act)
        ).all()
    delivered = Counter((row.kind, row.slug, row.language) for row in acts if row.act == PublicationAct.DELIVERED)
    files = [
        path for path in (CHECKOUT / "content").glob("*/*.md") if path.parent.name in ("sessions", "training", "pages")
    ]
    assert set(delivered.values()) == {1}
    assert len(delivered) == len(files)


def test_a_publication_on_one_node_shows_on_the_other_within_five_seconds(district: District, coach: Visitor) -> None:
    first, second = district.nodes
    words = "Nobody has to speak today."
    assert words not in coach.open(f"{second}/sessions/{SLUG}").main
    page = coach.open(first + TEXT)
    area = page.by_id("body")
    assert area is not None
    body = (area.text or "").replace("Nobody is called on.", words)
    coach.submit(page, page.form(TEXT), body=body)
    page = coach.open(f"{first}{TEXT}/publish")
    form = next(form for form in page.all("form") if form.get("action") == f"{TEXT}/publish")
    coach.submit(page, form, go="now")
    published = time.monotonic()
    assert words in coach.open(f"{first}/sessions/{SLUG}").main
    wait_until(lambda: words in Visitor().open(f"{second}/sessions/{SLUG}").main)
    assert time.monotonic() - published < SHOWN_WITHIN
    assert words in (district.homes[1] / "library" / "sessions" / f"{SLUG}.md").read_text(encoding="utf-8")


def test_a_text_that_is_due_goes_live_once_although_both_nodes_look(district: District) -> None:
    key = TextKey(TextKind.SESSION, "body-scan")
    with district.records() as records:
        with records.writing() as tx:
            coach = people.find_person_by_email(tx, COACH)
            latest = publications.find_latest(tx, key)
            assert coach is not None
            assert latest is not None
            assert latest.text is not None
            text = changed(latest.text, ("title: Body scan", "title: Body scan in time"))
            drafts.put_draft(tx, key, text, base_revision=latest.revision, by=coach.id, at=TEN_O_CLOCK)
            drafts.set_publish_at(tx, key, TEN_O_CLOCK, coach.id)
        with ThreadPoolExecutor(16) as visitors:
            for _ in range(3):
                list(visitors.map(lambda node: Visitor().open(f"{node}/"), district.nodes * 8))
        wait_until(
            lambda: (
                {Visitor().open(f"{node}/sessions/body-scan").heading for node in district.nodes}
                == {"Body scan in time"}
            )
        )
        for home in district.homes:
            assert (home / "library" / "sessions" / "body-scan.md").read_text(encoding="utf-8") == text
        with records.reading() as tx:
            acts = [entry.act for entry in publications.list_history(tx, key)]
    assert acts == [PublicationAct.PUBLISHED, PublicationAct.DELIVERED]


@pytest.mark.parametrize(("node", "words"), [(0, "doctor"), (1, "check")])
def test_a_node_finds_itself_in_order(district: District, node: int, words: str) -> None:
    Visitor().open(f"{district.nodes[node]}/")
    ran = wellness(district.homes[node], district.settings, words)
    said, errors = ran.communicate()
    assert ran.returncode == 0, said + errors
    assert district.settings["SECRET_KEY"] not in said + errors


# --- One sign-in, one count -------------------------------------------------------------------------------------------


def test_a_sign_in_on_one_node_is_one_on_the_other_and_ends_on_both(district: District, coach: Visitor) -> None:
    first, second = district.nodes
    page = coach.open(f"{second}/coach/")
    assert page.path == f"{second}/coach/"
    coach.submit(page, page.form("/sign-out"))
    assert "/sign-in" in coach.open(f"{first}/coach/").path


def test_a_network_that_guesses_codes_on_one_node_is_refused_on_the_other(district: District) -> None:
    statuses = [
        Visitor().ask(f"{district.nodes[number % 2]}/c/AAAABBBB").status for number in range(WRONG_CODES.amount + 2)
    ]
    assert statuses == [404] * WRONG_CODES.amount + [429] * 2


# --- PostgreSQL restarts ----------------------------------------------------------------------------------------------

PRESSES = 25
"""Acknowledged presses between two restarts, on each way."""


class Presser:
    """Somebody who presses again and again, and remembers what was acknowledged."""

    def __init__(self, node: str) -> None:
        self.visitor = Visitor()
        self.visitor.sign_in(node, TEACHER)
        form = self.visitor.open(f"{node}/teach/").form("/sign-out")
        self.token = next(one.get("value", "") for one in form.iter() if one.get("name") == "csrf_token")
        self.acknowledged: list[int] = []
        self.refused: list[int] = []
        self.number = 0

    def press_on(self, address: str, fields: dict[str, str], stopped: threading.Event, most: int) -> None:
        """Press until `stopped`, each time with the next number from 1 to `most`, which then comes round again."""
        while not stopped.is_set():
            self.number = self.number % most + 1
            said = {name: value.format(self.number, self.number + 1) for name, value in fields.items()}
            page = self.visitor.press(address, [*said.items(), ("csrf_token", self.token)])
            if page.status in (303, 204):
                self.acknowledged.append(self.number)
            else:
                assert page.status == 503, page.main
                assert "nothing was saved" in page.main.lower() or "Check if it was saved" in page.main, page.main
                self.refused.append(self.number)


def test_postgresql_restarts_in_the_middle_and_nothing_acknowledged_is_lost(district: District) -> None:
    first, second = district.nodes
    beacons, outcomes = Presser(first), Presser(second)
    page = outcomes.visitor.open(f"{second}/teach/")
    classrooms = sorted({link.split("/")[3] for link in page.links() if link.startswith("/teach/classes/")})
    shown = {"slug": SLUG, "on_day": FRIDAY.isoformat()}
    beacon = {**shown, "part": "s4-2", "duration": "64", "ranges": "{}-{}"}
    outcome = {**shown, "outcome": "shortened", "minutes": "{}"}
    stopped = threading.Event()
    with ThreadPoolExecutor(2) as pressing:
        running = [
            pressing.submit(beacons.press_on, f"{first}/teach/classes/{classrooms[0]}/ran", beacon, stopped, 63),
            pressing.submit(outcomes.press_on, f"{second}/teach/classes/{classrooms[1]}/log", outcome, stopped, 180),
        ]
        try:
            for _ in range(3):
                wait_for_presses(running, beacons, outcomes)
                district.database.control("restart", "-m", "immediate")
            wait_for_presses(running, beacons, outcomes)
        finally:
            stopped.set()
        for ended in running:
            ended.result()

    assert beacons.refused or outcomes.refused, "a restart was noticed"
    with district.records() as records, records.reading() as tx:
        of_class = (viewing.c.classroom_id == classrooms[0]) & (viewing.c.on_day == FRIDAY) & (viewing.c.slug == SLUG)
        ran = tx.execute(select(viewing_ran.c.ranges).join(viewing).where(of_class)).scalar_one()
        here = (viewing_change.c.classroom_id == classrooms[1]) & (viewing_change.c.on_day == FRIDAY)
        kept = Counter(after["minutes"] for after in tx.execute(select(viewing_change.c.after).where(here)).scalars())
    seconds = {second for one in ran.split(",") for second in range(*map(int, one.split("-")))}
    assert set(beacons.acknowledged) <= seconds <= {*beacons.acknowledged, *beacons.refused}
    least, most = Counter(outcomes.acknowledged), Counter(outcomes.acknowledged + outcomes.refused)
    assert [minutes for minutes in range(1, 181) if not least[minutes] <= kept[minutes] <= most[minutes]] == []


def wait_for_presses(running: list[Future[None]], *pressers: Presser) -> None:
    """Return when each has had some more acknowledged; one that ended has something to say."""
    wanted = [len(presser.acknowledged) + PRESSES for presser in pressers]

    def is_enough() -> bool:
        return all(len(one.acknowledged) >= least for one, least in zip(pressers, wanted, strict=True))

    wait_until(lambda: is_enough() or any(one.done() for one in running))


def test_without_postgresql_sessions_are_shown_and_the_rest_says_why(district: District) -> None:
    teacher = Visitor()
    teacher.sign_in(district.nodes[0], TEACHER)
    district.database.control("stop", "-m", "immediate")
    try:
        for node in district.nodes:
            assert "Breath" in Visitor().open(f"{node}/sessions/{SLUG}").main
            page = teacher.ask(f"{node}/teach/")
            assert page.status == 503
            assert "The records aren’t responding, so this page can’t be shown right now." in page.main
            assert teacher.ask(f"{node}/healthz").status == 503
        refused = wellness(district.homes[0], district.settings, "serve")
        _, said = refused.communicate()
        assert refused.returncode == 1
        assert said.startswith("Error: The records can't be reached: PostgreSQL database test_0 at")
        assert len(said.splitlines()) == 1
    finally:
        district.database.control("start")
    for node in district.nodes:
        assert teacher.open(f"{node}/teach/").status == 200
