"""Run by Alembic; the connection comes from ``api.db.migrate``, with its transaction begun."""

from alembic import context

from api.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
