"""Classes and teachers get a first and a last day instead of a mark for being active."""

from __future__ import annotations

from datetime import date
from secrets import token_urlsafe

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CLASS = sa.table(
    "classroom",
    *[sa.column("id"), sa.column("year_id"), sa.column("is_active", sa.Boolean())],
    *[sa.column("first_on", sa.Date()), sa.column("last_on", sa.Date())],
)
_YEAR = sa.table("school_year", sa.column("id"), sa.column("starts_on", sa.Date()))
_OLD_TEACHER = sa.table("classroom_teacher", sa.column("classroom_id"), sa.column("person_id"))
_LOGGED = [
    sa.table(name, sa.column("classroom_id"), sa.column("on_day", sa.Date())) for name in ("viewing", "outside_lesson")
]


def upgrade() -> None:
    """Give every class its days, and every teacher the days of the class."""
    connection = op.get_bind()
    with op.batch_alter_table("classroom") as classroom:
        classroom.add_column(sa.Column("first_on", sa.Date(), nullable=True))
        classroom.add_column(sa.Column("last_on", sa.Date(), nullable=True))
        classroom.add_column(sa.Column("follows_id", sa.Text(), nullable=True))
    first_days = sa.select(_YEAR.c.starts_on).where(_YEAR.c.id == _CLASS.c.year_id).scalar_subquery()
    connection.execute(sa.update(_CLASS).values(first_on=first_days))
    _end_closed_classes(connection)
    with op.batch_alter_table("classroom") as classroom:
        classroom.alter_column("first_on", existing_type=sa.Date(), nullable=False)
        classroom.drop_column("is_active")
        classroom.create_check_constraint(op.f("ck_classroom_days_in_order"), "first_on <= last_on")
        classroom.create_foreign_key(op.f("fk_classroom_follows_id"), "classroom", ["follows_id"], ["id"])
    _move_teachers(connection)


def _end_closed_classes(connection: sa.Connection) -> None:
    """A class that was closed ended on the last day anything was logged for it, or on its first day."""
    for one in connection.execute(sa.select(_CLASS).where(~_CLASS.c.is_active)).all():
        days = [_last_logged(connection, table, one.id) for table in _LOGGED]
        last_on = max([one.first_on, *[day for day in days if day is not None]])
        connection.execute(sa.update(_CLASS).where(_CLASS.c.id == one.id).values(last_on=last_on))


def _last_logged(connection: sa.Connection, table: sa.TableClause, classroom_id: str) -> date | None:
    last: date | None = connection.execute(
        sa.select(sa.func.max(table.c.on_day)).where(table.c.classroom_id == classroom_id)
    ).scalar()
    return last


def _move_teachers(connection: sa.Connection) -> None:
    made = op.create_table(
        "teaching",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_teaching_days_in_order")),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["classroom.id"], name=op.f("fk_teaching_classroom_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_teaching_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching")),
        sa.UniqueConstraint(
            "classroom_id", "person_id", "first_on", name=op.f("uq_teaching_classroom_id_person_id_first_on")
        ),
    )
    op.create_index(op.f("ix_teaching_person_id"), "teaching", ["person_id"], unique=False)
    found = sa.select(_OLD_TEACHER, _CLASS.c.first_on, _CLASS.c.last_on).join(
        _CLASS, _CLASS.c.id == _OLD_TEACHER.c.classroom_id
    )
    rows = [dict(row._mapping) | {"id": token_urlsafe(16)} for row in connection.execute(found).all()]
    if rows:
        op.bulk_insert(made, rows)
    op.drop_table("classroom_teacher")
