"""The tables of the catalogue's file, and the rows that a text becomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from ..domain import Language, Problem, Severity
from ..library.front_matter import SessionFacts, declaration_digest, list_facts
from ..library.prepared import (
    MODULE_JSON,
    SESSION_JSON,
    Outcome,
    PreparedSession,
    Text,
)
from ..library.session import revision_of

FORMAT = f"11-{declaration_digest()}"
"""Raise its number when the shape of what is stored changes: every catalogue is then rebuilt. Facts do it themselves."""

_FILTERED = tuple(one for one in list_facts(SessionFacts) if one.fact.filtered)
VIDEO_MARK = "/// video"


def digest_of(text: Text) -> str:
    """A digest of all that a text is prepared from: its words, the original of a translation, the videos it may name."""
    digest = hashlib.sha256(text.text.encode())
    if text.language is not Language.EN:
        digest.update(b"\0" + (text.original or "").encode())
    if text.videos:
        digest.update(b"\0" + repr(text.videos).encode())
    return digest.hexdigest()


def read_digests(database: Database, files: Iterable[str]) -> dict[str, str]:
    """The digest of each of these files as the catalogue has it."""
    wanted = json.dumps(sorted(files))
    sql = "select file, digest from source where file in (select value from json_each(?))"
    return dict(database.execute(sql, [wanted]).fetchall())


def put_text(database: Database, text: Text, outcome: Outcome) -> None:
    """Store the new version of a text, or its last good one with the problems of the new."""
    is_orphan = text.kind != "pages" and text.language is not Language.EN and text.original is None
    row = {"digest": digest_of(text), "revision": revision_of(text.text), "has_video": int(VIDEO_MARK in text.text)}
    known = database.execute("select document from source where file = ?", [text.file]).fetchone()
    if outcome.document is None and known is not None and not is_orphan:
        database.table("source").update(text.file, row)
    else:
        remove_text(database, text.file)
        name = {"file": text.file, "kind": text.kind, "slug": text.slug, "language": text.language.value}
        document = json.loads(outcome.document) if outcome.document is not None else {}
        name["title"] = document.get("facts", document).get("title", "")
        database.table("source").insert(name | row | {"document": outcome.document})
        if text.kind == "sessions" and outcome.document is not None:
            _put_session(database, SESSION_JSON.validate_json(outcome.document), outcome.words)
        if text.kind == "training" and text.language is Language.EN and outcome.document is not None:
            aliases = MODULE_JSON.validate_json(outcome.document).aliases
            _put_all(database, "alias", [_alias_row("training", alias, text.slug) for alias in aliases])
    _put_problems(database, text.file, outcome.problems)


def _put_session(database: Database, session: PreparedSession, words: str) -> None:
    database.table("session").insert(_session_row(session, words))
    if session.language is Language.EN:
        values = [(one.name, value) for one in _FILTERED if one.is_list for value in getattr(session.facts, one.name)]
        _put_all(
            database,
            "session_value",
            [{"slug": session.slug, "fact": name, "value": value} for name, value in values],
        )
        _put_all(database, "alias", [_alias_row("sessions", alias, session.slug) for alias in session.facts.aliases])


def _alias_row(kind: str, alias: str, slug: str) -> dict[str, Any]:
    return {"kind": kind, "alias": alias, "slug": slug}


def _put_all(database: Database, table: str, rows: list[dict[str, Any]]) -> None:
    database.table(table).insert_all(rows)


def _put_problems(database: Database, file: str, problems: Iterable[Problem]) -> None:
    database.table("problem").delete_where("file = ?", [file])
    database.table("problem").insert_all(
        {"file": p.file, "line": p.line, "message": p.message, "severity": p.severity.value} for p in problems
    )


def mark_unread(database: Database, file: str, problems: list[Problem]) -> None:
    """Mark a file as unreadable: its last version stays, and the next build reads it again."""
    database.execute("update source set digest = '', revision = null where file = ?", [file])
    _put_problems(database, file, problems)


def remove_text(database: Database, file: str) -> None:
    """Take a file out, with its rows in every table."""
    known = database.execute("select kind, slug, language from source where file = ?", [file]).fetchone()
    if known is not None and known[0] == "sessions":
        database.execute("delete from session where slug = ? and language = ?", known[1:])
        if known[2] == Language.EN.value:
            database.execute("delete from session_value where slug = ?", [known[1]])
    if known is not None and known[2] == Language.EN.value:
        database.execute("delete from alias where kind = ? and slug = ?", known[:2])
    database.execute("delete from source where file = ?", [file])
    database.execute("delete from problem where file = ?", [file])


def make_tables(database: Database) -> None:
    """Create the tables of an empty catalogue."""
    database.table("meta").create({"key": str, "value": str}, pk="key")
    source = {
        "file": str, "digest": str, "revision": str, "kind": str, "slug": str, "language": str, "title": str,
        "has_video": int, "document": str,
    }  # fmt: skip
    database.table("source").create(source, pk="file")
    database.table("source").create_index(["kind", "slug", "language"], unique=True)
    database.table("problem").create({"file": str, "line": int, "message": str, "severity": str})
    database.table("problem").create_index(["file"])
    columns = {one.name: one.value_type if one.value_type is int else str for one in _FILTERED if not one.is_list}
    texts = dict.fromkeys(("slug", "language", "title", "summary", "words", "facts", "revision"), str)
    session = {"id": int, **texts, **columns}
    database.table("session").create(session, pk="id")
    database.table("session").create_index(["slug", "language"], unique=True)
    database.table("session").create_index(["title"])
    database.table("session_value").create({"slug": str, "fact": str, "value": str}, pk=("fact", "value", "slug"))
    database.table("alias").create({"kind": str, "alias": str, "slug": str}, pk=("kind", "alias", "slug"))
    tokenize = "porter unicode61 remove_diacritics 2"
    database.table("session").enable_fts(["title", "summary", "words"], tokenize=tokenize, create_triggers=True)


def _session_row(session: PreparedSession, words: str) -> dict[str, Any]:
    row = {
        "slug": session.slug,
        "language": session.language.value,
        "title": session.title,
        "summary": session.summary,
        "words": words,
        "facts": session.facts.model_dump_json(),
        "revision": session.revision,
    }
    return row | {one.name: getattr(session.facts, one.name) for one in _FILTERED if not one.is_list}


def read_meta(database: Database, key: str) -> Any:
    """One value of the table `meta`, or None without it."""
    if not database.table("meta").exists():
        return None
    row = next(iter(database.query("select value from meta where key = ?", [key])), None)
    return json.loads(row["value"]) if row else None


def read_problem(row: dict[str, Any]) -> Problem:
    """The problem of a row."""
    return Problem(row["file"], row["line"], row["message"], Severity(row["severity"]))
