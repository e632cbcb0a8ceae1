"""The wording check: sentences that can be unsafe or unkind for students with trauma, with a better sentence.

Every finding is a warning, never an error, and knows its surroundings: a phrase that is offered as a choice, denied
("you don't have to") or quoted as what not to say is fine. The phrases follow the trauma-sensitive guidance gathered in
docs/definitions.md (Mindful Schools; Empowering Education).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..domain import Block, Language, Problem, Severity
from .body import Part

_OPTION_NEAR = re.compile(
    r"\b(or|if you(?:'d| would)? like|if you want|you (?:can|may|might)|your choice|optional|without holds?|no hold|"
    r"skip|o bien|si (?:quieres|quieren|gustan)|puedes|pueden|sin pausas?)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:never|no one|nobody|not|don't|doesn't|do not|does not|needn't|isn't|avoid|instead of|rather than|without|"
    r"no|nunca|nadie|sin|ni|en vez de)\b[^.!?;:]{0,40}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    pattern: re.Pattern[str]
    better: str
    fine_with_option: bool = False
    only_said: bool = False


def _phrase(pattern: str, better: str, *, fine_with_option: bool = False, only_said: bool = False) -> _Phrase:
    return _Phrase(re.compile(pattern.replace(" ", " +"), re.IGNORECASE), better, fine_with_option, only_said)


_PHRASES: dict[Language, tuple[_Phrase, ...]] = {
    Language.EN: (
        _phrase(
            r"\bclos(?:e|ing) your eyes\b",
            "“Eyes open or looking down, your choice.” Closed eyes can feel unsafe",
        ),
        _phrase(r"\byou (?:must|have to|need to)\b", "“You might…” or “If you'd like…”; an order leaves no choice"),
        _phrase(
            r"\beveryone (?:must|has to|will|should|needs to|close|take|sit|stand|breathe|share)\b", "“You might…”"
        ),
        _phrase(
            r"\bhold (?:your|the|that) breath\b",
            "“Pause, or skip the pause and keep breathing.” Offer the way without holds",
            fine_with_option=True,
        ),
        _phrase(r"\bcalm down\b", "“Take the time you need.” Nobody settles because they are told to", only_said=True),
        _phrase(
            r"\b(?:clear|empty) your mind\b", "“If thoughts come, that's fine; come back to your feet when you like.”"
        ),
        _phrase(
            r"\bgood (?:students|kids|boys|girls)\b", "say what is asked, without sorting students into good and bad"
        ),
        _phrase(
            r"\bshare (?:it |this |that )?with the (?:whole )?class\b",
            "“Share if you'd like; you may pass.”",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:chakra|namaste|prayer|energy healing|spirit guide)\w*\b",
            "use secular words; this is for every family",
        ),
        _phrase(
            r"\b(?:will|is proven to|guaranteed to) (?:cure|heal|fix|reduce (?:anxiety|depression)|raise (?:grades|scores))\b",
            "say what students practice; promise no results",
        ),
    ),
    Language.ES: (
        _phrase(r"\bcierr(?:a|en|e) los ojos\b", "“Ojos abiertos o mirando hacia abajo, como prefieran.”"),
        _phrase(r"\b(?:debes|deben|tienes que|tienen que)\b", "“Pueden…” o “Si quieren…”"),
        _phrase(r"\baguant(?:a|en|e) la respiración\b", "“Hagan una pausa o sáltenla.”", fine_with_option=True),
        _phrase(r"\bcálm(?:ate|ense)\b", "“Tomen el tiempo que necesiten.”", only_said=True),
        _phrase(
            r"\bcompart(?:e|an) con (?:toda )?la clase\b",
            "“Compartan si quieren; pueden pasar.”",
            fine_with_option=True,
        ),
    ),
}


def find_wording_problems(parts: tuple[Part, ...], file: str, language: Language) -> list[Problem]:
    """A warning for each phrase that could be unsafe where it stands, with the sentence to use instead."""
    problems: list[Problem] = []
    for part in parts:
        has_choice = any(block.name == "choice" for block in part.blocks)
        for block in part.blocks:
            problems += _block_problems(block, file, language, has_choice)
    return problems


def _block_problems(block: Block, file: str, language: Language, has_choice: bool) -> list[Problem]:
    problems = []
    text = _in_one_line(block.text)
    for phrase in _PHRASES[language]:
        for match in phrase.pattern.finditer(text):
            if not _is_fine(phrase, match, text, block, has_choice):
                line = block.text_line + block.text.count("\n", 0, match.start())
                message = f"“{' '.join(match.group(0).split())}”: better {phrase.better}"
                problems.append(Problem(file, line, message, Severity.WARNING))
    return problems


def _in_one_line(text: str) -> str:
    """The text with its sentences whole, sign for sign: a new paragraph or item ends a sentence, a new line does not."""
    ended = re.sub(r"\n(?=[ \t]*(?:\n|[-*+>|][ \t]|#|\d+[.)][ \t]))", ".", text)
    # One sign for one: the places of matches are places in the text.
    return re.sub(r"\n[ \t]*", lambda gap: " " * len(gap.group(0)), ended)


def _is_fine(phrase: _Phrase, match: re.Match[str], text: str, block: Block, has_choice: bool) -> bool:
    before, after = text[: match.start()], text[match.end() :]
    if before.rstrip().endswith(("“", '"')) and block.name == "teacher":
        return True  # quoted to the teacher as what not to say
    if _DENIED.search(before):
        return True
    sentence = re.split(r"[.!?]\s", before)[-1] + match.group(0) + re.split(r"[.!?]\s", after)[0]
    near = sentence + " ".join(re.split(r"[.!?]\s", after)[1:2])
    return phrase.fine_with_option and (has_choice or bool(_OPTION_NEAR.search(near)))
