"""Drafts: texts that are being written, who has one open, and the warnings that were answered with "keep, because…".

A draft that was published or thrown away leaves its row without a text, so that its version never comes back: what was
opened before cannot be taken for what is there now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, insert, select, update

from ..domain import Draft, KeptWarning, Language, TextKey, TextKind
from ..errors import NotFound
from .database.transactions import Reading, Writing, insert_new
from .schema import draft, draft_keep, draft_opened, person


def find_draft(tx: Reading, key: TextKey) -> Draft | None:
    """The draft of a text, or None when there is none."""
    row = tx.execute(_found().where(_is(draft, key), draft.c.text.is_not(None))).one_or_none()
    return None if row is None else _draft(row, list_kept_warnings(tx, key))


def get_draft(tx: Reading, key: TextKey) -> Draft:
    """The draft of a text. Raises NotFound."""
    found = find_draft(tx, key)
    if found is None:
        raise NotFound("There’s no draft of this.")
    return found


def list_drafts(tx: Reading) -> list[Draft]:
    """Every draft, by kind, slug and language."""
    rows = tx.execute(_found().where(draft.c.text.is_not(None)).order_by(draft.c.kind, draft.c.slug, draft.c.language))
    keeps = _all_keeps(tx)
    return [_draft(row, keeps.get(_key(row), ())) for row in rows]


def list_due(tx: Reading, at: datetime) -> list[Draft]:
    """The drafts that were to be published by then, the earliest first."""
    rows = tx.execute(_found().where(draft.c.publish_at <= at).order_by(draft.c.publish_at, draft.c.kind, draft.c.slug))
    return [_draft(row, list_kept_warnings(tx, _key(row))) for row in rows]


def current_version(tx: Reading, key: TextKey) -> int:
    """The number that the next save has to name: 0 when nothing was ever saved under this key."""
    found = tx.execute(select(draft.c.version).where(_is(draft, key))).scalar_one_or_none()
    return found or 0


def put_draft(
    tx: Writing, key: TextKey, text: str, *, base_revision: str | None, by: str | None, at: datetime
) -> Draft:
    """Keep the text as the draft, one version further. Its time of publication, if it has one, stays."""
    values = {"text": text, "base_revision": base_revision, "changed_by": by, "changed_at": at}
    _put(tx, key, values)
    return get_draft(tx, key)


def close_draft(tx: Writing, key: TextKey, at: datetime) -> None:
    """The draft is published or thrown away; what was opened before counts as old from now on."""
    no_person: dict[str, Any] = {"changed_by": None, "scheduled_by": None}
    _put(tx, key, {"text": None, "base_revision": None, "publish_at": None, "changed_at": at, **no_person})


def set_publish_at(tx: Writing, key: TextKey, publish_at: datetime | None, by: str | None) -> Draft:
    """Publish the draft by itself then, or (None) no longer. The version stays: the text does. Raises NotFound."""
    get_draft(tx, key)
    tx.execute(update(draft).where(_is(draft, key)).values(publish_at=publish_at, scheduled_by=by))
    return get_draft(tx, key)


# --- Warnings that stay -----------------------------------------------------------------------------------------------


def list_kept_warnings(tx: Reading, key: TextKey) -> tuple[KeptWarning, ...]:
    """The warnings of a text that were answered, in the order of their words."""
    found = select(draft_keep, person.c.name).outerjoin(person, person.c.id == draft_keep.c.by)
    rows = tx.execute(found.where(_is(draft_keep, key)).order_by(draft_keep.c.warning))
    return tuple(KeptWarning(row.warning, row.reason, row.name or "") for row in rows)


def put_kept_warning(tx: Writing, key: TextKey, warning: str, reason: str, by: str | None, at: datetime) -> None:
    """Answer a warning, or give another reason."""
    remove_kept_warning(tx, key, warning)
    tx.execute(insert(draft_keep).values(**_values(key), warning=warning, reason=reason, by=by, at=at))


def remove_kept_warning(tx: Writing, key: TextKey, warning: str) -> None:
    """Take an answer back. Harmless when there is none."""
    tx.execute(delete(draft_keep).where(_is(draft_keep, key), draft_keep.c.warning == warning))


def _all_keeps(tx: Reading) -> dict[TextKey, tuple[KeptWarning, ...]]:
    found = select(draft_keep, person.c.name).outerjoin(person, person.c.id == draft_keep.c.by)
    keeps: dict[TextKey, tuple[KeptWarning, ...]] = {}
    for row in tx.execute(found.order_by(draft_keep.c.warning)):
        keeps[_key(row)] = (*keeps.get(_key(row), ()), KeptWarning(row.warning, row.reason, row.name or ""))
    return keeps


# --- Who has a text open ----------------------------------------------------------------------------------------------


def note_open(tx: Writing, key: TextKey, person_id: str, at: datetime, *, forget_before: datetime) -> None:
    """Note that the person has the text open. Editors last seen before `forget_before` are removed from the list first."""
    tx.execute(delete(draft_opened).where(draft_opened.c.seen_at < forget_before))
    values = {**_values(key), "person_id": person_id, "opened_at": at, "seen_at": at}
    if not insert_new(tx, insert(draft_opened).values(**values)):
        own = _is(draft_opened, key) & (draft_opened.c.person_id == person_id)
        tx.execute(update(draft_opened).where(own).values(seen_at=at))


def list_open(tx: Reading, key: TextKey, *, seen_after: datetime) -> list[tuple[str, str, datetime]]:
    """Id, name and since when of everybody who has had the text open after that instant, the first one first."""
    found = (
        select(draft_opened.c.person_id, person.c.name, draft_opened.c.opened_at)
        .join(person, person.c.id == draft_opened.c.person_id)
        .where(_is(draft_opened, key), draft_opened.c.seen_at >= seen_after)
        .order_by(draft_opened.c.opened_at, person.c.name)
    )
    return [(row.person_id, row.name, row.opened_at) for row in tx.execute(found)]


# --- Small steps ------------------------------------------------------------------------------------------------------


def _put(tx: Writing, key: TextKey, values: dict[str, Any]) -> None:
    version = current_version(tx, key) + 1
    if version == 1:
        tx.execute(insert(draft).values(**_values(key), version=1, **values))
    else:
        tx.execute(update(draft).where(_is(draft, key)).values(version=version, **values))


def _found() -> Any:
    return select(draft, person.c.name.label("changed_by_name")).outerjoin(person, person.c.id == draft.c.changed_by)


def _is(table: Table, key: TextKey) -> ColumnElement[bool]:
    return (table.c.kind == key.kind.value) & (table.c.slug == key.slug) & (table.c.language == key.language.value)


def _values(key: TextKey) -> dict[str, str]:
    return {"kind": key.kind.value, "slug": key.slug, "language": key.language.value}


def _key(row: Row[Any]) -> TextKey:
    return TextKey(TextKind(row.kind), row.slug, Language(row.language))


def _draft(row: Row[Any], keeps: tuple[KeptWarning, ...]) -> Draft:
    return Draft(
        key=_key(row),
        text=row.text,
        version=row.version,
        base_revision=row.base_revision,
        changed_by=row.changed_by,
        changed_by_name=row.changed_by_name,
        changed_at=row.changed_at,
        keeps=keeps,
        publish_at=row.publish_at,
        scheduled_by=row.scheduled_by,
    )
