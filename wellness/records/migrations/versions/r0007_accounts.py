"""Accounts that can be changed: temporary passwords, when a password was last entered, and whom an audit entry is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and fill them from what is there."""
    op.add_column("person", sa.Column("password_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_in", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_in", sa.Column("is_remembered", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE sign_in SET confirmed_at = created_at"))
    op.execute(sa.update(sa.table("sign_in", sa.column("is_remembered", sa.Boolean()))).values(is_remembered=False))
    with op.batch_alter_table("sign_in") as batch:
        batch.alter_column("confirmed_at", nullable=False)
        batch.alter_column("is_remembered", nullable=False)
    with op.batch_alter_table("audit", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("about_id", sa.Text(), nullable=True))
        batch.create_foreign_key(op.f("fk_audit_about_id"), "person", ["about_id"], ["id"], ondelete="SET NULL")
    _name_people_in_old_entries(op.get_bind())


_PERSON = sa.table("person", sa.column("id"))
_AUDIT = sa.table(
    "audit", *[sa.column(name) for name in ("id", "person_id", "role", "action", "object", "detail", "about_id")]
)


def _name_people_in_old_entries(connection: sa.Connection) -> None:
    """Earlier entries had a person's ID in their text; it moves into `about_id`, where removing the account clears it."""
    known = set(connection.execute(sa.select(_PERSON.c.id)).scalars())
    about_people = sa.select(_AUDIT.c.id, _AUDIT.c.action, _AUDIT.c.object, _AUDIT.c.detail).where(
        _AUDIT.c.action.in_(("add person", "remove person", "assign module", "unassign module"))
    )
    for row in connection.execute(about_people).all():
        if row.action in ("add person", "remove person"):
            role, _, person_id = row.object.rpartition(" ")
            values = {"object": role or "person"}
        else:
            person_id, _, rest = row.detail.partition(", ")
            if person_id not in known and len(person_id) != _ID_LENGTH:
                continue  # a school's name
            values = {"detail": rest}
        about = person_id if person_id in known else None
        connection.execute(sa.update(_AUDIT).where(_AUDIT.c.id == row.id).values(about_id=about, **values))


_ID_LENGTH = 22
