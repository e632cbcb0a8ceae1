"""The plan becomes a history that entries are added to, and one class can differ from its grade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ROLES = "'teacher', 'substitute', 'coach', 'admin', 'auto'"


def upgrade() -> None:
    """Move each plan to the new table with its person and time, in the order in which they were entered."""
    op.create_table(
        "plan_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        *_planned_by(),
        sa.CheckConstraint("says IN ('session', 'nothing')", name=op.f("ck_plan_entry_says_known")),
        sa.CheckConstraint("(says = 'session') = (slug IS NOT NULL)", name=op.f("ck_plan_entry_session_has_slug")),
        sa.CheckConstraint(f"role IN ({_ROLES})", name=op.f("ck_plan_entry_role_known")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_plan_entry_school_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_plan_entry_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_plan_entry_week_on"), "plan_entry", ["week_on"], unique=False)
    op.create_index(op.f("ix_plan_entry_batch_id"), "plan_entry", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_plan_entry_school_id_week_on_grade_id"),
        "plan_entry",
        ["school_id", "week_on", "grade", "id"],
        unique=False,
    )
    op.create_table(
        "class_plan_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        *_planned_by(),
        sa.CheckConstraint("says IN ('session', 'nothing', 'as grade')", name=op.f("ck_class_plan_entry_says_known")),
        sa.CheckConstraint(
            "(says = 'session') = (slug IS NOT NULL)", name=op.f("ck_class_plan_entry_session_has_slug")
        ),
        sa.CheckConstraint(f"role IN ({_ROLES})", name=op.f("ck_class_plan_entry_role_known")),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["classroom.id"], name=op.f("fk_class_plan_entry_classroom_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_class_plan_entry_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_plan_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_class_plan_entry_week_on"), "class_plan_entry", ["week_on"], unique=False)
    op.create_index(op.f("ix_class_plan_entry_batch_id"), "class_plan_entry", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_class_plan_entry_classroom_id_week_on_id"),
        "class_plan_entry",
        ["classroom_id", "week_on", "id"],
        unique=False,
    )
    op.execute(
        'INSERT INTO plan_entry (school_id, week_on, grade, says, slug, "by", role, at, batch_id) '
        "SELECT plan.school_id, plan.week_on, plan.grade, 'session', plan.slug, plan.entered_by, "
        "CASE WHEN person.role IN ('teacher', 'coach', 'admin') THEN person.role ELSE 'auto' END, "
        "plan.entered_at, plan.id "
        "FROM plan LEFT JOIN person ON person.id = plan.entered_by ORDER BY plan.entered_at, plan.id"
    )
    op.drop_table("plan")


def _planned_by() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
    )
