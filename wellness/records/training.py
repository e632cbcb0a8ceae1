"""What a member of staff does with a training module: parts seen and done, answers, tries, words, the real Friday.

Slugs are those of training modules. Nothing here is seen by anybody else except reflections that were shared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, insert, select, update

from ..domain import CheckTry, Facilitation, PartKind, PartProgress, Reflection
from .database.transactions import PeopleQuery, Reading, Writing, insert_new
from .schema import assignment, completion, facilitation, reflection, training_answer, training_progress, training_try

Whose = tuple[str, str]
"""A person's id and the slug of a module."""

_PROGRESS = PeopleQuery(select(training_progress), training_progress)
_TRIES = PeopleQuery(select(training_try).order_by(training_try.c.tried_at, training_try.c.id), training_try)
_FACILITATIONS = PeopleQuery(select(facilitation), facilitation)

# --- Parts ------------------------------------------------------------------------------------------------------------


def list_progress(
    tx: Reading, person_ids: Collection[str], slug: str | None = None
) -> dict[Whose, tuple[PartProgress, ...]]:
    """The parts that these people have looked at, by person and module; of one module or of all. One query."""
    rows = _PROGRESS.rows(tx, person_ids, slug)
    return _by_whose(rows, lambda row: PartProgress(PartKind(row.part), row.seen_at, row.done_at))


def note_seen(tx: Writing, person_id: str, slug: str, kind: PartKind, at: datetime) -> None:
    """The person looks at the part now; whether it is done stays."""
    _put(tx, training_progress, {"person_id": person_id, "slug": slug, "part": kind.value}, {"seen_at": at})


def note_done(tx: Writing, person_id: str, slug: str, kind: PartKind, at: datetime) -> None:
    """The person says the part is done."""
    key = {"person_id": person_id, "slug": slug, "part": kind.value}
    _put(tx, training_progress, key, {"seen_at": at, "done_at": at})


def forget_progress(tx: Writing, person_id: str, slug: str) -> None:
    """Every part of the module is as if never looked at. Tries, words and completions stay."""
    tx.execute(delete(training_progress).where(_of(training_progress, [person_id], slug)))


# --- The check --------------------------------------------------------------------------------------------------------


def put_answer(
    tx: Writing, person_id: str, slug: str, revision: str, question: str, chosen: Sequence[str], at: datetime
) -> None:
    """Keep what the person chose so far for one question of the check as it was shown."""
    key = {"person_id": person_id, "slug": slug, "revision": revision, "question": question}
    _put(tx, training_answer, key, {"chosen": list(chosen), "saved_at": at})


def list_answers(tx: Reading, person_id: str, slug: str, revision: str) -> dict[str, tuple[str, ...]]:
    """What the person chose so far, by question."""
    mine = _of(training_answer, [person_id], slug) & (training_answer.c.revision == revision)
    return {row.question: tuple(row.chosen) for row in tx.execute(select(training_answer).where(mine))}


def forget_answers(tx: Writing, person_id: str, slug: str, revision: str | None = None) -> None:
    """Forget what was chosen and not handed in, for one revision of the module or for all."""
    mine = _of(training_answer, [person_id], slug)
    if revision is not None:
        mine &= training_answer.c.revision == revision
    tx.execute(delete(training_answer).where(mine))


def add_try(tx: Writing, one: CheckTry) -> bool:
    """Keep a try. Says whether it was new: False when there is one with this id already."""
    values = {"id": one.id, "person_id": one.person_id, "slug": one.slug, "revision": one.revision}
    chosen = {key: list(answer) for key, answer in one.answers.items()}
    counted = {"right": one.right, "graded": one.graded, "is_passed": one.is_passed, "tried_at": one.tried_at}
    return insert_new(tx, insert(training_try).values(**values, chosen=chosen, **counted))


def find_try(tx: Reading, try_id: str) -> CheckTry | None:
    """The try, or None."""
    row = tx.execute(select(training_try).where(training_try.c.id == try_id)).one_or_none()
    return None if row is None else _try(row)


def list_tries(tx: Reading, person_ids: Collection[str], slug: str | None = None) -> dict[Whose, tuple[CheckTry, ...]]:
    """The tries of these people by person and module, the first one first; of one module or of all. One query."""
    return _by_whose(_TRIES.rows(tx, person_ids, slug), _try)


# --- Words ------------------------------------------------------------------------------------------------------------


def put_reflection(tx: Writing, one: Reflection) -> None:
    """Keep what the person wrote at this place, with whether it is shared."""
    key = {"person_id": one.person_id, "slug": one.slug, "place": one.place}
    values = {"prompt": one.prompt, "text": one.text, "changed_at": one.changed_at, "shared_at": one.shared_at}
    _put(tx, reflection, key, values)


def remove_reflection(tx: Writing, person_id: str, slug: str, place: str) -> None:
    """Forget what the person wrote there. Harmless when there is nothing."""
    tx.execute(delete(reflection).where(_of(reflection, [person_id], slug), reflection.c.place == place))


def find_reflection(tx: Reading, person_id: str, slug: str, place: str) -> Reflection | None:
    """What the person wrote at this place, or None."""
    found = select(reflection).where(_of(reflection, [person_id], slug), reflection.c.place == place)
    row = tx.execute(found).one_or_none()
    return None if row is None else _reflection(row)


def list_reflections(tx: Reading, person_id: str, slug: str | None = None) -> list[Reflection]:
    """Everything that one person wrote, by module and place; of one module or of all. For the person's own eyes."""
    found = select(reflection).where(_of(reflection, [person_id], slug))
    return [_reflection(row) for row in tx.execute(found.order_by(reflection.c.slug, reflection.c.place))]


def list_shared_reflections(tx: Reading, person_ids: Collection[str]) -> list[Reflection]:
    """What these people wrote and shared, the latest shared first. Never anything else."""
    shared = reflection.c.person_id.in_(person_ids) & reflection.c.shared_at.is_not(None)
    order = (reflection.c.shared_at.desc(), reflection.c.slug, reflection.c.place)
    return [_reflection(row) for row in tx.execute(select(reflection).where(shared).order_by(*order))]


# --- The real Friday --------------------------------------------------------------------------------------------------


def put_facilitation_plan(
    tx: Writing, person_id: str, slug: str, classroom_id: str, planned_on: date, at: datetime
) -> None:
    """Plan the real Friday of a module with a class; a viewing that was chosen stays."""
    key = {"person_id": person_id, "slug": slug}
    _put(tx, facilitation, key, {"classroom_id": classroom_id, "planned_on": planned_on, "changed_at": at})


def put_facilitation_viewing(tx: Writing, person_id: str, slug: str, viewing_id: int, at: datetime) -> None:
    """This viewing was the real Friday; what was planned stays."""
    _put(tx, facilitation, {"person_id": person_id, "slug": slug}, {"viewing_id": viewing_id, "changed_at": at})


def list_facilitations(tx: Reading, person_ids: Collection[str], slug: str | None = None) -> dict[Whose, Facilitation]:
    """The real Friday of these people, by person and module; of one module or of all. One query."""
    rows = _FACILITATIONS.rows(tx, person_ids, slug)
    return {(row.person_id, row.slug): _facilitation(row) for row in rows}


# --- Another name -----------------------------------------------------------------------------------------------------


def rename_module(tx: Writing, slug: str, new_slug: str) -> None:
    """Move staff's progress from one module's slug to another, unless they already have progress there."""
    for table in (training_progress, training_answer, reflection, facilitation, completion):
        held = select(table.c.person_id).where(table.c.slug == new_slug)
        tx.execute(update(table).where(table.c.slug == slug, table.c.person_id.not_in(held)).values(slug=new_slug))
    tx.execute(update(training_try).where(training_try.c.slug == slug).values(slug=new_slug))
    asked = select(assignment.c.id).where(assignment.c.slug == new_slug)
    if tx.execute(asked).first() is None:
        tx.execute(update(assignment).where(assignment.c.slug == slug).values(slug=new_slug))


# --- Small steps ------------------------------------------------------------------------------------------------------


def _of(table: Table, person_ids: Collection[str], slug: str | None) -> ColumnElement[bool]:
    own: ColumnElement[bool] = table.c.person_id.in_(person_ids)
    return own if slug is None else own & (table.c.slug == slug)


def _put(tx: Writing, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert, or change what is there under this key."""
    same = [table.c[name] == value for name, value in key.items()]
    if tx.execute(update(table).where(*same).values(**values)).rowcount == 0:
        tx.execute(insert(table).values(**key, **values))


def _by_whose(rows: Iterable[Row[Any]], made: Any) -> dict[Whose, tuple[Any, ...]]:
    found: dict[Whose, list[Any]] = {}
    for row in rows:
        found.setdefault((row.person_id, row.slug), []).append(made(row))
    return {whose: tuple(listed) for whose, listed in found.items()}


def _try(row: Row[Any]) -> CheckTry:
    return CheckTry(
        id=row.id,
        person_id=row.person_id,
        slug=row.slug,
        revision=row.revision,
        answers={key: tuple(answer) for key, answer in row.chosen.items()},
        right=row.right,
        graded=row.graded,
        is_passed=row.is_passed,
        tried_at=row.tried_at,
    )


def _reflection(row: Row[Any]) -> Reflection:
    return Reflection(row.person_id, row.slug, row.place, row.prompt, row.text, row.changed_at, row.shared_at)


def _facilitation(row: Row[Any]) -> Facilitation:
    return Facilitation(row.person_id, row.slug, row.classroom_id, row.planned_on, row.viewing_id)
