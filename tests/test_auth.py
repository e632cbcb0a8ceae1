"""Signing in and out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.demo_site import DemoSite
from wellness.app import create_app
from wellness.demo import PASSWORD
from wellness.domain import Person, Role
from wellness.records import Writing, people
from wellness.web.auth import SignInForm

EMAIL = "teacher@demo.test"
WRONG = "not the password"

OTHER_PLACES = (
    "https://evil.test/",
    "//evil.test/",
    "///evil.test/",
    "/\\evil.test/",
    "\\\\evil.test/",
    "\\/evil.test/",
    "/\t/evil.test/",
    "/\n/evil.test/",
    "/teach/\n",
    "\t//evil.test/",
    " //evil.test/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "evil.test",
    "http:evil.test",
    "http:///evil.test",
    "/\x00/evil.test",
    "/coach/\\..\\evil",
    "/ /evil.test",
    "https:/\\evil.test",
    "//evil.test\\@localhost/",
    "/\x7f/evil.test",
)


def test_a_teacher_signs_in_and_sees_her_classes(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.sign_in("  Teacher@Demo.Test ", PASSWORD)
    assert page.heading == "My classes"
    assert "Advisory 7-1" in page.main
    assert browser.fetch("/sign-in").status_code == 303, "whoever is signed in needs no sign-in page"


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


def test_what_is_missing_is_said_beside_its_field(demo: DemoSite) -> None:
    page = demo.browser().sign_in("", "", 422)
    assert "Enter your work e-mail address." in page.beside("email")
    assert "Enter your password." in page.beside("password")


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


@pytest.mark.parametrize("target", OTHER_PLACES)
def test_signing_in_never_leads_to_another_host(demo: DemoSite, target: str) -> None:
    browser = demo.browser()
    token = browser.any_token()
    data = {"csrf_token": token, "email": EMAIL, "password": PASSWORD, "next": target}
    answer = browser.fetch("/sign-in", method="POST", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/teach/")
    again = browser.fetch("/sign-in", query_string={"next": target})
    assert (again.status_code, again.headers["Location"]) == (303, "/teach/")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.open("/coach/?term=year&grade=6", follow_redirects=True)
    assert page.heading == "Staff sign-in"
    page = browser.submit(page.form("/sign-in"), email="coach@demo.test", password=PASSWORD)
    assert page.heading.startswith("Weeks of 2026")
    assert page.find("option", value="6", selected="") is not None


def test_paste_and_password_managers_are_welcome(demo: DemoSite) -> None:
    page = demo.browser().open("/sign-in")
    completes = {name: page.find("input", name=name).get("autocomplete") for name in ("email", "password")}
    assert completes == {"email": "username", "password": "current-password"}


# --- What ends a sign-in ----------------------------------------------------------------------------------------------


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


def test_a_link_cannot_sign_anybody_out(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    browser.open("/sign-out", status=405)
    browser.open("/teach/")


ENDS: dict[str, Callable[[Writing, Person], object]] = {
    "another password": lambda tx, person: people.set_password_hash(tx, person.id, "!"),
    "another role": lambda tx, person: people.set_role(tx, person.id, Role.COACH),
    "a closed account": lambda tx, person: people.deactivate(tx, person.id),
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


def test_a_press_after_the_sign_in_ended_says_that_it_was_not_saved(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open("/teach/")
    demo.clock.go(hours=13)
    before = demo.dump()
    page = browser.submit(page.form("/teach/log"), outcome="done")
    assert page.heading == "Staff sign-in"
    assert "was not saved" in page.text
    assert demo.dump() == before


def test_the_form_has_no_field_for_anything_else() -> None:
    assert {name for name in vars(SignInForm) if not name.startswith("_")} == {"email", "password", "next"}


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
