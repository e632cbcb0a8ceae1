"""What goes wrong says so: the right status, whether anything was saved, what to do, and an id that is in the log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.demo_site import OWN, TODAY, DemoSite
from tests.support.pages import Page, PageClient
from wellness.demo import PASSWORD
from wellness.demo.district import CONTACTS
from wellness.domain import ViewingState
from wellness.errors import Uncertain
from wellness.records.database.engines import sqlite_module
from wellness.web.public import pages as public_pages


@contextmanager
def locked(demo: DemoSite) -> Iterator[None]:
    """Another process is writing and does not end."""
    demo.use_hasty_records()
    other = sqlite_module().connect(str(demo.home / "records.db"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def say_done(demo: DemoSite, browser: PageClient, status: int = 303) -> Page:
    """Press Done for the class on its page."""
    page = browser.open(f"/teach/classes/{demo.classroom().id}")
    return browser.submit(page.form("/log"), status, outcome="done")


def reference_of(page: Page) -> str:
    found = re.search(r"include this code: ([0-9a-f]{8})", page.main)
    assert found is not None, page.main
    return found[1]


def test_while_the_records_are_locked_nothing_is_saved_and_the_press_works_afterwards(
    demo: DemoSite, caplog: pytest.LogCaptureFixture
) -> None:
    browser, before = demo.signed_in("teacher"), demo.dump()
    with locked(demo):
        page = say_done(demo, browser, 503)
        assert "The site is busy, so nothing was saved. Try again in a moment." in page.main
        assert "Try again in a moment." in page.main
        browser.open("/teach/")
        assert demo.browser().open("/").heading == "This week"
    assert reference_of(page) in caplog.text
    assert demo.dump() == before
    assert "Saved." in say_done(demo, browser).main
    assert [viewing.state for viewing in demo.viewings()] == [ViewingState.DELIVERED]


def test_nobody_is_signed_in_while_the_records_are_locked(demo: DemoSite) -> None:
    with locked(demo):
        demo.browser().sign_in("teacher@demo.test", PASSWORD, 503)
    assert demo.browser().sign_in("teacher@demo.test", PASSWORD).heading == "My classes"


def test_on_a_full_disk_nothing_is_saved_reading_goes_on_and_it_recovers(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    with demo.records.writing() as tx:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))
    before, last = demo.dump(), None
    lesson = {"on_day": TODAY.isoformat(), "minutes": "20", "curriculum": "Health " * 14}
    for number in range(200):
        answer = browser.fetch(
            f"/teach/classes/{demo.classroom().id}/outside",
            method="POST",
            data={**lesson, "title": f"Lesson {number} {'x' * 80}", "csrf_token": browser.any_token()},
        )
        if answer.status_code != 303:
            last = Page("/outside", answer.status_code, answer.headers, answer.get_data(as_text=True))
            break
        before = demo.dump()
    assert last is not None and last.status == 507
    assert "The disk is full, so nothing was saved." in last.main
    assert demo.dump() == before
    browser.open("/teach/")
    with demo.records.writing() as tx:
        tx.execute(text("PRAGMA max_page_count = 1000000"))
    say_done(demo, browser)


def test_an_error_nobody_foresaw_shows_its_id_and_nothing_of_the_program(
    demo: DemoSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(public_pages, "MINUTES", property())
    monkeypatch.setattr(demo.catalogue, "find_session", None)
    page = demo.browser().open("/", 500)
    assert page.heading == "Something went wrong on our end"
    assert reference_of(page) in caplog.text
    assert "Traceback" in caplog.text
    for word in ("Traceback", "TypeError", "wellness/", "browse.py", "site-packages"):
        assert word not in page.html


def test_healthz_says_when_the_records_or_the_catalogue_do_not_answer(demo: DemoSite) -> None:
    browser = demo.browser()
    answer = browser.fetch("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
    demo.records.close()
    (demo.home / "records.db").rename(demo.home / "away.db")
    assert browser.fetch("/healthz").status_code == 503
    (demo.home / "away.db").rename(demo.home / "records.db")
    assert browser.fetch("/healthz").status_code == 200


def test_while_the_records_are_away_sessions_are_shown_and_staff_are_told_why(demo: DemoSite) -> None:
    teacher = demo.signed_in("teacher")
    teacher.open("/teach/")
    demo.records.close()
    (demo.home / "records.db").rename(demo.home / "away.db")
    demo.app.extensions["wellness"].words_read_at = -3600.0
    for browser in (teacher, demo.browser()):
        assert browser.open("/sessions/body-scan").heading == "Body scan"
        assert CONTACTS[0].name in browser.open("/help").main, "what was read before"
    page = teacher.open("/teach/", 503)
    assert "The records aren’t responding, so this page can’t be shown right now." in page.main
    (demo.home / "away.db").rename(demo.home / "records.db")
    teacher.open("/teach/")


@pytest.mark.parametrize(
    ("method", "address", "options", "status", "said"),
    [
        ("GET", "/nothing-here", {}, 404, "We couldn’t find that page"),
        ("GET", "/sessions/nope", {}, 404, "There’s no session at this address."),
        ("POST", "/", {"csrf": True}, 405, "That address can’t be used that way"),
        ("POST", "/sign-in", {"data": {"email": "x"}}, 400, "the page was open too long"),
        ("POST", "/sign-in", {"csrf": True, "data": {"email": "x" * 2_000_000}}, 413, "That’s too large"),
    ],
)
def test_every_refusal_is_a_page_that_says_what_to_do(
    demo: DemoSite, method: str, address: str, options: dict[str, Any], status: int, said: str
) -> None:
    browser = demo.browser()
    if options.pop("csrf", False):
        options["headers"] = {"X-CSRFToken": browser.any_token()}
    page = browser.open(address, status, method=method, **options)
    assert said.lower() in page.main.lower()
    assert ("Nothing was saved." in page.main) is (method == "POST" and status != 405)
    assert {"/", "/sessions/", "/help"} <= set(page.links())


def test_what_may_or_may_not_be_saved_is_not_called_unsaved(demo: DemoSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records are on a server that was lost while it was saving (tests/records/test_postgresql.py)."""

    @contextmanager
    def lost() -> Iterator[None]:
        raise Uncertain("The records stopped answering just as this was being saved.")
        yield

    browser = demo.signed_in("teacher")
    form = browser.open(f"/teach/classes/{demo.classroom().id}").form("/log")
    monkeypatch.setattr(demo.records, "writing", lost)
    page = browser.submit(form, 503, outcome="done")
    assert "The records stopped answering just as this was being saved." in page.main
    assert "Nothing was saved" not in page.main


def test_an_error_page_is_in_the_readers_language(demo: DemoSite) -> None:
    page = demo.browser().open("/sessions/nope?lang=es", 404)
    assert page.root.get("lang") == "es"
    assert "/sessions/?lang=es" in page.links()


def test_the_log_holds_no_password_no_code_and_no_cookie(demo: DemoSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser, code = demo.browser(), demo.door().code
    browser.sign_in("teacher@demo.test", "my secret words", 422)
    browser.sign_in("teacher@demo.test", PASSWORD)
    cookie = browser.http.get_cookie("__Host-wellness")
    assert cookie is not None
    browser.open(f"/c/{code}")
    with locked(demo):
        demo.browser().sign_in("coach@demo.test", PASSWORD, 503)
        demo.browser().sign_in("coach@demo.test", "my secret words", 503)
        say_done(demo, browser, 503)
        door = demo.browser()
        door.submit(door.open(f"/c/{code}").form("/open"), 503)
    door.open("/c/AAAABBBB", 404, headers={"User-Agent": "evil ERROR made up", "X-Forwarded-For": "203.0.113.9"})
    assert caplog.text.count("error ") >= 4
    for secret in (
        PASSWORD,
        "my secret words",
        code,
        cookie.value,
        "AAAABBBB",
        "teacher@demo.test",
        "203.0.113.9",
        OWN,
    ):
        assert secret not in caplog.text, secret
