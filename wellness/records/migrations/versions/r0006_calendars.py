"""A calendar for each school and year; no-school days become ranges of one school.

Every school gets the days of the district's year. A day of all schools becomes a row of each school. Neighboring
school days with one reason become one range; weekends lie inside a range and never count. Sessions stay due on Friday,
which needs no row.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Range = tuple[date, date, str]
"""First day, last day, reason."""


def upgrade() -> None:
    """Make the tables, fill them from the years and no-school days, and drop the table of single days."""
    op.create_table(
        "school_calendar",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("year_id", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_school_calendar_days_in_order")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_calendar_school_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["year_id"], ["school_year.id"], name=op.f("fk_school_calendar_year_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("school_id", "year_id", name=op.f("pk_school_calendar")),
    )
    op.create_index(op.f("ix_school_calendar_year_id"), "school_calendar", ["year_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holds_sessions", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_entered(),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('closed', 'half day')", name=op.f("ck_closure_kind_known")),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_closure_days_in_order")),
        sa.CheckConstraint("kind = 'half day' OR NOT holds_sessions", name=op.f("ck_closure_closed_holds_none")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_closure_school_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_closure_entered_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_batch_id"), "closure", ["batch_id"], unique=False)
    op.create_index(op.f("ix_closure_school_id_first_on"), "closure", ["school_id", "first_on"], unique=False)
    op.create_table(
        "school_weekday",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        *_entered(),
        sa.CheckConstraint("weekday BETWEEN 0 AND 4", name=op.f("ck_school_weekday_weekday_of_school")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_weekday_school_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_school_weekday_entered_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("school_id", "valid_from", name=op.f("pk_school_weekday")),
    )
    op.execute(
        "INSERT INTO school_calendar (school_id, year_id, first_on, last_on) "
        "SELECT school.id, school_year.id, starts_on, ends_on FROM school CROSS JOIN school_year"
    )
    _fill_closures(op.get_bind())
    op.drop_table("no_school_day")


def _entered() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_role", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
    )


_DAY = sa.table("no_school_day", sa.column("school_id"), sa.column("on_day", sa.Date()), sa.column("reason"))
_TEXTS = ("id", "batch_id", "school_id", "kind", "reason", "entered_role", "entered_at")
_DAYS = (sa.column("first_on", sa.Date()), sa.column("last_on", sa.Date()), sa.column("holds_sessions", sa.Boolean()))
_CLOSURE = sa.table("closure", *map(sa.column, _TEXTS), *_DAYS)


def _fill_closures(connection: sa.Connection) -> None:
    days: dict[str | None, dict[date, str]] = defaultdict(dict)
    for school_id, on_day, reason in connection.execute(sa.select(*_DAY.c)):
        if on_day.weekday() < 5:
            days[school_id][on_day] = reason
    everywhere = days.pop(None, {})
    schools = list(connection.execute(sa.text("SELECT id FROM school ORDER BY id")).scalars())
    for found in _ranges(everywhere.items()):
        _insert(connection, schools, found)
    for school_id, own in days.items():
        for found in _ranges((day, reason) for day, reason in own.items() if day not in everywhere):
            _insert(connection, [school_id or ""], found)


def _ranges(days: Iterable[tuple[date, str]]) -> list[Range]:
    """Join weekdays with one reason that follow each other; from Friday to Monday is one step."""
    found: list[Range] = []
    for day, reason in sorted(days):
        weekday_before = day - timedelta(days=3 if day.weekday() == 0 else 1)
        if found and found[-1][1:] == (weekday_before, reason):
            found[-1] = (found[-1][0], day, reason)
        else:
            found.append((day, day, reason))
    return found


def _insert(connection: sa.Connection, school_ids: list[str], found: Range) -> None:
    first_on, last_on, reason = found
    batch_id = secrets.token_urlsafe(16)
    for school_id in school_ids:
        connection.execute(
            sa.insert(_CLOSURE).values(
                id=secrets.token_urlsafe(16),
                batch_id=batch_id,
                school_id=school_id,
                first_on=first_on,
                last_on=last_on,
                kind="closed",
                holds_sessions=False,
                reason=reason,
                entered_role="site",
                entered_at=sa.func.current_timestamp(),  # no_school_day did not say who entered a day, nor when
            )
        )
