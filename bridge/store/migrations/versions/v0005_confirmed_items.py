"""Remember which items of a plan a person confirmed, so that the brakes let these through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; nothing was confirmed before."""
    op.add_column("connections", sa.Column("confirmed_uids", sa.JSON(none_as_null=True)))
