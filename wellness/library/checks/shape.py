"""Check that a session is complete: steps, sections, minutes that add up, a choice for students who sit out."""

from __future__ import annotations

from itertools import pairwise

from ...domain import Block, Problem, Section, Step, StepKind
from ...domain.plain_text import counted
from ..blocks import block_seconds, is_on_screen
from ..front_matter import SessionFacts
from .suggestions import suggest

SECTION_NAMES = {
    "before": "Before class",
    "adaptations": "Adaptations",
    "stop": "When to stop",
    "families": "For families",
}
_NEEDED_STEPS = (StepKind.PREVIEW, StepKind.PRACTICE, StepKind.TALK, StepKind.CLOSING, StepKind.LOOK_AROUND)
_NEEDED_SECTIONS = ("before", "adaptations", "families")
_ORDER = list(StepKind)
_WORDS_ON_A_SCREEN = 75


def find_shape_problems(
    steps: list[Step], sections: list[Section], facts: SessionFacts | None, file: str
) -> list[Problem]:
    """Return problems for steps and sections that are missing, in the wrong order, or too long for one screen."""
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
        Problem(file, 1, f"the section `## {SECTION_NAMES[name]}` is missing") for name in needed if name not in names
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
        message = f"the steps add up to {total} minutes, but the details say {facts.minutes}; change one of them"
        problems.append(Problem(file, steps[0].line, message))
    if short != facts.short:
        message = (
            f"the steps with `short` add up to {short} minutes, but the details say short: {facts.short}; "
            "mark the steps of the five-minute version like `(2 min, short 1)`"
        )
        problems.append(Problem(file, steps[0].line, message))
    if not any(step.kind is StepKind.PRACTICE and step.short_minutes for step in steps):
        problems.append(
            Problem(file, steps[0].line, "the five-minute version has no practice; give one a `short` time")
        )
    return problems


def _choice_problems(steps: list[Step], sections: list[Section], file: str) -> list[Problem]:
    problems = []
    if not any(block.name == "choice" for step in steps for block in step.blocks):
        message = "there’s no choice for students who sit out; add a block `/// choice` to the preview"
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
        seen = [block for block in step.blocks if is_on_screen(block.name)]
        words = sum(len(block.text.split()) for block in seen)
        if words > _WORDS_ON_A_SCREEN:
            message = (
                f"{words} words on one screen are hard to read from the back row; aim for 45 to {_WORDS_ON_A_SCREEN}"
            )
            problems.append(suggest(file, step.line, message, "screen-words"))
        if not seen:
            problems.append(Problem(file, step.line, "this step shows nothing to the class; add a line of text"))
        seconds = sum(block_seconds(block) for block in step.blocks)
        if seconds > step.minutes * 60:
            length = counted(step.minutes, "minute")
            message = f"the practice takes {seconds} seconds, but its step has {length}; change one of them"
            problems.append(Problem(file, step.line, message))
    return problems
