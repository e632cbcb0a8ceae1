"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.browser.school import Site, launch, make_instance, move_to_postgresql, serve
from tests.support import postgres
from tests.support.demo_site import DemoSite, build_home, open_copy
from tests.support.scratch import ENGINES, Cast, add_cast, copy_instance
from wellness.records import Records, open_records

# A shared machine is slow at times: no test judges by the clock, and the same examples are tried everywhere.
settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _databases_go() -> Iterator[None]:
    """What a test made on PostgreSQL goes after it, and after every fixture that used it."""
    yield
    postgres.drop_databases()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests with the marker run on each engine; all others on a real SQLite file."""
    if "url" in metafunc.fixturenames and metafunc.definition.get_closest_marker("each_engine"):
        metafunc.parametrize("url", ENGINES, indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where empty records are, with the newest schema."""
    return ENGINES[getattr(request, "param", "sqlite")](tmp_path)


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    """The same, opened."""
    opened = open_records(url)
    yield opened
    opened.close()


@pytest.fixture
def cast(records: Records) -> Cast:
    """Who is in the tests: schools, classes and people."""
    with records.writing() as tx:
        return add_cast(tx)


def made_once(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, name: str, make: Callable[[Path], None]
) -> Path:
    """A folder that the first worker makes and the others wait for."""
    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id == "master" else base.parent) / name
    with FileLock(home.with_suffix(".lock")):
        if not home.exists():
            made = home.with_suffix(".new")
            make(made)
            made.rename(home)
    return home


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An instance with the demo district, made once for all workers and only ever copied."""
    return made_once(tmp_path_factory, worker_id, "demo-district", build_home)


@pytest.fixture
def demo(demo_home: Path, tmp_path: Path) -> Iterator[DemoSite]:
    """A site of one's own with the demo district, on a Friday in term at ten in the morning."""
    site = open_copy(demo_home, tmp_path / "instance")
    yield site
    site.close()


@pytest.fixture
def demo_with_library(demo_home: Path, tmp_path: Path) -> Iterator[DemoSite]:
    """The same with a library of its own to edit."""
    site = open_copy(demo_home, tmp_path / "instance", own_library=True)
    yield site
    site.close()


# --- A real server and a real browser: one of each a worker -----------------------------------------------------------


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo school's instance, made once for all workers; never served itself."""
    return made_once(tmp_path_factory, worker_id, "demo-school", make_instance)


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
