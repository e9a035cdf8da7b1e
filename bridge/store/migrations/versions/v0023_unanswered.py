"""Remember an update whose answer may be lost, of an item that is not agreed on as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the columns; an update that is under way meanwhile counts as a person's, as before."""
    for side in ("calendar", "google"):
        op.add_column("links", sa.Column(f"{side}_unanswered", sa.JSON(), nullable=True))
