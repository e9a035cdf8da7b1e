"""Remember of each calendar object the type its activity had when both last agreed.

What an object's text names is not always its activity's type: a client may take the category off,
or name one of the other collection. Only the remembered type tells whether the CRM changed it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column, and fill it from the activities."""
    op.add_column(
        "calendar_objects",
        sa.Column("type_key", sa.Text(), server_default="", nullable=False),
    )
    op.execute(
        "UPDATE calendar_objects SET type_key = coalesce((SELECT activities.type_key"
        " FROM activities WHERE activities.id = calendar_objects.activity_id), '')"
    )
