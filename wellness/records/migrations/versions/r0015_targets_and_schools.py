"""A minutes target from a day on, time zones and closing of schools, and no-school days from calendar files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SETTING = sa.table("setting", sa.column("key"), sa.column("value", sa.JSON()))
_STARTS = sa.column("starts_on", sa.Date())


def upgrade() -> None:
    """Add the columns and the table, and let the target in the settings count from the first school year on."""
    op.add_column("school", sa.Column("time_zone", sa.Text(), nullable=True))
    op.add_column("school", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("closure", sa.Column("import_id", sa.Text(), nullable=True))
    op.add_column("closure", sa.Column("source_uid", sa.Text(), nullable=True))
    op.create_index(op.f("ix_closure_import_id"), "closure", ["import_id"], unique=False)
    target = op.create_table(
        "minutes_target",
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_role", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_minutes_target_minutes_positive")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_minutes_target_entered_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("valid_from", name=op.f("pk_minutes_target")),
    )
    _move_target(op.get_bind(), target)


def _move_target(connection: sa.Connection, target: sa.Table) -> None:
    is_it = _SETTING.c.key == "minutes_target"
    minutes = connection.execute(sa.select(_SETTING.c.value).where(is_it)).scalar_one_or_none()
    connection.execute(sa.delete(_SETTING).where(is_it))
    if not minutes:  # never saved; 0 was possible in the records alone, and no class misses it
        return
    now = datetime.now(UTC)
    first: date = connection.execute(sa.select(sa.func.min(_STARTS)).select_from(sa.table("school_year"))).scalar() or (
        now.date()
    )
    connection.execute(
        sa.insert(target).values(
            valid_from=first - timedelta(days=first.weekday()), minutes=minutes, entered_role="site", entered_at=now
        )
    )
