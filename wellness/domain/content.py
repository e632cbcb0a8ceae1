"""Parts of sessions, modules and pages: blocks, steps and sections."""

from __future__ import annotations

from dataclasses import dataclass, field

from .vocabulary import Language, StepKind


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a step between `/// name` and `///`, or the plain text between blocks (name `text`).

    `line` is the first line of the block, `text_line` the first line of its text (both 1-based).
    """

    name: str
    text: str
    line: int
    text_line: int
    argument: str = ""
    options: tuple[tuple[str, str], ...] = ()
    option_lines: tuple[int, ...] = field(default=(), compare=False)

    def option(self, name: str, default: str = "") -> str:
        """Return the value of an option, or `default`."""
        return dict(self.options).get(name, default)

    def number_options(self) -> tuple[tuple[int, str, str], ...]:
        """Return line number, name and value of each option."""
        return tuple((line, key, value) for line, (key, value) in zip(self.option_lines, self.options, strict=False))


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Length in seconds and the languages of captions and transcripts of a video that a text names."""

    name: str
    seconds: int
    captions: tuple[Language, ...]
    transcripts: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One screen of a session. `short_minutes` is its length in the short session; 0 leaves the step out of it."""

    kind: StepKind
    title: str
    minutes: int
    short_minutes: int
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a session that is not a step: before class, adaptations, for families…"""

    name: str
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site written in Markdown: help, for families, about, what we record."""

    slug: str
    language: Language
    title: str
    summary: str
    blocks: tuple[Block, ...]
    revision: str
