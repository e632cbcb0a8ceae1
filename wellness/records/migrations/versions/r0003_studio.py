"""The studio: drafts, who has one open, warnings kept with a reason, and the log of publications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "draft",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('sessions', 'training', 'pages')", name=op.f("ck_draft_kind_known")),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_draft_language_known")),
        sa.CheckConstraint("version > 0", name=op.f("ck_draft_version_positive")),
        sa.CheckConstraint("publish_at IS NULL OR text IS NOT NULL", name=op.f("ck_draft_scheduled_has_text")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_draft_changed_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["scheduled_by"], ["person.id"], name=op.f("fk_draft_scheduled_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("kind", "slug", "language", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_publish_at"), "draft", ["publish_at"], unique=False)
    op.create_table(
        "draft_keep",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sessions', 'training', 'pages')", name=op.f("ck_draft_keep_kind_known")),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_draft_keep_language_known")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_draft_keep_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("kind", "slug", "language", "warning", name=op.f("pk_draft_keep")),
    )
    op.create_table(
        "draft_opened",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sessions', 'training', 'pages')", name=op.f("ck_draft_opened_kind_known")),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_draft_opened_language_known")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_draft_opened_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "slug", "language", "person_id", name=op.f("pk_draft_opened")),
    )
    op.create_index(op.f("ix_draft_opened_seen_at"), "draft_opened", ["seen_at"], unique=False)
    op.create_table(
        "publication",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sessions', 'training', 'pages')", name=op.f("ck_publication_kind_known")),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_publication_language_known")),
        sa.CheckConstraint(
            "act IN ('delivered', 'published', 'restored', 'unpublished', 'outside')",
            name=op.f("ck_publication_act_known"),
        ),
        sa.CheckConstraint("(revision IS NULL) = (text IS NULL)", name=op.f("ck_publication_text_has_revision")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_publication_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_publication")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_publication_kind_slug_language_seq"), "publication", ["kind", "slug", "language", "seq"], unique=False
    )
