"""Let the journal say what it takes to undo a write, and a connection when it was compared last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; what was deleted before counts for no brake."""
    for column in (
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("counterpart", sa.Text()),
        sa.Column("losers", sa.JSON(none_as_null=True)),
        sa.Column("losses", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("journal", column)
    op.add_column("runs", sa.Column("undone", sa.Text(), server_default="", nullable=False))
    entries = sa.Column("entries", sa.Integer(), server_default="0", nullable=False)
    op.add_column("runs", entries)
    _count_entries()
    op.add_column("connections", sa.Column("compared_at", _MOMENT))
    differences = sa.Column("differences", sa.Integer(), server_default="0", nullable=False)
    op.add_column("connections", differences)


def _count_entries() -> None:
    runs = sa.table("runs", sa.column("id"), sa.column("entries"))
    journal = sa.table("journal", sa.column("run_id"))
    counted = sa.select(sa.func.count()).where(journal.c.run_id == runs.c.id)
    op.execute(runs.update().values(entries=counted.scalar_subquery()))
