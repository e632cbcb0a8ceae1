"""What sessions, modules and pages are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from .vocabulary import Language, StepKind


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a step between `/// name` and `///`, or the plain text between blocks (name `text`).

    `line` is where the block begins, `text_line` where its text does.
    """

    name: str
    text: str
    line: int
    text_line: int
    argument: str = ""
    options: tuple[tuple[str, str], ...] = ()
    option_lines: tuple[int, ...] = field(default=(), compare=False)

    def option(self, name: str, default: str = "") -> str:
        """The value of one option, or `default`."""
        return dict(self.options).get(name, default)

    def number_options(self) -> tuple[tuple[int, str, str], ...]:
        """The line, name and value of each option."""
        return tuple((line, key, value) for line, (key, value) in zip(self.option_lines, self.options, strict=False))


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a text needs to know of a recording it names: its length (seconds), its captions and its transcripts."""

    name: str
    seconds: int
    captions: tuple[Language, ...]
    transcripts: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One screen of a session. `short_minutes` is its length in the five-minute variant; 0 leaves it out of that."""

    kind: StepKind
    title: str
    minutes: int
    short_minutes: int
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text that is not a step: for the teacher before class, adaptations, families…"""

    name: str
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site written as Markdown: who to talk to, for families, about, what we record."""

    slug: str
    language: Language
    title: str
    summary: str
    blocks: tuple[Block, ...]
    revision: str
