"""Keep what a person typed when the sign-in had ended before the form was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..records import Records, unsent_forms
from ..records.unsent_forms import UnsentForm

MAX_CHARACTERS = 300_000
"""Of all that is typed in one form."""


def keep_form(
    records: Records, person_id: str, *, page: str, action: str, fields: Mapping[str, Sequence[str]], at: datetime
) -> bool:
    """Keep a form for this person and say whether it was kept: not when nothing was typed or too much."""
    length = sum(len(name) + len(text) for name, texts in fields.items() for text in texts)
    if not fields or length > MAX_CHARACTERS:
        return False
    with records.writing() as tx:
        return unsent_forms.put_unsent_form(tx, person_id, page, action, fields, at)


def find_form(records: Records, person_id: str, at: datetime) -> UnsentForm | None:
    """Return the form that is kept for this person, or None."""
    with records.reading() as tx:
        return unsent_forms.find_unsent_form(tx, person_id, at)


def forget_form(records: Records, person_id: str) -> None:
    """Forget the form that is kept for this person."""
    with records.writing() as tx:
        unsent_forms.remove_unsent_form(tx, person_id)
