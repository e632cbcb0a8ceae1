"""The log form of a class: what was planned on the chosen day, what is logged already, and a second entry in a week."""

from __future__ import annotations

import json
from datetime import date, timedelta
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import delete

from tests.support.demo_site import MONDAY, OWN, OWN_TOO, TODAY, DemoSite
from tests.support.pages import Page, PageClient
from tests.support.scratch import close_school
from wellness.domain import GRADES, Viewing, ViewingState, week_of
from wellness.records import calendars, plans, schools, week_summaries
from wellness.records.schema import viewing

THIS_WEEK, LAST_WEEK, OTHER = "four-square-breathing", "focus-before-a-test", "noticing-around-us"
LAST_FRIDAY = TODAY - timedelta(days=7)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def one_plan_for_all(demo: DemoSite) -> None:
    """Four-square breathing is planned for everybody this week; nothing was run. Last week is closed as planned."""
    with demo.records.writing() as tx:
        tx.execute(delete(viewing))
        week_summaries.rebuild(tx)
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, MONDAY, GRADES, THIS_WEEK, None, demo.clock())


def class_page(demo: DemoSite, browser: PageClient) -> Page:
    """The page of the teacher's class."""
    return browser.open(f"/teach/classes/{demo.classroom().id}")


def log(demo: DemoSite, browser: PageClient, status: int = 303, **typed: object) -> Page:
    """Log on the class's page how it went."""
    return browser.submit(class_page(demo, browser).form("/log"), status, **typed)


def logged(demo: DemoSite) -> list[tuple[str, date]]:
    """Session and day of what the class did in these two weeks."""
    found: list[Viewing] = demo.viewings(first=week_of(LAST_FRIDAY))
    return [(one.slug, one.on_day) for one in found if one.state is ViewingState.DELIVERED]


def question(page: Page) -> Element:
    """The form that asks about a second entry."""
    return next(form for form in page.find("section", id="second").iter() if form.tag == "form")


def undo_of(page: Page) -> Element:
    """The form that undoes the last entry."""
    return next(form for form in page.all("form") if "/undo/" in form.get("action", ""))


def test_another_day_records_the_session_planned_for_that_day(demo: DemoSite) -> None:
    page = log(demo, demo.signed_in("teacher"), outcome="done", on_day=LAST_FRIDAY.isoformat())
    assert logged(demo) == [(LAST_WEEK, LAST_FRIDAY)]
    title = demo.catalogue.get_session(LAST_WEEK, demo.person("teacher").language).title
    assert f"{title} · Friday, November 13" in page.main
    assert "counts as a different session" not in page.main


def test_the_page_knows_what_was_planned_for_each_week_that_can_be_logged(demo: DemoSite) -> None:
    page = class_page(demo, demo.signed_in("teacher"))
    planned = json.loads(next(one for one in page.all("p") if one.get("data-planned")).get("data-planned", ""))
    assert planned[MONDAY.isoformat()] == "Four-square breathing"
    assert planned[week_of(LAST_FRIDAY).isoformat()] == "Steady before a test"
    assert "2026-11-23" not in planned, "next week cannot be logged yet"


def test_a_different_session_is_called_one_and_the_plan_stays(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = log(demo, browser, outcome="done", slug=OTHER, minutes="9")
    assert (
        f"{OWN}: Four-square breathing was planned for that week, so this counts as a different session." in page.main
    )
    assert "Different session Nov 20, 9 min" in page.main
    assert "Different session Nov 20, 9 min" in browser.open("/teach/").main


def test_logged_classes_are_shown_as_logged_with_the_day(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    log(demo, browser, outcome="shortened", on_day=TUESDAY.isoformat())
    page = browser.open("/teach/")
    labels = page.texts("label")
    assert f"{OWN} Shortened, Nov 17" in labels
    assert OWN_TOO in labels, "nothing is logged for the other class"


@pytest.mark.parametrize("from_page", ["the class", "my classes"])
@pytest.mark.parametrize(("pressed", "kept"), [("again", [TUESDAY, TODAY]), ("instead", [TODAY])])
def test_a_second_session_in_a_week_asks_first(demo: DemoSite, from_page: str, pressed: str, kept: list[date]) -> None:
    browser = demo.signed_in("teacher")
    log(demo, browser, outcome="done", on_day=TUESDAY.isoformat())
    before = demo.dump()
    if from_page == "the class":
        asked = log(demo, browser, 422, outcome="shortened", minutes="4")
    else:
        classes = browser.open("/teach/").form("/teach/log")
        asked = browser.submit(classes, 422, outcome="shortened", minutes="4", classroom_id=[demo.classroom().id])
    assert "does this replace the first one?" in asked.main
    assert f"{OWN} already has Four-square breathing for that week: Done, Tuesday, November 17." in asked.main
    assert demo.dump() == before

    page = browser.submit(question(asked), second=pressed)
    assert [on_day for _, on_day in logged(demo)] == kept
    assert demo.viewings()[-1].minutes == 4
    if pressed == "instead":
        assert f"This replaces the previous answer. {OWN}: Done, Nov 17" in page.main
        cell = demo.signed_in("coach").open(f"/coach/cells/{demo.classroom().id}/{MONDAY}")
        assert any("Replaced by another entry" in row for row in cell.rows())
    browser.submit(undo_of(page))
    assert logged(demo) == [(THIS_WEEK, TUESDAY)], "as it was before"
    with demo.records.reading() as tx:
        assert list(week_summaries.list_disagreements(tx)) == []


def test_a_replaced_session_that_ran_stays_as_started(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    browser.submit(class_page(demo, browser).form(f"/open/{THIS_WEEK}"))
    log(demo, browser, outcome="done")
    asked = log(demo, browser, 422, outcome="done", slug=OTHER)
    page = browser.submit(question(asked), second="instead")
    states = {one.slug: one.state for one in demo.viewings()}
    assert states == {THIS_WEEK: ViewingState.OPENED, OTHER: ViewingState.DELIVERED}
    browser.submit(undo_of(page))
    assert {one.slug: one.state for one in demo.viewings()} == {THIS_WEEK: ViewingState.DELIVERED}


def test_undoing_a_replacement_is_refused_when_it_was_logged_again_since(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    log(demo, browser, outcome="done", on_day=TUESDAY.isoformat())
    asked = log(demo, browser, 422, outcome="done", slug=OTHER)
    page = browser.submit(question(asked), second="instead")
    coach = demo.signed_in("coach")
    asked = log(demo, coach, 422, outcome="shortened", on_day=TUESDAY.isoformat())
    coach.submit(question(asked), second="again")
    before = demo.dump()
    browser.submit(undo_of(page), 409)
    assert demo.dump() == before


def test_a_session_that_was_not_done_asks_nothing_when_it_is_done_later(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    log(demo, browser, outcome="not-done", reason="drill", on_day=TUESDAY.isoformat())
    log(demo, browser, outcome="done")
    assert logged(demo) == [(THIS_WEEK, TODAY)]


# --- Days without school ----------------------------------------------------------------------------------------------


def no_school(page: Page) -> Element:
    """The form that asks whether the class met on a day without school."""
    return next(form for form in page.find("section", id="no-school").iter() if form.tag == "form")


@pytest.mark.parametrize(("day", "said"), [(TODAY - timedelta(days=6), "Weekend"), (TUESDAY, "Break")])
def test_a_day_without_school_is_asked_about_once(demo: DemoSite, day: date, said: str) -> None:
    """Done was saved for the Friday after Thanksgiving, and for Sundays, without a word."""
    with demo.records.writing() as tx:
        close_school(tx, [demo.classroom().school_id], TUESDAY)
    browser = demo.signed_in("teacher")
    page = log(demo, browser, 422, outcome="done", slug=OTHER, on_day=day.isoformat(), minutes="9")
    assert said in page.main and "Did the class meet on that day?" in page.main
    assert logged(demo) == []
    browser.submit(no_school(page), met_anyway="yes")
    assert logged(demo) == [(OTHER, day)]


def test_a_session_that_was_not_done_needs_no_question(demo: DemoSite) -> None:
    page = log(
        demo, demo.signed_in("teacher"), outcome="not-done", reason="weather or no school",
        on_day=(TODAY - timedelta(days=6)).isoformat(),
    )  # fmt: skip
    assert "Saved." in page.main


def test_a_day_outside_the_school_year_is_refused(demo: DemoSite) -> None:
    """It was taken and stood in no report."""
    with demo.records.writing() as tx:
        classroom = demo.classroom()
        calendar = calendars.load_calendar(tx, classroom)
    before = calendar.first_on - timedelta(days=3)
    demo.clock.go(days=-(TODAY - calendar.first_on).days)
    page = log(demo, demo.signed_in("teacher"), 422, outcome="done", slug=OTHER, on_day=before.isoformat())
    assert page.beside("on_day") == "That day is outside the school year."
