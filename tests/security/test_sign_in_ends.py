"""A stolen or planted cookie, and what ends a sign-in: the very next request is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.demo_site import DemoSite
from wellness.demo import PASSWORD
from wellness.domain import EVERYWHERE, Person, Role
from wellness.records import Writing, people

EMAIL = "teacher@demo.test"


def test_signing_in_changes_the_cookie_and_a_planted_one_is_worth_nothing(demo: DemoSite) -> None:
    browser = demo.browser()
    known_token = browser.any_token()
    planted = _cookie(browser.http)
    browser.sign_in(EMAIL, PASSWORD)
    assert _cookie(browser.http) != planted
    answer = browser.fetch("/sign-out", method="POST", data={"csrf_token": known_token})
    assert answer.status_code == 400, "a token from before the sign-in is worth nothing after it"
    assert not _is_signed_in(demo, planted)
    assert _is_signed_in(demo, _cookie(browser.http))


def test_signing_out_ends_the_cookie_everywhere(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.sign_in(EMAIL, PASSWORD)
    stolen = _cookie(browser.http)
    page = browser.submit(page.form("/sign-out"))
    assert page.heading == "This week"
    assert not page.all("form", action="/sign-out")
    assert not _is_signed_in(demo, stolen)


ENDS: dict[str, Callable[[Writing, Person], object]] = {
    "another password": lambda tx, person: people.set_password_hash(tx, person.id, "!"),
    "another role": lambda tx, person: people.set_role(tx, person.id, Role.COACH, EVERYWHERE),
    "a closed account": lambda tx, person: people.close_account(tx, person.id),
    "a removed account": lambda tx, person: people.remove_person(tx, person.id),
}


@pytest.mark.parametrize("why", ENDS)
def test_every_sign_in_ends_at_once_with(demo: DemoSite, why: str) -> None:
    browser, other = demo.signed_in("teacher"), demo.signed_in("coach")
    browser.open("/teach/")
    person = demo.person("teacher")
    with demo.records.writing() as tx:
        ENDS[why](tx, person)
    assert browser.fetch("/teach/").location == "/sign-in?next=/teach/"
    assert browser.open("/").status == 200
    other.open("/teach/")


@pytest.mark.parametrize(("hours", "is_used", "ends"), [(11, False, False), (13, False, True), (11, True, False)])
def test_a_sign_in_ends_after_half_a_day_without_use(demo: DemoSite, hours: int, is_used: bool, ends: bool) -> None:
    browser = demo.signed_in("teacher")
    demo.clock.go(hours=hours)
    if is_used:
        browser.open("/teach/")
        demo.clock.go(hours=hours)
    assert (browser.fetch("/teach/").status_code == 303) is ends


def test_a_sign_in_ends_after_a_week_however_much_it_is_used(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    for _ in range(15):
        demo.clock.go(hours=11)
        assert browser.fetch("/teach/").status_code == 200
    demo.clock.go(hours=4)
    assert browser.fetch("/teach/").status_code == 303


def test_a_new_sign_in_ends_the_one_before_in_the_same_browser(demo: DemoSite) -> None:
    browser, elsewhere = demo.browser(), demo.signed_in("teacher")
    browser.sign_in(EMAIL, PASSWORD)
    before = _cookie(browser.http)
    token = browser.any_token()
    data = {"csrf_token": token, "email": "coach@demo.test", "password": PASSWORD}
    assert browser.fetch("/sign-in", method="POST", data=data).status_code == 303
    assert not _is_signed_in(demo, before)
    assert _is_signed_in(demo, _cookie(browser.http))
    elsewhere.open("/teach/")


def test_who_asks_stays_signed_in_for_thirty_days_on_this_device(demo: DemoSite) -> None:
    kept, usual = demo.browser(), demo.browser()
    for browser, more in ((kept, {"remember": "y"}), (usual, {})):
        browser.submit(browser.open("/sign-in").form("/sign-in"), email=EMAIL, password=PASSWORD, **more)
    lifetimes = [browser.http.get_cookie("__Host-wellness").expires for browser in (kept, usual)]  # type: ignore[union-attr]
    assert lifetimes[0] is not None and lifetimes[1] is None, "the usual cookie ends with the browser"
    demo.clock.go(days=29)
    assert usual.fetch("/teach/").status_code == 303
    assert kept.fetch("/teach/").status_code == 200
    demo.clock.go(days=2)
    assert kept.fetch("/teach/").status_code == 303


def _cookie(http: object) -> str:
    found = http.get_cookie("__Host-wellness")  # type: ignore[attr-defined]
    assert found is not None
    return str(found.value)


def _is_signed_in(demo: DemoSite, cookie: str) -> bool:
    browser = demo.browser()
    browser.http.set_cookie("__Host-wellness", cookie)
    answer = browser.fetch("/teach/")
    assert answer.status_code in (200, 303)
    assert re.search("My classes|sign-in", answer.get_data(as_text=True))
    return answer.status_code == 200
