"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scratch import fresh_records
from wellness.records import Records


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Empty records in a real database file."""
    opened = fresh_records(tmp_path)
    yield opened
    opened.close()
