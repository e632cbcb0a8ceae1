"""The work on recordings that coaches bring: its progress and how it ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "media_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'working', 'ready', 'failed')", name=op.f("ck_media_job_state_known")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_media_job_percent_is_share")),
        sa.CheckConstraint("(state = 'ready') = (digest IS NOT NULL)", name=op.f("ck_media_job_ready_has_digest")),
        sa.CheckConstraint("(state = 'failed') = (problem IS NOT NULL)", name=op.f("ck_media_job_failed_has_problem")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_media_job_asked_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_job")),
    )
    op.create_index(op.f("ix_media_job_changed_at"), "media_job", ["changed_at"], unique=False)
