"""Let the journal say what a write kept from guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the column; of what was written before it is not known."""
    column = sa.Column("left_out", sa.Text(), server_default="", nullable=False)
    op.add_column("journal", column)
