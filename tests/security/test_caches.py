"""What a cache may keep: public pages for everyone, and nothing of anybody."""

from __future__ import annotations

import re

import pytest

from tests.security.test_access import Matrix
from tests.support.demo_site import DemoSite
from wellness.policy import Action

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


@pytest.mark.parametrize(
    "address", ["/teach/", "/coach/", "/coach/grid.csv", "/coach/reports", "/coach/plan", "/admin/", "/admin/audit"]
)
def test_a_page_for_staff_is_kept_by_nobody(demo: DemoSite, address: str) -> None:
    assert demo.signed_in("admin").fetch(address).headers["Cache-Control"] == "no-store"
    assert demo.browser().fetch(address).headers["Cache-Control"] == "no-store"


def test_a_door_and_an_error_are_kept_by_nobody(demo: DemoSite) -> None:
    for address in (f"/c/{demo.door().code}", "/c/", "/sign-in", "/nothing-here", "/sessions/nope"):
        assert demo.browser().fetch(address).headers["Cache-Control"] == "no-store", address


@pytest.mark.parametrize("name", ["teacher", "admin"])
def test_no_route_of_staff_or_of_a_door_can_be_kept_by_anybody(matrix: Matrix, name: str) -> None:
    _, browser, _ = matrix.actor(name)
    code = matrix.demo.door().code
    for method, endpoint, action in matrix.routes():
        if action is not Action.VISIT and method == "GET":
            answer = browser.fetch(matrix.address(matrix.rule(endpoint), code))
            assert answer.headers["Cache-Control"] == "no-store", endpoint
            assert "ETag" not in answer.headers, endpoint


def test_what_may_be_kept_is_the_same_for_everyone(matrix: Matrix) -> None:
    """A cache that looks at no cookie gives one visitor what another one got."""
    code = matrix.demo.door().code
    kept = 0
    for method, endpoint, _ in matrix.routes():
        address = matrix.address(matrix.rule(endpoint), code)
        if method != "GET" or endpoint == "browse.healthz":
            continue
        first, second = (matrix.demo.browser().fetch(address) for _ in range(2))
        if "public" in first.headers["Cache-Control"]:
            kept += 1
            assert first.data == second.data, endpoint
            assert "Set-Cookie" not in first.headers, endpoint
            assert b"csrf_token" not in first.data, endpoint
    assert kept > 8


@pytest.mark.parametrize("end", ["x.css", "x.js", "x.png", "style.css?v=1", ";x.css", "%2fx.css", "%0ax.css"])
def test_a_page_of_staff_under_the_name_of_a_style_sheet_is_not_there(demo: DemoSite, end: str) -> None:
    """Else a careless cache would keep it for the next one who asks ("web cache deception")."""
    for page in ("/teach/", f"/teach/classes/{demo.classroom().id}/", "/admin/", f"/c/{demo.door().code}/"):
        answer = demo.signed_in("admin").fetch(page + end)
        assert answer.status_code == 404, page + end
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_style_sheet_is_kept_for_a_year_under_an_address_that_changes_with_it(demo: DemoSite) -> None:
    browser = demo.browser()
    found = re.findall(r'href="(/static/css/[a-z]+\.css\?v=[0-9a-f]{10})"', browser.fetch("/").get_data(as_text=True))
    assert len(found) >= 1
    for address in found:
        with browser.fetch(address) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
    with browser.fetch(found[0].partition("?")[0]) as answer:
        assert answer.headers["Cache-Control"] == "public, no-cache"
