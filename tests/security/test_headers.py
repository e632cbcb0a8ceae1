"""What stands above every answer: what a browser may load, run, frame and tell others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from tests.security.test_access import Matrix
from tests.support.demo_site import DemoSite
from wellness.app import create_app
from wellness.config import read_settings
from wellness.media import MediaStore
from wellness.web.http.headers import CONTENT_SECURITY_POLICY

SESSION = "/sessions/four-square-breathing"
Answered = Callable[[DemoSite], TestResponse]


def medium(demo: DemoSite, **headers: str) -> TestResponse:
    """One file of a video, or a part of it."""
    found = MediaStore(demo.settings.media).get_medium("four-square-breathing")
    return demo.browser().fetch(f"/media/{found.digest}/{found.versions[0].file}", headers=headers)


def unchanged(demo: DemoSite, address: str) -> TestResponse:
    """The same page again, for a browser that has it."""
    with demo.browser().fetch(address) as first:
        return demo.browser().fetch(address, headers={"If-None-Match": first.headers["ETag"]})


def posted(demo: DemoSite, address: str, **data: str) -> TestResponse:
    """A press with the right token."""
    browser = demo.signed_in("coach")
    return browser.fetch(address, method="POST", data={"csrf_token": browser.any_token(), **data})


def broken(demo: DemoSite) -> TestResponse:
    """A page that nobody foresaw would fail."""
    demo.app.view_functions["browse.help"] = lambda: 1 / 0
    return demo.browser().fetch("/help")


KINDS: dict[str, tuple[int, Answered]] = {
    "a public page": (200, lambda demo: demo.browser().fetch(SESSION)),
    "a page of staff": (200, lambda demo: demo.signed_in("admin").fetch("/admin/")),
    "a door": (200, lambda demo: demo.browser().fetch(f"/c/{demo.door().code}")),
    "a page that is there already": (304, lambda demo: unchanged(demo, SESSION)),
    "a table for a spreadsheet": (200, lambda demo: demo.signed_in("coach").fetch("/coach/grid.csv")),
    "plain text": (200, lambda demo: demo.browser().fetch("/healthz")),
    "a style sheet": (200, lambda demo: demo.browser().fetch("/static/css/base.css")),
    "a picture": (200, lambda demo: demo.browser().fetch("/static/img/mark.svg")),
    "a recording": (200, medium),
    "a part of a recording": (206, lambda demo: medium(demo, Range="bytes=0-99")),
    "a part ": (416, lambda demo: medium(demo, Range="bytes=999999999-")),
    "a recording that is there already": (304, lambda demo: unchanged(demo, medium(demo).request.path)),
    "a press that worked": (303, lambda demo: posted(demo, "/sign-out")),
    "a page to sign in for": (303, lambda demo: demo.browser().fetch("/teach/")),
    "an address without its slash": (308, lambda demo: demo.browser().fetch("/sessions")),
    "an answer for a script": (200, lambda demo: demo.signed_in("coach").fetch("/coach/studio/media/work")),
    "nothing there": (404, lambda demo: demo.browser().fetch("/nothing-here")),
    "no such style sheet": (404, lambda demo: demo.browser().fetch("/static/nope.css")),
    "no such recording": (404, lambda demo: demo.browser().fetch("/media/x/y.mp4")),
    "not for this person": (403, lambda demo: demo.signed_in("teacher").fetch("/admin/")),
    "not that way": (405, lambda demo: demo.browser().fetch("/sign-out")),
    "what may be asked": (200, lambda demo: demo.browser().fetch("/sign-out", method="OPTIONS")),
    "only the head": (200, lambda demo: demo.browser().fetch("/", method="HEAD")),
    "no token": (400, lambda demo: demo.browser().fetch("/sign-in", method="POST")),
    "another host": (400, lambda demo: demo.browser().fetch("/", headers={"Host": "evil.test"})),
    "too large": (413, lambda demo: posted(demo, "/teach/log", outcome="x" * 2_000_000)),
    "not as it should be": (422, lambda demo: posted(demo, "/sign-in")),
    "a fault of ours": (500, broken),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_says_what_a_browser_may_do_with_it(demo: DemoSite, kind: str) -> None:
    status, ask = KINDS[kind]
    with ask(demo) as answer:
        headers = answer.headers
    assert answer.status_code == status
    assert harmless(headers) == []


@pytest.mark.parametrize("name", ["visitor", "admin"])
def test_every_route_says_what_a_browser_may_do_with_it(matrix: Matrix, name: str) -> None:
    _, browser, _ = matrix.actor(name)
    token, code = browser.any_token(), matrix.demo.door().code
    for method, endpoint, _ in matrix.routes():
        data = {"csrf_token": token} if method == "POST" else None
        with browser.fetch(matrix.address(matrix.rule(endpoint), code), method=method, data=data) as answer:
            assert harmless(answer.headers) == [], endpoint


def harmless(headers: Headers) -> list[str]:
    """What is missing above an answer, or is there and tells too much."""
    wanted = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    missing = [name for name, value in wanted.items() if headers.getlist(name) != [value]]
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        missing.append("Permissions-Policy")
    if "Cache-Control" not in headers:
        missing.append("Cache-Control")
    telling = ("Server", "X-Powered-By", "Via", "Access-Control-Allow-Origin")
    return missing + [name for name in telling if name in headers]


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
    assert demo.browser().fetch("https://localhost/").headers["Strict-Transport-Security"] == "max-age=31536000"
    settings = read_settings({"WELLNESS_HOME": str(demo.home), "WELLNESS_HSTS_SUBDOMAINS": "1"})
    answer = create_app(settings, clock=demo.clock).test_client().get("https://localhost/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
