"""The log of publications: every version that went live, in order. Entries are appended, never changed.

The order is that of `seq`, never of the clock. The latest entry of a text says what its page shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, insert, select, update

from ..domain import Language, Publication, PublicationAct, TextKey, TextKind
from ..errors import NotFound
from . import plans
from .database.transactions import Reading, Writing
from .schema import draft, expected, person, publication, viewing, viewing_change, walkthrough
from .week_summaries import roll_up_renamed

_COLUMNS = [column for column in publication.columns if column is not publication.c.text]
_ENTRY = (*publication.columns, person.c.name.label("by_name"))


@dataclass(frozen=True, slots=True)
class PublishedState:
    """The latest log entry of one text, without the text itself. `revision` is None when it is not published."""

    key: TextKey
    seq: int
    act: PublicationAct
    revision: str | None
    by_name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LatestPublication:
    """The last number of the log and when the next scheduled draft is due: enough to see whether a sync is needed."""

    last_seq: int
    due_at: datetime | None


# Built once: up to ten times a second a page asks it.
_NEWS = select(
    select(func.max(publication.c.seq)).scalar_subquery(), select(func.min(draft.c.publish_at)).scalar_subquery()
)


def read_latest(tx: Reading) -> LatestPublication:
    """Read `LatestPublication` in one indexed query."""
    seq, due_at = tx.execute(_NEWS).one()
    return LatestPublication(seq or 0, due_at)


def add_publication(
    tx: Writing,
    key: TextKey,
    act: PublicationAct,
    *,
    text: str | None,
    revision: str | None,
    by: str | None,
    at: datetime,
) -> Publication:
    """A new last entry. `text` and `revision` are None when the text is unpublished; `by` is a person's id, or None."""
    values = {"kind": key.kind.value, "slug": key.slug, "language": key.language.value, "act": act.value}
    made = tx.execute(insert(publication).values(**values, revision=revision, text=text, by=by, at=at))
    assert made.inserted_primary_key is not None
    return get_publication(tx, made.inserted_primary_key[0])


def get_publication(tx: Reading, seq: int) -> Publication:
    """The entry with that number. Raises NotFound."""
    row = tx.execute(_entries().where(publication.c.seq == seq)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that entry in the history.")
    return _publication(row)


def find_latest(tx: Reading, key: TextKey) -> Publication | None:
    """The latest entry of a text, or None when it was never published."""
    row = tx.execute(_entries().where(_is(key)).order_by(publication.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else _publication(row)


def list_history(tx: Reading, key: TextKey) -> list[Publication]:
    """Every entry of a text, the newest first."""
    return [_publication(row) for row in tx.execute(_entries().where(_is(key)).order_by(publication.c.seq.desc()))]


def list_revisions(tx: Reading, key: TextKey) -> list[tuple[int, str | None]]:
    """Number and revision of every entry of a text, the newest first."""
    found = select(publication.c.seq, publication.c.revision).where(_is(key)).order_by(publication.c.seq.desc())
    return [(row.seq, row.revision) for row in tx.execute(found)]


def list_first_published(tx: Reading, revisions: Iterable[str]) -> dict[str, datetime]:
    """When each of these revisions was published for the first time; one that never was is left out."""
    found = select(publication.c.revision, func.min(publication.c.at).label("at")).group_by(publication.c.revision)
    return {row.revision: row.at for row in tx.execute(found.where(publication.c.revision.in_(set(revisions))))}


def list_published(tx: Reading, *, after: int = 0) -> list[PublishedState]:
    """The latest log entry of each text, for texts whose latest entry comes after that number, in log order."""
    latest = select(func.max(publication.c.seq).label("seq")).group_by(
        publication.c.kind, publication.c.slug, publication.c.language
    )
    if after:
        latest = latest.having(func.max(publication.c.seq) > after).where(publication.c.seq > after)
    found = (
        select(*_COLUMNS, person.c.name.label("by_name"))
        .outerjoin(person, person.c.id == publication.c.by)
        .where(publication.c.seq.in_(latest))
        .order_by(publication.c.seq)
    )
    return [
        PublishedState(_key(row), row.seq, PublicationAct(row.act), row.revision, row.by_name, row.at)
        for row in tx.execute(found)
    ]


def rename_everywhere(tx: Writing, slug: str, new_slug: str) -> None:
    """Move plans, what was expected, viewings and visits of a session from one slug to another. The log keeps the old slug."""
    plans.rename_session(tx, slug, new_slug)
    for table in (expected, viewing, viewing_change, walkthrough):
        tx.execute(update(table).where(table.c.slug == slug).values(slug=new_slug))
    roll_up_renamed(tx, slug, new_slug)


def _entries() -> Select[Any]:
    return select(*_ENTRY).outerjoin(person, person.c.id == publication.c.by)


def _is(key: TextKey) -> ColumnElement[bool]:
    return (
        (publication.c.kind == key.kind.value)
        & (publication.c.slug == key.slug)
        & (publication.c.language == key.language.value)
    )


def _key(row: Any) -> TextKey:
    return TextKey(TextKind(row.kind), row.slug, Language(row.language))


def _publication(row: Row[Any]) -> Publication:
    return Publication(
        seq=row.seq,
        key=_key(row),
        act=PublicationAct(row.act),
        revision=row.revision,
        text=row.text,
        by=row.by,
        by_name=row.by_name,
        at=row.at,
    )
