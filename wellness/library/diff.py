"""Word-by-word diff of two texts, in lines, so that unchanged parts of a long text can be folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

MAX_PAIRS = 2_000_000
"""Most pairs of lines or words compared; a longer stretch is shown as removed and added, which is quick."""

_WORDS = re.compile(r"\n|[^\S\n]+|\w+(?:['’]\w+)*|[^\w\s]")


class Change(StrEnum):
    """Whether words were removed, added or unchanged."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive words with the same change."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the merged texts. A line number (1-based) is None when the line is not in that text."""

    old_number: int | None
    new_number: int | None
    runs: tuple[Run, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything in it was added or removed, even just its line end."""
        return (
            self.old_number is None
            or self.new_number is None
            or any(run.change is not Change.KEPT for run in self.runs)
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """The merged lines of two texts. `removed` and `added` count words."""

    lines: tuple[Line, ...]
    removed: int
    added: int

    @property
    def is_same(self) -> bool:
        """Whether no line changed."""
        return not any(line.is_changed for line in self.lines)

    def list_parts(self, around: int = 2) -> list[tuple[Line, ...]]:
        """Return the changed stretches with `around` lines of context before and after each."""
        near = [number for number, line in enumerate(self.lines) if line.is_changed]
        parts: list[list[Line]] = []
        last = -1
        for number in near:
            first = max(number - around, last + 1)
            if not parts or first > last + 1:
                parts.append([])
            end = min(number + around, len(self.lines) - 1)
            parts[-1] += self.lines[first : end + 1]
            last = max(last, end)
        return [tuple(part) for part in parts]


@dataclass(slots=True)
class _Lines:
    """Collects runs into lines: an unchanged line end ends the line in both texts."""

    lines: list[Line] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    old: int = 1
    new: int = 1
    in_old: bool = False
    in_new: bool = False

    def take(self, change: Change, words: Sequence[str]) -> None:
        for word in words:
            if word != "\n":
                self._collect(change, word)
            else:
                self.in_old |= change is not Change.ADDED
                self.in_new |= change is not Change.REMOVED
                self._end(change)

    def _collect(self, change: Change, word: str) -> None:
        self.in_old |= change is not Change.ADDED
        self.in_new |= change is not Change.REMOVED
        if self.runs and self.runs[-1].change is change:
            self.runs[-1] = Run(change, self.runs[-1].text + word)
        else:
            self.runs.append(Run(change, word))

    def _end(self, change: Change) -> None:
        self.lines.append(Line(self.old if self.in_old else None, self.new if self.in_new else None, tuple(self.runs)))
        self.old += change is not Change.ADDED
        self.new += change is not Change.REMOVED
        self.runs, self.in_old, self.in_new = [], False, False

    def finish(self) -> tuple[Line, ...]:
        if self.runs:
            self._end(Change.KEPT)
        return tuple(self.lines)


def compare(old: str, new: str) -> Difference:
    """Return the diff of two texts. Bounded: two texts of 256 KB with nothing in common take a fraction of a second."""
    lines = _Lines()
    removed = added = 0
    for change, words in _compare_lines(_cut_lines(old), _cut_lines(new)):
        lines.take(change, words)
        count = sum(word[0].isalnum() for word in words)
        removed += count if change is Change.REMOVED else 0
        added += count if change is Change.ADDED else 0
    return Difference(lines.finish(), removed, added)


def _cut_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").splitlines(keepends=True) if "\n" in text else [text] if text else []


def _compare_lines(old: list[str], new: list[str]) -> Iterator[tuple[Change, list[str]]]:
    for step, first, last, new_first, new_last in _steps(old, new):
        before, after = (_WORDS.findall("".join(lines)) for lines in (old[first:last], new[new_first:new_last]))
        if step == "replace":
            yield from _compare_words(before, after)
        elif step == "equal":
            yield Change.KEPT, before
        else:
            yield Change.REMOVED, before
            yield Change.ADDED, after


def _compare_words(old: list[str], new: list[str]) -> Iterator[tuple[Change, list[str]]]:
    for step, first, last, new_first, new_last in _steps(old, new):
        if step == "equal":
            yield Change.KEPT, old[first:last]
        else:
            yield Change.REMOVED, old[first:last]
            yield Change.ADDED, new[new_first:new_last]


def _steps(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Return difflib's opcodes after trimming the common start and end, or one coarse opcode when there is too much."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest = min(len(old), len(new)) - head
    pairs = zip(reversed(old), reversed(new), strict=False)
    tail = min(rest, next((i for i, (a, b) in enumerate(pairs) if a != b), rest))
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if head:
        yield "equal", 0, head, 0, head
    if len(before) * len(after) > MAX_PAIRS or not (before and after):
        if before:
            yield "delete", head, head + len(before), head, head
        if after:
            yield "insert", head + len(before), head + len(before), head, head + len(after)
    else:
        for step, *places in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            first, last, new_first, new_last = (place + head for place in places)
            yield step, first, last, new_first, new_last
    if tail:
        yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)
