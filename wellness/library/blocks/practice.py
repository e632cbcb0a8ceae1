"""A practice that the class does together: breathing, five senses, a quiet timer, a question to think about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...domain import MAX_ROUNDS, Block, BreathPattern, PracticeKind, Problem
from .base import BlockType, CheckContext, Doc, Option, Parameters, PrepareContext, Snippet, on_off, whole

KINDS: dict[str, PracticeKind] = {
    "breathing": PracticeKind.BREATHING,
    "five senses": PracticeKind.SENSES,
    "timer": PracticeKind.TIMER,
    "reflection": PracticeKind.REFLECTION,
}
MAX_SECONDS = 600
_BREATHING = (PracticeKind.BREATHING,)
_OTHERS = (PracticeKind.SENSES, PracticeKind.TIMER, PracticeKind.REFLECTION)


@dataclass(frozen=True)
class Practice:
    """A practice the page can run. `seconds` is its total length; `key` is unique within the text."""

    key: str
    kind: PracticeKind
    pattern: str
    rounds: int
    holds: bool
    seconds: int

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Seconds to breathe in, hold, breathe out, hold."""
        return BreathPattern.parse(self.pattern).counts

    @property
    def has_holds(self) -> bool:
        """Whether students can choose to skip the holds."""
        return BreathPattern.parse(self.pattern).has_holds


def _argument(word: str) -> PracticeKind:
    kind = KINDS.get(word.casefold())
    if kind is None:
        raise ValueError(f"say which practice: `/// practice | breathing`; the practices are: {', '.join(KINDS)}")
    return kind


def _check(block: Block, parameters: Parameters, around: CheckContext) -> Iterator[Problem]:
    if not block.text.strip():
        yield around.error(
            block.line,
            "write the steps of the practice in words too; they are for paper, screen readers and no JavaScript",
        )


def _seconds(parameters: Parameters) -> int:
    if parameters.argument is PracticeKind.BREATHING:
        return int(parameters["pattern"].seconds * parameters["rounds"])
    return int(parameters["seconds"])


def _prepare(block: Block, parameters: Parameters, making: PrepareContext) -> Practice:
    return Practice(
        key=making.key,
        kind=parameters.argument,
        pattern=str(parameters["pattern"]),
        rounds=parameters["rounds"],
        holds=parameters["holds"],
        seconds=_seconds(parameters),
    )


BLOCK: BlockType[Practice] = BlockType(
    name="practice",
    order=50,
    docs=(
        Doc(
            "/// practice | breathing",
            "the pacer: `pattern: 4-4-4-4` (in, hold, out, hold), `rounds: 4` (at most 8), "
            "`holds: off` to start without holds",
        ),
        Doc(
            "/// practice | five senses",
            "the grounding practice, one sense per screen; `seconds: 75` says about how long",
        ),
        Doc("/// practice | timer", "a quiet countdown: `seconds: 60`"),
        Doc(
            "/// practice | reflection",
            "a question to think or write about on paper; nothing is stored; `seconds: 60`",
        ),
    ),
    argument=_argument,
    options=(
        Option("pattern", BreathPattern.parse, BreathPattern.parse("4-4-4-4"), _BREATHING),
        Option(
            "rounds",
            whole("rounds", MAX_ROUNDS, f"the limit is {MAX_ROUNDS} rounds; that’s long enough for a whole class"),
            4,
            _BREATHING,
        ),
        Option("holds", on_off("holds"), True, _BREATHING),
        Option("seconds", whole("seconds", MAX_SECONDS, f"the limit is {MAX_SECONDS} seconds"), 60, _OTHERS),
    ),
    snippets=(
        Snippet(
            "breathing",
            "Breathing practice",
            "/// practice | breathing\npattern: 4-4-4-4\nrounds: 4\n\n1. Breathe in for a count of four.\n///",
            "/// practice | breathing\npattern: 4-4-4-4\nrounds: 4\n\n1. Inhalen contando hasta cuatro.\n///",
        ),
        Snippet(
            "senses",
            "Five senses",
            "/// practice | five senses\nseconds: 75\n\n1. Five things you can see.\n///",
            "/// practice | five senses\nseconds: 75\n\n1. Cinco cosas que pueden ver.\n///",
        ),
        Snippet(
            "timer",
            "Quiet timer",
            "/// practice | timer\nseconds: 60\n\n1. Feel where your feet touch the floor.\n///",
            "/// practice | timer\nseconds: 60\n\n1. Sientan los pies en el piso.\n///",
        ),
        Snippet(
            "reflection",
            "A question to think about",
            "/// practice | reflection\nseconds: 60\n\n1. Think of one moment of today.\n///",
            "/// practice | reflection\nseconds: 60\n\n1. Piensen en un momento de hoy.\n///",
        ),
    ),
    data=Practice,
    check=_check,
    prepare=_prepare,
    seconds=_seconds,
)
