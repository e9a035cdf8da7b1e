"""Remember of which end of Google's permission a user was warned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column; nobody was warned yet."""
    op.add_column("connections", sa.Column("warned_of_end_at", sa.DateTime(timezone=True)))
