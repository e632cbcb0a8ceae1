"""Fixtures of the browser tests: one browser and one server a worker, a server of its own for each test that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.school import CHROMEBOOK, DEADLINE, Site, Watch, sign_in

Visit = Callable[..., Page]
"""visit(): a new page. visit(as_=COACH): the same, signed in. Other arguments go to the browser's context."""

expect.set_options(timeout=DEADLINE)


@pytest.fixture(scope="session")
def signed_in_states() -> dict[tuple[str, str], Any]:
    """Cookies of people who have signed in on a server already."""
    return {}


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, browser: Browser, signed_in_states: dict[tuple[str, str], Any]
) -> Iterator[Visit]:
    """Opens pages. At the end none of them may have had an error, broken the CSP or spoken to another host."""
    is_own = "own_site" in request.fixturenames
    site: Site = request.getfixturevalue("own_site" if is_own else "shared_site")
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_page(as_: str = "", **options: Any) -> Page:
        state = _state_of(browser, site, as_, signed_in_states) if as_ else None
        options = {"viewport": CHROMEBOOK, "locale": "en-US", "storage_state": state} | options
        context = browser.new_context(base_url=site.address, **options)
        context.set_default_timeout(DEADLINE)
        opened.append((context, Watch(context, site.address)))
        return context.new_page()

    yield open_page
    complaints = [complaint for _, watch in opened for complaint in watch.complaints]
    for context, _ in opened:
        context.close()
    assert complaints == []


def _state_of(browser: Browser, site: Site, email: str, known: dict[tuple[str, str], Any]) -> Any:
    """The cookies after signing in; each person signs in once on each server."""
    if (site.address, email) not in known:
        context = browser.new_context(base_url=site.address)
        sign_in(context.new_page(), email)
        known[site.address, email] = context.storage_state()
        context.close()
    return known[site.address, email]
