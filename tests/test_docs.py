"""What the documents say is so: commands, settings, links, pictures, decisions, versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from scripts.docs import TABLES, with_tables
from tests.support.scratch import CHECKOUT
from wellness.cli import main
from wellness.config import KNOWN

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md")
    for path in CHECKOUT.glob(pattern)
)  # fmt: skip
NEEDED = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "docs/operating.md",
    "docs/authoring.md",
    "docs/security.md",
    "docs/decisions/README.md",
)
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(name: str) -> str:
    path = CHECKOUT / name
    assert path.exists() and path.read_text(encoding="utf-8").strip(), f"{name} is not written yet"
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


@pytest.mark.parametrize("name", NEEDED)
def test_the_documents_that_others_point_to_are_written(name: str) -> None:
    assert read(name)


# --- Tables from the code ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted({file for file, _ in TABLES}))
def test_the_tables_from_the_code_are_as_the_code_has_them(file: str) -> None:
    assert with_tables(file, read(file)) == read(file), "run make docs"


# --- Commands ---------------------------------------------------------------------------------------------------------


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_make_command_in_the_documents_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^\s*\$?\s*)make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named - make_targets() == set()


def test_the_readme_has_the_two_commands() -> None:
    assert re.search(r"^make serve\b", read("README.md"), re.MULTILINE)
    assert re.search(r"^make test\b", read("README.md"), re.MULTILINE)


def commands(group: click.Group, before: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command by its words, groups too."""
    found: dict[tuple[str, ...], click.Command] = {}
    for name, command in group.commands.items():
        found[(*before, name)] = command
        if isinstance(command, click.Group):
            found |= commands(command, (*before, name))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_wellness_command_in_the_documents_exists(path: Path) -> None:
    known = commands(main)
    text = path.read_text(encoding="utf-8")
    for spelled in re.findall(r"(?:`|bin/|^\s*)wellness ([a-z][^\n`|]*)", text, re.MULTILINE):
        words = tuple(re.findall(r"^[a-z]+|(?<= )[a-z]+", spelled.split(" --")[0]))
        assert words[:1] in known, f"wellness {spelled}"
        command = known[words[:1]]
        if isinstance(command, click.Group) and len(words) > 1:
            assert words[:2] in known, f"wellness {spelled}"
            command = known[words[:2]]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"--[a-z][a-z-]*", spelled)) <= options, f"wellness {spelled}"


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_every_command_is_explained_in_the_documents(words: tuple[str, ...]) -> None:
    explained = read("docs/operating.md") + read("README.md")
    assert f"wellness {words[0]}" in explained
    assert all(word in explained for word in words)


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_setting_in_the_documents_exists(path: Path) -> None:
    assert set(re.findall(r"\bWELLNESS_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))) <= set(KNOWN)


def test_every_setting_is_in_the_help_of_the_command() -> None:
    shown = main.get_help(main.make_context("wellness", [], resilient_parsing=True))
    assert [setting for setting in KNOWN if setting not in shown] == []


# --- Links, pictures, decisions ---------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+\s+(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_and_picture_of_a_document_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"))
    for address in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", address):
            continue
        file, _, anchor = address.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{name_of(path)} points to {address}, which is not there"
        assert target.is_relative_to(CHECKOUT), f"{name_of(path)} points out of the repository"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{name_of(path)} points to {address}"


def test_the_readme_shows_three_pictures() -> None:
    assert len(re.findall(r"!\[[^\]]+\]\(docs/images/[^)]+\)", read("README.md"))) >= 3


def test_every_decision_is_in_the_index_and_the_numbers_have_no_gap() -> None:
    files = sorted(path.name for path in (CHECKOUT / "docs" / "decisions").glob("[0-9]*.md"))
    assert files == sorted(re.findall(r"\]\((\d{4}-[^)]+\.md)\)", read("docs/decisions/README.md")))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))


SOURCES = list((CHECKOUT / "wellness").rglob("*.py"))


def test_every_document_that_the_code_names_exists() -> None:
    numbers = {path.name[:4] for path in (CHECKOUT / "docs" / "decisions").glob("[0-9]*.md")}
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"docs/decisions/(\d{4})", text)) <= numbers, name_of(path)
        for name in re.findall(r"\bdocs/[a-z-]+\.md", text):
            assert (CHECKOUT / name).exists(), f"{name_of(path)} names {name}, which is not written yet"


NAMED_TEST = re.compile(r"`(s|t)/([\w/]+\.py)::(\w+)`")


def test_every_defence_is_shown_by_a_test_that_exists() -> None:
    folders = {"s": CHECKOUT / "tests" / "security", "t": CHECKOUT / "tests"}
    text = read("docs/security.md")
    named = {(folders[folder] / file, function) for folder, file, function in NAMED_TEST.findall(text)}
    assert len(named) > 50
    for path, function in sorted(named):
        assert path.exists(), path
        assert f"\ndef {function}(" in path.read_text(encoding="utf-8"), f"{path.name} has no {function}"
    rows = [row for row in text.split("## What is not")[0].splitlines() if row.startswith("| ") and "**" not in row]
    assert [row for row in rows[1:] if not NAMED_TEST.search(row) and "`Makefile`" not in row] == []
    modules = set((CHECKOUT / "tests" / "security").glob("test_*.py"))
    assert modules - {path for path, _ in named} == set(), "what is tried there is told of"


NAMED_FILE = re.compile(r"`([\w/.-]+\.(?:py|js|html|css|toml))`(?: \(`(\w+)`\))?")


@pytest.mark.parametrize("name", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_and_function_that_leads_into_the_code_exists(name: str) -> None:
    named = NAMED_FILE.findall(read(name))
    assert len(named) > 3
    for file, function in named:
        found = [path for path in (CHECKOUT / file, CHECKOUT / "wellness" / file) if path.exists()]
        assert found, f"{name} names {file}"
        assert not function or f"def {function}(" in found[0].read_text(encoding="utf-8"), f"{file} has no {function}"


def test_the_changelog_tells_of_this_version() -> None:
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", read("CHANGELOG.md"), re.MULTILINE)


def test_the_licence_of_the_project_is_the_one_in_its_file() -> None:
    assert PROJECT["license"] in read("LICENSE")
