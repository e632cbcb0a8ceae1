"""What turning the school year over made, so that it can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the empty tables."""
    op.create_table(
        "rollover",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("from_year_id", sa.Text(), nullable=True),
        sa.Column("to_year_id", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_role", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_year_id"], ["school_year.id"], name=op.f("fk_rollover_from_year_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["to_year_id"], ["school_year.id"], name=op.f("fk_rollover_to_year_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_rollover_entered_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollover")),
    )
    op.create_index(op.f("ix_rollover_to_year_id"), "rollover", ["to_year_id"], unique=False)
    op.create_table(
        "rollover_item",
        sa.Column("rollover_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rollover_id"], ["rollover.id"], name=op.f("fk_rollover_item_rollover_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rollover_id", "number", name=op.f("pk_rollover_item")),
    )
