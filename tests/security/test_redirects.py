"""Where the site leads: never to another host."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.security.test_access import Matrix
from tests.support.demo_site import DemoSite
from wellness.demo import PASSWORD

EMAIL = "teacher@demo.test"

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


@pytest.mark.parametrize("target", OTHER_PLACES)
def test_signing_in_never_leads_to_another_host(demo: DemoSite, target: str) -> None:
    browser = demo.browser()
    token = browser.any_token()
    data = {"csrf_token": token, "email": EMAIL, "password": PASSWORD, "next": target}
    answer = browser.fetch("/sign-in", method="POST", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/teach/")
    again = browser.fetch("/sign-in", query_string={"next": target})
    assert (again.status_code, again.headers["Location"]) == (303, "/teach/")


@pytest.mark.parametrize(
    "path", ["//evil.test", "//evil.test/sessions", "/\\\\evil.test/", "/%2f/evil.test/", "/sessions//"]
)
def test_an_address_with_too_many_slashes_stays_on_this_host(demo: DemoSite, path: str) -> None:
    for browser in (demo.browser(), demo.signed_in("admin")):
        answer = browser.fetch("/", environ_overrides={"PATH_INFO": path, "REQUEST_URI": path, "RAW_URI": path})
        assert urlsplit(answer.headers.get("Location", "")).netloc in ("", "localhost")


def test_no_question_in_an_address_leads_elsewhere(matrix: Matrix) -> None:
    """Every route that is looked at, with every word that such parameters are called by."""
    browser = matrix.demo.signed_in("admin")
    words = ("next", "url", "return", "return_to", "redirect", "redirect_uri", "continue", "go", "back", "target", "r")
    asked = "&".join(f"{word}=//evil.test/" for word in words)
    for method, endpoint, _ in matrix.routes():
        if method == "GET":
            with browser.fetch(f"{matrix.address(matrix.rule(endpoint), matrix.demo.door().code)}?{asked}") as answer:
                assert urlsplit(answer.headers.get("Location", "")).netloc in ("", "localhost"), endpoint
