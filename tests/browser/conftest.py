"""Fixtures of the browser tests: one browser and one server a worker, a server of its own for each test that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.school import (
    CHROMEBOOK,
    DEADLINE,
    Site,
    Watch,
    launch,
    make_instance,
    move_to_postgresql,
    serve,
    sign_in,
)
from tests.scratch import copy_instance

Visit = Callable[..., Page]
"""visit(): a new page. visit(as_=COACH): the same, signed in. Other arguments go to the browser's context."""

expect.set_options(timeout=DEADLINE)


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo school's instance, made once for all workers; never served itself."""
    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id == "master" else base.parent) / "demo-school"
    with FileLock(home.with_suffix(".lock")):
        if not home.exists():
            made = home.with_suffix(".new")
            make_instance(made)
            made.rename(home)
    return home


@pytest.fixture(scope="session")
def shared_site(instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server for tests that only read."""
    home = copy_instance(instance, tmp_path_factory.mktemp("shared") / "home")
    with serve(home) as running:
        yield running


@pytest.fixture
def own_site(request: pytest.FixtureRequest, instance: Path, tmp_path: Path) -> Iterator[Site]:
    """A server and an instance for one test, which may change everything. The parameter is the engine of its records."""
    home = copy_instance(instance, tmp_path / "home")
    with serve(home, move_to_postgresql(home) if getattr(request, "param", "") == "postgresql" else "") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


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
