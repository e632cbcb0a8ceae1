"""Typed text made plain: line ends, control characters, slugs, and lengths of time as people write them."""

from __future__ import annotations

import re
import unicodedata

_LAYOUT = "\n\t"


def with_unix_line_ends(text: str) -> str:
    """The text with LF for every CRLF and CR."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_control_characters(text: str) -> bool:
    """Whether it has a character that no page or file can show: a control other than LF and tab, or half a surrogate."""
    return any(_is_control(character) for character in text)


def without_control_characters(text: str) -> str:
    """The text without them; a phone's keyboard or a paste brings them by accident."""
    return "".join(character for character in text if not _is_control(character))


def _is_control(character: str) -> bool:
    return character not in _LAYOUT and unicodedata.category(character) in ("Cc", "Cs")


def slug_of(title: str, longest: int) -> str:
    """The title in lowercase ASCII letters, numbers and single hyphens, like feet-on-the-floor; empty when none are left."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:longest].strip("-")


def mm_ss(seconds: float) -> str:
    """A length as people write it: 4:05."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
