"""What Alembic runs: the versions, on the connection that :mod:`api.register.schema` gives."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
