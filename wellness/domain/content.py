"""What a session and a page are made of."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .vocabulary import Band, Competency, Language, Need, StepKind


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


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What stands at the top of a session: what it is, for whom, how long (minutes), and which text it is.

    `module` is the slug of the training module that prepares a teacher for it, or empty.
    """

    slug: str
    language: Language
    title: str
    summary: str
    purpose: str
    minutes: int
    short_minutes: int
    bands: tuple[Band, ...]
    competency: Competency
    skill: str
    needs: tuple[Need, ...]
    drawing: str
    licence: str
    author: str
    materials: tuple[str, ...]
    sources: tuple[str, ...]
    revision: str
    aliases: tuple[str, ...] = ()
    module: str = ""

    def cover(self) -> dict[str, Any]:
        """The cover by itself, to put on another form of the same session."""
        return {one.name: getattr(self, one.name) for one in fields(Cover)}


@dataclass(frozen=True, kw_only=True)
class Session(Cover):
    """One authored piece of Tier 1 content, as parsed from its file."""

    steps: tuple[Step, ...]
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The section of that name, or None."""
        return next((section for section in self.sections if section.name == name), None)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site written as Markdown: who to talk to, for families, about, what we record."""

    slug: str
    language: Language
    title: str
    summary: str
    blocks: tuple[Block, ...]
    revision: str
