"""What the catalogue keeps of a text: everything a page shows, with its HTML ready.

Parsing and rendering happen here, once per revision, in the workshop's processes; a visitor's request only reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from html import escape
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from ..domain import (
    Audience,
    Block,
    BreathPattern,
    Cover,
    FilmFacts,
    Language,
    Page,
    PartKind,
    PracticeKind,
    Problem,
    QuestionKind,
    Session,
    StepKind,
    TrainingModule,
)
from .blocks.practices import DEFAULT_PATTERN, DEFAULT_ROUNDS, PRACTICE_WORDS, practice_seconds
from .blocks.questions import read_question, shuffle
from .blocks.videos import read_pauses
from .markdown import render_line, render_markdown
from .session import parse_page, parse_session, read_original_facts
from .training_module import parse_training, read_training_facts

_TEACHER_ONLY = ("say", "teacher")
_TAG = re.compile(r"<[^>]+>")
_WHEN_USED = ConfigDict(defer_build=True)
"""What reads and writes a document is built at the first one, not when the site starts."""


@dataclass(frozen=True)
class PreparedPractice:
    """A practice the page can run. `seconds` is its whole length; `key` tells it from others of the same session."""

    key: str
    kind: PracticeKind
    pattern: str
    rounds: int
    holds: bool
    seconds: int
    html: str

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """In, hold, out, hold, in seconds."""
        return BreathPattern.parse(self.pattern).counts

    @property
    def has_holds(self) -> bool:
        """Whether "without holds" is a choice."""
        return BreathPattern.parse(self.pattern).has_holds


@dataclass(frozen=True)
class PreparedVideo:
    """A recording the page can play. `pauses` are seconds; None leaves them to the recording's own.

    Where its files are is asked when the page is shown.
    """

    key: str
    name: str
    pauses: tuple[int, ...] | None


@dataclass(frozen=True)
class PreparedOption:
    """One answer of a question: its words stand in a line, what is said to it in paragraphs."""

    key: str
    html: str
    is_right: bool
    feedback: str


@dataclass(frozen=True)
class PreparedQuestion:
    """A question the page can ask. `options` stand as they are shown, `right` is the right answer, see `domain.grade`.

    For what somebody would say the options are sentences to compare with, shown after the answer.
    """

    key: str
    kind: QuestionKind
    prompt: str
    options: tuple[PreparedOption, ...]
    right: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys an answer may be made of."""
        return frozenset(option.key for option in self.options)

    @property
    def in_order(self) -> tuple[PreparedOption, ...]:
        """The options as they are right: in their order where that was asked, else as shown."""
        if self.kind is not QuestionKind.PUT_IN_ORDER:
            return self.options
        return tuple(sorted(self.options, key=lambda option: self.right.index(option.key)))


@dataclass(frozen=True)
class PreparedPart:
    """One block with its HTML. That of a question has the prompt and the answers, and not which of them is right."""

    name: str
    html: str
    practice: PreparedPractice | None = None
    video: PreparedVideo | None = None
    question: PreparedQuestion | None = None

    def is_for(self, audience: Audience) -> bool:
        """Whether this audience sees the part on its screen or paper."""
        return audience is Audience.TEACHER or self.name not in _TEACHER_ONLY


@dataclass(frozen=True)
class PreparedStep:
    """One screen."""

    kind: StepKind
    title: str
    minutes: int
    short_minutes: int
    parts: tuple[PreparedPart, ...]


@dataclass(frozen=True, kw_only=True)
class PreparedSession(Cover):
    """A session as the catalogue keeps it."""

    __pydantic_config__: ClassVar[ConfigDict] = _WHEN_USED

    steps: tuple[PreparedStep, ...]
    sections: dict[str, tuple[PreparedPart, ...]]


@dataclass(frozen=True)
class PreparedPage:
    """A page as the catalogue keeps it."""

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
    """A training module as the catalogue keeps it."""

    __pydantic_config__: ClassVar[ConfigDict] = _WHEN_USED

    slug: str
    language: Language
    title: str
    summary: str
    minutes: int
    author: str
    licence: str
    sources: tuple[str, ...]
    aliases: tuple[str, ...]
    parts: tuple[PreparedModulePart, ...]
    revision: str
    pass_mark: int
    hours: float | None
    again_since: date | None

    @property
    def questions(self) -> tuple[PreparedQuestion, ...]:
        """All questions, in order."""
        return tuple(part.question for one in self.parts for part in one.parts if part.question)

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
    films: tuple[FilmFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What preparing a file gave: the document as JSON when it may be shown, the words to search, the problems.

    `addresses` are the pages and media of this site that the text leads to or shows, each with its line.
    """

    document: str | None
    words: str
    problems: tuple[Problem, ...]
    addresses: tuple[tuple[int, str], ...] = ()


def prepare(text: Text) -> Outcome:
    """Check, parse and render one file. Never raises for what a coach can write; problems say it."""
    if text.kind == "pages":
        checked_page = parse_page(text.slug, text.language, text.text, text.file, text.films)
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
    checked = parse_session(text.slug, text.language, text.text, text.file, original, text.films)
    if checked.content is None:
        return Outcome(None, "", checked.problems, checked.addresses)
    session = prepare_session(checked.content)
    shown = [part for step in session.steps for part in step.parts if part.is_for(Audience.STUDENT)]
    return Outcome(SESSION_JSON.dump_json(session).decode(), _words(tuple(shown)), checked.problems, checked.addresses)


def _prepare_training(text: Text) -> Outcome:
    original = read_training_facts(text.original, text.file) if text.original is not None else None
    if text.language is not Language.EN and original is None:
        return _orphan(text)
    checked = parse_training(text.slug, text.language, text.text, text.file, original, text.films)
    if checked.content is None:
        return Outcome(None, "", checked.problems, checked.addresses)
    module = prepare_module(checked.content)
    words = _words(tuple(shown for part in module.parts for shown in part.parts))
    return Outcome(MODULE_JSON.dump_json(module).decode(), words, checked.problems, checked.addresses)


def _orphan(text: Text) -> Outcome:
    message = f"the English text {text.slug}.md has to stand beside its translation and be right"
    return Outcome(None, "", (Problem(text.file, 1, message),))


def _words(parts: tuple[PreparedPart, ...]) -> str:
    html = " ".join(part.practice.html if part.practice else part.html for part in parts)
    return re.sub(r"\s+", " ", _TAG.sub(" ", html)).strip()


def prepare_session(session: Session) -> PreparedSession:
    """A session with its HTML ready."""
    return PreparedSession(
        **session.cover(),
        steps=tuple(
            PreparedStep(
                step.kind, step.title, step.minutes, step.short_minutes, _prepare_blocks(step.blocks, f"s{number}")
            )
            for number, step in enumerate(session.steps, start=1)
        ),
        sections={section.name: _prepare_blocks(section.blocks, section.name) for section in session.sections},
    )


def prepare_page(page: Page) -> PreparedPage:
    """A page with its HTML ready."""
    parts = _prepare_blocks(page.blocks, "page")
    return PreparedPage(page.slug, page.language, page.title, page.summary, parts, page.revision)


def prepare_module(module: TrainingModule) -> PreparedModule:
    """A training module with its HTML."""
    parts = tuple(
        PreparedModulePart(
            part.kind, part.title, part.minutes, _prepare_blocks(part.blocks, f"p{number}", module.revision)
        )
        for number, part in enumerate(module.parts, start=1)
    )
    return PreparedModule(**{one.name: getattr(module, one.name) for one in fields(TrainingModule)} | {"parts": parts})


def _prepare_blocks(blocks: tuple[Block, ...], place: str, revision: str = "") -> tuple[PreparedPart, ...]:
    return tuple(_prepare_block(block, f"{place}-{number}", revision) for number, block in enumerate(blocks, start=1))


def _prepare_block(block: Block, key: str, revision: str) -> PreparedPart:
    if block.name == "question":
        question = _prepare_question(block, key, revision)
        answers = "".join(f"<li>{option.html}</li>" for option in question.options)
        shown = question.kind is not QuestionKind.WHAT_WOULD_YOU_SAY
        return PreparedPart("question", question.prompt + (f"<ul>{answers}</ul>" if shown else ""), question=question)
    if block.name == "practice":
        return PreparedPart("practice", "", _prepare_practice(block, key))
    if block.name == "video":
        video = PreparedVideo(key, block.argument, read_pauses(block))
        return PreparedPart("video", render_markdown(block.text), video=video)
    if block.name == "heading":
        return PreparedPart("heading", f"<h2>{escape(block.text)}</h2>")
    return PreparedPart(block.name, render_markdown(block.text))


def _prepare_question(block: Block, key: str, revision: str) -> PreparedQuestion:
    question = read_question(block)
    options = tuple(
        PreparedOption(option.key, render_line(option.text), option.is_right, render_markdown(option.feedback))
        for option in shuffle(question, revision)
    )
    return PreparedQuestion(key, question.kind, render_markdown(question.prompt), options, question.right)


def _prepare_practice(block: Block, key: str) -> PreparedPractice:
    kind = PRACTICE_WORDS[block.argument.casefold()]
    pattern = BreathPattern.parse(block.option("pattern", DEFAULT_PATTERN))
    rounds = int(block.option("rounds", str(DEFAULT_ROUNDS)))
    return PreparedPractice(
        key=key,
        kind=kind,
        pattern=str(pattern),
        rounds=rounds,
        holds=block.option("holds", "on") == "on",
        seconds=practice_seconds(block),
        html=render_markdown(block.text),
    )
