"""What Alembic runs to apply the migrations on the connection that `upgrade` hands over."""

from __future__ import annotations

from alembic import context

from wellness.records.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
