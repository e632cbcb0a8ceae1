"""Guessing class codes: who guesses learns nothing after a few tries, and the classes of the school go on."""

from __future__ import annotations

import time
from hashlib import sha256

from sqlalchemy import update

from tests.support.demo_site import OWN, STRANGE, DemoSite
from tests.support.pages import PageClient
from wellness.records import door_cards
from wellness.records.schema import door
from wellness.web.http.rate_limits import SLOWLY, USED_LATELY, WRONG_CODES

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


def test_a_card_that_nobody_used_yet_opens_after_others_guessed(demo: DemoSite) -> None:
    """It was refused after a hundred, and that is the card of a substitute who comes for the first time."""
    browser = demo.browser()
    guess(browser, WRONG_CODES.amount)
    began = time.monotonic()
    guess(browser, 3 * SLOWLY.amount)
    assert time.monotonic() - began > 1, "guessing is slow"
    began = time.monotonic()
    assert browser.open(f"/c/{demo.door().code}").heading == OWN
    assert time.monotonic() - began < 3


def test_a_card_printed_before_the_longer_codes_still_opens(demo: DemoSite) -> None:
    older = "SF1JF4Q3"
    with demo.records.writing() as tx:
        values = {"code": older, "code_digest": sha256(older.encode()).hexdigest()}
        tx.execute(update(door).where(door.c.id == demo.door().id).values(**values))
    assert demo.browser().open("/c/sf1j-f4q3").heading == OWN
    assert "SF1J-F4Q3" in demo.signed_in("teacher").open(f"/teach/classes/{demo.classroom().id}/door").text


def test_the_classes_of_a_network_that_guesses_go_on_with_the_cards_they_used(demo: DemoSite) -> None:
    browser = demo.browser()
    browser.open(f"/c/{demo.door().code}")
    guess(browser, WRONG_CODES.amount + SLOWLY.amount)
    assert browser.open(f"/c/{demo.door().code}").status == 200
    browser.submit(browser.open(f"/c/{demo.door().code}").form("/log"), outcome="done")
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


def test_a_day_of_guessing_finds_a_code_with_less_than_a_chance_in_a_hundred_thousand() -> None:
    """Twice the limit can be had across the edge of its window."""
    tries = 2 * SLOWLY.amount * 24 * 60 * 60 / SLOWLY.seconds
    assert tries * LIVE_CODES / CODES < 1e-5
    assert USED_LATELY.seconds > 7 * 24 * 60 * 60


def guess(browser: PageClient, times: int) -> None:
    """So many wrong codes."""
    for n in range(times):
        assert browser.fetch(f"/c/WRNG{n:04}").status_code in (404, 429)
