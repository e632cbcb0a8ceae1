"""What the catalogue stores of a text: everything a page shows, with its HTML ready.

Parsing and rendering happen here, once per revision, in the workshop's processes; a visitor's request only reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationInfo

from ..domain import Block, Language, Page, PartKind, Problem, StepKind, TrainingModule, VideoFacts
from .blocks import BLOCKS, is_for_everyone, prepare_block
from .blocks.base import PrepareContext
from .blocks.question import PreparedQuestion
from .session import Session, SessionCover, parse_page, parse_session, read_original_facts
from .training_module import parse_training, read_training_facts

Data = TypeVar("Data")
_TAG = re.compile(r"<[^>]+>")
_WHEN_USED = ConfigDict(defer_build=True)
"""Build pydantic's validators at the first use, not when the site starts."""


@cache
def _reader(name: str) -> TypeAdapter[Any]:
    return TypeAdapter[Any](BLOCKS[name].data or dict)


def _read_data(value: Any, info: ValidationInfo) -> Any:
    """Turn a dict read from JSON into the data class of its block."""
    block = BLOCKS.get(info.data.get("name", ""))
    if value is None or block is None or block.data is None:
        return None
    return _reader(block.name).validate_python(value)


@dataclass(frozen=True)
class PreparedPart:
    """One block with its sanitized HTML, and its `data` if it has more than text (see `library/blocks`)."""

    name: str
    html: str
    data: Annotated[Any, BeforeValidator(_read_data)] = None

    @property
    def is_for_everyone(self) -> bool:
        """Whether students and families may see the part on their screen or paper."""
        return is_for_everyone(self.name)

    def get(self, kind: type[Data]) -> Data | None:
        """Return the part's data when it is of that type, else None."""
        return self.data if isinstance(self.data, kind) else None


@dataclass(frozen=True)
class PreparedStep:
    """A step, shown as one screen."""

    kind: StepKind
    title: str
    minutes: int
    short_minutes: int
    parts: tuple[PreparedPart, ...]


@dataclass(frozen=True, kw_only=True)
class PreparedSession(SessionCover):
    """A session as stored in the catalogue."""

    __pydantic_config__: ClassVar[ConfigDict] = _WHEN_USED

    steps: tuple[PreparedStep, ...]
    sections: dict[str, tuple[PreparedPart, ...]]


@dataclass(frozen=True)
class PreparedPage:
    """A page as stored in the catalogue."""

    __pydantic_config__: ClassVar[ConfigDict] = _WHEN_USED

    slug: str
    language: Language
    title: str
    summary: str
    parts: tuple[PreparedPart, ...]
    revision: str


@dataclass(frozen=True)
class PreparedModulePart:
    """One part of a training module."""

    kind: PartKind
    title: str
    minutes: int
    parts: tuple[PreparedPart, ...]


@dataclass(frozen=True)
class PreparedModule:
    """A training module as stored in the catalogue."""

    __pydantic_config__: ClassVar[ConfigDict] = _WHEN_USED

    slug: str
    language: Language
    title: str
    summary: str
    minutes: int
    author: str
    license: str
    sources: tuple[str, ...]
    aliases: tuple[str, ...]
    parts: tuple[PreparedModulePart, ...]
    revision: str
    pass_mark: int
    hours: float | None
    again_since: date | None
    order: int | None

    @property
    def questions(self) -> tuple[PreparedQuestion, ...]:
        """The questions of all parts, in order."""
        return tuple(found for one in self.parts for part in one.parts if (found := part.get(PreparedQuestion)))

    @property
    def graded(self) -> tuple[PreparedQuestion, ...]:
        """The questions that count for passing."""
        return tuple(question for question in self.questions if question.kind.is_graded)


SESSION_JSON = TypeAdapter(PreparedSession)
PAGE_JSON = TypeAdapter(PreparedPage)
MODULE_JSON = TypeAdapter(PreparedModule)


@dataclass(frozen=True, slots=True)
class Text:
    """A file to prepare. `original` is the English text when this is a translation of it."""

    kind: str
    slug: str
    language: Language
    file: str
    text: str
    original: str | None = None
    videos: tuple[VideoFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of preparing a file: the document as JSON if it may be shown, the words to search, the problems.

    `addresses` are the pages and media of this site that the text links to or shows, each with its line.
    """

    document: str | None
    words: str
    problems: tuple[Problem, ...]
    addresses: tuple[tuple[int, str], ...] = ()


def prepare(text: Text) -> Outcome:
    """Check, parse and render one file. Never raises for what a coach can write; it returns problems."""
    if text.kind == "pages":
        checked_page = parse_page(text.slug, text.language, text.text, text.file, text.videos)
        if checked_page.content is None:
            return Outcome(None, "", checked_page.problems, checked_page.addresses)
        page = prepare_page(checked_page.content)
        return Outcome(
            PAGE_JSON.dump_json(page).decode(), _words(page.parts), checked_page.problems, checked_page.addresses
        )
    if text.kind == "training":
        return _prepare_training(text)
    original = read_original_facts(text.original, text.file) if text.original is not None else None
    if text.language is not Language.EN and original is None:
        return _orphan(text)
    checked = parse_session(text.slug, text.language, text.text, text.file, original, text.videos)
    if checked.content is None:
        return Outcome(None, "", checked.problems, checked.addresses)
    session = prepare_session(checked.content)
    shown = [part for step in session.steps for part in step.parts if part.is_for_everyone]
    return Outcome(SESSION_JSON.dump_json(session).decode(), _words(tuple(shown)), checked.problems, checked.addresses)


def _prepare_training(text: Text) -> Outcome:
    original = read_training_facts(text.original, text.file) if text.original is not None else None
    if text.language is not Language.EN and original is None:
        return _orphan(text)
    checked = parse_training(text.slug, text.language, text.text, text.file, original, text.videos)
    if checked.content is None:
        return Outcome(None, "", checked.problems, checked.addresses)
    module = prepare_module(checked.content)
    words = _words(tuple(shown for part in module.parts for shown in part.parts))
    return Outcome(MODULE_JSON.dump_json(module).decode(), words, checked.problems, checked.addresses)


def _orphan(text: Text) -> Outcome:
    message = f"the English version, {text.slug}.md, must be in the same folder and have no problems"
    return Outcome(None, "", (Problem(text.file, 1, message),))


def _words(parts: tuple[PreparedPart, ...]) -> str:
    html = " ".join(part.html for part in parts)
    return re.sub(r"\s+", " ", _TAG.sub(" ", html)).strip()


def prepare_session(session: Session) -> PreparedSession:
    """Render a session."""
    return PreparedSession(
        slug=session.slug,
        language=session.language,
        facts=session.facts,
        revision=session.revision,
        steps=tuple(
            PreparedStep(
                step.kind, step.title, step.minutes, step.short_minutes, _prepare_blocks(step.blocks, f"s{number}")
            )
            for number, step in enumerate(session.steps, start=1)
        ),
        sections={section.name: _prepare_blocks(section.blocks, section.name) for section in session.sections},
    )


def prepare_page(page: Page) -> PreparedPage:
    """Render a page."""
    parts = _prepare_blocks(page.blocks, "page")
    return PreparedPage(page.slug, page.language, page.title, page.summary, parts, page.revision)


def prepare_module(module: TrainingModule) -> PreparedModule:
    """Render a training module."""
    parts = tuple(
        PreparedModulePart(
            part.kind, part.title, part.minutes, _prepare_blocks(part.blocks, f"p{number}", module.revision)
        )
        for number, part in enumerate(module.parts, start=1)
    )
    return PreparedModule(**{one.name: getattr(module, one.name) for one in fields(TrainingModule)} | {"parts": parts})


def _prepare_blocks(blocks: tuple[Block, ...], place: str, revision: str = "") -> tuple[PreparedPart, ...]:
    return tuple(
        _prepare_block(block, PrepareContext(f"{place}-{number}", revision))
        for number, block in enumerate(blocks, start=1)
    )


def _prepare_block(block: Block, making: PrepareContext) -> PreparedPart:
    html, data = prepare_block(block, making)
    return PreparedPart(block.name, html, data)
