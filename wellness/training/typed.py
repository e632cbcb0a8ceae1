"""What people type here, made fit to keep."""

from __future__ import annotations

from ..domain.plain_text import has_control_characters, with_unix_line_ends
from ..errors import Invalid, worded

NOT_SAVED = worded("Nothing was saved.")


def tidy(text: str, *, field: str, limit: int) -> str:
    """The text with plain line ends and without what surrounds it.

    Raises Invalid naming the field when it is longer than `limit` characters or holds signs that are no text.
    """
    text = with_unix_line_ends(text).strip()
    if has_control_characters(text):
        raise Invalid(
            NOT_SAVED, {field: worded("The text contains a character that can't be saved. Retype that part.")}
        )
    if len(text) > limit:
        raise Invalid(NOT_SAVED, {field: worded("The text is too long. Make it a little shorter.")})
    return text


def tidy_line(text: str, *, field: str, limit: int) -> str:
    """The same for one line: every gap is one space."""
    return " ".join(tidy(text, field=field, limit=limit).split())
