"""The registry of content blocks: what each declares holds, and staff words stay in front of no public template."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from tests.support.scratch import CHECKOUT
from wellness.domain import Block, Language, Problem, VideoFacts
from wellness.library.blocks import BLOCKS, MARKS, find_block_problems, write_table
from wellness.library.blocks.base import Place, Readers, Snippet
from wellness.library.body import cut_body
from wellness.library.prepared import PreparedPart
from wellness.web.blocks import PUBLIC_VIEWS, STAFF_VIEWS, render_block

TEMPLATES = CHECKOUT / "templates" / "blocks"
VIEWS = PUBLIC_VIEWS | STAFF_VIEWS | {"pack"}
VIDEO = VideoFacts("its-name", 100, (Language.EN,), (Language.EN,))
SNIPPETS = [(snippet, language) for one in BLOCKS.values() for snippet in one.snippets for language in Language]
OPTIONS = [(name, option.name) for name, one in BLOCKS.items() for option in one.options]
OPENINGS = dict.fromkeys(("pattern", "rounds", "holds"), "practice | breathing")


def read(text: str) -> tuple[Block, list[Problem]]:
    """The one block of a text, and what is wrong with it."""
    parts, problems = cut_body(tuple(text.split("\n")), 1, "x.md")
    (block,) = parts[0].blocks
    return block, [*problems, *find_block_problems(block, Place.SESSION, "x.md", [VIDEO])]


def macros(name: str) -> set[str]:
    source = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
    return set(re.findall(r"{%-? macro (\w+)\(part, lang", source))


def test_every_block_has_a_template_and_every_template_a_block() -> None:
    assert {path.stem for path in TEMPLATES.iterdir()} == set(BLOCKS)
    assert all(macros(name) <= VIEWS for name in BLOCKS)
    assert all(macros(name) for name in BLOCKS)


@pytest.mark.parametrize("name", [name for name, one in BLOCKS.items() if one.readers is Readers.STAFF])
def test_the_template_of_a_block_for_staff_has_no_public_view(name: str) -> None:
    assert not macros(name) & PUBLIC_VIEWS
    assert {"cue", "sheet", "lesson", "preview"} <= macros(name)


@pytest.mark.parametrize("view", sorted(PUBLIC_VIEWS))
@pytest.mark.parametrize("name", ["say", "teacher", "techer"])
def test_a_public_view_of_words_for_staff_is_empty_whatever_the_template_says(name: str, view: str) -> None:
    leaky = "{% macro " + view + "(part, lang) %}{{ part.html }}{% endmacro %}"
    templates = Environment(loader=DictLoader({f"blocks/{name}.html": leaky}), autoescape=True)
    assert render_block(templates, PreparedPart(name, "Zanzibar"), view, "en") == ""


def test_the_same_template_shows_words_for_everyone() -> None:
    open_to_all = "{% macro student(part, lang) %}{{ part.html }}{% endmacro %}"
    templates = Environment(loader=DictLoader({"blocks/text.html": open_to_all}), autoescape=True)
    assert render_block(templates, PreparedPart("text", "Zanzibar"), "student", "en") == "Zanzibar"


@pytest.mark.parametrize(("snippet", "language"), SNIPPETS)
def test_each_snippet_passes_the_check(snippet: Snippet, language: Language) -> None:
    text = snippet.text(language).replace("{video}", VIDEO.name)
    _, problems = read(text)
    assert problems == []


def test_every_block_that_coaches_write_in_a_session_can_be_inserted() -> None:
    offered = {name for name in MARKS if Place.SESSION in BLOCKS[name].places}
    assert {name for name in offered if BLOCKS[name].snippets} == offered


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_each_option_refuses_a_wrong_value_on_its_line(name: str, option: str) -> None:
    opening = OPENINGS.get(option, "video | its-name" if name == "video" else "practice | timer")
    _, problems = read(f"/// {opening}\n{option}: 0-nonsense\n\nWords.\n///")
    assert [problem.line for problem in problems] == [2]


def test_an_option_of_another_kind_and_one_written_twice_are_problems_on_their_lines() -> None:
    _, problems = read("/// practice | timer\nseconds: 60\nrounds: 4\nseconds: 50\n\nWords.\n///")
    assert [(problem.line, problem.message) for problem in problems] == [
        (3, "`rounds` isn’t an option of this practice; the options are: seconds"),
        (4, "`seconds` is written twice; keep one of them"),
    ]


def test_words_behind_the_name_of_a_block_without_an_argument_are_a_problem() -> None:
    _, problems = read("/// say | Breathe.\nIn your own words.\n///")
    assert [problem.line for problem in problems] == [1]


SOLO = '''
"""A test's own block."""
from .base import BlockType, Option, Readers, Snippet, whole

BLOCK = BlockType(
    name="solo",
    order=15,
    readers=Readers.{readers},
    options=(Option("turns", whole("turns", 3, "at most 3 turns"), 1),),
    snippets=(Snippet("solo", "Solo", "/// solo\\nturns: 2\\n\\nAlone.\\n///", "/// solo\\nSin nadie.\\n///"),),
    seconds=lambda parameters: parameters["turns"] * 10,
)
'''
USE = """
from jinja2 import Environment, FileSystemLoader
from wellness.library.blocks import BLOCKS, MARKS, Place, block_seconds, find_block_problems, is_on_screen
from wellness.library.body import cut_body
from wellness.library.blocks.base import PrepareContext
from wellness.library.prepared import PreparedPart, prepare_block
from wellness.web.blocks import render_block

parts, problems = cut_body(("/// solo", "turns: 9", "", "Zanzibar", "///"), 1, "x.md")
(block,) = parts[0].blocks
problems += find_block_problems(block, Place.SESSION, "x.md")
print([(one.line, one.message) for one in problems], is_on_screen("solo"))
parts, _ = cut_body(("/// solo", "turns: 2", "", "Zanzibar", "///"), 1, "x.md")
(block,) = parts[0].blocks
templates = Environment(loader=FileSystemLoader("templates"), autoescape=True)
part = PreparedPart("solo", *prepare_block(block, PrepareContext("s1-1")))
print(list(MARKS)[:2], block_seconds(block),
    [str(render_block(templates, part, view, "en")) for view in ("student", "preview")])
"""


@pytest.mark.parametrize(
    ("readers", "shown"),
    [("EVERYONE", "['<b><p>Zanzibar</p></b>', '<b><p>Zanzibar</p></b>']"), ("STAFF", "['', '<b><p>Zanzibar</p></b>']")],
)
def test_a_file_and_a_template_are_all_the_code_a_new_block_needs(tmp_path: Path, readers: str, shown: str) -> None:
    shutil.copytree(CHECKOUT / "wellness", tmp_path / "wellness", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "wellness" / "library" / "blocks" / "solo.py").write_text(SOLO.replace("{readers}", readers))
    (tmp_path / "templates" / "blocks").mkdir(parents=True)
    (tmp_path / "templates" / "blocks" / "solo.html").write_text(
        "{% macro student(part, lang) %}<b>{{ part.html|safe }}</b>{% endmacro %}"
    )
    done = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        f"[(2, 'at most 3 turns')] {readers == 'EVERYONE'}",
        f"['choice', 'solo'] 20 {shown}",
    ], done.stderr


def test_the_table_in_the_guide_is_the_registry() -> None:
    guide = (CHECKOUT / "docs" / "authoring.md").read_text(encoding="utf-8")
    assert f"<!-- blocks -->\n\n{write_table()}\n\n<!-- end -->" in guide, "run `make docs`"
