"""Signing in and out."""

from __future__ import annotations

from tests.support.demo_site import DemoSite
from wellness.demo import PASSWORD
from wellness.web.auth import SignInForm

EMAIL = "teacher@demo.test"


def test_a_teacher_signs_in_and_sees_her_classes(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.sign_in("  Teacher@Demo.Test ", PASSWORD)
    assert page.heading == "My classes"
    assert "Advisory 7-1" in page.main
    assert browser.fetch("/sign-in").status_code == 303, "whoever is signed in needs no sign-in page"


def test_what_is_missing_is_said_beside_its_field(demo: DemoSite) -> None:
    page = demo.browser().sign_in("", "", 422)
    assert "Enter your work email." in page.beside("email")
    assert "Enter your password." in page.beside("password")


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


def test_a_press_after_the_sign_in_ended_changes_nothing_and_says_so(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open("/teach/")
    demo.clock.go(hours=13)
    before = demo.dump()
    page = browser.submit(page.form("/teach/log"), outcome="done")
    assert page.heading == "Staff sign-in"
    assert "You were signed out. What you typed is safe: sign in, then press Save again." in page.text
    assert demo.dump() | {"unsent_form": []} == before


def test_the_form_has_no_field_for_anything_else() -> None:
    assert {name for name in vars(SignInForm) if not name.startswith("_")} == {"email", "password", "remember", "next"}


def test_a_link_cannot_sign_anybody_out(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    browser.open("/sign-out", status=405)
    browser.open("/teach/")
