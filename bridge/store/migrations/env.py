"""What Alembic runs around the steps; the connection and its transaction are the caller's.

The living tables are not told to Alembic: a step must come out the same whatever they become.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
