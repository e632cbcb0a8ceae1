"""A person reaches all schools or the listed ones, several if need be, and principals have accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ROLES = "'teacher', 'coach', 'principal', 'admin'"


def upgrade() -> None:
    """Turn `person.school_id`, where empty meant all schools, into `reach` and a table."""
    made = op.create_table(
        "person_school",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_school_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_person_school_school_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "school_id", name=op.f("pk_person_school")),
    )
    op.create_index(op.f("ix_person_school_school_id"), "person_school", ["school_id"], unique=False)
    person = sa.table("person", sa.column("id"), sa.column("school_id"), sa.column("reach"))
    bound = sa.select(person.c.id, person.c.school_id).where(person.c.school_id.is_not(None))
    op.execute(sa.insert(made).from_select(["person_id", "school_id"], bound))
    op.add_column("person", sa.Column("reach", sa.Text(), nullable=True))
    op.execute(sa.update(person).values(reach=sa.case((person.c.school_id.is_(None), "all schools"), else_="listed")))
    with op.batch_alter_table("person") as batch:
        batch.drop_constraint(op.f("ck_person_role_known"), type_="check")
        batch.create_check_constraint(op.f("ck_person_role_known"), f"role IN ({_ROLES})")
        batch.create_check_constraint(op.f("ck_person_reach_known"), "reach IN ('all schools', 'listed')")
        batch.alter_column("reach", nullable=False)
        batch.drop_constraint(op.f("fk_person_school_id"), type_="foreignkey")
        batch.drop_column("school_id")
