"""A file's text becomes a session or a page, together with every problem that was found, each with its line.

The check is the same wherever it is asked: on the command line, on the coach's page, before the catalogue takes a text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from ..domain import (
    MAX_ROUNDS,
    Block,
    BreathPattern,
    Language,
    Page,
    PracticeKind,
    Problem,
    Section,
    Session,
    Severity,
    Step,
    StepKind,
)
from .body import Part, cut_body
from .facts import PageFacts, SessionFacts, Source, TranslationFacts, cut, read_facts
from .markup import find_markup_problems
from .wording import find_wording_problems

MAX_SOURCE_BYTES = 256 * 1024

STEP_WORDS: dict[str, StepKind] = {
    "preview": StepKind.PREVIEW,
    "welcome": StepKind.WELCOME,
    "video": StepKind.VIDEO,
    "practice": StepKind.PRACTICE,
    "talk": StepKind.TALK,
    "closing": StepKind.CLOSING,
    "look around": StepKind.LOOK_AROUND,
    "anticipo": StepKind.PREVIEW,
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
_SECTION_NAMES = {
    "before": "Before class",
    "adaptations": "Adaptations",
    "stop": "When to stop",
    "families": "For families",
}
PRACTICE_WORDS: dict[str, PracticeKind] = {
    "breathing": PracticeKind.BREATHING,
    "five senses": PracticeKind.SENSES,
    "timer": PracticeKind.TIMER,
    "reflection": PracticeKind.REFLECTION,
}
_PRACTICE_OPTIONS: dict[PracticeKind, tuple[str, ...]] = {
    PracticeKind.BREATHING: ("pattern", "rounds", "holds"),
    PracticeKind.SENSES: ("seconds",),
    PracticeKind.TIMER: ("seconds",),
    PracticeKind.REFLECTION: ("seconds",),
}
MAX_PRACTICE_SECONDS = 600
DEFAULT_PATTERN, DEFAULT_ROUNDS, DEFAULT_SECONDS = "4-4-4-4", 4, 60
_NEEDED_STEPS = (StepKind.PREVIEW, StepKind.PRACTICE, StepKind.TALK, StepKind.CLOSING, StepKind.LOOK_AROUND)
_NEEDED_SECTIONS = ("before", "adaptations", "families")
_ORDER = list(StepKind)
_WORDS_ON_A_SCREEN = 75
_ON_SCREEN = ("text", "ask", "practice", "choice")

_STEP_HEADING = re.compile(
    r"^(?P<words>.*?)\s*\(\s*(?P<minutes>\d{1,4})\s*min(?:utes|utos)?\.?"
    r"(?:\s*[,;]\s*(?:short|corta|breve)\s*(?P<short>\d{1,4}))?\s*\)$",
    re.IGNORECASE,
)


Content = TypeVar("Content", Session, Page)


@dataclass(frozen=True)
class Checked(Generic[Content]):
    """A text that was read: the content when nothing stops it from being shown, and everything the check found."""

    content: Content | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop publishing."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def revision_of(text: str) -> str:
    """The revision of a source text: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def parse_session(
    slug: str, language: Language, text: str, file: str, original: SessionFacts | None = None
) -> Checked[Session]:
    """A session's file as a Session. `original` are the facts of the English file when `text` is a translation of it."""
    source, problems = _open_source(text, file)
    if source is None:
        return Checked(None, tuple(problems))
    facts, translation, found = _session_facts(source, file, original)
    problems += found
    parts, found = cut_body(source.body, source.body_line, file)
    problems += found
    steps, sections, found = _arrange(parts, file)
    problems += found
    for block in (block for part in parts for block in part.blocks):
        problems += find_markup_problems(block, file)
        problems += _practice_problems(block, file)
    problems += find_wording_problems(parts, file, language)
    problems += _shape_problems(steps, sections, facts, file)
    content = None
    if facts is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        content = _session(slug, language, facts, translation, steps, sections, revision_of(text))
    return Checked(content, tuple(sorted(problems)))


def parse_page(slug: str, language: Language, text: str, file: str) -> Checked[Page]:
    """A page's file as a Page: facts, then Markdown under plain headings."""
    source, problems = _open_source(text, file)
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
    for block in blocks:
        problems += find_markup_problems(block, file)
        problems += _practice_problems(block, file)
    content = None
    if facts is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        content = Page(slug, language, facts.title, facts.summary, tuple(blocks), revision_of(text))
    return Checked(content, tuple(sorted(problems)))


def read_original_facts(text: str, file: str) -> SessionFacts | None:
    """The facts of an English session for its translations, or None while they cannot be read."""
    source, _ = _open_source(text, file)
    return read_facts(source, SessionFacts, file)[0] if source else None


def _open_source(text: str, file: str) -> tuple[Source | None, list[Problem]]:
    if len(text.encode()) > MAX_SOURCE_BYTES:
        return None, [Problem(file, 1, "the text is too long; at most 256 KB")]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return None, [Problem(file, line, "this line holds a sign that is no text; save the file again as plain UTF-8")]
    source = cut(text)
    if source is None:
        return None, [Problem(file, 1, "begin the file with its facts between two lines of `---`")]
    return source, []


def _session_facts(
    source: Source, file: str, original: SessionFacts | None
) -> tuple[SessionFacts | None, TranslationFacts | None, list[Problem]]:
    if original is None:
        facts, problems = read_facts(source, SessionFacts, file)
        return facts, None, problems
    translation, problems = read_facts(source, TranslationFacts, file)
    return (original if translation else None), translation, problems


def _arrange(parts: tuple[Part, ...], file: str) -> tuple[list[Step], list[Section], list[Problem]]:
    steps: list[Step] = []
    sections: list[Section] = []
    problems: list[Problem] = []
    for part in parts:
        if not part.heading:
            line = part.blocks[0].line
            problems.append(Problem(file, line, "this stands before the first step; put it under a heading with ##"))
        elif match := _STEP_HEADING.match(part.heading):
            step, problem = _step(part, match, file)
            steps += [step] if step else []
            problems += [problem] if problem else []
        elif name := SECTION_WORDS.get(part.heading.casefold().rstrip(":")):
            if any(section.name == name for section in sections):
                problems.append(Problem(file, part.line, f"the section “{part.heading}” stands twice; join the two"))
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
        f"the sections are: {', '.join(_SECTION_NAMES.values())}"
    )


def _step(part: Part, match: re.Match[str], file: str) -> tuple[Step | None, Problem | None]:
    word, _, title = match.group("words").partition(":")
    kind = STEP_WORDS.get(word.strip().casefold())
    if kind is None:
        known = "Preview, Welcome, Video, Practice, Talk, Closing, Look around"
        return None, Problem(file, part.line, f"“{word.strip()}” is no kind of step; begin with one of: {known}")
    minutes, short = int(match.group("minutes")), int(match.group("short") or 0)
    step = Step(kind, title.strip() or word.strip(), minutes, short, part.line, part.blocks)
    if minutes < 1:
        return step, Problem(file, part.line, "a step takes at least 1 minute")
    return step, None


def _practice_problems(block: Block, file: str) -> list[Problem]:
    if block.name != "practice":
        return []
    kind = PRACTICE_WORDS.get(block.argument.casefold())
    if kind is None:
        message = f"say which practice: `/// practice | breathing`; the practices are: {', '.join(PRACTICE_WORDS)}"
        return [Problem(file, block.line, message)]
    problems = []
    for number, (key, value) in enumerate(block.options, start=block.line + 1):
        wrong = _option_problem(kind, key, value)
        if wrong:
            problems.append(Problem(file, number, wrong))
    if not block.text.strip():
        message = (
            "write the steps of the practice in words too: they are for paper, for screen readers and without scripts"
        )
        problems.append(Problem(file, block.line, message))
    return problems


def _option_problem(kind: PracticeKind, key: str, value: str) -> str | None:
    if key not in _PRACTICE_OPTIONS[kind]:
        return f"`{key}` is not an option of this practice; it has: {', '.join(_PRACTICE_OPTIONS[kind])}"
    if key == "pattern":
        try:
            BreathPattern.parse(value)
        except ValueError as error:
            return str(error)
    elif key == "holds":
        return None if value in ("on", "off") else "holds is `on` or `off`"
    elif not re.fullmatch(r"\d{1,6}", value) or int(value) < 1:
        return f"{key} must be a whole number, like 4"
    elif key == "rounds" and int(value) > MAX_ROUNDS:
        return f"at most {MAX_ROUNDS} rounds; longer breathing is not for a whole class"
    elif key == "seconds" and int(value) > MAX_PRACTICE_SECONDS:
        return f"at most {MAX_PRACTICE_SECONDS} seconds"
    return None


def _shape_problems(steps: list[Step], sections: list[Section], facts: SessionFacts | None, file: str) -> list[Problem]:
    problems = [
        Problem(
            file, 1, f"a session needs a step “{kind.value.capitalize()}”, like `## {kind.value.capitalize()} (1 min)`"
        )
        for kind in _NEEDED_STEPS
        if not any(step.kind is kind for step in steps)
    ]
    names = {section.name for section in sections}
    needed = _NEEDED_SECTIONS + (("stop",) if _breathes(steps) else ())
    problems += [
        Problem(file, 1, f"the section `## {_SECTION_NAMES[name]}` is missing") for name in needed if name not in names
    ]
    for earlier, later in pairwise(steps):
        if _ORDER.index(later.kind) < _ORDER.index(earlier.kind):
            message = f"“{later.kind.value.capitalize()}” comes before “{earlier.kind.value.capitalize()}” in a session"
            problems.append(Problem(file, later.line, message))
    problems += _minutes_problems(steps, facts, file)
    problems += _choice_problems(steps, sections, file)
    problems += _screen_problems(steps, file)
    return problems


def _breathes(steps: list[Step]) -> bool:
    return any(_is_breathing(block) for step in steps for block in step.blocks)


def _is_breathing(block: Block) -> bool:
    return block.name == "practice" and block.argument.casefold() == "breathing"


def _minutes_problems(steps: list[Step], facts: SessionFacts | None, file: str) -> list[Problem]:
    if facts is None or not steps:
        return []
    problems = []
    total, short = sum(step.minutes for step in steps), sum(step.short_minutes for step in steps)
    if total != facts.minutes:
        message = f"the steps add up to {total} minutes, but the facts say {facts.minutes}; change one of them"
        problems.append(Problem(file, steps[0].line, message))
    if short != facts.short:
        message = (
            f"the steps with `short` add up to {short} minutes, but the facts say short: {facts.short}; "
            "mark the steps of the five-minute variant like `(2 min, short 1)`"
        )
        problems.append(Problem(file, steps[0].line, message))
    if not any(step.kind is StepKind.PRACTICE and step.short_minutes for step in steps):
        problems.append(
            Problem(file, steps[0].line, "the five-minute variant has no practice; give one a `short` time")
        )
    return problems


def _choice_problems(steps: list[Step], sections: list[Section], file: str) -> list[Problem]:
    problems = []
    if not any(block.name == "choice" for step in steps for block in step.blocks):
        message = "there is no choice for those who sit out; add a block `/// choice` to the preview"
        problems.append(Problem(file, steps[0].line if steps else 1, message))
    asks = sum(block.name == "ask" for step in steps if step.kind is StepKind.TALK for block in step.blocks)
    talk = next((step for step in steps if step.kind is StepKind.TALK), None)
    if talk is not None and asks < 2:
        problems.append(Problem(file, talk.line, f"the talk has {asks} of its two questions; add a block `/// ask`"))
    families = next((section for section in sections if section.name == "families"), None)
    if families is not None and not any(block.name == "ask" for block in families.blocks):
        problems.append(Problem(file, families.line, "add a question for dinner: a block `/// ask` under For families"))
    return problems


def _screen_problems(steps: list[Step], file: str) -> list[Problem]:
    problems = []
    for step in steps:
        seen = [block for block in step.blocks if block.name in _ON_SCREEN]
        words = sum(len(block.text.split()) for block in seen)
        if words > _WORDS_ON_A_SCREEN:
            message = (
                f"{words} words on one screen are hard to read from the back row; aim for 45 to {_WORDS_ON_A_SCREEN}"
            )
            problems.append(Problem(file, step.line, message, Severity.WARNING))
        if not seen:
            problems.append(Problem(file, step.line, "this step shows the class nothing; add a line of text"))
        seconds = sum(practice_seconds(block) for block in step.blocks if block.name == "practice")
        if seconds > step.minutes * 60:
            message = (
                f"the practice takes {seconds} seconds, but its step has {step.minutes} minutes; change one of them"
            )
            problems.append(Problem(file, step.line, message))
    return problems


def practice_seconds(block: Block) -> int:
    """The whole length of a practice; 0 when its options cannot be read, which is a problem of its own."""
    try:
        if block.argument.casefold() == "breathing":
            pattern = BreathPattern.parse(block.option("pattern", DEFAULT_PATTERN))
            return pattern.seconds * int(block.option("rounds", str(DEFAULT_ROUNDS)))
        return int(block.option("seconds", str(DEFAULT_SECONDS)))
    except ValueError:
        return 0


def _session(
    slug: str,
    language: Language,
    facts: SessionFacts,
    translation: TranslationFacts | None,
    steps: list[Step],
    sections: list[Section],
    revision: str,
) -> Session:
    words = translation or facts
    return Session(
        slug=slug,
        language=language,
        title=words.title,
        summary=words.summary,
        purpose=words.purpose,
        minutes=facts.minutes,
        short_minutes=facts.short,
        bands=facts.grades,
        competency=facts.competency,
        skill=words.skill,
        needs=facts.needs,
        drawing=facts.drawing,
        licence=facts.licence,
        author=facts.author,
        materials=words.materials,
        sources=facts.sources,
        steps=tuple(steps),
        sections=tuple(sections),
        revision=revision,
    )
