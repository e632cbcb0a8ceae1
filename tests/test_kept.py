"""Public pages kept as they were made: the same for all, never somebody's, and never older than what they were made from."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from tests.demo_site import DemoSite
from tests.pages import Page, fields_of
from wellness.records import settings
from wellness.web.keeping import NAME, TOKEN
from wellness.web.kept import Address, KeptPage, KeptPages, Reader

SESSION = "/sessions/four-square-breathing"


def page(size: int, until: float = float("inf")) -> KeptPage:
    return KeptPage(b"x" * size, b"", 'W/"x"', until)


def at(path: str) -> Address:
    return "http", "localhost", "", path, ""


ANYBODY: Reader = ("en", "")


def test_pages_made_from_something_else_are_forgotten() -> None:
    pages = KeptPages()
    assert pages.find("first", at("/"), ANYBODY) is None
    pages.keep("first", at("/"), ANYBODY, page(1))
    assert pages.find("first", at("/"), ANYBODY) is not None
    assert pages.find("second", at("/"), ANYBODY) is None
    assert pages.find("first", at("/"), ANYBODY) is None
    pages.keep("second", at("/"), ANYBODY, page(1))
    assert pages.find("first", at("/"), ANYBODY) is None, "what was made from the state before is not kept for this one"
    assert not pages.knows(at("/"))


def test_a_page_whose_time_is_over_is_made_again() -> None:
    pages = KeptPages()
    pages.find("mark", at("/"), ANYBODY)
    pages.keep("mark", at("/"), ANYBODY, page(1, until=0.0))
    assert pages.find("mark", at("/"), ANYBODY) is None


def test_the_pages_not_asked_for_longest_are_forgotten_first() -> None:
    pages = KeptPages(most_bytes=300)
    pages.find("mark", at("/"), ANYBODY)
    for key in ("a", "b", "c"):
        pages.keep("mark", at(key), ANYBODY, page(100))
    assert pages.find("mark", at("a"), ANYBODY) is not None
    pages.keep("mark", at("d"), ANYBODY, page(100))
    assert [key for key in "abcd" if pages.find("mark", at(key), ANYBODY) is not None] == ["a", "c", "d"]
    pages.keep("mark", at("a"), ANYBODY, page(200))
    assert [key for key in "acd" if pages.find("mark", at(key), ANYBODY) is not None] == ["a", "d"]
    assert [key for key in "abcd" if pages.knows(at(key))] == ["a", "d"]
    pages.keep("mark", at("large"), ANYBODY, page(301))
    assert pages.find("mark", at("large"), ANYBODY) is None


def test_an_address_is_known_while_a_page_is_kept_there_for_anybody() -> None:
    pages = KeptPages(most_bytes=200)
    pages.find("mark", at("/"), ANYBODY)
    pages.keep("mark", at("/"), ANYBODY, page(100))
    pages.keep("mark", at("/"), ("es", "coach"), page(100))
    pages.keep("mark", at("/other"), ANYBODY, page(100))
    assert pages.find("mark", at("/"), ANYBODY) is None
    assert pages.knows(at("/")), "it is kept for a coach still"
    pages.forget()
    assert not pages.knows(at("/"))
    assert not pages.knows(at("/other"))


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
