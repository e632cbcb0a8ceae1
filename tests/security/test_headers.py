"""What stands above every answer: what a browser may load, what a cache may keep, which hosts are ours."""

from __future__ import annotations

import re

import pytest

from tests.demo_site import DemoSite
from wellness.web.headers import CONTENT_SECURITY_POLICY

SESSION = "/sessions/four-square-breathing"
PUBLIC = (
    "/",
    "/?lang=es",
    "/sessions/",
    "/sessions/?need=focus&minutes=5",
    SESSION,
    f"{SESSION}?lang=es",
    f"{SESSION}/family",
    f"{SESSION}/print",
    "/practices/",
    "/practices/timer",
    "/help",
    "/about",
    "/for-families",
    "/what-we-record",
    "/accessibility",
)
EVERY_KIND = (
    "/",
    "/nothing-here",
    "/teach/",
    "/sign-in",
    "/healthz",
    "/static/css/base.css",
    "/static/nope.css",
    "/c/",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_sets_no_cookie_and_can_be_kept_for_everyone(demo: DemoSite, address: str) -> None:
    answer = demo.browser().fetch(address)
    assert "Set-Cookie" not in answer.headers
    assert "cookie" not in answer.headers.get("Vary", "").lower()
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["ETag"]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_page_that_did_not_change_is_not_sent_again(demo: DemoSite, address: str) -> None:
    browser = demo.browser()
    tag = browser.fetch(address).headers["ETag"]
    again = browser.fetch(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = browser.fetch(address, headers={"If-None-Match": '"something else"'})
    assert other.status_code == 200


def test_the_mark_of_a_page_changes_with_the_language_and_the_text(demo_with_library: DemoSite) -> None:
    browser = demo_with_library.browser()
    english = browser.fetch(SESSION, headers={"Accept-Language": "en"}).headers["ETag"]
    spanish = browser.fetch(SESSION, headers={"Accept-Language": "es"}).headers["ETag"]
    file = demo_with_library.home / "library" / "sessions" / "four-square-breathing.md"
    file.write_text(file.read_text().replace("title: Four-square breathing", "title: Breathing in a square"))
    demo_with_library.catalogue.build()
    assert len({english, spanish, browser.fetch(SESSION).headers["ETag"]}) == 3


@pytest.mark.parametrize("address", ["/", SESSION, "/help"])
def test_with_our_cookie_even_a_public_page_is_kept_by_nobody(demo: DemoSite, address: str) -> None:
    answer = demo.signed_in("teacher").fetch(address)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("address", ["/teach/", "/coach/", "/coach/grid.csv", "/coach/plan", "/admin/", "/admin/audit"])
def test_a_page_for_staff_is_kept_by_nobody(demo: DemoSite, address: str) -> None:
    assert demo.signed_in("admin").fetch(address).headers["Cache-Control"] == "no-store"
    assert demo.browser().fetch(address).headers["Cache-Control"] == "no-store"


def test_a_door_and_an_error_are_kept_by_nobody(demo: DemoSite) -> None:
    for address in (f"/c/{demo.door().code}", "/c/", "/sign-in", "/nothing-here", "/sessions/nope"):
        assert demo.browser().fetch(address).headers["Cache-Control"] == "no-store", address


@pytest.mark.parametrize("address", EVERY_KIND)
def test_every_answer_says_what_a_browser_may_do_with_it(demo: DemoSite, address: str) -> None:
    with demo.browser().fetch(address) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers


def test_the_policy_lets_in_nothing_inline_and_nothing_from_elsewhere() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert set(" ".join(rules.values()).split()) == {"'none'", "'self'"}


def test_the_cookie_is_for_this_host_over_https_and_not_for_scripts(demo: DemoSite) -> None:
    cookie = demo.browser().fetch("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-wellness=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_only_over_https_a_browser_is_told_to_stay_there(demo: DemoSite) -> None:
    assert "Strict-Transport-Security" not in demo.browser().fetch("/").headers
    assert "max-age=31536000" in demo.browser().fetch("https://localhost/").headers["Strict-Transport-Security"]


def test_a_style_sheet_is_kept_for_a_year_under_an_address_that_changes_with_it(demo: DemoSite) -> None:
    browser = demo.browser()
    found = re.findall(r'href="(/static/css/[a-z]+\.css\?v=[0-9a-f]{10})"', browser.fetch("/").get_data(as_text=True))
    assert len(found) >= 2
    for address in found:
        with browser.fetch(address) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
    with browser.fetch(found[0].partition("?")[0]) as answer:
        assert answer.headers["Cache-Control"] == "public, no-cache"
