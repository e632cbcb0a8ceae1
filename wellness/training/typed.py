"""Clean typed text before it is stored."""

from __future__ import annotations

from ..domain.plain_text import has_control_characters, with_unix_line_ends
from ..errors import Invalid, worded

NOT_SAVED = worded("Nothing was saved.")


def typed_text(text: str, *, field: str, limit: int) -> str:
    """Return the text with LF line ends and without surrounding whitespace.

    Raises Invalid with the field when it is longer than `limit` characters or has control characters.
    """
    text = with_unix_line_ends(text).strip()
    if has_control_characters(text):
        raise Invalid(
            NOT_SAVED, {field: worded("The text contains a character that can’t be saved. Retype that part.")}
        )
    if len(text) > limit:
        raise Invalid(NOT_SAVED, {field: worded("The text is too long. Make it a little shorter.")})
    return text


def typed_line(text: str, *, field: str, limit: int) -> str:
    """Like `tidy`, on one line: every run of whitespace becomes one space."""
    return " ".join(typed_text(text, field=field, limit=limit).split())
