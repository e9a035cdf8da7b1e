"""Let the journal say how items are named on both sides, so that deleted ones are found by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the columns; what is linked yet says its names with its next write."""
    for name in ("event_id", "href"):
        op.add_column("journal", sa.Column(name, sa.Text(), server_default="", nullable=False))
        op.create_index(f"ix_journal_{name}", "journal", ["connection_id", name])
