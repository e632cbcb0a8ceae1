"""The practices a text can ask for: their words, their options and limits, how long each runs."""

from __future__ import annotations

import re

from ...domain import MAX_ROUNDS, Block, BreathPattern, PracticeKind, Problem

PRACTICE_WORDS: dict[str, PracticeKind] = {
    "breathing": PracticeKind.BREATHING,
    "five senses": PracticeKind.SENSES,
    "timer": PracticeKind.TIMER,
    "reflection": PracticeKind.REFLECTION,
}
_OPTIONS: dict[PracticeKind, tuple[str, ...]] = {
    PracticeKind.BREATHING: ("pattern", "rounds", "holds"),
    PracticeKind.SENSES: ("seconds",),
    PracticeKind.TIMER: ("seconds",),
    PracticeKind.REFLECTION: ("seconds",),
}
MAX_PRACTICE_SECONDS = 600
DEFAULT_PATTERN, DEFAULT_ROUNDS, DEFAULT_SECONDS = "4-4-4-4", 4, 60


def practice_seconds(block: Block) -> int:
    """The whole length of a practice; 0 when its options cannot be read, which is a problem of its own."""
    try:
        if block.argument.casefold() == "breathing":
            pattern = BreathPattern.parse(block.option("pattern", DEFAULT_PATTERN))
            return pattern.seconds * int(block.option("rounds", str(DEFAULT_ROUNDS)))
        return int(block.option("seconds", str(DEFAULT_SECONDS)))
    except ValueError:
        return 0


def find_practice_problems(block: Block, file: str) -> list[Problem]:
    """What is wrong with one block, if it is a practice: its kind, its options, its written steps."""
    if block.name != "practice":
        return []
    kind = PRACTICE_WORDS.get(block.argument.casefold())
    if kind is None:
        message = f"say which practice: `/// practice | breathing`; the practices are: {', '.join(PRACTICE_WORDS)}"
        return [Problem(file, block.line, message)]
    problems = []
    for number, key, value in block.number_options():
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
    if key not in _OPTIONS[kind]:
        return f"`{key}` is not an option of this practice; it has: {', '.join(_OPTIONS[kind])}"
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
