"""What a door card says against a signed-in person is kept beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the empty table."""
    op.create_table(
        "door_note",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("extent", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_door_note_language_known")),
        sa.CheckConstraint("state IN ('delivered', 'not done')", name=op.f("ck_door_note_state_known")),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_door_note_classroom_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_note")),
        sa.UniqueConstraint("classroom_id", "week_on", name=op.f("uq_door_note_classroom_id_week_on")),
    )
