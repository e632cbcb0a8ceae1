"""The wording check: phrases that can be unsafe or unkind for students with trauma, with a suggestion for each.

Every finding is a warning, never an error, and takes its context into account: a phrase offered as a choice, negated
("you don't have to") or quoted as what not to say is fine. The phrases follow the trauma-sensitive guidance gathered in
docs/definitions.md (Mindful Schools; Empowering Education).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ...domain import Block, Language, Problem
from ..body import Part
from .suggestions import suggest

_OPTION_NEAR = re.compile(
    r"\b(or(?! +(?:so|more|less|\d+|two|three|four|five|six|seven|eight|ten)\b)|if you(?:'d| would)? like|if you want|"
    r"(?<!as long as )(?<!as deeply as )you (?:can|may|might)|whichever|your choice|optional|without holds?|no hold|"
    r"skip|o(?! +(?:más|menos|\d+|dos|tres|cuatro|cinco|seis)\b)|si (?:quieres|quieren|gustan)|puedes|pueden|sin pausas?)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:never|no one|nobody|not|don't|doesn't|do not|does not|needn't|isn't|avoid|instead of|rather than|without|"
    r"no|nunca|nadie|sin|ni|en vez de)\b[^.!?;:]{0,40}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    written: str
    better: str
    fine_with_option: bool = False
    only_said: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern, cached."""
        return _compiled(self.written, re.IGNORECASE)


@cache
def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def _phrase(pattern: str, better: str, *, fine_with_option: bool = False, only_said: bool = False) -> _Phrase:
    return _Phrase(pattern.replace(" ", " +"), better, fine_with_option, only_said)


_PHRASES: dict[Language, tuple[_Phrase, ...]] = {
    Language.EN: (
        _phrase(
            r"\b(?:clos(?:e|ing)|shut(?:ting)?) (?:your|both) eyes\b|\beyes (?:closed|shut)\b(?! or\b)|"
            r"\blet(?:ting)? your eyes close\b",
            "“Eyes open or looking down, your choice.” Closed eyes can feel unsafe",
        ),
        _phrase(
            r"\byou (?:must|have to|need to|had better|are required to)\b|\byou(?:'|’)?(?:ve| have) got to\b",
            "“You might…” or “If you’d like…” An order leaves no choice",
        ),
        _phrase(
            r"\bevery(?:one|body) (?:must|has to|will|should|needs to|close|take|sit|stand|breathe|share|join|try)\b",
            "“You might…”",
        ),
        _phrase(
            r"\b(?:no opting out|(?:it|this|participation|taking part) is (?:required|mandatory)|"
            r"(?:nobody|no one) (?:may|can|is allowed to) (?:leave|sit out|skip|pass|stop))\b",
            "“Watching, drawing or sitting quietly is taking part.”",
        ),
        _phrase(
            r"\bhold (?:your|the|that) breath\b|\bkeep your breath in\b",
            "“Pause, or skip the pause and keep breathing.” Always offer the version without holds",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:the (?:deepest|biggest) breaths? you can|breathe (?:in )?as (?:deep|deeply|hard|fast) as you can)\b",
            "“An ordinary breath is enough.” Very deep breaths can make people dizzy",
        ),
        _phrase(
            r"\b(?:calm (?:down|yourselves|yourself)|just relax|stop crying|get over it|"
            r"don['’]t be (?:shy|sad|scared|afraid))\b",
            "“Take the time you need.” Telling someone to calm down rarely helps",
            only_said=True,
        ),
        _phrase(
            r"\b(?:clear|empty|empty out) your mind\b|\bstop your thoughts\b",
            "“If thoughts come, that’s fine. Come back to your feet when you like.”",
        ),
        _phrase(
            r"\b(?:worst|scariest|saddest|most (?:painful|embarrassing)|traumatic) "
            r"(?:thing|memory|moment|day|time|experience)\b|"
            r"\b(?:time|moment) (?:when )?you (?:were|felt|got) (?:afraid|scared|hurt|ashamed|unsafe|bullied)\b",
            "“Think of a small, ordinary moment this week, or of a character.”",
        ),
        _phrase(
            r"\b(?:imagine|picture|think of|go to) your safe place\b|\b(?:at home )?in your (?:own )?bed\b",
            "“Think of a place you like, real or made up.” Not everyone has a safe place",
        ),
        _phrase(
            r"\b(?:tell (?:us|the class|your partner)|talk|share|write) about your "
            r"(?:family|parents|home|mother|father|mom|dad)\b",
            "“Talk about a character, or an ordinary week.” Home can be a hard subject",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:raise|put up) your hand if you(?:['’]ve| have)? (?:ever )?(?:feel|felt|been|are|were) "
            r"(?:sad|scared|afraid|alone|hurt|bullied|anxious|angry|depressed|worried)\b",
            "“Just notice it for yourself. No one has to show anything.”",
        ),
        _phrase(
            r"\b(?:hold|join) hands\b|\b(?:hug|give a hug to) (?:each other|your (?:partner|neighbor|friend))\b|"
            r"\bgive each other a hug\b|\bhand on (?:your|a) (?:neighbor|partner|friend)(?:['’]s \w+)?\b",
            "“A wave, a nod, or nothing at all.” Touch can feel unsafe",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:make|keep|hold) eye contact\b|\blook (?:your (?:partner|neighbor)|each other|them) in the eyes?\b",
            "“Look wherever is comfortable.”",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:turn|switch) (?:off|out) the lights?\b|\block the door\b",
            "“The lights and the door stay as they are.” Darkness and a locked door can feel unsafe",
        ),
        _phrase(
            r"\blie (?:down|on (?:the floor|your (?:back|belly|stomach)))\b",
            "“Sit or stand in any way that’s comfortable.”",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:good|bad) (?:students|kids|boys|girls)\b",
            "naming what you’d like to see, without sorting students into good and bad",
        ),
        _phrase(
            r"\b(?:boys don['’]t cry|be a man|man up|crazy people)\b",
            "“People feel things in different ways,” without a label",
        ),
        _phrase(
            r"\bcontrol your (?:emotions|feelings|anger|temper)\b",
            "“Notice what you feel. Every feeling is okay.”",
        ),
        _phrase(
            r"\bshare (?:it |this |that )?with the (?:whole )?class\b",
            "“Share if you’d like. It’s fine to pass.”",
            fine_with_option=True,
        ),
        _phrase(
            r"\b(?:chakra|namaste|prayer|energy healing|spirit guide)\w*\b",
            "secular words. This is for every family",
        ),
        _phrase(
            r"\b(?:will|is proven to|guaranteed to) (?:cure|heal|fix|reduce (?:anxiety|depression)|raise (?:grades|scores))\b|"
            r"\b(?:make|makes) (?:your |the )?(?:anxiety|stress|worry|worries|fear) go away\b",
            "saying what students practice. Don’t promise results",
        ),
        _phrase(
            r"\byou(?: will|['’]ll| should) (?:all )?(?:feel|be) (?:so )?(?:calm|calmer|better|relaxed|happy|happier|safe)\b",
            "“Notice how it is for you; any answer is fine.” Don’t promise results",
        ),
    ),
    Language.ES: (
        _phrase(
            r"\b(?:cierr(?:a|en|e) los ojos|con los ojos cerrados)\b(?! o\b)",
            "“Ojos abiertos o mirando hacia abajo, como prefieran.”",
        ),
        _phrase(r"\b(?:debes|deben|tienes que|tienen que)\b", "“Pueden…” o “Si quieren…”"),
        _phrase(
            r"\b(?:aguant(?:a|en|e)|conten(?:gan|ga)|contén) la respiración\b",
            "“Hagan una pausa o sáltenla.”",
            fine_with_option=True,
        ),
        _phrase(r"\b(?:todos|todas|todo el mundo) (?:debe|deben|tiene que|tienen que)\b", "“Pueden…” o “Si quieren…”"),
        _phrase(
            r"\b(?:tóm(?:ense|ate) de las manos|mír(?:ense|ense unos a otros) a los ojos|abrácense)\b",
            "“Una seña, o nada.” El contacto puede sentirse inseguro",
            fine_with_option=True,
        ),
        _phrase(r"\bapag(?:uen|ue|a) (?:la luz|las luces)\b", "“La luz se queda como está.”"),
        _phrase(r"\bacuést(?:ense|ate)\b", "“Siéntense o párense como les sea cómodo.”", fine_with_option=True),
        _phrase(
            r"\b(?:lo peor que (?:te|les) ha pasado|(?:el|su|tu) (?:peor|más triste) (?:día|momento|recuerdo))\b",
            "“Piensen en un momento común de esta semana.”",
        ),
        _phrase(
            r"\b(?:controla tus|controlen sus) (?:emociones|sentimientos)\b", "“Noten lo que sienten; todo se vale.”"
        ),
        _phrase(r"\bcálm(?:ate|ense)\b", "“Tomen el tiempo que necesiten.”", only_said=True),
        _phrase(
            r"\bcompart(?:e|an) con (?:toda )?la clase\b",
            "“Compartan si quieren; pueden pasar.”",
            fine_with_option=True,
        ),
    ),
}

# Few blocks contain a phrase, and one lowercase search is six times as fast as one case-insensitive search per phrase.
_ANY = {language: "|".join(f"(?:{phrase.written})" for phrase in phrases) for language, phrases in _PHRASES.items()}


@dataclass(frozen=True, slots=True)
class Hint:
    """Words that could be unsafe in their context, and what to say instead. `at` is their offset in the text."""

    words: str
    better: str
    at: int


def find_hints(text: str, language: Language) -> tuple[Hint, ...]:
    """Return hints for sentences that a teacher plans to say to a class. They never block anything."""
    said = Block("say", text, 1, 1)
    return tuple(sorted(_find_hints(said, language, has_choice=False), key=lambda hint: hint.at))


def find_wording_problems(parts: tuple[Part, ...], file: str, language: Language) -> list[Problem]:
    """Return a suggestion for each phrase that could be unsafe in its context, with the sentence to use instead."""
    problems: list[Problem] = []
    for part in parts:
        has_choice = any(block.name == "choice" for block in part.blocks)
        for block in part.blocks:
            problems += _block_problems(block, file, language, has_choice)
    return problems


def _block_problems(block: Block, file: str, language: Language, has_choice: bool) -> list[Problem]:
    problems = []
    for hint in _find_hints(block, language, has_choice):
        line = block.text_line + block.text.count("\n", 0, hint.at)
        problems.append(suggest(file, line, f"“{hint.words}”: try {hint.better}", "wording", hint.words))
    return problems


def _find_hints(block: Block, language: Language, has_choice: bool) -> Iterator[Hint]:
    said = _in_one_line(block.text)
    text = said.replace("’", "'")  # how an apostrophe is written in the patterns; word processors write the other one
    if not _compiled(_ANY[language]).search(text.lower()):
        return
    for phrase in _PHRASES[language]:
        for match in phrase.pattern.finditer(text):
            if not _is_fine(phrase, match, text, block, has_choice):
                words = said[match.start() : match.end()]
                yield Hint(" ".join(words.split()), phrase.better, match.start())


def _in_one_line(text: str) -> str:
    """Return the text with its line breaks inside sentences replaced, same length: a new paragraph or item ends a sentence."""
    ended = re.sub(r"\n(?=[ \t]*(?:\n|[-*+>|][ \t]|#|\d+[.)][ \t]))", ".", text)
    # One character for each, so that offsets of matches are offsets in the text.
    return re.sub(r"\n[ \t]*", lambda gap: " " * len(gap.group(0)), ended)


def _is_fine(phrase: _Phrase, match: re.Match[str], text: str, block: Block, has_choice: bool) -> bool:
    before, after = text[: match.start()], text[match.end() :]
    if before.rstrip().endswith(("“", '"')) and block.name in ("teacher", "question"):
        return True  # quoted to the teacher as what not to say
    if _DENIED.search(before):
        return True
    sentence = re.split(r"[.!?]\s", before)[-1] + match.group(0) + re.split(r"[.!?]\s", after)[0]
    near = sentence + " ".join(re.split(r"[.!?]\s", after)[1:2])
    return phrase.fine_with_option and (has_choice or bool(_OPTION_NEAR.search(near)))
