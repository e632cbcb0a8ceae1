"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.demo_site import DemoSite, build_home, open_copy
from tests.scratch import fresh_records
from wellness.records import Records

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


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Empty records in a real database file."""
    opened = fresh_records(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the demo district, made once and only ever copied."""
    home = tmp_path_factory.mktemp("ready") / "instance"
    build_home(home)
    return home


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
