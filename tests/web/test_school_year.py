"""A school year through the pages, on each engine: setup in July, a snow day, a replanned week, June and the next year.

Last year's numbers stay what they were in June, whatever is done in September.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.demo_site import Clock, DemoSite
from tests.support.pages import Page, PageClient, fields_of
from tests.support.scratch import ENGINES
from wellness.app import create_app
from wellness.config import read_settings
from wellness.demo import PASSWORD
from wellness.domain import Role
from wellness.instance import init_instance
from wellness.records import people
from wellness.school.accounts import hash_password

FIRST, SECOND, OTHER = "four-square-breathing", "body-scan", "noticing-around-us"
FIRST_WEEK, SNOW_WEEK = date(2026, 9, 14), date(2026, 9, 21)
TURN = "/admin/years/turn"


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DemoSite]:
    """A new site with its first admin, on a day in July."""
    (tmp_path / "records").mkdir()
    url = ENGINES[request.param](tmp_path / "records")
    settings = read_settings({"WELLNESS_HOME": str(tmp_path / "instance"), "RECORDS_URL": url})
    init_instance(settings, lambda _line: None)
    clock = Clock(at("2026-07-10"))
    made = DemoSite(settings.home, settings, clock, create_app(settings, clock=clock))
    with made.records.writing() as tx:
        hashed = hash_password(PASSWORD)
        people.add_person(
            tx, email="admin@demo.test", name="Ada Admin", role=Role.ADMIN, password_hash=hashed, at=clock()
        )
        people.add_person(
            tx, email="tess@demo.test", name="Tess Teacher", role=Role.TEACHER, password_hash=hashed, at=clock()
        )
    yield made
    made.close()


def at(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZoneInfo("America/New_York"))


def post_form(page: Page, path: str, **typed: Any) -> dict[str, Any]:
    """The fields of the form that is posted to an address with that path, with what is typed."""
    form = next(one for one in page.all("form", method="post") if one.get("action", "").partition("?")[0] == path)
    data: dict[str, Any] = {"": form.get("action", "")}
    for name, value in fields_of(form):
        data.setdefault(name, []).append(value)
    return {**data, **typed}


def fill(browser: PageClient, page: Page, path: str, status: int = 303, **typed: Any) -> Page:
    """Type into the form of the page that is posted to that path, and press."""
    data = post_form(page, path, **typed)
    return browser.send(data.pop(""), data, status)


def add_class(admin: PageClient, name: str, school: str, teachers: list[str]) -> None:
    fill(
        admin, admin.open("/admin/"), "/admin/classes",
        name=name, school_id=school, grade="7", size="24", teacher_ids=teachers,
    )  # fmt: skip


def plan(admin: PageClient, school: str, week_on: date, slug: str) -> None:
    page = admin.open("/coach/plan")
    fill(admin, page, "/coach/plan", week_on=week_on.isoformat(), slug=slug, grades=["7"], school_ids=[school])


def reported(admin: PageClient, year: str) -> tuple[str, str]:
    """The report of a year: its page below the choice of the year, and its CSV."""
    page = admin.open(f"/coach/reports?year={year}")
    return page.main.partition(" weeks)")[2], admin.fetch(f"/coach/reports.csv?year={year}").text


def test_a_school_year_and_the_next_one(site: DemoSite) -> None:
    admin = site.signed_in("admin")
    fill(admin, admin.open("/admin/"), "/admin/schools", name="Juniper Middle School")
    days = {"starts_on": "2026-08-17", "ends_on": "2027-06-04"}
    fill(admin, admin.open("/admin/"), "/admin/years", name="2026-27", **days)
    page = admin.open("/admin/")
    school = next(one.get("value", "") for one in page.find("select", name="school_id") if one.get("value"))
    year = next(link.split("/")[-1] for link in page.links() if link.startswith("/admin/years/") and link != TURN)
    tess = site.person("tess").id

    site.clock.at = at("2026-08-20")
    admin = site.signed_in("admin")
    add_class(admin, "Advisory 7-1", school, [tess])
    add_class(admin, "Advisory 7-2", school, [])
    page = admin.open("/coach/calendar")
    off = {"first_on": "2026-11-25", "last_on": "2026-11-27", "reason": "Thanksgiving break"}
    fill(admin, page, "/coach/calendar", **off)
    plan(admin, school, FIRST_WEEK, FIRST)
    plan(admin, school, SNOW_WEEK, SECOND)

    site.clock.at = at("2026-09-18")
    log_done(site, "Advisory 7-1")
    site.clock.at = at("2026-09-25", hour=7)
    admin = site.signed_in("admin")
    page = fill(admin, admin.open("/coach/calendar"), "/coach/calendar", 422, first_on="2026-09-25", reason="Snow day")
    fill(admin, page, "/coach/calendar", first_on="2026-09-25", reason="Snow day", decision="leave out")

    site.clock.at = at("2026-09-29")
    admin = site.signed_in("admin")
    before = reported(admin, year)
    asked = f"/coach/plan/past?week_on={FIRST_WEEK}&slug={OTHER}&grades=7&school_ids={school}"
    page = admin.open(asked)
    assert "will read “Different session”" in page.main
    fill(admin, page, "/coach/plan/past", reason="We switched sessions after the assembly.")
    assert reported(admin, year) != before, "an amendment is the one thing that changes a past week"

    site.clock.at = at("2027-01-11")
    admin = site.signed_in("admin")
    before = reported(admin, year)
    add_class(admin, "Advisory 7-3", school, [])
    assert [line for line in reported(admin, year)[1].splitlines() if "2026-09" in line] == [
        line for line in before[1].splitlines() if "2026-09" in line
    ], "a class of January was not expected in September"

    site.clock.at = at("2027-06-10")
    admin = site.signed_in("admin")
    in_june = reported(admin, year)
    assert "We switched sessions after the assembly." in in_june[0]
    fill_turn(admin, school)
    page = admin.open(f"/admin/?year={next_year_id(admin, year)}")
    assert [row[0] for row in page.rows() if row[0].startswith("Advisory")] == [
        "Advisory 7-1", "Advisory 7-2", "Advisory 7-3",
    ]  # fmt: skip
    assert reported(admin, year) == in_june, "turning the year over changes nothing of the old one"

    site.clock.at = at("2027-09-17")
    assert "Advisory 7-1" in site.signed_in("tess").open("/teach/").main
    log_done(site, "Advisory 7-1")
    admin = site.signed_in("admin")
    grid = admin.open("/coach/").main
    assert "2027-28" in grid and "Advisory 7-3" in grid
    assert "Done" in " ".join(*(row for row in admin.open("/coach/").rows() if row[0].startswith("Advisory 7-1")))
    assert reported(admin, year) == in_june, "last year’s report is what it was in June"
    assert reported(admin, next_year_id(admin, year))[1] != in_june[1]


def log_done(site: DemoSite, name: str) -> None:
    """The teacher says that the class did what was planned."""
    teacher = site.signed_in("tess")
    heads = (head for head in teacher.open("/teach/").all("h2", class_="class-name"))
    link = next(one for head in heads for one in head.iter("a") if one.text == name)
    page = teacher.submit(teacher.open(link.get("href", "")).form("/log"), outcome="done")
    assert "Saved." in page.text


def fill_turn(admin: PageClient, school: str) -> None:
    """Turn the year over with the plan, after looking at the preview."""
    page = admin.open(TURN)
    page = fill(admin, page, TURN, 200, see="1", plan=[school])
    assert "3 classes will be created." in page.main and "Advisory 7-2 has no teacher yet." in page.main
    page = fill(admin, page, TURN)
    assert "The school year, with its days and terms" in page.main


def next_year_id(admin: PageClient, year: str) -> str:
    found = (link.split("/")[-1] for link in admin.open("/admin/").links() if link.startswith("/admin/years/"))
    return next(one for one in found if one not in (year, "turn"))
