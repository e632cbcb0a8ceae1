"""Statements that are run again and again: written in SQLAlchemy as all are, compiled once.

SQLAlchemy makes an object for each run, which for a row that is found by its key costs five times what SQLite needs to find
it. So a file is asked through its driver, in the very transaction of the caller, with the types of the schema. A server
is asked through SQLAlchemy: the way there and back costs more than that, and it knows how to tell that a server is lost.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Select, Table, UpdateBase, bindparam
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.compiler import SQLCompiler

from .connections import Reading, Writing

Process = Callable[[Any], Any] | None


class UnreadableRow(ValueError):
    """What the file holds is not what a column may hold: a day that is none."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    given: tuple[tuple[str, Process], ...]
    fixed: Mapping[str, Any]
    told: tuple[tuple[int, Callable[[Any], Any]], ...]
    row: Callable[[Any], Any]


class OfPeople:
    """Rows of some people, of one text or of all. Of one person, as most pages ask, by a statement made once."""

    def __init__(self, found: Select[Any], table: Table) -> None:
        self._found, self._table = found, table
        own = found.where(table.c.person_id == bindparam("person_id"))
        self._one, self._one_slug = Prepared(own), Prepared(own.where(table.c.slug == bindparam("slug")))

    def rows(self, tx: Reading, person_ids: Collection[str], slug: str | None) -> list[Any]:
        """The rows. One query."""
        if len(person_ids) == 1:
            (person_id,) = person_ids
            if slug is None:
                return self._one.all(tx, person_id=person_id)
            return self._one_slug.all(tx, person_id=person_id, slug=slug)
        found = self._found.where(self._table.c.person_id.in_(person_ids))
        return list(tx.execute(found if slug is None else found.where(self._table.c.slug == slug)).all())


class Prepared:
    """One statement with its `bindparam`s. A value that stands in the statement itself is written once and for all."""

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    def all(self, tx: Reading, /, **values: Any) -> list[Any]:
        """Every row, with the columns as its attributes."""
        if tx.dialect.name != "sqlite":
            return list(tx.execute(self._statement, values).all())
        compiled = self._compiled or self._compile(tx.dialect)
        cursor = tx.connection.cursor()
        try:
            cursor.execute(compiled.sql, self._written(compiled, values))
            rows = cursor.fetchall()
        finally:
            cursor.close()
        return [self._read(compiled, row) for row in rows]

    def one_or_none(self, tx: Reading, /, **values: Any) -> Any:
        """The only row, or None. Raises LookupError when there are more."""
        rows = self.all(tx, **values)
        if len(rows) > 1:
            raise LookupError("more than one row where one was expected")
        return rows[0] if rows else None

    def run(self, tx: Writing, /, **values: Any) -> int:
        """Change rows; returns how many."""
        if tx.dialect.name != "sqlite":
            return tx.execute(self._statement, values).rowcount
        compiled = self._compiled or self._compile(tx.dialect)
        cursor = tx.connection.cursor()
        try:
            cursor.execute(compiled.sql, self._written(compiled, values))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        assert compiled.positiontup is not None, "SQLite counts its parameters"
        binds = compiled.binds
        given = [
            (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in compiled.positiontup
        ]
        fixed = {name: compiled.params[name] for name in compiled.positiontup if not binds[name].required}
        columns = list(self._statement.selected_columns) if isinstance(self._statement, Select) else []
        told = [
            (n, column.type.dialect_impl(dialect).result_processor(dialect, None)) for n, column in enumerate(columns)
        ]
        made = tuple((n, process) for n, process in told if process is not None)
        names = [str(column.key) for column in columns]
        row: Any = namedtuple("row", names)  # type: ignore[misc]
        self._compiled = _Compiled(str(compiled), tuple(given), fixed, made, row._make)
        return self._compiled

    def _written(self, compiled: _Compiled, values: Mapping[str, Any]) -> list[Any]:
        try:
            found = [
                (values[name] if name in values else compiled.fixed[name], write) for name, write in compiled.given
            ]
            return [value if write is None else write(value) for value, write in found]
        except ValueError as error:  # as SQLAlchemy tells it: a fault of the program, and none of the file
            raise StatementError(str(error), compiled.sql, None, error, hide_parameters=True) from error

    def _read(self, compiled: _Compiled, row: tuple[Any, ...]) -> Any:
        cells = list(row)
        try:
            for n, read in compiled.told:
                cells[n] = read(cells[n])
        except ValueError as error:
            raise UnreadableRow(str(error)) from error
        return compiled.row(cells)
