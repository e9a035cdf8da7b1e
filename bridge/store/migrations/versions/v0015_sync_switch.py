"""Let an activity say that it is not to be synced; until now only its calendar object could."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column, and set it where the calendar object says so.

    The next reconciliation finds activity and object of one mind and changes nothing.
    """
    op.add_column(
        "activities",
        sa.Column("do_not_sync", sa.Boolean(), server_default="0", nullable=False),
    )
    activities = sa.table("activities", sa.column("id"), sa.column("do_not_sync", sa.Boolean()))
    objects = sa.table("calendar_objects", sa.column("activity_id"), sa.column("text"))
    switched_off = sa.select(objects.c.activity_id).where(
        objects.c.activity_id.is_not(None), objects.c.text.ilike("%X-CRM-SYNC:FALSE%")
    )
    concerned = activities.update().where(activities.c.id.in_(switched_off))
    op.execute(concerned.values(do_not_sync=sa.true()))
