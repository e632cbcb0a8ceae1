"""The body of a file, cut by its lines into parts and blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellness.domain import Block, Problem
from wellness.library.body import Part, cut_body
from wellness.library.marks import clean_text


def cut(text: str) -> tuple[tuple[Part, ...], list[Problem]]:
    return cut_body(tuple(text.split("\n")), 1, "a.md")


def test_headings_make_parts_and_marks_make_blocks_each_with_its_line() -> None:
    parts, problems = cut(
        "## One (1 min)\n\nHello.\n\n/// say\nQuietly.\n///\nBye.\n## Two (2 min)\n/// ask\n\nWhy?\n///"
    )
    assert problems == []
    assert parts == (
        Part(
            "One (1 min)",
            1,
            (Block("text", "Hello.", 3, 3), Block("say", "Quietly.", 5, 6), Block("text", "Bye.", 8, 8)),
        ),
        Part("Two (2 min)", 9, (Block("ask", "Why?", 10, 12),)),
    )


def test_the_options_of_a_practice_come_first_and_its_words_after_them() -> None:
    parts, problems = cut(
        "## P (1 min)\n/// practice | breathing\npattern: 4-4-4-4\nholds: off\n\n1. In: slowly\n2. Out\n///"
    )
    (block,) = parts[0].blocks
    assert problems == []
    assert (block.argument, block.options) == ("breathing", (("pattern", "4-4-4-4"), ("holds", "off")))
    assert (block.text, block.line, block.text_line) == ("1. In: slowly\n2. Out", 2, 6)
    assert block.option("holds") == "off"
    assert block.option("rounds", "4") == "4"


def test_only_a_practice_has_options() -> None:
    parts, _ = cut("/// say\nnote: this is text\n///")
    assert parts[0].blocks[0].text == "note: this is text"


@pytest.mark.parametrize(
    "heading",
    ["## One", "##One", "## One ##", "##   One   ", " ## One", "   ##\u00a0One", "\t## One", "\ufeff##\u200b One"],
)
def test_a_heading_is_a_heading_with_or_without_the_space_and_the_closing_signs(heading: str) -> None:
    parts, _ = cut(f"{heading}\ntext")
    assert [part.heading for part in parts] == ["One"]


@pytest.mark.parametrize("line", ["### One", "#### One", "# One", "    ## One", "\\## One"])
def test_other_headings_stay_in_the_text(line: str) -> None:
    parts, _ = cut(f"## P\n{line}")
    assert [(part.heading, part.blocks[0].text) for part in parts] == [("P", line)]


def test_what_stands_before_the_first_heading_is_a_part_without_one() -> None:
    parts, _ = cut("\nwords\n## One\nmore")
    assert [(part.heading, part.blocks[0].line) for part in parts] == [("", 2), ("One", 4)]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("## P\nwords\n///", 3, "this `///` ends a block, but no block is open; delete it"),
        ("## P\n/// say\nwords", 2, "the block `/// say` never ends"),
        ("## P\n/// say\nwords\n## Q", 2, "the block `/// say` never ends"),
        ("## P\n/// say\n/// ask\nwords\n///", 2, "the block `/// say` never ends"),
        ("## P\n/// shout\nwords\n///", 2, "there’s no block called `shout`; the blocks are: choice, ask"),
        ("## P\n/// | breathing\nwords", 2, "this `///` ends a block, but no block is open; delete it"),
        ("## P\n////\n", 2, "this `///` ends a block, but no block is open; delete it"),
        ("## P\n////\n", 2, "write `///` at the very left, with three slashes"),
        ("## P\n```\nwords", 2, "this code block never ends; add ```"),
        ("## P\n~~~~\nwords\n~~~", 2, "this code block never ends; add ~~~~"),
    ],
)
def test_a_block_that_does_not_close_or_does_not_exist_is_named_by_its_line(text: str, line: int, says: str) -> None:
    _, problems = cut(text)
    assert [problem.line for problem in problems if says in problem.message] == [line], problems


def test_code_is_left_as_it_is() -> None:
    parts, problems = cut("## P\n```\n## no heading\n/// no block\n```\nafter")
    assert problems == []
    assert [block.text for block in parts[0].blocks] == ["```\n## no heading\n/// no block\n```\nafter"]


def test_block_names_may_be_written_large_and_close_to_the_mark() -> None:
    parts, problems = cut("///Choice\nwords\n///\n/// PRACTICE|Timer\nseconds: 5\n///")
    assert problems == []
    assert [(block.name, block.argument) for block in parts[0].blocks] == [("choice", ""), ("practice", "Timer")]


pieces = st.sampled_from(
    [
        "## One (1 min)",
        "##",
        "### x",
        "/// say",
        "/// practice | timer",
        "///",
        "/// x",
        "```",
        "~~~",
        "seconds: 3",
        "",
        "words",
        " - a",
    ]
)


@given(st.lists(st.one_of(pieces, st.text(max_size=10)), max_size=25))
def test_every_block_knows_its_lines_whatever_stands_in_the_body(listed: list[str]) -> None:
    lines = "\n".join(listed).split("\n")
    parts, problems = cut_body(tuple(lines), 1, "a.md")
    assert all(1 <= problem.line <= len(lines) for problem in problems)
    at = 0
    for part in parts:
        assert part.line >= at
        for block in part.blocks:
            assert max(at, part.line) <= block.line
            at = block.text_line
            for offset, line in enumerate(block.text.split("\n") if block.text else []):
                written = clean_text(lines[block.text_line - 1 + offset]).replace("\n", " ")
                assert written.rstrip() == line.rstrip()
