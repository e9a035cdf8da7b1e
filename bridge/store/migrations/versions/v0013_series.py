"""Sync series: read what was left alone as one anew, and remember what our own writes replaced.

An event that was told as a series could not be read and was parked with its version; a listing that
tells the same version again would be taken for known. So that version is forgotten, and with it the
tokens of its connection: the next listing is a full one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_RECURRING = "recurring"
_UNREADABLE = "unreadable"


def upgrade() -> None:
    """Add the columns, and forget what was known of series."""
    for side in ("calendar", "google"):
        column = sa.Column(f"{side}_replaced", sa.JSON(none_as_null=True), nullable=True)
        op.add_column("links", column)
    parked = sa.table(
        "parked_items",
        *map(sa.column, ("link_id", "connection_id", "reason", "message")),
    )
    links = sa.table("links", *map(sa.column, ("id", "withheld", "judged")))
    events = sa.table("link_events", *map(sa.column, ("link_id", "etag_seen")))
    tokens = sa.table("collection_tokens", sa.column("connection_id"))
    is_series = sa.and_(parked.c.reason == _UNREADABLE, parked.c.message == _RECURRING)
    unread, connections = (
        sa.select(column).where(is_series) for column in (parked.c.link_id, parked.c.connection_id)
    )
    op.execute(sa.delete(tokens).where(tokens.c.connection_id.in_(connections)))
    op.execute(sa.update(events).where(events.c.link_id.in_(unread)).values(etag_seen=""))
    op.execute(sa.delete(parked).where(is_series))
    left_alone = links.c.withheld == _RECURRING
    op.execute(sa.update(links).where(left_alone).values(withheld="", judged=""))
