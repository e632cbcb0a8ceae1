"""Where the site leads: never to another host."""

from __future__ import annotations

import pytest

from tests.demo_site import DemoSite
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
