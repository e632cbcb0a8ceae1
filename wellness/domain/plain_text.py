"""Normalize typed text: line ends, control characters, slugs, counts, and durations like 4:05."""

from __future__ import annotations

import re
import unicodedata

_LAYOUT = "\n\t"


def with_unix_line_ends(text: str) -> str:
    """Return the text with every CRLF and CR as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_control_characters(text: str) -> bool:
    """Whether the text has a control character other than LF and tab, or a lone surrogate, which UTF-8 cannot encode."""
    return any(_is_control(character) for character in text)


def without_control_characters(text: str) -> str:
    """Return the text without control characters; phone keyboards and pasting insert them by accident."""
    return "".join(character for character in text if not _is_control(character))


def _is_control(character: str) -> bool:
    return character not in _LAYOUT and unicodedata.category(character) in ("Cc", "Cs")


def slug_of(title: str, longest: int) -> str:
    """Return a slug of at most `longest` characters, like feet-on-the-floor; empty when no ASCII letter or digit is left."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:longest].strip("-")


def counted(number: int, noun: str) -> str:
    """Return the number with its noun for English output, like "1 file" and "3 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}{'es' if noun.endswith('s') else 's'}"


def mm_ss(seconds: float) -> str:
    """Format a duration in seconds as minutes:seconds, like 4:05."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
