"""A press that a page of another site made: nothing is done, at any address."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.school import TEACHER, Site, sign_in
from tests.security.test_access import Matrix
from tests.support.demo_site import DemoSite
from wellness.app import create_app

ELSEWHERE = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a site beside ours": {"Sec-Fetch-Site": "same-site"},
    "another site by its origin": {"Origin": "https://evil.test"},
    "no origin at all": {"Origin": "null"},
    "our name and another port": {"Origin": "http://localhost:8001"},
    "our name in front": {"Origin": "http://localhost.evil.test"},
    "our name as a user": {"Origin": "http://localhost@evil.test"},
    "an origin that is none": {"Origin": "file://"},
    "an empty origin": {"Origin": ""},
    "another site that says it is ours": {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
}
HERE = {
    "this site": {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
    "a person who typed": {"Sec-Fetch-Site": "none"},
    "this site over plain HTTP": {"Origin": "http://localhost"},
    "no browser": {},
}


def posts(matrix: Matrix) -> list[str]:
    """The address of every route that changes something."""
    found = []
    for rule in matrix.demo.app.url_map.iter_rules():
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            found.append(matrix.address(rule, matrix.demo.door().code))
    assert len(found) > 20
    return found


def test_with_the_right_cookie_and_token_a_page_elsewhere_does_nothing_anywhere(matrix: Matrix) -> None:
    browser = matrix.demo.signed_in("admin")
    data = {"csrf_token": browser.any_token(), "outcome": "done"}
    before = matrix.demo.dump()
    for address in posts(matrix):
        for where, headers in ELSEWHERE.items():
            answer = browser.fetch(address, method="POST", data=data, headers=headers)
            assert answer.status_code == 400, (address, where)
            assert "That came from a page on another site." in answer.text
    assert matrix.demo.dump() == before
    assert browser.fetch("/teach/").status_code == 200, "and she is still signed in"


@pytest.mark.parametrize("where", HERE)
def test_a_page_of_this_site_may(demo: DemoSite, where: str) -> None:
    browser = demo.signed_in("teacher")
    data = {"csrf_token": browser.any_token()}
    assert browser.fetch("/sign-out", method="POST", data=data, headers=HERE[where]).status_code == 303


def test_over_https_no_referrer_is_needed(demo: DemoSite) -> None:
    """Some browsers never send one; the origin says enough."""
    browser = demo.signed_in("teacher")
    answer = browser.fetch(
        "/sign-out",
        method="POST",
        base_url="https://localhost",
        data={"csrf_token": browser.any_token()},
        headers={"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 303


@pytest.mark.parametrize("name", ["visitor", "teacher", "admin"])
def test_without_the_forms_token_nothing_is_done_anywhere(matrix: Matrix, name: str) -> None:
    _, browser, _ = matrix.actor(name)
    before = matrix.demo.dump()
    answers = {
        endpoint: [
            browser.fetch(matrix.address(matrix.rule(endpoint), matrix.demo.door().code), method="POST", data=data)
            for data in ({"outcome": "done"}, {"outcome": "done", "csrf_token": "made up"})
        ]
        for method, endpoint, _ in matrix.routes()
        if method == "POST"
    }
    assert len(answers) > 20
    assert {answer.status_code for pair in answers.values() for answer in pair} == {400}
    assert matrix.demo.dump() == before


def test_the_token_of_another_browser_is_worth_nothing(demo: DemoSite) -> None:
    mine, theirs = demo.signed_in("teacher"), demo.signed_in("teacher")
    answer = mine.fetch("/sign-out", method="POST", data={"csrf_token": theirs.any_token()})
    assert answer.status_code == 400
    assert mine.fetch("/teach/").status_code == 200


def test_no_route_is_left_out(demo: DemoSite) -> None:
    app = create_app(demo.settings)
    protection = app.extensions["csrf"]
    assert not protection._exempt_views
    assert not protection._exempt_blueprints
    assert app.config["WTF_CSRF_METHODS"] >= {"POST", "PUT", "PATCH", "DELETE"}
    app.extensions["wellness"].close()


def test_a_real_browser_does_not_press_for_a_page_elsewhere(own_site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=own_site.address)
    page = context.new_page()
    sign_in(page, TEACHER)
    token = page.locator("[name=csrf_token]").first.input_value()

    def trap(route: Route) -> None:
        form = f"<form method=post action='{own_site.address}/sign-out'><input name=csrf_token value='{token}'></form>"
        route.fulfill(content_type="text/html", body=f"{form}<script>document.forms[0].submit()</script>")

    context.route("http://evil.test/", trap)
    with page.expect_response(f"{own_site.address}/sign-out") as answered:
        page.goto("http://evil.test/")
    assert answered.value.status == 400
    page.goto("/teach/")
    assert page.locator("h1").inner_text() == "My classes"
    context.close()
