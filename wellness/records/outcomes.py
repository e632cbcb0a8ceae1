"""What people say about viewings: delivered or not done, with everything that was said before, and taking it back.

One submit may log several classes; it is a batch, and is undone as one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from ..domain import Completeness, EnteredRole, Language, NotDoneReason, Outcome, Viewing, ViewingState, week_of
from ..errors import Conflict, NotFound, worded
from .database.column_types import as_utc
from .database.transactions import Reading, Writing
from .schema import person, viewing, viewing_change
from .viewings import any_part_ran, count_ran, find_viewing, insert_viewing
from .week_summaries import roll_up

_BY_PEOPLE = (ViewingState.DELIVERED, ViewingState.NOT_DONE)


@dataclass(frozen=True, slots=True)
class OutcomeEntry:
    """The part of a viewing that is said about it, by a person or (opened, played) by the site."""

    state: ViewingState
    extent: Completeness | None
    reason: NotDoneReason | None
    minutes: int | None
    entered_at: datetime | None
    entered_by: str | None
    entered_role: EnteredRole
    is_late: bool
    makes_up_for: date | None = None
    """Monday of the earlier week it counts for; None for its own week."""

    def __str__(self) -> str:
        return ", ".join(word for word in (self.state, self.extent, self.reason) if word)


class Shown(NamedTuple):
    """Version and language of the session that a class saw."""

    revision: str
    language: Language


@dataclass(frozen=True, slots=True)
class ViewingChange:
    """One entry of the history of a viewing. `before` is None when there was no viewing."""

    id: int
    batch_id: str
    classroom_id: str
    slug: str
    on_day: date
    before: OutcomeEntry | None
    after: OutcomeEntry
    at: datetime
    by: str | None
    by_name: str | None
    role: EnteredRole
    undone_at: datetime | None
    shown: Shown | None = None
    """Version and language of a withdrawn viewing, so that an undo can add it again."""

    @property
    def is_withdrawal(self) -> bool:
        """Whether the change withdrew an answer because another entry replaced it."""
        return self.after.state not in _BY_PEOPLE


# --- Saying -----------------------------------------------------------------------------------------------------------


def enter_outcome(
    tx: Writing,
    batch_id: str,
    classroom_id: str,
    slug: str,
    revision: str,
    on_day: date,
    outcome: Outcome,
    by: str | None,
    role: EnteredRole,
    at: datetime,
    is_late: bool,
    language: Language = Language.EN,
    makes_up_for: date | None = None,
) -> tuple[Viewing, Viewing | None]:
    """Somebody said how it went: the viewing as it is now, and the earlier one when another person had said otherwise.

    Saying the same again changes nothing. Anything else replaces what was said, and what was said before stays in the
    history. `makes_up_for` is the Monday of an earlier week that it counts for. `by` is a person's id, or None for a
    substitute who came through the class's door. Raises ValueError for the role `auto`: these things are only ever said
    by people.
    """
    if role is EnteredRole.AUTO:
        raise ValueError("delivered and not done are said by people")
    words = (outcome.state, outcome.extent, outcome.reason, outcome.minutes)
    after = OutcomeEntry(*words, as_utc(at), by, role, is_late, makes_up_for)
    new = {"revision": revision, "language": language.value, "coverage": 0.0}
    before = find_viewing(tx, classroom_id, slug, on_day)
    if before is None and not insert_viewing(tx, classroom_id, slug, on_day, new | _values(after, on_day)):
        before = find_viewing(tx, classroom_id, slug, on_day)
    if before is not None:
        if (*words, makes_up_for) == _words_of(before):
            return before, None
        tx.execute(update(viewing).where(viewing.c.id == before.id).values(_values(after, on_day)))
        _roll_up(tx, before, after)
    _remember(tx, batch_id, (classroom_id, slug, on_day), before, after)
    now = find_viewing(tx, classroom_id, slug, on_day)
    assert now is not None, "it was written in this transaction"
    return now, before if before is not None and _said_by_another(before, by) else None


def withdraw_outcome(
    tx: Writing, batch_id: str, withdrawn: Viewing, by: str | None, role: EnteredRole, at: datetime
) -> None:
    """Take away what a person logged about a viewing, because another entry of the same batch replaces it.

    The viewing is as if nobody had logged it: opened when it was opened or ran for the class, else deleted.
    """
    after = replace(_OPENED, entered_at=as_utc(at), entered_by=by, entered_role=role)
    place = (withdrawn.classroom_id, withdrawn.slug, withdrawn.on_day)
    _remember(tx, batch_id, place, withdrawn, after)
    _put_back(tx, withdrawn, _OPENED, at)
    if withdrawn.opened_at is None and not any_part_ran(tx, withdrawn.id):
        tx.execute(delete(viewing).where(viewing.c.id == withdrawn.id))
    _roll_up(tx, withdrawn, after)


def _said_by_another(earlier: Viewing, by: str | None) -> bool:
    """Whether somebody other than this person had logged it; two substitutes count as different people."""
    return earlier.state in _BY_PEOPLE and (by is None or earlier.entered_by != by)


def _remember(
    tx: Writing, batch_id: str, place: tuple[str, str, date], before: Viewing | None, after: OutcomeEntry
) -> None:
    classroom_id, slug, on_day = place
    tx.execute(
        insert(viewing_change).values(
            batch_id=batch_id,
            classroom_id=classroom_id,
            slug=slug,
            on_day=on_day,
            before=None if before is None else _to_json(outcome_entry_of(before)) | _shown_to_json(before, after),
            after=_to_json(after),
            at=after.entered_at,
            by=after.entered_by,
            role=after.entered_role.value,
        )
    )


# --- Taking back ------------------------------------------------------------------------------------------------------


def undo_batch(tx: Writing, batch_id: str, by: str | None, at: datetime) -> list[ViewingChange]:
    """Undo one batch: each viewing is as it was before, or deleted where there was none. Returns the undone changes.

    What ran meanwhile stays. A batch that was taken back before gives an empty list and changes nothing. Raises
    NotFound for an unknown batch, Conflict when somebody has said otherwise since: then nothing at all is taken back,
    provided that the error leaves the transaction.
    """
    changes = list_batch(tx, batch_id)
    if not changes:
        raise NotFound("There’s nothing to undo.")
    standing = [change for change in reversed(changes) if change.undone_at is None]
    for change in standing:
        _take_back(tx, change, at)
    own = viewing_change.c.id.in_([change.id for change in standing])
    tx.execute(update(viewing_change).where(own).values(undone_at=at, undone_by=by))
    return standing


def _take_back(tx: Writing, change: ViewingChange, at: datetime) -> None:
    now = find_viewing(tx, change.classroom_id, change.slug, change.on_day)
    if change.is_withdrawal:
        _log_again(tx, change, now, at)
        return
    if now is None or outcome_entry_of(now) != change.after:
        raise _changed_since("" if now is None else str(outcome_entry_of(now)), str(change.after))
    if change.before is None and now.opened_at is None and not any_part_ran(tx, now.id):
        tx.execute(delete(viewing).where(viewing.c.id == now.id))
    else:
        _put_back(tx, now, change.before or _OPENED, at)
    _roll_up(tx, now, change.before or _OPENED)


def _roll_up(tx: Writing, earlier: Viewing, now: OutcomeEntry) -> None:
    """Add up the week the viewing counted for, and the week it counts for now."""
    for week_on in {earlier.week_on, now.makes_up_for or week_of(earlier.on_day)}:
        roll_up(tx, earlier.classroom_id, week_on)


def _log_again(tx: Writing, change: ViewingChange, now: Viewing | None, at: datetime) -> None:
    """Undo a withdrawal. Raises Conflict when somebody has logged the viewing again since."""
    assert change.before is not None, "only what was logged is withdrawn"
    if now is not None and now.state in _BY_PEOPLE:
        raise _changed_since(str(outcome_entry_of(now)), str(change.before))
    if now is None and change.shown is not None:
        seen = {"revision": change.shown.revision, "language": change.shown.language.value, "coverage": 0.0}
        insert_viewing(tx, change.classroom_id, change.slug, change.on_day, seen | _values(_OPENED, change.on_day))
        now = find_viewing(tx, change.classroom_id, change.slug, change.on_day)
    assert now is not None, "it was added in this transaction"
    _put_back(tx, now, change.before, at)
    _roll_up(tx, now, change.before)


def _changed_since(theirs: str, yours: str) -> Conflict:
    message = worded(
        "Someone has changed this since, so nothing was undone. Check the class page and enter what’s right."
    )
    return Conflict(message, theirs=theirs, yours=yours)


def _put_back(tx: Writing, now: Viewing, before: OutcomeEntry, at: datetime) -> None:
    if before.entered_by is not None and not _is_known(tx, before.entered_by):
        before = replace(before, entered_by=None)
    tx.execute(update(viewing).where(viewing.c.id == now.id).values(_values(before, now.on_day)))
    count_ran(tx, now.id, at)


def _is_known(tx: Reading, person_id: str) -> bool:
    """Whether the account is still there; a removed person leaves what was said, without the name."""
    return tx.execute(select(person.c.id).where(person.c.id == person_id)).first() is not None


_OPENED = OutcomeEntry(ViewingState.OPENED, None, None, None, None, None, EnteredRole.AUTO, is_late=False)


# --- The history ------------------------------------------------------------------------------------------------------


def list_changes(tx: Reading, classroom_id: str, *, first: date, last: date) -> list[ViewingChange]:
    """What was said about a class's viewings from first to last, oldest first, with what was taken back."""
    days = viewing_change.c.on_day.between(first, last)
    return _changes(tx, viewing_change.c.classroom_id == classroom_id, days)


def list_batch(tx: Reading, batch_id: str) -> list[ViewingChange]:
    """The changes of one batch, in order; empty for an unknown batch. They say who may undo it."""
    return _changes(tx, viewing_change.c.batch_id == batch_id)


def outcome_entry_of(one: Viewing) -> OutcomeEntry:
    """What is said about a viewing now."""
    who = (one.entered_at, one.entered_by, one.entered_role)
    makes_up_for = one.week_on if one.is_make_up else None
    return OutcomeEntry(one.state, one.extent, one.reason, one.minutes, *who, one.is_late, makes_up_for)


def _words_of(one: Viewing) -> tuple[object, ...]:
    """Return what a person says about a viewing."""
    entry = outcome_entry_of(one)
    return entry.state, entry.extent, entry.reason, entry.minutes, entry.makes_up_for


def _changes(tx: Reading, *conditions: ColumnElement[bool]) -> list[ViewingChange]:
    found = (
        select(viewing_change, person.c.name.label("by_name"))
        .outerjoin(person, person.c.id == viewing_change.c.by)
        .where(*conditions)
        .order_by(viewing_change.c.id)
    )
    return [_change(row) for row in tx.execute(found)]


# --- Rows -------------------------------------------------------------------------------------------------------------


def _values(said: OutcomeEntry, on_day: date) -> dict[str, Any]:
    return _answer_values(said) | {"week_on": said.makes_up_for or week_of(on_day)}


def _answer_values(said: OutcomeEntry) -> dict[str, Any]:
    return {
        "state": said.state.value,
        "extent": None if said.extent is None else said.extent.value,
        "reason": None if said.reason is None else said.reason.value,
        "minutes": said.minutes,
        "entered_at": said.entered_at,
        "entered_by": said.entered_by,
        "entered_role": said.entered_role.value,
        "is_late": said.is_late,
    }


def _to_json(said: OutcomeEntry) -> dict[str, Any]:
    entered_at = None if said.entered_at is None else said.entered_at.isoformat()
    makes_up_for = {} if said.makes_up_for is None else {"makes_up_for": said.makes_up_for.isoformat()}
    return _answer_values(said) | {"entered_at": entered_at} | makes_up_for


def _shown_to_json(before: Viewing, after: OutcomeEntry) -> dict[str, Any]:
    """Return what an undo needs beyond the answer; only a withdrawal may delete a viewing that had one."""
    if after.state in _BY_PEOPLE:
        return {}
    return {"revision": before.revision, "language": before.language.value}


def _from_json(kept: dict[str, Any]) -> OutcomeEntry:
    return OutcomeEntry(
        state=ViewingState(kept["state"]),
        extent=None if kept["extent"] is None else Completeness(kept["extent"]),
        reason=None if kept["reason"] is None else NotDoneReason(kept["reason"]),
        minutes=kept["minutes"],
        entered_at=None if kept["entered_at"] is None else datetime.fromisoformat(kept["entered_at"]),
        entered_by=kept["entered_by"],
        entered_role=EnteredRole(kept["entered_role"]),
        is_late=kept["is_late"],
        makes_up_for=date.fromisoformat(kept["makes_up_for"]) if "makes_up_for" in kept else None,
    )


def _change(row: Row[Any]) -> ViewingChange:
    return ViewingChange(
        id=row.id,
        batch_id=row.batch_id,
        classroom_id=row.classroom_id,
        slug=row.slug,
        on_day=row.on_day,
        before=None if row.before is None else _from_json(row.before),
        after=_from_json(row.after),
        at=row.at,
        by=row.by,
        by_name=row.by_name,
        role=EnteredRole(row.role),
        undone_at=row.undone_at,
        shown=_shown_from_json(row.before or {}),
    )


def _shown_from_json(kept: dict[str, Any]) -> Shown | None:
    return Shown(kept["revision"], Language(kept["language"])) if "revision" in kept else None
