"""A small site served by a real process that may be killed, and callers who press as substitutes at class doors do."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select

from tests.support.instances import make_instance, settings_of
from tests.support.processes import environment, free_port
from tests.support.scratch import CHECKOUT, FRIDAY, MONDAY, NOON
from wellness.domain import NotDoneReason
from wellness.records import classrooms, door_cards, open_records, plans, schools, week_summaries
from wellness.records.schema import viewing, viewing_change, viewing_ran

PART, DURATION = "s4-1", 60
Answer = tuple[int, str, str]


def make_busy_instance(home: Path) -> list[str]:
    """An instance where every class has a door and does `feet` this week; returns the codes."""
    make_instance(home)
    records = open_records(settings_of(home).records_url)
    codes = []
    with records.writing() as tx:
        year = schools.find_nearest_year(tx, FRIDAY)
        assert year is not None
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, MONDAY, ("6",), "feet", None, NOON)
        for room in classrooms.list_classrooms(tx, year_id=year.id, on_day=FRIDAY):
            codes.append(door_cards.issue_door_card(tx, room.id, NOON).code)
    records.close()
    return codes


# --- The server -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Server:
    """The site in a process of its own, at Friday noon of the tests."""

    home: Path
    port: int
    process: subprocess.Popen[str]
    seconds: float = 0.0
    """How long it took until it answered."""

    def kill(self) -> None:
        """End it at once, as the kernel does when memory runs out."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it politely, if it still runs."""
        self.process.terminate()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_server(home: Path, port: int | None = None, **environ: str) -> Server:
    """The server, once a page was answered."""
    port = port or free_port()
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.serve_at", str(home), str(port), NOON.isoformat()],
        cwd=CHECKOUT, env=environment(home, **environ), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    server, caller = Server(home, port, process), Caller(port)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http"), "the server did not start"
        assert caller.get("/sessions/")[0] == 200
    except BaseException:
        server.stop()
        raise
    finally:
        caller.close()
    server.seconds = time.monotonic() - begun
    return server


@contextmanager
def served(home: Path, **environ: str) -> Iterator[Server]:
    """The server until the block ends."""
    server = start_server(home, **environ)
    try:
        yield server
    finally:
        server.stop()


# --- Callers ----------------------------------------------------------------------------------------------------------


class Gone(Exception):
    """The server went away before it answered: whether it was saved cannot be said."""


class Caller:
    """One browser: it keeps its cookie, its token and its connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token = ""
        self._cookie = ""
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Status, page and where it leads."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form with the token."""
        return self._ask("POST", path, urlencode({**fields, "csrf_token": self.token}))

    def enter(self, code: str) -> None:
        """Open the class's door, which gives the token."""
        page = self.get(f"/c/{code}")[1]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None, page[:2000]
        self.token = found[1]

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": self._cookie} if self._cookie else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Gone from error
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.split(";")[0]
        return answer.status, text, answer.headers.get("Location", "")


ANSWERS = (
    *({"outcome": "done", "minutes": str(minutes)} for minutes in (1, 2, 3)),
    *({"outcome": "shortened", "minutes": str(minutes)} for minutes in (1, 2, 3)),
    *({"outcome": "not-done", "reason": reason.value} for reason in NotDoneReason),
)


def press(caller: Caller, code: str, number: int) -> Answer:
    """Say how it went, each time otherwise than the times before: a card's minutes end with those of the session."""
    fields = ANSWERS[number % len(ANSWERS)] | {"on_day": FRIDAY.isoformat(), "slug": "feet"}
    return caller.post(f"/c/{code}/log", **fields)


def beam(caller: Caller, code: str, number: int) -> Answer:
    """Say that one second more of the video ran."""
    second = number % DURATION
    ran = {"ranges": f"{second}-{second + 1}", "duration": str(DURATION), "part": PART, "slug": "feet"}
    return caller.post(f"/c/{code}/ran", on_day=FRIDAY.isoformat(), **ran)


@dataclass(slots=True)
class Acknowledged:
    """What the callers were told is saved, by the code of the class: seconds of the video, and presses by their batch.

    `unknown` counts what was sent and not answered before the server went away: each may be there or not.
    """

    seconds: dict[str, set[int]]
    batches: dict[str, list[str]]
    unknown: int = 0
    refused: list[Answer] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How much was acknowledged."""
        return sum(map(len, self.seconds.values())) + sum(map(len, self.batches.values()))


class Friday:
    """Callers at every door who beam and press as quickly as they are answered, over many lives of the server."""

    def __init__(self, home: Path, codes: list[str]) -> None:
        self.home = home
        self.codes = codes
        self.saved = Acknowledged({code: set() for code in codes}, {code: [] for code in codes})
        self._numbers = Counter[str]()
        self._lock = threading.Lock()

    def run_until_killed(self, server: Server, after: int) -> None:
        """Let them all call, kill the server after that many more acknowledgements, and wait until all have noticed."""
        goal = threading.Event()
        wanted = self.saved.count + after
        threads = [
            threading.Thread(target=self._call, args=(server.port, code, what, goal, wanted))
            for code in self.codes
            for what in ("press", "beam")
        ]
        for thread in threads:
            thread.start()
        assert goal.wait(timeout=60), "nobody was answered"
        server.kill()
        for thread in threads:
            thread.join()

    def _call(self, port: int, code: str, what: str, goal: threading.Event, wanted: int) -> None:
        caller = Caller(port)
        try:
            caller.enter(code)
            while True:
                self.call_once(caller, code, what)
                if self.saved.count >= wanted:
                    goal.set()
        except Gone:
            goal.set()
        finally:
            caller.close()

    def call_once(self, caller: Caller, code: str, what: str) -> int:
        """One press or beacon; returns the status. Raises Gone when no answer came."""
        with self._lock:
            self._numbers[code + what] += 1
            number = self._numbers[code + what]
        try:
            status, page, leads_to = press(caller, code, number) if what == "press" else beam(caller, code, number)
        except Gone:
            with self._lock:
                self.saved.unknown += 1
            raise
        with self._lock:
            if status == 303:
                self.saved.batches[code].append(leads_to.split("logged=")[1])
            elif status == 204:
                self.saved.seconds[code].add(number % DURATION)
            else:
                self.saved.refused.append((status, page, leads_to))
        return status

    def find_faults(self) -> list[str]:
        """What was acknowledged and is not there, or there twice, or there and neither acknowledged nor unknown."""
        records = open_records(settings_of(self.home).records_url)
        faults, there = records.find_damage(thorough=True), 0
        with records.reading() as tx:
            for code in self.codes:
                door = door_cards.find_door_card(tx, code, FRIDAY)
                assert door is not None
                mine = (viewing_change.c.classroom_id == door.classroom_id, viewing.c.classroom_id == door.classroom_id)
                batches = Counter(tx.execute(select(viewing_change.c.batch_id).where(mine[0])).scalars())
                told = tx.execute(select(viewing_ran.c.ranges).join(viewing).where(mine[1])).scalars().all()
                seconds = {second for text in told for first, end in ranges_of(text) for second in range(first, end)}
                faults += [f"{code}: lost press {one}" for one in self.saved.batches[code] if one not in batches]
                faults += [f"{code}: doubled press {one}" for one, times in batches.items() if times > 1]
                faults += [f"{code}: lost second {one}" for one in self.saved.seconds[code] - seconds]
                there += len(batches) + len(seconds)
            faults += [f"{one}: week {day} does not add up" for one, day in week_summaries.list_disagreements(tx)]
        records.close()
        if not self.saved.count <= there <= self.saved.count + self.saved.unknown:
            faults.append(f"{there} are there, {self.saved.count} acknowledged, {self.saved.unknown} unknown")
        return faults


def ranges_of(text: str) -> list[tuple[int, int]]:
    """The seconds as they are written in the records."""
    return [(int(first), int(end)) for first, end in re.findall(r"(\d+)-(\d+)", text)]


def some(seed: int, least: int, most: int) -> int:
    """A number that is another each time and the same for each seed."""
    return random.Random(seed).randint(least, most)
