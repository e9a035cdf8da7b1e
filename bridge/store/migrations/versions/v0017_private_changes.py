"""Let a changed choice for private events reach those that came in before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the column; every item knows the choice there is."""
    op.add_column(
        "links", sa.Column("private_changes", sa.Integer(), server_default="0", nullable=False)
    )
