"""Visits say whether a substitute led, and certificates outlive the account of the person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_VISIT = sa.table(
    "walkthrough",
    *[sa.column("classroom_id"), sa.column("slug"), sa.column("on_day"), sa.column("teacher_id")],
    sa.column("led_by_substitute", sa.Boolean()),
)
_VIEWING = sa.table(
    "viewing",
    *[sa.column("classroom_id"), sa.column("slug"), sa.column("on_day")],
    *[sa.column("entered_by"), sa.column("entered_role")],
)


def upgrade() -> None:
    """Add the columns; tell from the class's log which visits without a teacher were to one whose account is gone.

    A teacher who logged the visited session and whose account is gone led it. Every other visit without a teacher says
    what it said before: a substitute.
    """
    with op.batch_alter_table("walkthrough") as visit:
        visit.add_column(sa.Column("led_by_substitute", sa.Boolean(), nullable=True))
    by_somebody_gone = sa.exists().where(
        _VIEWING.c.classroom_id == _VISIT.c.classroom_id,
        _VIEWING.c.slug == _VISIT.c.slug,
        _VIEWING.c.on_day == _VISIT.c.on_day,
        _VIEWING.c.entered_role == "teacher",
        _VIEWING.c.entered_by.is_(None),
    )
    op.execute(
        sa.update(_VISIT).values(led_by_substitute=sa.and_(_VISIT.c.teacher_id.is_(None), sa.not_(by_somebody_gone)))
    )
    with op.batch_alter_table("walkthrough") as visit:
        visit.alter_column("led_by_substitute", existing_type=sa.Boolean(), nullable=False)
        visit.create_check_constraint(op.f("ck_walkthrough_one_led"), "NOT led_by_substitute OR teacher_id IS NULL")
    with op.batch_alter_table("completion") as completion:
        completion.add_column(sa.Column("left_name", sa.Text(), nullable=True))
        completion.add_column(sa.Column("left_school_ids", sa.JSON(none_as_null=True), nullable=True))
        completion.alter_column("person_id", existing_type=sa.Text(), nullable=True)
        completion.drop_constraint(op.f("fk_completion_person_id"), type_="foreignkey")
        completion.create_foreign_key(
            op.f("fk_completion_person_id"), "person", ["person_id"], ["id"], ondelete="SET NULL"
        )
        completion.create_check_constraint(
            op.f("ck_completion_left_or_here"), "person_id IS NULL OR (left_name IS NULL AND left_school_ids IS NULL)"
        )
