"""Public pages kept as they were made: the same for all, never somebody's, and never older than what they were made from."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from tests.demo_site import DemoSite
from tests.pages import Page, fields_of
from wellness.records import settings
from wellness.web.keeping import NAME, TOKEN
from wellness.web.kept import KeptPage, KeptPages

SESSION = "/sessions/four-square-breathing"


def page(size: int, until: float = float("inf")) -> KeptPage:
    return KeptPage(b"x" * size, b"", 'W/"x"', until)


def test_pages_made_from_something_else_are_forgotten() -> None:
    pages = KeptPages()
    assert pages.find("first", "/") is None
    pages.keep("first", "/", page(1))
    assert pages.find("first", "/") is not None
    assert pages.find("second", "/") is None
    assert pages.find("first", "/") is None
    pages.keep("second", "/", page(1))
    assert pages.find("first", "/") is None, "what was made from the state before is not kept for the present one"


def test_a_page_whose_time_is_over_is_made_again() -> None:
    pages = KeptPages()
    pages.find("mark", "/")
    pages.keep("mark", "/", page(1, until=0.0))
    assert pages.find("mark", "/") is None


def test_the_pages_not_asked_for_longest_are_forgotten_first() -> None:
    pages = KeptPages(most_bytes=300)
    pages.find("mark", "/")
    for key in ("a", "b", "c"):
        pages.keep("mark", key, page(100))
    assert pages.find("mark", "a") is not None
    pages.keep("mark", "d", page(100))
    assert [key for key in "abcd" if pages.find("mark", key) is not None] == ["a", "c", "d"]
    pages.keep("mark", "a", page(200))
    assert [key for key in "acd" if pages.find("mark", key) is not None] == ["a", "d"]
    pages.keep("mark", "large", page(301))
    assert pages.find("mark", "large") is None


def test_a_page_comes_compressed_to_who_takes_it_and_is_the_same(demo: DemoSite) -> None:
    client = demo.app.test_client()
    plain = client.get(SESSION, base_url="http://127.0.0.1")
    packed = client.get(SESSION, base_url="http://127.0.0.1", headers={"Accept-Encoding": "br, gzip"})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Language, Accept-Encoding"
    for answer in (plain, packed):
        again = client.get(SESSION, base_url="http://127.0.0.1", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    refused = client.get(SESSION, base_url="http://127.0.0.1", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_staff_get_their_own_name_and_token_on_a_kept_page(demo: DemoSite) -> None:
    teacher, other, coach = demo.signed_in("teacher"), demo.signed_in("teacher2"), demo.signed_in("coach")
    first, second, third = (browser.open(SESSION) for browser in (teacher, other, coach))
    for one, browser in ((first, teacher), (second, other), (third, coach)):
        assert NAME not in one.html
        assert TOKEN not in one.html
        assert one.headers["Cache-Control"] == "no-store"
        browser.submit(one.form("/sign-out"))
        assert browser.fetch("/teach/").status_code == 303, "the token on the page was the person's own"
    assert name_on(first) != name_on(second)
    assert "/coach/studio/" in third.html
    assert "/coach/" not in second.html
    assert "Sign out" not in demo.browser().open(SESSION).text


def name_on(shown: Page) -> str:
    return shown.html.split('class="staff-who"')[1].split("</svg>")[1].split("<")[0].strip()


def test_a_notice_is_shown_once_on_a_kept_page_too(demo: DemoSite) -> None:
    coach = demo.signed_in("coach")
    coach.open(SESSION)
    form = coach.open("/coach/plan").form("/coach/plan/days")
    typed = dict(fields_of(form)) | {"on_day": "2026-12-18", "reason": "Snow", "school_id": ""}
    assert coach.fetch("/coach/plan/days", method="POST", data=typed).status_code == 303
    assert "The day without school is noted." in coach.open(SESSION).text
    assert "The day without school is noted." not in coach.open(SESSION).text


@pytest.mark.parametrize("path", ["/", SESSION, "/help"])
def test_what_an_admin_sets_shows_on_pages_that_were_kept(demo: DemoSite, path: str) -> None:
    assert "Another name" not in demo.browser().open(path).text
    here = demo.app.extensions["wellness"]
    with here.records.writing() as tx:
        settings.save_settings(tx, replace(settings.load_settings(tx), site_name="Another name"))
    here.words = None
    assert "Another name" in demo.browser().open(path).text


def test_a_text_that_changed_shows_on_a_page_that_was_kept(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    assert "Kept and changed" not in demo.browser().open(SESSION).text
    file = demo.settings.library / "sessions" / "four-square-breathing.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Four-square breathing", "title: Kept and changed"), encoding="utf-8")
    demo.app.extensions["wellness"].catalogue.build()
    assert "Kept and changed" in demo.browser().open(SESSION).text
