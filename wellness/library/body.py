"""Parse the body of a file line by line: `##` headings into steps and sections, `/// name` … `///` into blocks.

This is not a Markdown extension, so that each piece knows its line for the check, a teacher's words are never
inside a student's HTML, and one step can fill one screen (docs/decisions/0003).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..domain import Block, Problem
from .blocks import BLOCKS, MARKS
from .marks import (
    Heading,
    Mark,
    clean_text,
    find_mark_in_line,
    is_late_option,
    is_underline,
    read_heading,
    read_mark,
    read_option,
)

_UNKNOWN = "teacher"
"""What a block with an unknown name is read as: only staff see its text."""
_MAX_SUGGESTIONS = 50
"""After this many problems, no similar names are suggested: each takes 0.1 ms."""

_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")


@dataclass(frozen=True, slots=True)
class Part:
    """The blocks under one `##` heading. Text before the first heading has an empty heading."""

    heading: str
    line: int
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class _Open:
    """The block or run of plain text being collected. `written` is the name as written in the file."""

    name: str
    line: int
    lines: list[str]
    argument: str = ""
    written: str = ""


class _Cutter:
    """One pass over the lines. A class because a line can end a block, a part, or neither."""

    def __init__(self, file: str, is_heading: Callable[[str], bool]) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.parts: list[Part] = []
        self._is_heading = is_heading
        self._heading, self._heading_line = "", 0
        self._blocks: list[Block] = []
        self._open = _Open("text", 0, [])
        self._fence, self._fence_line = "", 0
        self._may_be_underline = False

    def take(self, number: int, line: str) -> None:
        """Process one line of the body."""
        fence = _FENCE.match(line)
        if self._fence:
            self._fence = "" if fence and line.strip().startswith(self._fence) else self._fence
        elif fence:
            self._fence, self._fence_line = fence.group(1), number
        elif self._take_syntax(number, line):
            return
        self._collect(number, line)

    def finish(self) -> None:
        """Close the open block and part at the end of the file."""
        if self._fence:
            self._problem(self._fence_line, f"this code block never ends; add {self._fence} after it")
        self._close_part()

    def _take_syntax(self, number: int, line: str) -> bool:
        """Process the line if it is a mark or a heading, and return whether it was."""
        may_be_underline, self._may_be_underline = self._may_be_underline, False
        if mark := read_mark(line, MARKS, self._is_in_block, len(self.problems) < _MAX_SUGGESTIONS):
            self._take_mark(number, mark)
            return True
        if heading := read_heading(line, self._is_heading, self._is_in_block):
            self._begin_part(number, heading)
            return True
        if mark_in_line := find_mark_in_line(line, MARKS):
            self._problem(number, f"write `{mark_in_line[:80]}` on a line of its own, at the very left")
        return may_be_underline and is_underline(line)

    @property
    def _is_in_block(self) -> bool:
        return self._open.name != "text"

    def _take_mark(self, number: int, mark: Mark) -> None:
        if mark.name:
            self._check_end()
        elif not self._is_in_block:
            self._problem(number, "this `///` ends a block, but no block is open; delete it")
        self._close_block()
        if mark.problem:
            self._problem(number, mark.problem)
        if mark.name:
            self._open = _Open(mark.name if mark.is_known else _UNKNOWN, number, [], mark.argument, mark.name)

    def _begin_part(self, number: int, heading: Heading) -> None:
        self._close_part()
        if heading.problem:
            self._problem(number, heading.problem)
            self._may_be_underline = True
        self._heading, self._heading_line = heading.words, number

    def _check_end(self) -> None:
        if self._is_in_block:
            message = f"the block `/// {self._open.written[:80]}` never ends; add `///` on a line after it"
            self._problem(self._open.line, message)

    def _close_part(self) -> None:
        self._check_end()
        self._close_block()
        if self._heading or self._blocks:
            self.parts.append(Part(self._heading, self._heading_line, tuple(self._blocks)))
        self._blocks = []

    def _close_block(self) -> None:
        lines, name = self._open.lines, self._open.name
        options, option_lines, text_lines = self._options(lines) if BLOCKS[name].options else ((), (), lines)
        blank = next((index for index, line in enumerate(text_lines) if line.strip()), 0)
        text_line = self._open.line + (name != "text") + len(lines) - len(text_lines) + blank
        text = "\n".join(text_lines[blank:]).rstrip()
        if name != "text" or text:
            argument = self._open.argument
            self._blocks.append(Block(name, text, self._open.line, text_line, argument, options, option_lines))
        self._open = _Open("text", 0, [])

    def _options(self, lines: list[str]) -> tuple[tuple[tuple[str, str], ...], tuple[int, ...], list[str]]:
        """Return the options at the start of a block, their lines, and the lines of text after them."""
        names, first = BLOCKS[self._open.name].option_names, self._open.line + 1
        found: list[tuple[str, str]] = []
        numbers: list[int] = []
        has_gap, rest = False, len(lines)
        for index, line in enumerate(lines):
            if not line.strip():
                has_gap = True
                continue
            option = read_option(line, names, bool(found), has_gap)
            if option is None:
                rest = index
                break
            found.append((option.key, option.value))
            numbers.append(first + index)
            if option.problem:
                self._problem(first + index, option.problem)
        for index, line in enumerate(lines[rest:], start=rest):
            if is_late_option(line, names):
                self._problem(first + index, "write the options of a block before its words")
        return tuple(found), tuple(numbers), lines[rest:]

    def _collect(self, number: int, line: str) -> None:
        if self._open.name == "text" and not self._open.lines:
            if not line.strip():
                return
            self._open.line = number
        self._open.lines.append(line)

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))


def no_heading(_words: str) -> bool:
    """Return False, for pages: their headings need `##`."""
    return False


def cut_body(
    lines: tuple[str, ...], first_line: int, file: str, is_heading: Callable[[str], bool] = no_heading
) -> tuple[tuple[Part, ...], list[Problem]]:
    """Return the parts of a body and the problems of its blocks. `first_line` is the number of `lines[0]` in the file.

    `is_heading` tells which words are headings of this kind of file; without their `##` they still are, with a problem.
    """
    cutter = _Cutter(file, is_heading)
    for number, line in enumerate(lines, start=first_line):
        cutter.take(number, clean_text(line).replace("\n", " "))
    cutter.finish()
    return tuple(cutter.parts), cutter.problems
