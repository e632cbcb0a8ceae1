"""Searching and filtering sessions: the query in SQL, and the cards that lists show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..domain import Competency, Language, Need
from ..library.front_matter import StoredSessionFacts
from ..library.session import SessionCover


@dataclass(frozen=True, kw_only=True)
class Card(SessionCover):
    """A session in a list. `snippet` is the search match as (text, is_hit) pieces."""

    snippet: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of search results, and the total count."""

    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Query:
    """Filters of a search; None and empty don't filter. `minutes` is the longest session."""

    text: str = ""
    need: Need | None = None
    minutes: int | None = None
    competency: Competency | None = None
    band: str | None = None
    language: Language | None = None


def search_terms(text: str) -> str:
    """Return an FTS5 prefix query for the words in `text`; empty when there are none."""
    words = re.findall(r"\w+", text[:200])[:12]
    return " ".join(f'"{word}"*' for word in words)


@dataclass(frozen=True, slots=True)
class SearchSql:
    """A query as SQL: the snippet column, the rest of the statement, and the order."""

    found: str
    rest: str
    order: str
    parameters: list[Any]


def search_sql(query: Query, search: str) -> SearchSql:
    """The SQL of a query; `search` is what `search_terms` made of its words."""
    where, parameters = _conditions(query)
    if not search:
        return SearchSql("", f"from session s where 1{where}", "s.title", parameters)
    # Ordered by the index's rank: only then does FTS5 return the best rows without making all of them (FTS5, 5.1.1, 4.3).
    ranked = "session_fts match ? and rank match 'bm25(10.0, 4.0, 1.0)'"
    return SearchSql(
        ", snippet(session_fts, -1, char(1), char(2), '…', 18) as snippet",
        f"from session_fts join session s on s.id = session_fts.rowid where {ranked}{where}",
        "rank",
        [search, *parameters],
    )


def _conditions(query: Query) -> tuple[str, list[Any]]:
    where: list[str] = []
    parameters: list[Any] = []
    if query.need is not None:
        where.append("s.slug in (select slug from session_value where fact = 'needs' and value = ?)")
        parameters.append(query.need.value)
    if query.band is not None:
        where.append("s.slug in (select slug from session_value where fact = 'grades' and value = ?)")
        parameters.append(query.band)
    if query.minutes is not None:
        where.append("min(s.minutes, s.short) <= ?")
        parameters.append(query.minutes)
    if query.competency is not None:
        where.append("s.competency = ?")
        parameters.append(query.competency.value)
    if query.language is not None:
        where.append("s.slug in (select slug from session where language = ?)")
        parameters.append(query.language.value)
    return "".join(f" and {condition}" for condition in where), parameters


def read_card(row: dict[str, Any]) -> Card:
    """The card of a row of the table `session`."""
    return Card(
        slug=row["slug"],
        language=Language(row["language"]),
        facts=StoredSessionFacts.model_validate_json(row["facts"]),
        revision=row["revision"],
        snippet=tuple(_snippet_pieces(row.get("snippet") or "")),
    )


def _snippet_pieces(snippet: str) -> Iterator[tuple[str, bool]]:
    for piece in re.split("(\x01[^\x02]*\x02)", snippet):
        if piece:
            yield piece.strip("\x01\x02"), piece.startswith("\x01")
