"""All records row by row: counted, summed in a form that is the same on every engine, and copied from one to another.

The sum of a table is that of its rows' SHA-256 fingerprints, so it does not depend on their order: engines sort words
differently. A row's form is JSON of its values as Python has them, instants in UTC to the microsecond.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import CursorResult, Row, Table, func, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from ...domain.plain_text import counted
from ...errors import Invalid, Misconfigured
from ..schema import metadata
from .transactions import Reading, Writing

BATCH = 1000
"""Rows that are in memory at once."""

_FINGERPRINTS = 2**256


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and 64 hexadecimal digits that say which."""

    name: str
    rows: int = 0
    checksum: str = f"{0:064x}"

    def plus(self, rows: Sequence[Row[Any]]) -> TableSum:
        """The same with these rows."""
        total = int(self.checksum, 16) + sum(int.from_bytes(sha256(_form(row)).digest()) for row in rows)
        return TableSum(self.name, self.rows + len(rows), f"{total % _FINGERPRINTS:064x}")


def list_tables() -> list[Table]:
    """Every table, those that others point to first."""
    return list(metadata.sorted_tables)


def sum_tables(tx: Reading) -> list[TableSum]:
    """Every table's count and checksum, in the order of `list_tables`."""
    return [_sum(tx, table) for table in list_tables()]


def copy_all(source: Reading, target: Writing, note: Callable[[TableSum], None]) -> list[TableSum]:
    """Copy every row with its number, and the numbers that come next; `note` is called with each table when it is done.

    All of it is one transaction of the target: until that ends, nothing is there. What was written is read back and
    compared. Raises Misconfigured when the target has rows already, Invalid when it cannot keep a row of the source or
    does not give back what it was given; let the error leave the transaction.
    """
    _check_empty(target)
    copied = []
    for table in list_tables():
        sent, arrived = _copy(source, target, table), _sum(target, table)
        if sent != arrived:
            raise Invalid(
                f"The table {table.name} was not copied completely ({arrived.rows} of {sent.rows} rows arrived), so "
                "nothing was copied."
            )
        note(arrived)
        copied.append(arrived)
    for table in list_tables():  # last, because PostgreSQL does not take this back
        _continue_numbers(target, table, _last_number(source, table))
    return copied


def is_empty(tx: Reading) -> bool:
    """Whether there is not a row in any table."""
    return not any(tx.execute(select(select(table).exists())).scalar_one() for table in list_tables())


def _check_empty(tx: Reading) -> None:
    for table in list_tables():
        if rows := tx.execute(select(func.count()).select_from(table)).scalar_one():
            raise Misconfigured(
                f"The records to copy to are not empty ({table.name}: {counted(rows, 'row')}), so nothing was copied. "
                "Use a new database."
            )


def _copy(source: Reading, target: Writing, table: Table) -> TableSum:
    sum_ = TableSum(table.name)
    try:
        for rows in _found(source, table).partitions():
            target.execute(insert(table), [dict(row._mapping) for row in rows])
            sum_ = sum_.plus(rows)
    except StatementError as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        raise Invalid(f"A row of the table {table.name} can't be stored there, so nothing was copied.") from error
    return sum_


def _found(tx: Reading, table: Table) -> CursorResult[Any]:
    """The table's rows, as many in memory as a batch has."""
    return tx.execute(select(table), execution_options={"yield_per": BATCH})


# --- Sums -------------------------------------------------------------------------------------------------------------


def _sum(tx: Reading, table: Table) -> TableSum:
    sum_ = TableSum(table.name)
    for rows in _found(tx, table).partitions():
        sum_ = sum_.plus(rows)
    return sum_


def _form(row: Row[Any]) -> bytes:
    values = [_plain(value) for value in row]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


# --- Numbers that the engine gives out --------------------------------------------------------------------------------


def _last_number(tx: Reading, table: Table) -> int:
    """The last number that was given to a row, even when that row is gone: 0 before the first, and without numbers."""
    column = table.autoincrement_column
    if column is None:
        return 0
    if tx.dialect.name == "sqlite":
        found = tx.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return found.scalar_one_or_none() or 0
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    return tx.execute(select(func.pg_sequence_last_value(func.to_regclass(sequence)))).scalar_one() or 0


def _continue_numbers(tx: Writing, table: Table, last: int) -> None:
    column = table.autoincrement_column
    if column is None or last == 0:
        return
    if tx.dialect.name == "sqlite":
        given = {"name": table.name, "last": last}
        tx.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
        tx.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)
    else:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        tx.execute(select(func.setval(sequence, last)))
