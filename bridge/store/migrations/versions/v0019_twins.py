"""Remember what else in the calendars has the UID of a linked item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the column; what is in two calendars is met again, as its calendar is read in full."""
    op.add_column("links", sa.Column("twins", sa.JSON(), nullable=True))
