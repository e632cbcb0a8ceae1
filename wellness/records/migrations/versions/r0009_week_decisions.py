"""What was decided for single weeks when school closed unexpectedly, and that as a reason of *not done*."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the empty table; allow the new reason."""
    op.create_table(
        "week_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_role", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("says IN ('as calendar', 'left out', 'due on')", name=op.f("ck_week_decision_says_known")),
        sa.CheckConstraint("(says = 'due on') = (due_on IS NOT NULL)", name=op.f("ck_week_decision_due_on_has_day")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_week_decision_school_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_week_decision_entered_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_week_decision_school_id_week_on"), "week_decision", ["school_id", "week_on"], unique=False)
    with op.batch_alter_table("viewing", table_kwargs={"sqlite_autoincrement": True}) as viewing:
        viewing.drop_constraint(op.f("ck_viewing_reason_known"), type_="check")
        viewing.create_check_constraint(
            op.f("ck_viewing_reason_known"),
            "reason IN ('assembly', 'testing', 'drill', 'weather or no school', 'substitute not told', 'not ready', "
            "'other')",
        )
