"""Guessing at the sign-in: one answer, slower each time, and nobody else is locked out by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from werkzeug.test import TestResponse

from tests.support.demo_site import DemoSite
from tests.support.pages import PageClient
from wellness.app import create_app
from wellness.demo import PASSWORD
from wellness.records import people
from wellness.school import accounts

EMAIL = "teacher@demo.test"
WRONG = "not the password"
KNOWN = "__Host-wellness-known"


@pytest.mark.parametrize("email", [EMAIL, "nobody@demo.test"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(demo: DemoSite, email: str) -> None:
    page = demo.browser().sign_in(email, WRONG, 422)
    assert "That email and password don’t match." in page.beside("password")
    assert page.find("input", name="email").get("value") == email, "what was typed stays"
    assert page.find("input", name="password").get("value", "") == "", "a password is never sent back"
    assert page.main.replace(email, "") == demo.browser().sign_in("else@demo.test", WRONG, 422).main


def test_a_closed_account_gets_that_answer_too(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        people.close_account(tx, demo.person("teacher").id)
    assert "That email and password don’t match." in demo.browser().sign_in(EMAIL, PASSWORD, 422).beside("password")


def test_after_five_wrong_passwords_even_the_right_one_waits(demo: DemoSite) -> None:
    browser = demo.browser()
    for _ in range(5):
        browser.sign_in(EMAIL, WRONG, 422)
    assert "Please wait" in browser.sign_in(EMAIL, PASSWORD, 429).beside("password")

    again = create_app(demo.settings, clock=demo.clock)
    restarted = DemoSite(demo.home, demo.settings, demo.clock, again)
    restarted.browser().sign_in(EMAIL, PASSWORD, 429)
    restarted.close()

    demo.browser().sign_in("coach@demo.test", PASSWORD)
    demo.clock.go(seconds=4)
    assert browser.sign_in(EMAIL, PASSWORD).heading == "My classes"


def test_a_network_that_guesses_has_to_wait_and_whoever_is_known_or_elsewhere_does_not(demo: DemoSite) -> None:
    """Of an IPv6 address 64 bits are the network: who has one address there has them all."""
    own = from_network(demo, "2001:db8:1:2::7")
    page = own.sign_in(EMAIL, PASSWORD)
    own.submit(page.form("/sign-out"))
    statuses = []
    for n in range(61):
        browser = from_network(demo, f"2001:db8:1:2::{n:x}")
        statuses.append(attempt(browser, browser.any_token(), f"{n}@demo.test", WRONG).status_code)
        if n in (3, 30):  # a whole district signs in through one address: right ones are not counted
            browser.sign_in("coach@demo.test", PASSWORD)
    assert statuses == [422] * 60 + [429]
    # Twenty Chromebooks that forget their cookies are new each morning: one student kept all of them out.
    assert from_network(demo, "2001:db8:1:2::99").sign_in("admin@demo.test", PASSWORD).status == 200
    assert own.sign_in(EMAIL, PASSWORD).heading == "My classes"
    for elsewhere in ("2001:db8:1:3::99", "203.0.113.9"):
        assert from_network(demo, elsewhere).sign_in("admin@demo.test", PASSWORD).status == 200


# --- A browser that is known ------------------------------------------------------------------------------------------


def test_strangers_who_guess_do_not_lock_the_person_out_of_her_own_browser(demo: DemoSite) -> None:
    own = demo.browser()
    page = own.sign_in(EMAIL, PASSWORD)
    own.submit(page.form("/sign-out"))
    for _ in range(5):
        demo.browser().sign_in(EMAIL, WRONG, 422)
    demo.browser().sign_in(EMAIL, PASSWORD, 429)
    assert own.sign_in(EMAIL, PASSWORD).heading == "My classes"
    demo.browser().sign_in(EMAIL, PASSWORD, 429)  # her own sign-in does not help who guesses


def test_a_known_browser_waits_for_its_own_wrong_tries(demo: DemoSite) -> None:
    stolen = demo.browser()
    page = stolen.sign_in(EMAIL, PASSWORD)
    stolen.submit(page.form("/sign-out"))
    for _ in range(5):
        stolen.sign_in(EMAIL, WRONG, 422)
    stolen.sign_in(EMAIL, PASSWORD, 429)
    assert demo.browser().sign_in(EMAIL, PASSWORD).heading == "My classes", "and nobody else does"


def test_a_browser_is_known_for_the_one_who_signed_in_and_cannot_make_it_up(demo: DemoSite) -> None:
    own = demo.browser()
    own.sign_in("coach@demo.test", PASSWORD)
    known = own.http.get_cookie(KNOWN)
    assert known is not None
    for _ in range(5):
        demo.browser().sign_in(EMAIL, WRONG, 422)
    name, seal = known.value.split(".")
    for made_up in (known.value, name, f"{name}.", f".{seal}", f"x.{seal}", f"{name}.{seal[:-1]}0", "é.é", "." * 9, ""):
        browser = demo.browser()
        browser.http.set_cookie(KNOWN, made_up)
        browser.sign_in(EMAIL, PASSWORD, 429)


def test_what_a_known_browser_keeps_says_nothing_about_the_person(demo: DemoSite) -> None:
    browser = demo.browser()
    answer = attempt(browser, browser.any_token(), EMAIL, PASSWORD)
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{KNOWN}="))
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= parts
    assert not any(part.startswith("Domain") for part in parts)
    other = demo.browser()
    again = attempt(other, other.any_token(), EMAIL, PASSWORD)
    assert cookie.split(";")[0] not in str(again.headers), "two browsers of one person are not alike"
    assert "Set-Cookie" not in demo.browser().fetch("/").headers
    failed = attempt(other, other.any_token(), EMAIL, WRONG)
    assert KNOWN not in str(failed.headers)


def test_a_public_page_is_the_same_for_a_browser_that_is_only_known(demo: DemoSite) -> None:
    browser = demo.browser()
    browser.http.set_cookie(KNOWN, "some.thing")
    answer = browser.fetch("/")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "cookie" not in answer.headers.get("Vary", "").lower()


# --- Nothing to read off ----------------------------------------------------------------------------------------------


def test_an_unknown_name_costs_what_a_wrong_password_costs_from_the_first_try_on(
    demo: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A duration would be measured in vain on a busy machine; what takes the time is the work with the hash."""
    done: list[str] = []
    for name in ("verify", "hash"):
        original = getattr(PasswordHasher, name)
        monkeypatch.setattr(PasswordHasher, name, noting(name, original, done))
    costs = {}
    for email in (EMAIL, "nobody@demo.test", "x@" + "y" * 190):
        accounts._dummy_hash.cache_clear()  # as after a start
        done.clear()
        demo.browser().sign_in(email, WRONG, 422)
        costs[email] = list(done)
    assert set(map(tuple, costs.values())) == {("hash", "verify")}


def noting(name: str, original: Callable[..., object], done: list[str]) -> Callable[..., object]:
    """The library's own function, which also says that it was called."""

    def call(*arguments: object, **named: object) -> object:
        done.append(name)
        return original(*arguments, **named)

    return call


def attempt(browser: PageClient, token: str, email: str, password: str) -> TestResponse:
    """One try, without looking at the page."""
    return browser.fetch("/sign-in", method="POST", data={"csrf_token": token, "email": email, "password": password})


def from_network(demo: DemoSite, address: str) -> PageClient:
    """A browser that comes from an address of its own."""
    browser = demo.browser()
    browser.http.environ_base["REMOTE_ADDR"] = address
    return browser
