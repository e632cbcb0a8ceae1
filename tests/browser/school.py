"""The demo school on Friday, 20 November 2026, at ten in the morning: its instance, its server, its browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response

from tests.browser.serve_at import FORWARD
from tests.support.postgres import fresh_postgresql
from wellness.catalogue import Catalogue
from wellness.config import Settings, read_settings
from wellness.demo import PASSWORD, list_demo_sessions, load_demo
from wellness.domain import Language
from wellness.instance import init_instance
from wellness.library.files import Library
from wellness.library.sandbox import Sandbox
from wellness.media import MediaStore
from wellness.records import Records, classrooms, door_cards, open_records, schools
from wellness.records.database import copy
from wellness.school.accounts import hash_password

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 16)
TEN_O_CLOCK = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("America/New_York"))

TEACHER, COACH, ADMIN = "teacher@demo.test", "coach@demo.test", "admin@demo.test"
DEADLINE = 60_000
"""Milliseconds to wait for something on a page: long, because the machine may be busy."""

LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
CHROMEBOOK = {"width": 1366, "height": 768}
PROJECTOR = {"width": 1920, "height": 1080}


# --- The instance and its server


def make_instance(home: Path) -> None:
    """A new instance with the demo school as it stands on that Friday morning."""
    settings = read_settings({"WELLNESS_HOME": str(home)})
    init_instance(settings, lambda _line: None)
    workshop = Sandbox()
    catalogue = Catalogue(
        settings.catalogue, Library(settings.library), workshop, MediaStore(settings.media).list_facts
    )
    records = open_records(settings.records_url)
    try:
        catalogue.refresh()
        modules = catalogue.list_modules(Language.EN)
        load_demo(records, FRIDAY, hash_password, list_demo_sessions(catalogue), TEN_O_CLOCK, modules)
    finally:
        catalogue.release()
        workshop.close()
        records.close()


@dataclass(frozen=True, slots=True)
class Site:
    """A running site."""

    home: Path
    address: str
    records_url: str = ""

    @property
    def settings(self) -> Settings:
        return read_settings({"WELLNESS_HOME": str(self.home), "RECORDS_URL": self.records_url})

    @contextmanager
    def records(self) -> Iterator[Records]:
        """The same records that the server has open."""
        records = open_records(self.settings.records_url)
        try:
            yield records
        finally:
            records.close()

    def classroom_id(self, name: str) -> str:
        with self.records() as records, records.reading() as tx:
            year = schools.find_nearest_year(tx, FRIDAY)
            assert year is not None
            return next(
                room.id for room in classrooms.list_classrooms(tx, year_id=year.id, on_day=FRIDAY) if room.name == name
            )

    def put_clock_forward(self, seconds: float) -> None:
        """The server's clock goes on from so many seconds later than it was started with."""
        new = self.home / "clock.new"
        new.write_text(str(seconds))
        new.replace(self.home / FORWARD)

    def door_code(self, name: str) -> str:
        """The code as it stands on the card."""
        classroom_id = self.classroom_id(name)
        with self.records() as records, records.reading() as tx:
            door = door_cards.door_of(tx, classroom_id)
        assert door is not None, f"{name} has a door card"
        return door_cards.show_code(door.code)


@contextmanager
def serve(home: Path, records_url: str = "") -> Iterator[Site]:
    """The instance served by a process of its own until the block ends; its records may be elsewhere."""
    command = [sys.executable, "-m", "tests.browser.serve_at", str(home), str(_free_port()), TEN_O_CLOCK.isoformat()]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("WELLNESS_", "RECORDS_"))}
    environ |= {"RECORDS_URL": records_url, "WELLNESS_PRESSES": "1000000"}
    log = home / "server.log"
    with log.open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environ)
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        assert address, f"the server did not start: {log.read_text()}"
        yield Site(home, address.rstrip("/"), records_url)
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def move_to_postgresql(home: Path) -> str:
    """The address of the instance's records, which are on PostgreSQL now and nowhere else; gone when the test is over."""
    there = fresh_postgresql()
    with (
        closing(open_records(f"sqlite:///{home / 'records.db'}")) as source,
        closing(open_records(there)) as target,
        source.reading() as reading,
        target.writing() as writing,
    ):
        copy.copy_all(reading, writing, lambda _one: None)
    for file in home.glob("records.db*"):
        file.unlink()
    return there


# --- The browser


def launch(playwright: Playwright) -> Browser:
    """Chromium: the one in CHROMIUM, else an installed one, else Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return playwright.chromium.launch(executable_path=found, args=LAUNCH)


class Watch:
    """What a context's pages complained about: console errors, script errors, requests that leave the site."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.refused_pages: set[str] = set()
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("request", self._note_request)
        context.on("response", self._note_response)

    def _note_console(self, message: ConsoleMessage) -> None:
        """Chromium also logs pages that answer 404 or 422, and requests while the network is away: both are meant."""
        if message.type != "error":
            return
        is_refusal = message.location["url"] in self.refused_pages
        if "ERR_INTERNET_DISCONNECTED" not in message.text and not is_refusal:
            self.complaints.append(f"console: {message.text} at {message.location['url']}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", "blob:")):
            self.complaints.append(f"another host: {request.url}")

    def _note_response(self, response: Response) -> None:
        is_answer = response.status in (400, 409, 422)  # to a script that goes on with it: a stale token, two texts
        if response.status >= 400 and (is_answer or response.request.is_navigation_request()):
            self.refused_pages.add(response.url)


def sign_in(page: Page, email: str) -> None:
    """Through the sign-in page, as a person does."""
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/teach/"))
