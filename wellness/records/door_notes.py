"""Door notes: what a door card says against a signed-in person, kept beside it until a teacher takes or leaves it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from ..domain import Completeness, Language, NotDoneReason, Outcome, ViewingState, week_of
from ..errors import NotFound
from .database.transactions import Reading, Writing, new_id
from .schema import door_note


@dataclass(frozen=True, slots=True)
class DoorNote:
    """The outcome that somebody with the door card logged for a session that staff had logged already."""

    id: str
    classroom_id: str
    slug: str
    revision: str
    language: Language
    on_day: date
    outcome: Outcome
    at: datetime


def put_door_note(
    tx: Writing,
    classroom_id: str,
    slug: str,
    revision: str,
    language: Language,
    on_day: date,
    outcome: Outcome,
    at: datetime,
) -> DoorNote:
    """Store the note; it replaces an earlier note of the class about the same week."""
    week_on = week_of(on_day)
    tx.execute(delete(door_note).where(door_note.c.classroom_id == classroom_id, door_note.c.week_on == week_on))
    note = DoorNote(new_id(), classroom_id, slug, revision, language, on_day, outcome, at)
    tx.execute(
        insert(door_note).values(
            id=note.id,
            classroom_id=classroom_id,
            slug=slug,
            revision=revision,
            language=language.value,
            on_day=on_day,
            week_on=week_on,
            state=outcome.state.value,
            extent=outcome.extent and outcome.extent.value,
            reason=outcome.reason and outcome.reason.value,
            minutes=outcome.minutes,
            at=at,
        )
    )
    return note


def list_door_notes(tx: Reading, classroom_ids: Collection[str]) -> dict[str, list[DoorNote]]:
    """Return the open notes of these classes by class, oldest first. One query."""
    found = select(door_note).where(door_note.c.classroom_id.in_(classroom_ids)).order_by(door_note.c.at)
    notes: dict[str, list[DoorNote]] = {classroom_id: [] for classroom_id in classroom_ids}
    for row in tx.execute(found):
        notes[row.classroom_id].append(_note(row))
    return notes


def take_door_note(tx: Writing, classroom_id: str, note_id: str) -> DoorNote:
    """Delete an open note of the class and return it. Raises NotFound when it was answered already."""
    own = (door_note.c.id == note_id) & (door_note.c.classroom_id == classroom_id)
    row = tx.execute(select(door_note).where(own)).one_or_none()
    if row is None:
        raise NotFound("Somebody has answered this already.")
    tx.execute(delete(door_note).where(own))
    return _note(row)


def _note(row: Row[Any]) -> DoorNote:
    outcome = Outcome(
        ViewingState(row.state),
        None if row.extent is None else Completeness(row.extent),
        None if row.reason is None else NotDoneReason(row.reason),
        row.minutes,
    )
    return DoorNote(
        row.id, row.classroom_id, row.slug, row.revision, Language(row.language), row.on_day, outcome, row.at
    )
