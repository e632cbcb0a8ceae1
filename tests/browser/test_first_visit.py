"""What a browser asks for on a first visit, and what it need not ask for again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import SESSION

MOST_REQUESTS = 8
VIDEO = f"/sessions/{SESSION}"


def asked_by(page: Page, path: str) -> list[Request]:
    """What the page asks for until nothing more comes, when somebody has looked at all of it."""
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    page.goto(path, wait_until="networkidle")
    page.locator("video").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    return asked


@pytest.mark.parametrize("locale", ["en-US", "es-US"])
def test_a_session_with_a_video_takes_few_requests(visit: Visit, locale: str) -> None:
    asked = [urlsplit(one.url).path for one in asked_by(visit(locale=locale), VIDEO)]
    assert any(path.endswith("poster.jpg") for path in asked)
    assert any(path.endswith(".vtt") for path in asked)
    assert len(asked) <= MOST_REQUESTS, asked


def test_all_scripts_and_style_sheets_may_be_kept_for_a_year(visit: Visit) -> None:
    page = visit()
    code = [one for one in asked_by(page, VIDEO) if one.resource_type in ("script", "stylesheet")]
    assert len(code) == 3
    for one in code:
        answer = one.response()
        assert answer is not None
        assert "v" in parse_qs(urlsplit(one.url).query), one.url
        assert answer.header_value("cache-control") == "public, max-age=31536000, immutable"


def test_the_video_is_whole_without_scripts(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    asked = [urlsplit(one.url).path for one in asked_by(page, VIDEO)]
    assert any(path.endswith("poster.jpg") for path in asked)
    expect(page.locator("video")).to_have_attribute("controls", "")
    expect(page.locator("track[default]")).to_have_count(1)
