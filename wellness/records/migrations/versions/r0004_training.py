"""Training: progress, checks, reflections, the real Friday, completions, what coaches ask for and what they saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "assignment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(school_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_assignment_one_is_asked")),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["person.id"], name=op.f("fk_assignment_assigned_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_assignment_school_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("slug", "person_id", name=op.f("uq_assignment_slug_person_id")),
        sa.UniqueConstraint("slug", "school_id", name=op.f("uq_assignment_slug_school_id")),
    )
    op.create_table(
        "completion",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practised_on", sa.Date(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_completion_language_known")),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_completion_hours_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_completion_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_completion")),
        sa.UniqueConstraint("person_id", "slug", "revision", name=op.f("uq_completion_person_id_slug_revision")),
    )
    op.create_index(op.f("ix_completion_completed_on"), "completion", ["completed_on"], unique=False)
    op.create_table(
        "reflection",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reflection_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "slug", "place", name=op.f("pk_reflection")),
    )
    op.create_table(
        "training_answer",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_training_answer_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "slug", "revision", "question", name=op.f("pk_training_answer")),
    )
    op.create_table(
        "training_progress",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "part IN ('why', 'see it', 'do it', 'say it', 'check', 'reflect', 'plan', 'try')",
            name=op.f("ck_training_progress_part_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_training_progress_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "slug", "part", name=op.f("pk_training_progress")),
    )
    op.create_table(
        "training_try",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("graded", sa.Integer(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('"right" >= 0 AND "right" <= graded', name=op.f("ck_training_try_right_of_graded")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_training_try_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_try")),
    )
    op.create_index(op.f("ix_training_try_person_id_slug"), "training_try", ["person_id", "slug"], unique=False)
    op.create_table(
        "walkthrough",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("coach_id", sa.Text(), nullable=True),
        sa.Column("teacher_id", sa.Text(), nullable=True),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("alongside", sa.Text(), nullable=False),
        sa.Column("alternative", sa.Text(), nullable=False),
        sa.Column("passing", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("glow", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "alongside IN ('seen', 'partly', 'not seen', 'not applicable')", name=op.f("ck_walkthrough_alongside_known")
        ),
        sa.CheckConstraint(
            "alternative IN ('seen', 'partly', 'not seen', 'not applicable')",
            name=op.f("ck_walkthrough_alternative_known"),
        ),
        sa.CheckConstraint(
            "choices IN ('seen', 'partly', 'not seen', 'not applicable')", name=op.f("ck_walkthrough_choices_known")
        ),
        sa.CheckConstraint(
            "closing IN ('seen', 'partly', 'not seen', 'not applicable')", name=op.f("ck_walkthrough_closing_known")
        ),
        sa.CheckConstraint(
            "passing IN ('seen', 'partly', 'not seen', 'not applicable')", name=op.f("ck_walkthrough_passing_known")
        ),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_walkthrough_classroom_id")),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_walkthrough_coach_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["person.id"], name=op.f("fk_walkthrough_teacher_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walkthrough")),
    )
    op.create_index(
        op.f("ix_walkthrough_classroom_id_slug_on_day"), "walkthrough", ["classroom_id", "slug", "on_day"], unique=False
    )
    op.create_index(op.f("ix_walkthrough_coach_id"), "walkthrough", ["coach_id"], unique=False)
    op.create_index(op.f("ix_walkthrough_on_day"), "walkthrough", ["on_day"], unique=False)
    op.create_index(op.f("ix_walkthrough_teacher_id"), "walkthrough", ["teacher_id"], unique=False)
    op.create_table(
        "facilitation",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("viewing_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["classroom.id"], name=op.f("fk_facilitation_classroom_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_facilitation_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["viewing_id"], ["viewing.id"], name=op.f("fk_facilitation_viewing_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("person_id", "slug", name=op.f("pk_facilitation")),
    )
    op.create_index(op.f("ix_facilitation_viewing_id"), "facilitation", ["viewing_id"], unique=False)
