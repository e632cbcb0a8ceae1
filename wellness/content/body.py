"""The body of a file, cut by its lines: `##` headings into steps and sections, `/// name` … `///` into blocks.

Cut here and not by a Markdown extension, so that each piece knows its line for the check, a teacher's words never travel
inside a student's HTML, and one step can stand on one screen (docs/decisions/0003).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..domain import Block, Problem

BLOCKS = ("choice", "practice", "video", "ask", "say", "teacher", "question", "contacts", "schema")
_WITH_OPTIONS = ("practice", "video")

MAX_MARK = 400
"""A heading, a `///` or an option has at most so many signs; what is longer is text, for which these patterns are slow."""

_HEADING = re.compile(r"^##(?!#)\s*(?P<words>.*?)\s*#*\s*$")
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_OPENING = re.compile(r"^///\s*(?P<name>[^|]*?)\s*(?:\|\s*(?P<argument>.*?)\s*)?$")
_OPTION = re.compile(r"^(?P<key>[a-z][a-z-]*):\s*(?P<value>\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Part:
    """What stands under one `##` heading. The words before any heading have an empty heading."""

    heading: str
    line: int
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class _Open:
    """The block or the stretch of plain text being collected."""

    name: str
    line: int
    argument: str = ""
    lines: list[str] | None = None


class _Cutter:
    """Goes through the lines once. Kept as a class because a line may end a block, a part, or neither."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.parts: list[Part] = []
        self._heading, self._heading_line = "", 0
        self._blocks: list[Block] = []
        self._open = _Open("text", 0, lines=[])
        self._fence, self._fence_line = "", 0

    def take(self, number: int, line: str) -> None:
        """One line of the body."""
        fence = _FENCE.match(line)
        if self._fence:
            self._fence = "" if fence and line.strip().startswith(self._fence) else self._fence
        elif fence:
            self._fence = fence.group(1)
            self._fence_line = number
        elif len(line) > MAX_MARK:
            pass
        elif line.startswith("///"):
            self._mark(number, line)
            return
        elif heading := _HEADING.match(line):
            self._begin_part(number, heading.group("words"))
            return
        self._collect(number, line)

    def finish(self) -> None:
        """The end of the file ends whatever is open."""
        if self._fence:
            self._problem(self._fence_line, f"the code begun with {self._fence} has no end; put {self._fence} after it")
        self._close_part()

    def _mark(self, number: int, line: str) -> None:
        opening = _OPENING.match(line)
        name = opening.group("name").strip().lower() if opening else ""
        if not name:
            if self._open.name == "text":
                self._problem(number, "this `///` ends a block, but none was begun; take it out")
            self._close_block()
            return
        if self._open.name != "text":
            self._problem(
                self._open.line, f"the block `/// {self._open.name}` has no end; put `///` on a line after it"
            )
        self._close_block()
        if name not in BLOCKS:
            self._problem(number, f"there is no block called `{name}`; the blocks are: {', '.join(BLOCKS[:7])}")
        self._open = _Open(name, number, (opening.group("argument") or "") if opening else "", [])

    def _begin_part(self, number: int, words: str) -> None:
        self._close_part()
        self._heading, self._heading_line = words, number

    def _close_part(self) -> None:
        if self._open.name != "text":
            self._problem(
                self._open.line, f"the block `/// {self._open.name}` has no end; put `///` on a line after it"
            )
        self._close_block()
        if self._heading or self._blocks:
            self.parts.append(Part(self._heading, self._heading_line, tuple(self._blocks)))
        self._blocks = []

    def _close_block(self) -> None:
        lines, name = self._open.lines or [], self._open.name
        options, text_lines = _options(lines) if name in _WITH_OPTIONS else ((), lines)
        blank = next((index for index, line in enumerate(text_lines) if line.strip()), 0)
        text_line = self._open.line + (name != "text") + len(lines) - len(text_lines) + blank
        text = "\n".join(text_lines[blank:]).rstrip()
        if name != "text" or text:
            self._blocks.append(Block(name, text, self._open.line, text_line, self._open.argument, options))
        self._open = _Open("text", 0, lines=[])

    def _collect(self, number: int, line: str) -> None:
        if self._open.lines is None:
            self._open.lines = []
        if self._open.name == "text" and not self._open.lines:
            if not line.strip():
                return
            self._open.line = number
        self._open.lines.append(line)

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))


def _options(lines: list[str]) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    found: list[tuple[str, str]] = []
    for index, line in enumerate(lines):
        option = _OPTION.match(line) if len(line) <= MAX_MARK else None
        if option is None:
            return tuple(found), lines[index:]
        found.append((option.group("key"), option.group("value")))
    return tuple(found), []


def cut_body(lines: tuple[str, ...], first_line: int, file: str) -> tuple[tuple[Part, ...], list[Problem]]:
    """The parts of a body and what is wrong with its blocks. `first_line` is the number of `lines[0]` in the file."""
    cutter = _Cutter(file)
    for number, line in enumerate(lines, start=first_line):
        cutter.take(number, line)
    cutter.finish()
    return tuple(cutter.parts), cutter.problems
