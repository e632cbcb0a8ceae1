"""Parse a training module's file into a TrainingModule, with all problems by line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..domain import Block, Language, ModulePart, PartKind, Problem, Severity, TrainingModule, VideoFacts
from .blocks import find_block_problems
from .blocks.base import Place
from .blocks.question import blank_wrong_answers, kind_of
from .body import Part, cut_body
from .checks.rendered import read_rendered
from .checks.suggestions import suggest
from .checks.wording import find_wording_problems
from .front_matter import TrainingFacts, read_facts, read_translated
from .session import STEP_HEADING, Checked, open_source, revision_of

PART_WORDS: dict[str, PartKind] = {
    **{kind.value: kind for kind in PartKind},
    "por qué": PartKind.WHY,
    "verlo": PartKind.SEE,
    "hacerlo": PartKind.DO,
    "decirlo": PartKind.SAY,
    "comprobar": PartKind.CHECK,
    "reflexionar": PartKind.REFLECT,
    "planear": PartKind.PLAN,
    "probar": PartKind.TRY,
}
USUAL_QUESTIONS = 5
_ORDER = list(PartKind)
_KNOWN = ", ".join(kind.value.capitalize() for kind in PartKind)


def is_module_heading(words: str) -> bool:
    """Whether the words are unmistakably a training module's heading: a part with its minutes."""
    match = STEP_HEADING.match(words)
    return match is not None and match["words"].partition(":")[0].strip().casefold() in PART_WORDS


def parse_training(
    slug: str,
    language: Language,
    text: str,
    file: str,
    original: TrainingFacts | None = None,
    videos: Sequence[VideoFacts] = (),
) -> Checked[TrainingModule]:
    """Parse a training module's file; `original` is the English file's facts for a translation."""
    source, problems = open_source(text, file)
    if source is None:
        return Checked(None, tuple(problems))
    if original is None:
        facts, found = read_facts(source, TrainingFacts, file)
    else:
        facts, found = read_translated(source, original, file)
    cut, body_problems = cut_body(source.body, source.body_line, file, is_module_heading)
    problems += found + body_problems
    parts, found = arrange_parts(cut, file)
    problems += found
    addresses: list[tuple[int, str]] = []
    for part in cut:
        place = Place.CHECK if part_kind(part.heading) is PartKind.CHECK else Place.MODULE
        for block in part.blocks:
            reading = read_rendered(block, file)
            problems += reading.problems
            addresses += reading.addresses
            problems += find_block_problems(block, place, file, videos)
    said = tuple(replace(part, blocks=tuple(map(_as_told, part.blocks))) for part in cut)
    problems += find_wording_problems(said, file, language)
    problems += _shape_problems(parts, facts or original, file)
    problems += _check_problems(parts, file)
    content = None
    if facts and not any(problem.severity is Severity.ERROR for problem in problems):
        content = TrainingModule(
            slug, language, facts.title, facts.summary, facts.minutes, facts.author, facts.license, facts.sources,
            facts.aliases, tuple(parts), revision_of(text), facts.pass_mark, facts.hours,
            facts.again_since, facts.order,
        )  # fmt: skip
    return Checked(content, tuple(sorted(problems)), tuple(addresses))


def read_training_facts(text: str, file: str) -> TrainingFacts | None:
    """Return the facts of an English training module for its translations, or None when they can't be read."""
    source, _ = open_source(text, file)
    return read_facts(source, TrainingFacts, file)[0] if source else None


def part_kind(heading: str) -> PartKind | None:
    """Return the kind of part that a heading starts with, in either language, or None."""
    match = STEP_HEADING.match(heading)
    word = (match.group("words") if match else heading).partition(":")[0]
    return PART_WORDS.get(re.sub(r"\s+", " ", word).strip().casefold())


def arrange_parts(cut: tuple[Part, ...], file: str) -> tuple[list[ModulePart], list[Problem]]:
    """Return the parts of a module from its headings, and the headings' problems."""
    parts: list[ModulePart] = []
    problems: list[Problem] = []
    for part in cut:
        match = STEP_HEADING.match(part.heading)
        word, _, title = (match.group("words") if match else part.heading).partition(":")
        kind = part_kind(part.heading)
        if not part.heading:
            message = "this comes before the first part; put it under a heading with ##"
            problems.append(Problem(file, part.blocks[0].line, message))
        elif kind is None:
            message = f"“{word.strip()}” isn’t a part of a training module; the parts are: {_KNOWN}"
            problems.append(Problem(file, part.line, message))
        elif match is None and kind is not PartKind.TRY:
            message = f"the part “{part.heading}” needs its minutes at the end, like `## {part.heading} (2 min)`"
            problems.append(Problem(file, part.line, message))
        else:
            minutes = int(match.group("minutes")) if match else 0
            parts.append(ModulePart(kind, title.strip() or word.strip(), minutes, part.line, part.blocks))
    return parts, problems


def _shape_problems(parts: list[ModulePart], facts: TrainingFacts | None, file: str) -> list[Problem]:
    problems = [
        Problem(file, 1, f"a training module needs a part “{kind.value.capitalize()}”, like {_like(kind)}")
        for kind in PartKind
        if not any(part.kind is kind for part in parts)
    ]
    for earlier, later in pairwise(parts):
        if _ORDER.index(later.kind) <= _ORDER.index(earlier.kind):
            names = later.kind.value.capitalize(), earlier.kind.value.capitalize()
            message = "“{}” comes before “{}” in a training module, and each comes once".format(*names)
            problems.append(Problem(file, later.line, message))
    total = sum(part.minutes for part in parts)
    if facts is not None and parts and total != facts.minutes:
        message = f"the parts add up to {total} minutes, but the details say {facts.minutes}; change one of them"
        problems.append(Problem(file, parts[0].line, message))
    return problems


def _as_told(block: Block) -> Block:
    """Return the block for the wording check: teachers may be shown what not to say, in quotation marks."""
    told = blank_wrong_answers(block)
    return replace(told, name="teacher") if told.name == "text" else told


def _check_problems(parts: list[ModulePart], file: str) -> list[Problem]:
    """Check that there are enough questions, and that at least one is graded."""
    problems: list[Problem] = []
    check = next((part for part in parts if part.kind is PartKind.CHECK), None)
    if check is None:
        return problems
    kinds = [kind_of(block) for block in check.blocks if block.name == "question"]
    if not any(kind is None or kind.is_graded for kind in kinds):
        message = "no one can pass: no question here has a right answer; add `/// question | choose one`"
        problems.append(Problem(file, check.line, message))
    elif len(kinds) < USUAL_QUESTIONS:
        message = f"{len(kinds)} of the usual {USUAL_QUESTIONS} questions; with so few, one wrong answer counts a lot"
        problems.append(suggest(file, check.line, message, "few-questions"))
    return problems


def _like(kind: PartKind) -> str:
    name = kind.value.capitalize()
    return f"`## {name}: One real Friday`" if kind is PartKind.TRY else f"`## {name} (2 min)`"
