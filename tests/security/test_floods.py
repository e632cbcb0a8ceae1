"""A flood of presses from one card or one sign-in: it stores nothing that is not real, and ends after a few seconds' worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.demo_site import MONDAY, OWN, STRANGE, TODAY, DemoSite
from tests.support.pages import PageClient
from wellness.app import create_app
from wellness.config import read_settings
from wellness.domain import GRADES
from wellness.records import plans, schools
from wellness.records.schema import viewing_ran

SLUG, PART, SECONDS = "four-square-breathing", "s4-2", 64
PRESSES, CARD = 40, 4


@pytest.fixture(autouse=True)
def planned(demo: DemoSite) -> None:
    """Four-square breathing is planned for everybody this week."""
    with demo.records.writing() as tx:
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, MONDAY, GRADES, SLUG, None, demo.clock())


@pytest.fixture
def strict(demo: DemoSite) -> DemoSite:
    """The demo with limits that a slow machine reaches within their ten seconds."""
    settings = read_settings({"WELLNESS_HOME": str(demo.home), "WELLNESS_PRESSES": str(PRESSES)})
    return DemoSite(demo.home, settings, demo.clock, create_app(settings, clock=demo.clock))


def beam(browser: PageClient, address: str, token: str, **changed: str) -> int:
    """Send a beacon; the status of the answer."""
    fields = {"slug": SLUG, "part": PART, "duration": str(SECONDS), "on_day": TODAY.isoformat(), "ranges": "0-8"}
    return browser.fetch(address, method="POST", data={**fields, **changed, "csrf_token": token}).status_code


def test_invented_parts_of_a_photographed_card_store_nothing(demo: DemoSite) -> None:
    """Each was a row that every later beacon read again: 700 of them, and another teacher's Done took 2.5 seconds."""
    browser, address = demo.browser(), f"/c/{demo.door().code}/ran"
    token, before = browser.any_token(), demo.dump()
    for number in range(40):
        assert beam(browser, address, token, part=f"q{number}", duration="1800") == 422
    assert demo.dump() == before
    assert [beam(browser, address, token, ranges=f"{second}-{second + 3}") for second in range(30)] == [204] * 30
    with demo.records.reading() as tx:
        here = select(viewing_ran.c.part, viewing_ran.c.ranges).where(viewing_ran.c.ranges == "0-32")
        assert [tuple(row) for row in tx.execute(here)] == [(PART, "0-32")]


def test_a_card_presses_as_fast_as_a_class_does_and_no_faster(strict: DemoSite) -> None:
    browser, code = strict.browser(), strict.door().code
    token = browser.any_token()
    statuses = [beam(browser, f"/c/{code}/ran", token, ranges=f"{n}-{n + 1}") for n in range(CARD + 3)]
    assert set(statuses[:CARD]) == {204} and set(statuses[CARD:]) == {429}
    for path in ("open", "log", "ran"):
        answer = browser.fetch(f"/c/{code}/{path}", method="POST", data={"csrf_token": token})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10"), path
    other = strict.door(STRANGE).code
    assert beam(browser, f"/c/{other}/ran", token, part="nothing") == 422, "another class's card is not stopped"
    assert browser.open(f"/c/{code}").heading == OWN, "reading goes on"


def test_one_sign_in_presses_as_fast_as_a_person_does_and_no_faster(strict: DemoSite) -> None:
    browser = strict.signed_in("teacher")
    token, address = browser.any_token(), f"/teach/classes/{strict.classroom().id}/ran"
    statuses = [beam(browser, address, token, part="nothing") for _ in range(PRESSES + 3)]
    assert statuses[0] == 422 and statuses[-1] == 429
    assert browser.fetch("/account/language", method="POST", data={"csrf_token": token}).status_code == 429
    colleague = strict.signed_in("teacher2")
    assert beam(colleague, f"/teach/classes/{strict.classroom(STRANGE).id}/ran", colleague.any_token(), part="x") == 422


def test_a_card_does_not_reach_into_a_week_that_is_over(demo: DemoSite) -> None:
    browser, address = demo.browser(), f"/c/{demo.door().code}/ran"
    token, before = browser.any_token(), demo.dump()
    for days in range(1, 8):
        day = MONDAY - timedelta(days=days)
        assert beam(browser, address, token, on_day=day.isoformat()) == 422
    assert demo.dump() == before
    assert beam(browser, address, token, on_day=MONDAY.isoformat()) == 204
