"""Compiled templates: kept where Python keeps compiled modules, and never taken where they are not what they should be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from wellness.web.compiled import CompiledTemplates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one template, in a process that keeps what it compiles."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "page.html").write_text("<p>{{ 6 * 7 }}</p>")
    return tmp_path


def render(folder: Path, options: str = "") -> str:
    """The page, by an environment that has seen nothing yet."""
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, bytecode_cache=CompiledTemplates(options)
    )
    return environment.get_template("page.html").render()


def kept(folder: Path) -> Path:
    (file,) = (folder / "__pycache__").iterdir()
    return file


def test_a_template_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert render(folder) == "<p>42</p>"
    assert kept(folder).name == f"page.{sys.implementation.cache_tag}.pyc"
    monkeypatch.delattr(Environment, "_generate")
    assert render(folder) == "<p>42</p>"


def test_a_template_that_changed_is_compiled_again(folder: Path) -> None:
    render(folder)
    (folder / "page.html").write_text("<p>{{ 6 + 7 }}</p>")
    assert render(folder) == "<p>13</p>"


def test_what_was_compiled_in_another_way_is_not_taken(folder: Path) -> None:
    render(folder)
    before = kept(folder).read_bytes()
    assert render(folder, "other options") == "<p>42</p>"
    assert kept(folder).read_bytes() != before


@pytest.mark.parametrize("share", [0, 0.2, 0.9])
@pytest.mark.parametrize("rest", [b"", b"\0" * 4096])
def test_what_is_torn_is_not_taken(folder: Path, share: float, rest: bytes) -> None:
    render(folder)
    whole = kept(folder).read_bytes()
    kept(folder).write_bytes(whole[: int(len(whole) * share)] + rest)
    assert render(folder) == "<p>42</p>"
    assert kept(folder).read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(folder: Path) -> None:
    (folder / "__pycache__").write_text("in the way")
    assert render(folder) == "<p>42</p>"


def test_nothing_is_kept_where_python_was_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(folder) == "<p>42</p>"
    assert not (folder / "__pycache__").exists()
