"""Guessing class codes: who guesses learns nothing after a few tries, and the classes of the school go on."""

from __future__ import annotations

from tests.support.demo_site import OWN, OWN_TOO, STRANGE, DemoSite
from tests.support.pages import PageClient
from wellness.records import door_cards
from wellness.web.http.rate_limits import GUESSES, USED_LATELY, WRONG_CODES

LIVE_CODES = 2_000
CODES = len(door_cards.ALPHABET) ** door_cards.CODE_LENGTH


def test_after_twenty_wrong_codes_a_network_waits_but_right_codes_still_open(demo: DemoSite) -> None:
    browser = demo.browser()
    statuses = [browser.fetch(f"/c/WRONG{n:03}").status_code for n in range(25)]
    assert statuses == [404] * 20 + [429] * 5
    page = browser.open("/c/ANOTHER2", 429)
    assert "Too many tries from this network." in page.main
    assert page.headers["Retry-After"] == "60"
    assert browser.open(f"/c/{demo.door().code}").heading == OWN


def test_who_goes_on_guessing_is_told_the_same_of_a_right_code_as_of_a_wrong_one(demo: DemoSite) -> None:
    """With the first limit alone a right code among thousands still opened, and so stood out."""
    code = demo.door().code
    browser = demo.browser()
    guess(browser, GUESSES.amount)
    wrong, right = (browser.fetch(f"/c/{one}") for one in ("ANOTHER2", code))
    assert (wrong.status_code, right.status_code) == (429, 429)
    assert wrong.text.replace("ANOTHER2", code) == right.text
    assert dict(wrong.headers) == dict(right.headers)
    browser.open(f"/c/{code}/present", 429)


def test_the_classes_of_a_network_that_guesses_go_on_with_the_cards_they_used(demo: DemoSite) -> None:
    browser = demo.browser()
    browser.open(f"/c/{demo.door().code}")
    guess(browser, GUESSES.amount + 30)
    assert browser.open(f"/c/{demo.door().code}").status == 200
    browser.submit(browser.open(f"/c/{demo.door().code}").form("/log"), outcome="done")
    browser.open(f"/c/{demo.door(OWN_TOO).code}", 429)
    other = demo.browser()
    other.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    other.open(f"/c/{demo.door(STRANGE).code}")


def test_one_line_of_the_newer_internet_is_one_network(demo: DemoSite) -> None:
    statuses = []
    for n in range(WRONG_CODES.amount + 5):
        browser = demo.browser()
        browser.http.environ_base["REMOTE_ADDR"] = f"2001:db8::{n:x}:1"
        statuses.append(browser.fetch(f"/c/WRONG{n:03}").status_code)
    assert statuses == [404] * WRONG_CODES.amount + [429] * 5


def test_a_day_of_guessing_finds_a_code_with_less_than_a_chance_in_a_thousand() -> None:
    """Twice the limit a minute can be had across the edge of its window."""
    tries = 2 * GUESSES.amount * 24 * 60
    assert tries * LIVE_CODES / CODES < 1e-3
    assert WRONG_CODES.amount < GUESSES.amount
    assert USED_LATELY.seconds > 7 * 24 * 60 * 60


def guess(browser: PageClient, times: int) -> None:
    """So many wrong codes."""
    for n in range(times):
        assert browser.fetch(f"/c/WRNG{n:04}").status_code in (404, 429)
