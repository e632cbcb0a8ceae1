"""Classes can have several grades and a weekday of their own, and merging or splitting them can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CLASS = sa.table("classroom", sa.column("grade"), sa.column("grades"))


def upgrade() -> None:
    """Every class has the one grade it had, and goes by its school's weekday."""
    with op.batch_alter_table("classroom") as classroom:
        classroom.add_column(sa.Column("grades", sa.Text(), nullable=True))
    op.execute(sa.update(_CLASS).values(grades=_CLASS.c.grade))
    with op.batch_alter_table("classroom") as classroom:
        classroom.alter_column("grades", existing_type=sa.Text(), nullable=False)
    _add_weekdays()
    _add_changes()


def _entered(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("entered_role", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f(f"fk_{table}_entered_by"), ondelete="SET NULL"
        ),
    ]


def _of_class(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["classroom.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _add_weekdays() -> None:
    op.create_table(
        "class_weekday",
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        *_entered("class_weekday"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 4", name=op.f("ck_class_weekday_weekday_of_school")),
        _of_class("class_weekday", "classroom_id"),
        sa.PrimaryKeyConstraint("classroom_id", "valid_from", name=op.f("pk_class_weekday")),
    )


def _add_changes() -> None:
    op.create_table(
        "class_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("last_on_before", sa.Date(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        *_entered("class_change"),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('closed', 'merged', 'split')", name=op.f("ck_class_change_kind_known")),
        _of_class("class_change", "classroom_id"),
        _of_class("class_change", "other_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_class_change_classroom_id"), "class_change", ["classroom_id"], unique=False)
    op.create_index(op.f("ix_class_change_other_id"), "class_change", ["other_id"], unique=False)
