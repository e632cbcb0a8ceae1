"""Notes that staff write in a module: private unless the writer shares them with coaches and admins."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..domain import Person, Reflection
from ..errors import Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, training
from .scope import list_in_scope
from .typed import NOT_SAVED, typed_text

MAX_WORDS = 4000
"""Characters of one note."""
_MAX_PROMPT = 2000
_PLACE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared note with the name of its writer."""

    name: str
    reflection: Reflection


def write(
    records: Records, person: Person, slug: str, place: str, prompt: str, text: str, at: datetime
) -> Reflection | None:
    """Save a note at one place of a module, with a copy of its prompt; an empty text deletes the note.

    A changed note is private again, because only the earlier text was shared. Raises Invalid for a text that is too long or
    has control characters, NotFound for a malformed place.
    """
    _check_place(place)
    text = typed_text(text, field="text", limit=MAX_WORDS)
    with records.writing() as tx:
        known = training.find_reflection(tx, person.id, slug, place)
        if not text:
            training.remove_reflection(tx, person.id, slug, place)
            return None
        if known is not None and known.text == text:
            return known
        written = Reflection(person.id, slug, place, prompt.strip()[:_MAX_PROMPT], text, at)
        training.put_reflection(tx, written)
        return written


def share(
    records: Records, person: Person, slug: str, place: str, at: datetime, *, seen: str | None = None
) -> Reflection:
    """Share a note with the coaches and admins of the writer's school. Idempotent.

    `seen` is the text on the writer's page. Raises Invalid when the stored text differs from it, NotFound without a note.
    """
    with records.writing() as tx:
        known = _get(tx, person, slug, place)
        if seen is not None and typed_text(seen, field="text", limit=MAX_WORDS) != known.text:
            message = worded("The text changed after you opened this page. Check it before you share it.")
            raise Invalid(NOT_SAVED, {"text": message})
        if known.shared_at is not None:
            return known
        shared = replace(known, shared_at=at)
        training.put_reflection(tx, shared)
        audit_log.note(tx, person, at, "share notes", f"training/{slug}")
        return shared


def keep_private(records: Records, person: Person, slug: str, place: str, at: datetime) -> Reflection:
    """Stop sharing a note. Raises NotFound when there is none."""
    with records.writing() as tx:
        known = _get(tx, person, slug, place)
        if known.shared_at is None:
            return known
        private = replace(known, shared_at=None)
        training.put_reflection(tx, private)
        audit_log.note(tx, person, at, "stop sharing notes", f"training/{slug}")
        return private


def list_own(tx: Reading, person: Person, slug: str | None = None) -> list[Reflection]:
    """Return the person's notes by module and place, of one module or of all."""
    return training.list_reflections(tx, person.id, slug)


def list_shared(tx: Reading, lead: Person, today: date) -> list[Shared]:
    """Return the notes that staff of this coach's schools shared, latest first; empty for a teacher."""
    names = {person.id: person.name for person in list_in_scope(tx, lead, today, inactive=True)}
    return [Shared(names[one.person_id], one) for one in training.list_shared_reflections(tx, names)]


def _get(tx: Writing, person: Person, slug: str, place: str) -> Reflection:
    _check_place(place)
    known = training.find_reflection(tx, person.id, slug, place)
    if known is None:
        raise NotFound("You haven’t written anything here.")
    return known


def _check_place(place: str) -> None:
    if not _PLACE.fullmatch(place):
        raise NotFound("We couldn’t find that question in this module.")
