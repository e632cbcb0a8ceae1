"""The reading level of a text as a school grade (Flesch-Kincaid), and its hardest sentence. English only.

Flesch-Kincaid (1975): 0.39 × words per sentence + 11.8 × syllables per word − 15.59. It only counts, so its
result is a suggestion, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...domain import Block

MIN_WORDS = 80
"""With fewer words, a grade means nothing."""
_MIN_WORDS_OF_A_SENTENCE = 6

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)*_]*\s+|\n\s*\n|\n(?=\s*(?:[-*+>|#]|\d+[.)])\s)")
_MARKUP = re.compile(r"\]\([^)\n]{0,200}\)|[\[*_`>#|]|!\[|^\s*(?:[-+]|\d+[.)])\s+", re.MULTILINE)
_VOWELS = re.compile(r"[aeiouy]+")
_TWO_VOWELS = re.compile(r"ia(?![ln])|iet|[ey]ing|scien|idea")
_SILENT_END = re.compile(r"(?:[^laeiouy]e|[^laeiouydt]ed|[^laeiouycgsxz]es|ely|eless|eful)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its first line."""

    line: int
    text: str
    words: int
    syllables: int

    @property
    def grade(self) -> float:
        """The school grade of this sentence."""
        return _grade(1, self.words, self.syllables)


@dataclass(frozen=True, slots=True)
class ReadingLevel:
    """The school grade of a text and its hardest sentence."""

    grade: float
    hardest: Sentence


def measure(blocks: Iterable[Block]) -> ReadingLevel | None:
    """Return the reading level of these blocks together, or None when they have too few words."""
    sentences = [sentence for block in blocks for sentence in _sentences(block)]
    words = sum(sentence.words for sentence in sentences)
    if words < MIN_WORDS:
        return None
    grade = _grade(len(sentences), words, sum(sentence.syllables for sentence in sentences))
    whole = [sentence for sentence in sentences if sentence.words >= _MIN_WORDS_OF_A_SENTENCE] or sentences
    return ReadingLevel(round(grade, 1), max(whole, key=lambda sentence: sentence.grade))


def count_syllables(word: str) -> int:
    """Estimate the syllables of an English word from its vowels; at least 1."""
    word = re.sub(r"[^a-z]", "", word.casefold())
    found = len(_VOWELS.findall(word)) + len(_TWO_VOWELS.findall(word))
    if found > 1 and _SILENT_END.search(word):
        found -= 1
    return max(1, found)


def _grade(sentences: int, words: int, syllables: int) -> float:
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def _sentences(block: Block) -> Iterator[Sentence]:
    place = line_place = 0
    line = block.text_line
    for end in [*_SENTENCE_END.finditer(block.text), None]:
        piece = block.text[place : end.start() if end else None]
        begins = place + len(piece) - len(piece.lstrip())
        line, line_place = line + block.text.count("\n", line_place, begins), begins
        text = " ".join(_MARKUP.sub(" ", piece).split())
        words = _WORD.findall(text)
        if words:
            yield Sentence(line, text, len(words), sum(map(count_syllables, words)))
        place = end.end() if end else place
