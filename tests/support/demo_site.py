"""A whole site to test the pages on: a real instance with the demo district, on a clock that stands still."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests.support.pages import PageClient
from tests.support.scratch import copy_instance
from wellness.app import create_app
from wellness.catalogue import Catalogue
from wellness.config import Settings, read_settings
from wellness.demo import list_demo_sessions, load_demo
from wellness.demo.district import DOMAIN
from wellness.domain import Classroom, DoorCard, Language, Person, Viewing
from wellness.instance import init_instance
from wellness.records import Records, classrooms, door_cards, open_records, people, schools, sign_ins, viewings
from wellness.records.schema import metadata
from wellness.school.accounts import hash_password

TODAY = date(2026, 11, 20)
"""A Friday in the fall semester; the Thanksgiving break begins on the next Wednesday."""
MONDAY = TODAY - timedelta(days=4)
TEN_O_CLOCK = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""Friday, ten in the morning in New York."""

OWN = "Advisory 7-1"
"""A class of the demo's first teacher, who has said nothing yet about this week's session."""
OWN_TOO = "Health 6, Period 2"
OWN_THIRD = "Health 8, Period 5"
STRANGE = "Room 104"
"""A class of the second teacher, in the other school."""
COVERED = "Room 103"
"""A class without a teacher: substitutes run it."""


class Clock:
    """The instant of the site; a test moves it."""

    def __init__(self, at: datetime = TEN_O_CLOCK) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def go(self, **later: float) -> None:
        """Let time pass: `go(days=3)`."""
        self.at += timedelta(**later)


@dataclass(slots=True)
class DemoSite:
    """One instance of its own, its application and its clock."""

    home: Path
    settings: Settings
    clock: Clock
    app: Flask

    @property
    def records(self) -> Records:
        """The records the pages use."""
        opened: Records = self.app.extensions["wellness"].records
        return opened

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue the pages use."""
        catalogue: Catalogue = self.app.extensions["wellness"].catalogue
        return catalogue

    def browser(self) -> PageClient:
        """A browser without a cookie."""
        return PageClient(self.app)

    def signed_in(self, key: str) -> PageClient:
        """A browser of a person (`teacher`, `coach`…) who has signed in before."""
        browser, person = self.browser(), self.person(key)
        with self.records.writing() as tx:
            sign_in = sign_ins.start_sign_in(tx, person.id, self.clock())
        with browser.http.session_transaction() as cookie:
            cookie.update(_user_id=sign_in, _fresh=True)
        return browser

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of the records, to see whether anything was changed."""
        with self.records.reading() as tx:
            return {
                table.name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr)
                for table in metadata.sorted_tables
            }

    def person(self, key: str) -> Person:
        """Somebody of the staff."""
        with self.records.reading() as tx:
            found = people.find_person_by_email(tx, key + DOMAIN)
        assert found is not None
        return found

    def classrooms(self) -> list[Classroom]:
        """Every class of the year."""
        with self.records.reading() as tx:
            year = schools.find_nearest_year(tx, TODAY)
            assert year is not None
            return classrooms.list_classrooms(tx, year_id=year.id, on_day=TODAY)

    def classroom(self, name: str = OWN) -> Classroom:
        """The class of that name."""
        return next(classroom for classroom in self.classrooms() if classroom.name == name)

    def door(self, name: str = OWN) -> DoorCard:
        """The class's door card."""
        with self.records.reading() as tx:
            found = door_cards.door_of(tx, self.classroom(name).id)
        assert found is not None
        return found

    def viewings(self, name: str = OWN, first: date = MONDAY, last: date = TODAY) -> list[Viewing]:
        """The class's viewings of this week, or of other days."""
        with self.records.reading() as tx:
            return viewings.list_viewings(tx, first=first, last=last, classroom_ids=[self.classroom(name).id])

    def use_hasty_records(self, busy_timeout: float = 0.1) -> None:
        """Let the pages wait only that long for a lock, so that a test does not."""
        here = self.app.extensions["wellness"]
        here.records.close()
        here.records = open_records(self.settings.records_url, busy_timeout=busy_timeout)

    def close(self) -> None:
        """Close what is open."""
        self.app.extensions["wellness"].close()


def build_home(home: Path) -> None:
    """Make an instance with the demo district as it stands on the morning of TODAY."""
    settings = _settings(home)
    init_instance(settings, lambda line: None)
    app = create_app(settings, clock=Clock())
    here = app.extensions["wellness"]
    here.catalogue.refresh()
    modules = here.catalogue.list_modules(Language.EN)
    load_demo(here.records, TODAY, hash_password, list_demo_sessions(here.catalogue), TEN_O_CLOCK, modules)
    here.close()


def empty_site(folder: Path) -> DemoSite:
    """A site as `wellness init` leaves it: sessions to read, and nobody there."""
    settings, clock = _settings(folder / "instance"), Clock()
    init_instance(settings, lambda line: None)
    return DemoSite(settings.home, settings, clock, create_app(settings, clock=clock))


def open_copy(ready: Path, home: Path, *, own_library: bool = False) -> DemoSite:
    """A site of one's own, copied from one that was built. The library is shared unless a test is going to edit it."""
    home.mkdir()
    for name in ("records.db", "catalogue.db", "secret-key"):
        shutil.copy2(ready / name, home / name)
    if own_library:
        shutil.copytree(ready / "library", home / "library")
    else:
        (home / "library").symlink_to(ready / "library")
    copy_instance(ready / "media", home / "media")
    settings, clock = _settings(home), Clock()
    return DemoSite(home, settings, clock, create_app(settings, clock=clock))


def _settings(home: Path) -> Settings:
    return read_settings({"WELLNESS_HOME": str(home), "WELLNESS_PRESSES": "1000000"})
