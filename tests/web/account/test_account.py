"""One's own account: password, language, sign-ins, and one's own data as a file."""

from __future__ import annotations

import json

import pytest

from tests.support.demo_site import DemoSite
from wellness.demo import PASSWORD

EMAIL = "teacher@demo.test"
NEW = "seven new words here"


def test_the_name_in_the_head_leads_to_the_account(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    assert "/account" in browser.open("/teach/").links()
    page = browser.open("/account")
    assert page.heading == "My account"
    assert EMAIL in page.main and "Heron Ford Middle School" in page.main


def test_a_new_password_is_the_only_one_and_ends_the_other_browsers(demo: DemoSite) -> None:
    here, elsewhere = demo.signed_in("teacher"), demo.signed_in("teacher")
    form = here.open("/account/password").form("/account/password")
    page = here.submit(form, current=PASSWORD, password=NEW, again=NEW)
    assert "Your password was changed." in page.text
    assert elsewhere.fetch("/teach/").status_code == 303
    here.open("/teach/")
    demo.browser().sign_in(EMAIL, PASSWORD, 422)
    assert demo.browser().sign_in(EMAIL, NEW).heading == "My classes"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"current": "not it at all"}, "current", "That’s not your password."),
        ({"current": ""}, "current", "Enter your current password."),
        ({"password": "short", "again": "short"}, "password", "Use "),
        ({"password": PASSWORD, "again": PASSWORD}, "password", ""),
        ({"current": "x", "password": "princess 2026", "again": "princess 2026"}, "password", "easy to guess"),
        ({"password": "Juniper County 1", "again": "Juniper County 1"}, "password", "made of your name"),
        ({"password": "marlowe-tran-12", "again": "marlowe-tran-12"}, "password", "made of your name"),
        ({"again": "other words here"}, "again", "The two new passwords differ."),
    ],
)
def test_a_password_that_cannot_be_changed_is_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, str], field: str, said: str
) -> None:
    browser = demo.signed_in("teacher")
    form = browser.open("/account/password").form("/account/password")
    page = browser.submit(form, 422, **{"current": PASSWORD, "password": NEW, "again": NEW, **typed})
    assert page.beside(field) and said in page.beside(field)
    assert demo.browser().sign_in(EMAIL, PASSWORD).heading == "My classes"


def test_guessing_ones_current_password_waits_like_a_sign_in(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    form = browser.open("/account/password").form("/account/password")
    for _ in range(5):
        browser.submit(form, 422, current="wrong", password=NEW, again=NEW)
    page = browser.submit(form, 422, current=PASSWORD, password=NEW, again=NEW)
    assert "Please wait" in page.beside("current")


def test_the_language_is_saved(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.submit(browser.open("/account").form("/account/language"), language="es")
    assert page.root.get("lang") == "es"
    assert browser.open("/teach/").root.get("lang") == "es"


def test_sign_ins_are_listed_and_all_end_at_once(demo: DemoSite) -> None:
    elsewhere = demo.signed_in("teacher")
    demo.clock.go(hours=1)
    here = demo.signed_in("teacher")
    page = here.open("/account")
    rows = page.rows()[1:]
    assert len(rows) == 2 and [("this browser" in row[0]) for row in rows] == [True, False]
    assert here.submit(page.form("/account/sign-out")).heading == "This week"
    assert [browser.fetch("/teach/").status_code for browser in (here, elsewhere)] == [303, 303]


def test_own_data_is_a_file_with_everything_but_the_password(demo: DemoSite) -> None:
    answer = demo.signed_in("teacher").fetch("/account/data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(answer.get_data(as_text=True))
    assert told["person"][0]["email"] == EMAIL
    assert told["viewing"] and told["completion"]
    assert "argon2" not in answer.get_data(as_text=True)
