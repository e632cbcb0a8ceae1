"""What was typed is still there after the sign-in had ended, in every form of more than one field."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from tests.support.demo_site import OWN, DemoSite
from tests.support.pages import Page, PageClient, fields_of
from wellness.demo import PASSWORD
from wellness.demo.district import DOMAIN
from wellness.records.schema import sign_in, unsent_form
from wellness.web.unsent import password_fields

TYPED = dict.fromkeys(("text", "search", "email"), '<Typed> & "said"') | {"date": "2026-10-09", "number": "7"}
NOTICE = "You were signed out; nothing is lost. Press Save again."


def end_sign_ins(demo: DemoSite) -> None:
    """Every sign-in ends, as after twelve hours."""
    with demo.records.writing() as tx:
        tx.execute(delete(sign_in))


def typed_into(form: Element) -> dict[str, list[str]]:
    """Something of one's own in every field of a form that takes text, and another choice where there is one."""
    typed: dict[str, list[str]] = {}
    for name, value in fields_of(form):
        typed.setdefault(name, []).append(value)
    for control in form.iter():
        name, kind = control.get("name"), control.get("type", "text")
        if name is None or name == "csrf_token" or kind == "hidden":
            continue
        value = control.get("value") or "on"
        if control.tag == "select":
            typed[name] = [[option.get("value") or "" for option in control.iter("option")][-1]]
        elif control.tag == "textarea" or (control.tag == "input" and kind in TYPED):
            typed[name] = [TYPED.get(kind, TYPED["text"])]
        elif kind == "checkbox":
            typed[name] = [*{*typed.get(name, []), value}]
        elif kind == "radio":
            typed[name] = [value]
    return typed


def shown_in(page: Page, action: str, names: set[str]) -> dict[str, list[str]] | None:
    """What the form of that action shows, as a browser would send it."""
    for form in page.all("form", method="post"):
        if form.get("action") == action and names <= {control.get("name") for control in form.iter()}:
            shown: dict[str, list[str]] = {}
            for name, value in fields_of(form):
                shown.setdefault(name, []).append(value)
            return shown
    return None


def fields_to_fill(form: Element) -> set[str]:
    """The names of the fields that a person fills in."""
    return {
        control.get("name", "")
        for control in form.iter()
        if control.tag in ("input", "select", "textarea")
        and control.get("type") not in ("hidden", "submit")
        and control.get("name")
    }


@pytest.mark.parametrize("key", ["admin", "coach", "teacher"])
def test_every_form_of_two_fields_or_more_is_shown_again_with_what_was_typed(
    demo_with_library: DemoSite, key: str
) -> None:
    demo = demo_with_library
    browser = demo.signed_in(key)
    email = key + DOMAIN
    tried: set[str] = set()
    wrong: list[str] = []
    for page in browser.crawl(
        "/teach/" if key == "teacher" else "/coach/", "/account", *admin_pages(key), each=1
    ).values():
        for form in page.all("form", method="post"):
            action = form.get("action", "")
            endpoint, _ = demo.app.url_map.bind("localhost").match(urlsplit(action).path, method="POST")
            if len(fields_to_fill(form)) < 2 or endpoint in tried or endpoint == "auth.sign_in":
                continue
            tried.add(endpoint)
            wrong += [f"{endpoint}: {what}" for what in try_form(demo, email, page, form)]
    assert not wrong, "\n".join(wrong)
    assert len(tried) >= {"admin": 12, "coach": 8, "teacher": 3}[key], tried


def admin_pages(key: str) -> list[str]:
    """Where an admin's pages begin."""
    return ["/admin/", "/admin/settings"] if key == "admin" else []


def try_form(demo: DemoSite, email: str, page: Page, form: Element) -> list[str]:
    """Send the form after the sign-in had ended, sign in again, and say what is not there."""
    browser = demo.signed_in(email.partition("@")[0])
    action, typed = form.get("action", ""), typed_into(form)
    again = browser.open(page.path)
    token = dict(fields_of(again.all("form", method="post")[0]))["csrf_token"]
    end_sign_ins(demo)
    before = demo.dump()
    answer = browser.fetch(
        action, method="POST", data=typed | {"csrf_token": token}, headers={"Referer": f"http://localhost{page.path}"}
    )
    if answer.status_code != 303 or not answer.location.startswith("/sign-in"):
        return [f"answered {answer.status_code} {answer.location}"]
    changed = [table for table, rows in demo.dump().items() if rows != before[table] and table != "unsent_form"]
    asked = browser.open(answer.location)
    data = dict(fields_of(asked.form("/sign-in"))) | {"email": email, "password": PASSWORD}
    shown = follow(browser, browser.fetch("/sign-in", method="POST", data=data))
    found = shown_in(shown, action, set(typed) - {"csrf_token"})
    if found is None or NOTICE not in shown.main:
        return [f"is not shown on {shown.path}", *changed]
    wanted = {name: texts for name, texts in typed.items() if name not in password_fields() | {"csrf_token"}}
    lost = [name for name, texts in wanted.items() if normal(found.get(name, [])) != normal(texts)]
    return [*changed, *(f"lost {name}: {wanted[name]} became {found.get(name)}" for name in lost)]


def follow(browser: PageClient, answer: TestResponse) -> Page:
    """The page that an answer leads to in the end."""
    for _ in range(8):
        if answer.status_code != 303:
            break
        location = answer.location
        answer = browser.fetch(location)
    return Page(location, answer.status_code, answer.headers, answer.get_data(as_text=True))


def normal(texts: list[str]) -> list[str]:
    """As compared: without the line break that HTML drops at the start of a text area."""
    return sorted(text.replace("\r\n", "\n").strip() for text in texts if text.strip())


def visit_form(demo: DemoSite, browser: PageClient) -> tuple[str, Element]:
    """The coach's form of a visit, and its address."""
    path = f"/coach/classes/{demo.classroom(OWN).id}/visit"
    return path, browser.open(path).find("form", class_="visit")


def send(browser: PageClient, path: str, form: Element, **typed: Any) -> TestResponse:
    """Press Save, as a browser does, without following."""
    data = dict(fields_of(form)) | typed
    return browser.fetch(path, method="POST", data=data, headers={"Referer": f"http://localhost{path}"})


def test_nobody_else_sees_what_was_typed(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    path, form = visit_form(demo, browser)
    end_sign_ins(demo)
    asked = browser.open(send(browser, path, form, glow="For the coach only.").location)
    assert "For the coach only." not in asked.html
    other = browser.submit(asked.form("/sign-in"), email="coach2" + DOMAIN, password=PASSWORD)
    assert "For the coach only." not in other.html and NOTICE not in other.main
    assert "For the coach only." not in follow(browser, browser.fetch("/account/unsent?listed=1")).html
    own = demo.browser()
    page = own.submit(
        own.open("/sign-in?next=/account/unsent").form("/sign-in"), email="coach" + DOMAIN, password=PASSWORD
    )
    assert "For the coach only." in page.html and NOTICE in page.main


def test_a_form_of_another_sign_in_is_not_kept(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    path, form = visit_form(demo, browser)
    browser.submit(browser.open(path).form("/sign-out"))
    browser.sign_in("coach2" + DOMAIN, PASSWORD)
    answer = send(browser, path, form, glow="For the coach only.")
    assert answer.status_code == 400
    with demo.records.reading() as tx:
        assert tx.execute(select(unsent_form)).all() == []


def test_an_old_token_of_the_same_person_shows_the_form_at_once_and_saving_forgets_it(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    path, form = visit_form(demo, browser)
    browser.submit(browser.open(path).form("/sign-out"))
    browser.sign_in("coach" + DOMAIN, PASSWORD)
    items = {f"item_{item}": "seen" for item in ("choices", "alongside", "alternative", "passing", "closing")}
    answer = send(browser, path, form, glow="Calm.", next_step="Wait.", led_by="substitute", **items)
    assert answer.status_code == 303
    page = follow(browser, answer)
    assert NOTICE in page.main
    saved = browser.submit(page.find("form", class_="visit"))
    assert "Calm." in saved.main
    with demo.records.reading() as tx:
        assert tx.execute(select(unsent_form)).all() == []


def test_passwords_are_never_kept(demo: DemoSite) -> None:
    assert password_fields() >= {"password", "own_password", "current", "again"}
    browser = demo.signed_in("coach")
    form = browser.open("/account/password").form("/account/password")
    end_sign_ins(demo)
    send(
        browser,
        "/account/password",
        form,
        current="my secret word",
        password="new secret word",
        again="new secret word",
    )
    assert b"secret word" not in b"".join(path.read_bytes() for path in demo.home.glob("records.db*"))


def test_what_was_typed_is_forgotten_after_a_day_and_too_much_is_not_kept(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    path, form = visit_form(demo, browser)
    end_sign_ins(demo)
    assert "account/unsent" not in send(browser, path, form, glow="x" * 300_001).location
    assert "account/unsent" in send(browser, path, form, glow="Calm.").location
    demo.clock.go(days=1)
    assert NOTICE not in demo.browser().sign_in("coach" + DOMAIN, PASSWORD, next="/account/unsent").main
    with demo.records.reading() as tx:
        assert tx.execute(select(unsent_form)).all() == []
