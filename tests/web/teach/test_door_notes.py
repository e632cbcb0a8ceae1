"""A door card never replaces what staff logged: it is kept beside it, to use or to dismiss."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest

from tests.support.demo_site import OWN, TODAY, DemoSite
from tests.support.pages import Page, PageClient
from wellness.domain import EnteredRole, NotDoneReason, ViewingState
from wellness.records import week_summaries


def at_door(demo: DemoSite, browser: PageClient, **pressed: str) -> Page:
    """Answer at the door of the class."""
    page = browser.open(f"/c/{demo.door().code}")
    return browser.submit(page.form("/log"), **pressed)


def log(demo: DemoSite, browser: PageClient, **typed: str) -> Page:
    """Answer on the class's page."""
    page = browser.open(f"/teach/classes/{demo.classroom().id}")
    return browser.submit(page.form("/log"), **typed)


def card_form(page: Page) -> Element:
    """The form that answers a door note."""
    return next(form for form in page.all("form") if "/card/" in form.get("action", ""))


def outcomes_of(demo: DemoSite) -> list[tuple[ViewingState, NotDoneReason | None, EnteredRole]]:
    """What is logged for the class this week."""
    return [(one.state, one.reason, one.entered_role) for one in demo.viewings()]


@pytest.fixture
def noted(demo: DemoSite) -> DemoSite:
    """A teacher logged Done, then the card said that there was a drill."""
    log(demo, demo.signed_in("teacher"), outcome="done")
    page = at_door(demo, demo.browser(), outcome="not-done", reason="drill")
    assert "Passed on to the teacher." in page.main
    return demo


def test_the_card_replaces_nothing_and_the_teacher_sees_what_it_says(noted: DemoSite) -> None:
    assert outcomes_of(noted) == [(ViewingState.DELIVERED, None, EnteredRole.TEACHER)]
    teacher = noted.signed_in("teacher")
    for address in ("/teach/", f"/teach/classes/{noted.classroom().id}"):
        main = teacher.open(address).main
        assert "The door card says otherwise: Not done: drill." in main
        assert "Friday, November 20, entered Nov 20, 10:00" in main


def test_the_teacher_uses_it_and_can_undo_that(noted: DemoSite) -> None:
    teacher = noted.signed_in("teacher")
    page = teacher.submit(card_form(teacher.open("/teach/")), answer="use")
    assert f"Not done: drill: {OWN}" in page.main and "says otherwise" not in page.main
    assert outcomes_of(noted) == [(ViewingState.NOT_DONE, NotDoneReason.DRILL, EnteredRole.TEACHER)]
    teacher.submit(next(form for form in page.all("form") if "/undo/" in form.get("action", "")))
    assert outcomes_of(noted) == [(ViewingState.DELIVERED, None, EnteredRole.TEACHER)]
    with noted.records.reading() as tx:
        assert list(week_summaries.list_disagreements(tx)) == []


def test_the_teacher_dismisses_it_once(noted: DemoSite) -> None:
    teacher = noted.signed_in("teacher")
    form = card_form(teacher.open("/teach/"))
    assert "says otherwise" not in teacher.submit(form, answer="dismiss").main
    assert outcomes_of(noted) == [(ViewingState.DELIVERED, None, EnteredRole.TEACHER)]
    assert "Somebody has answered this already." in teacher.submit(form, 404, answer="use").main


def test_a_second_note_of_the_week_replaces_the_first(noted: DemoSite) -> None:
    at_door(noted, noted.browser(), outcome="not-done", reason="testing")
    main = noted.signed_in("teacher").open("/teach/").main
    assert main.count("says otherwise") == 1 and "Not done: testing" in main


def test_a_card_that_agrees_leaves_no_note(demo: DemoSite) -> None:
    log(demo, demo.signed_in("coach"), outcome="done")
    assert "That was already recorded." in at_door(demo, demo.browser(), outcome="done").main
    assert "says otherwise" not in demo.signed_in("teacher").open("/teach/").main


def test_a_card_has_one_answer_a_week(demo: DemoSite) -> None:
    demo.clock.go(days=-1)
    at_door(demo, demo.browser(), outcome="done")
    demo.clock.go(days=1)
    at_door(demo, demo.browser(), outcome="shortened")
    assert [one.on_day for one in demo.viewings()] == [TODAY]
    assert [one.on_day for one in demo.viewings(last=TODAY - timedelta(days=1))] == []


def test_a_card_cannot_log_more_minutes_than_the_session_takes(demo: DemoSite) -> None:
    at_door(demo, demo.browser(), outcome="done", minutes="180")
    (viewing,) = demo.viewings()
    assert viewing.minutes is not None and viewing.minutes < 20
