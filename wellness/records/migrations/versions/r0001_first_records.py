"""The first records: schools, classes, people, plans, viewings, the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "school",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("name", name=op.f("uq_school_name")),
    )
    op.create_table(
        "school_year",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_school_year_days_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sa.UniqueConstraint("name", name=op.f("uq_school_year_name")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("account_digest", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("failures > 0", name=op.f("ck_sign_in_failure_failures_positive")),
        sa.PrimaryKeyConstraint("account_digest", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_last_at"), "sign_in_failure", ["last_at"], unique=False)
    op.create_table(
        "classroom",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("year_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_classroom_size_positive")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_classroom_school_id")),
        sa.ForeignKeyConstraint(["year_id"], ["school_year.id"], name=op.f("fk_classroom_year_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classroom")),
        sa.UniqueConstraint("school_id", "year_id", "name", name=op.f("uq_classroom_school_id_year_id_name")),
    )
    op.create_index(op.f("ix_classroom_year_id"), "classroom", ["year_id"], unique=False)
    op.create_table(
        "no_school_day",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_no_school_day_school_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_school_day")),
        sa.UniqueConstraint("school_id", "on_day", name=op.f("uq_no_school_day_school_id_on_day")),
    )
    op.create_index(op.f("ix_no_school_day_on_day"), "no_school_day", ["on_day"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_person_language_known")),
        sa.CheckConstraint("role IN ('teacher', 'coach', 'admin')", name=op.f("ck_person_role_known")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_person_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("year_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_term_days_in_order")),
        sa.ForeignKeyConstraint(["year_id"], ["school_year.id"], name=op.f("fk_term_year_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
    )
    op.create_index(op.f("ix_term_year_id"), "term", ["year_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_audit_person_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "classroom_teacher",
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["classroom.id"], name=op.f("fk_classroom_teacher_classroom_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_classroom_teacher_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("classroom_id", "person_id", name=op.f("pk_classroom_teacher")),
    )
    op.create_index(op.f("ix_classroom_teacher_person_id"), "classroom_teacher", ["person_id"], unique=False)
    op.create_table(
        "door",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["classroom.id"], name=op.f("fk_door_classroom_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_door_code_digest")),
    )
    op.create_index(op.f("ix_door_classroom_id"), "door", ["classroom_id"], unique=False)
    op.create_table(
        "outside_lesson",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("curriculum", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_outside_lesson_minutes_positive")),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_outside_lesson_classroom_id")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_outside_lesson_entered_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_lesson")),
    )
    op.create_index(
        op.f("ix_outside_lesson_classroom_id_on_day"), "outside_lesson", ["classroom_id", "on_day"], unique=False
    )
    op.create_index(op.f("ix_outside_lesson_on_day"), "outside_lesson", ["on_day"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_plan_entered_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_plan_school_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("school_id", "week_on", "grade", name=op.f("uq_plan_school_id_week_on_grade")),
    )
    op.create_index(op.f("ix_plan_week_on"), "plan", ["week_on"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("person_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_expires_at"), "sign_in", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "viewing",
        sa.Column("id", sa.Integer(), nullable=False),
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
        sa.Column("coverage", sa.Float(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("played_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_role", sa.Text(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(state = 'delivered') = (extent IS NOT NULL)", name=op.f("ck_viewing_delivered_has_extent")
        ),
        sa.CheckConstraint("(state = 'not done') = (reason IS NOT NULL)", name=op.f("ck_viewing_not_done_has_reason")),
        sa.CheckConstraint(
            "NOT (state IN ('delivered', 'not done')) OR (entered_at IS NOT NULL AND entered_role <> 'auto')",
            name=op.f("ck_viewing_a_person_said_so"),
        ),
        sa.CheckConstraint(
            "entered_role IN ('teacher', 'substitute', 'coach', 'admin', 'auto')",
            name=op.f("ck_viewing_entered_role_known"),
        ),
        sa.CheckConstraint("extent IN ('whole', 'shortened')", name=op.f("ck_viewing_extent_known")),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_viewing_language_known")),
        sa.CheckConstraint(
            "reason IN ('assembly', 'testing', 'drill', 'substitute not told', 'not ready', 'other')",
            name=op.f("ck_viewing_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('opened', 'played', 'delivered', 'not done')", name=op.f("ck_viewing_state_known")
        ),
        sa.CheckConstraint("coverage >= 0 AND coverage <= 1", name=op.f("ck_viewing_coverage_is_share")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_viewing_minutes_positive")),
        sa.CheckConstraint("week_on <= on_day", name=op.f("ck_viewing_week_before_day")),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_viewing_classroom_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_viewing_entered_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing")),
        sa.UniqueConstraint("classroom_id", "slug", "on_day", name=op.f("uq_viewing_classroom_id_slug_on_day")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_viewing_classroom_id_week_on"), "viewing", ["classroom_id", "week_on"], unique=False)
    op.create_index(op.f("ix_viewing_week_on"), "viewing", ["week_on"], unique=False)
    op.create_table(
        "viewing_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "role IN ('teacher', 'substitute', 'coach', 'admin', 'auto')", name=op.f("ck_viewing_change_role_known")
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_viewing_change_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_viewing_change_classroom_id")),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["person.id"], name=op.f("fk_viewing_change_undone_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_viewing_change_batch_id"), "viewing_change", ["batch_id"], unique=False)
    op.create_index(op.f("ix_viewing_change_classroom_id"), "viewing_change", ["classroom_id"], unique=False)
    op.create_table(
        "viewing_ran",
        sa.Column("viewing_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("ranges", sa.Text(), nullable=False),
        sa.CheckConstraint("duration > 0", name=op.f("ck_viewing_ran_duration_positive")),
        sa.ForeignKeyConstraint(
            ["viewing_id"], ["viewing.id"], name=op.f("fk_viewing_ran_viewing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("viewing_id", "part", name=op.f("pk_viewing_ran")),
    )
