"""The week of each class, added up from what is there already."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and fill it."""
    made = op.create_table(
        "class_week",
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("delivered_minutes", sa.Integer(), nullable=False),
        sa.Column("outside_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "told IN ('opened', 'played', 'delivered', 'shortened', 'not done', 'another session')",
            name=op.f("ck_class_week_told_known"),
        ),
        sa.CheckConstraint(
            "delivered_minutes >= 0 AND outside_minutes >= 0", name=op.f("ck_class_week_minutes_not_negative")
        ),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_class_week_classroom_id")),
        sa.PrimaryKeyConstraint("classroom_id", "week_on", name=op.f("pk_class_week")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for one in connection.execute(sa.text("SELECT id, school_id, grade FROM classroom ORDER BY id")).all():
        if rows := _weeks(connection, one.id, one.school_id, one.grade):
            op.bulk_insert(made, rows)


# As the domain decided it when this was written; it stays as it is when the domain changes, and that change brings its own.


def _weeks(connection: sa.Connection, classroom_id: str, school_id: str, grade: str) -> list[dict[str, Any]]:
    planned = dict(_found(connection, "plan", "week_on, slug", "school_id = :a AND grade = :b", school_id, grade))
    outside: dict[date, int] = {}
    for on_day, minutes in _found(connection, "outside_lesson", "on_day, minutes", "classroom_id = :a", classroom_id):
        monday = on_day - timedelta(days=on_day.weekday())
        outside[monday] = outside.get(monday, 0) + minutes
    columns = "week_on, on_day, slug, state, extent, minutes"
    viewings = _found(connection, "viewing", columns, "classroom_id = :a ORDER BY week_on", classroom_id)
    weeks: dict[date, tuple[str | None, int]] = {}
    for week_on, held in groupby(viewings, lambda row: row[0]):
        listed = list(held)
        minutes = sum(row[5] or 0 for row in listed if row[3] == "delivered")
        weeks[week_on] = _told(planned.get(week_on), listed), minutes
    return [
        {
            "classroom_id": classroom_id,
            "week_on": week_on,
            "slug": planned.get(week_on),
            "told": weeks.get(week_on, (None, 0))[0],
            "delivered_minutes": weeks.get(week_on, (None, 0))[1],
            "outside_minutes": outside.get(week_on, 0),
        }
        for week_on in sorted(weeks.keys() | outside.keys())
    ]


def _told(slug: str | None, held: list[Any]) -> str | None:
    weight = {"delivered": 3, "not done": 2, "played": 1, "opened": 0}
    planned = [(weight[state], on_day, state, extent) for _, on_day, of, state, extent, _ in held if of == slug]
    if not planned:
        return "another session" if any(row[3] == "delivered" for row in held) else None
    _, _, state, extent = max(planned)
    return "shortened" if extent == "shortened" else state


def _found(connection: sa.Connection, table: str, columns: str, where: str, a: str, b: str | None = None) -> list[Any]:
    """The rows with their days as dates, which SQLite keeps as words."""
    days = {name: sa.Date() for name in ("week_on", "on_day") if name in columns}
    asked = sa.text(f"SELECT {columns} FROM {table} WHERE {where}").columns(**days)  # noqa: S608 - ours alone
    return [tuple(row) for row in connection.execute(asked, {"a": a} | ({} if b is None else {"b": b}))]
