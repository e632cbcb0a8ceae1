"""Templates are read by people: a line is at most 150 characters long."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())
LONGEST = 150


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.*")), ids=lambda path: path.name)
def test_no_line_of_a_template_is_longer_than_a_screen(path: Path) -> None:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    assert [f"{path.name}:{number}" for number, line in lines if len(line) > LONGEST] == []
