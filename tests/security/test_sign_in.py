"""Guessing at the sign-in: one answer, slower each time, and nobody else is locked out by it."""

from __future__ import annotations

import pytest

from tests.demo_site import DemoSite
from wellness.app import create_app
from wellness.demo import PASSWORD
from wellness.records import people

EMAIL = "teacher@demo.test"
WRONG = "not the password"


@pytest.mark.parametrize("email", [EMAIL, "nobody@demo.test"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(demo: DemoSite, email: str) -> None:
    page = demo.browser().sign_in(email, WRONG, 422)
    assert "do not go together" in page.beside("password")
    assert page.find("input", name="email").get("value") == email, "what was typed stays"
    assert page.find("input", name="password").get("value", "") == "", "a password is never sent back"
    assert page.main.replace(email, "") == demo.browser().sign_in("else@demo.test", WRONG, 422).main


def test_a_closed_account_gets_that_answer_too(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        people.deactivate(tx, demo.person("teacher").id)
    assert "do not go together" in demo.browser().sign_in(EMAIL, PASSWORD, 422).beside("password")


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


def test_one_network_may_try_sixty_times_a_minute(demo: DemoSite) -> None:
    browser = demo.browser()
    token = browser.any_token()
    statuses = [
        browser.fetch("/sign-in", method="POST", data={"csrf_token": token, "email": f"{n}@demo.test"}).status_code
        for n in range(61)
    ]
    assert statuses == [422] * 60 + [429]
