"""Parse a file's text into a session or a page, with all problems by line.

The same check runs on the command line, in the studio, and before a text enters the catalogue.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import SerializeAsAny

from ..domain import (
    Band,
    Block,
    Competency,
    Language,
    Need,
    Page,
    Problem,
    Section,
    Severity,
    Step,
    StepKind,
    TrainingModule,
    VideoFacts,
)
from .blocks import find_block_problems
from .blocks.base import Place
from .blocks.video import find_length_problems
from .body import Part, cut_body
from .checks.rendered import read_rendered
from .checks.shape import SECTION_NAMES, find_shape_problems
from .checks.wording import find_wording_problems
from .front_matter import (
    Drawing,
    PageFacts,
    SessionFacts,
    Source,
    StoredSessionFacts,
    read_facts,
    read_translated,
    split_front_matter,
)
from .marks import clean_text

MAX_SOURCE_BYTES = 256 * 1024

STEP_WORDS: dict[str, StepKind] = {
    "preview": StepKind.PREVIEW,
    "welcome": StepKind.WELCOME,
    "video": StepKind.VIDEO,
    "practice": StepKind.PRACTICE,
    "talk": StepKind.TALK,
    "closing": StepKind.CLOSING,
    "look around": StepKind.LOOK_AROUND,
    "lo que viene": StepKind.PREVIEW,
    "anticipo": StepKind.PREVIEW,  # the word until November 2026; translations written with it keep working
    "bienvenida": StepKind.WELCOME,
    "práctica": StepKind.PRACTICE,
    "conversación": StepKind.TALK,
    "cierre": StepKind.CLOSING,
    "mirar alrededor": StepKind.LOOK_AROUND,
}
SECTION_WORDS: dict[str, str] = {
    "before class": "before",
    "adaptations": "adaptations",
    "when to stop": "stop",
    "for families": "families",
    "antes de la clase": "before",
    "adaptaciones": "adaptations",
    "cuándo parar": "stop",
    "para las familias": "families",
}
STEP_HEADING = re.compile(
    r"^(?P<words>.*?)\s*\(\s*(?P<minutes>\d{1,4})\s*min(?:utes|utos)?\.?"
    r"(?:\s*[,;]\s*(?:short|corta|breve)\s*(?P<short>\d{1,4}))?\s*\)$",
    re.IGNORECASE,
)


def is_session_heading(words: str) -> bool:
    """Whether the words are unmistakably a session's heading: a step with its minutes, or the name of a section."""
    if match := STEP_HEADING.match(words):
        return match["words"].partition(":")[0].strip().casefold() in STEP_WORDS
    return words.casefold().rstrip(": ") in SECTION_WORDS


@dataclass(frozen=True, kw_only=True)
class SessionCover:
    """A session's slug, language and facts. The properties are those that lists and many pages use."""

    slug: str
    language: Language
    facts: SerializeAsAny[StoredSessionFacts]
    revision: str

    @property
    def title(self) -> str:
        """The title."""
        return self.facts.title

    @property
    def summary(self) -> str:
        """One sentence for students."""
        return self.facts.summary

    @property
    def minutes(self) -> int:
        """The length of the whole session."""
        return self.facts.minutes

    @property
    def short_minutes(self) -> int:
        """The length of the five-minute variant."""
        return self.facts.short

    @property
    def bands(self) -> tuple[Band, ...]:
        """The grade bands it was written for."""
        return self.facts.grades

    @property
    def competency(self) -> Competency:
        """The competency it practices."""
        return self.facts.competency

    @property
    def needs(self) -> tuple[Need, ...]:
        """What a student might come with."""
        return self.facts.needs

    @property
    def drawing(self) -> Drawing:
        """Its line drawing."""
        return self.facts.drawing

    @property
    def author(self) -> str:
        """Who wrote it."""
        return self.facts.author

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its facts come from."""
        return self.facts.sources

    @property
    def license(self) -> str:
        """The license under which it may be shared."""
        return self.facts.license


@dataclass(frozen=True, kw_only=True)
class Session(SessionCover):
    """One authored piece of Tier 1 content, as parsed from its file."""

    steps: tuple[Step, ...]
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """Return the section of that name, or None."""
        return next((section for section in self.sections if section.name == name), None)


Content = TypeVar("Content", Session, Page, TrainingModule)


@dataclass(frozen=True)
class Checked(Generic[Content]):
    """A parsed text: its content if it may be shown, and all problems.

    `addresses` are the pages and media of this site that the text links to or shows, each with its line.
    """

    content: Content | None
    problems: tuple[Problem, ...]
    addresses: tuple[tuple[int, str], ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop publishing."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def revision_of(text: str) -> str:
    """Return the revision of a source text: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def parse_session(
    slug: str,
    language: Language,
    text: str,
    file: str,
    original: SessionFacts | None = None,
    videos: Sequence[VideoFacts] = (),
) -> Checked[Session]:
    """Parse a session's file.

    `original` is the English file's facts when `text` is a translation; `videos` are the known videos.
    """
    source, problems = open_source(text, file)
    if source is None:
        return Checked(None, tuple(problems))
    if original is None:
        facts, found = read_facts(source, SessionFacts, file)
    else:
        facts, found = read_translated(source, original, file)
    problems += found
    parts, found = cut_body(source.body, source.body_line, file, is_session_heading)
    problems += found
    steps, sections, found = arrange(parts, file)
    problems += found
    addresses: list[tuple[int, str]] = []
    for block in (block for part in parts for block in part.blocks):
        reading = read_rendered(block, file)
        problems += reading.problems
        addresses += reading.addresses
        problems += find_block_problems(block, Place.SESSION, file, videos)
    problems += find_wording_problems(parts, file, language)
    problems += find_shape_problems(steps, sections, facts, file)
    problems += find_length_problems(steps, file, videos)
    content = None
    if facts is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        content = Session(
            slug=slug,
            language=language,
            facts=facts,
            revision=revision_of(text),
            steps=tuple(steps),
            sections=tuple(sections),
        )
    return Checked(content, tuple(sorted(problems)), tuple(addresses))


def parse_page(slug: str, language: Language, text: str, file: str, videos: Sequence[VideoFacts] = ()) -> Checked[Page]:
    """Parse a page's file: facts, then Markdown under plain headings."""
    source, problems = open_source(text, file)
    if source is None:
        return Checked(None, tuple(problems))
    facts, found = read_facts(source, PageFacts, file)
    problems += found
    parts, found = cut_body(source.body, source.body_line, file)
    problems += found
    blocks: list[Block] = []
    for part in parts:
        if part.heading:
            blocks.append(Block("heading", part.heading, part.line, part.line))
        blocks += part.blocks
    addresses: list[tuple[int, str]] = []
    for block in blocks:
        reading = read_rendered(block, file)
        problems += reading.problems
        addresses += reading.addresses
        problems += find_block_problems(block, Place.PAGE, file, videos)
    content = None
    if facts is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        content = Page(slug, language, facts.title, facts.summary, tuple(blocks), revision_of(text))
    return Checked(content, tuple(sorted(problems)), tuple(addresses))


def read_original_facts(text: str, file: str) -> SessionFacts | None:
    """Return the facts of an English session for its translations, or None when they can't be read."""
    source, _ = open_source(text, file)
    return read_facts(source, SessionFacts, file)[0] if source else None


def open_source(text: str, file: str) -> tuple[Source | None, list[Problem]]:
    """Split a file into facts and body, or return None with the problems."""
    if len(text.encode()) > MAX_SOURCE_BYTES:
        return None, [Problem(file, 1, "the file is too long; the limit is 256 KB")]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return None, [Problem(file, line, "this line has a character that can’t be saved; save the file as UTF-8")]
    source = split_front_matter(clean_text(text))
    if source is None:
        return None, [Problem(file, 1, "start the file with its details between two lines of `---`")]
    return source, []


def arrange(parts: tuple[Part, ...], file: str) -> tuple[list[Step], list[Section], list[Problem]]:
    """Sort a body's parts into steps and sections, with problems for what is neither."""
    steps: list[Step] = []
    sections: list[Section] = []
    problems: list[Problem] = []
    for part in parts:
        if not part.heading:
            line = part.blocks[0].line
            problems.append(Problem(file, line, "this comes before the first step; put it under a heading with ##"))
        elif match := STEP_HEADING.match(part.heading):
            step, problem = _step(part, match, file)
            steps += [step] if step else []
            problems += [problem] if problem else []
        elif name := SECTION_WORDS.get(part.heading.casefold().rstrip(":")):
            if any(section.name == name for section in sections):
                problems.append(Problem(file, part.line, f"the section “{part.heading}” is there twice; combine them"))
            sections.append(Section(name, part.line, part.blocks))
        else:
            problems.append(Problem(file, part.line, _neither(part.heading)))
    return steps, sections, problems


def _neither(heading: str) -> str:
    kind = heading.split(":")[0].strip().casefold()
    if kind in STEP_WORDS:
        return f"the step “{heading}” needs its minutes at the end, like `## {heading} (2 min)`"
    return (
        f"“{heading}” is neither a step nor a section; a step looks like `## Practice: Title (2 min)`, "
        f"the sections are: {', '.join(SECTION_NAMES.values())}"
    )


def _step(part: Part, match: re.Match[str], file: str) -> tuple[Step | None, Problem | None]:
    word, _, title = match.group("words").partition(":")
    kind = STEP_WORDS.get(word.strip().casefold())
    if kind is None:
        known = "Preview, Welcome, Video, Practice, Talk, Closing, Look around"
        return None, Problem(file, part.line, f"“{word.strip()}” isn’t a kind of step; start with one of: {known}")
    minutes, short = int(match.group("minutes")), int(match.group("short") or 0)
    step = Step(kind, title.strip() or word.strip(), minutes, short, part.line, part.blocks)
    if minutes < 1:
        return step, Problem(file, part.line, "a step takes at least 1 minute")
    if short > minutes:
        message = (
            f"the short form of this step has {short} minutes, more than its {minutes}; make `short` {minutes} or less"
        )
        return step, Problem(file, part.line, message)
    return step, None
