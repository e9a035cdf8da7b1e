"""Remove connections with everything the sync remembers of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete

from bridge.domain.identifiers import ConnectionId
from bridge.store.schema import google

_CHILDREN = (
    google.HeldChange,
    google.GuestMail,
    google.KeptApart,
    google.ParkedItem,
    google.LinkEvent,
    google.Link,
    google.CollectionToken,
    google.Lease,
    google.GoogleChannel,
    google.GooglePush,
    google.Run,
    google.JournalEntry,
)


def remove_connections(connection: Connection, ids: Sequence[ConnectionId]) -> int:
    """Delete these connections, children first, and return how many there were."""
    if not ids:
        return 0
    for table in _CHILDREN:
        connection.execute(delete(table).where(table.connection_id.in_(ids)))
    removed = delete(google.Connection).where(google.Connection.id.in_(ids))
    return connection.execute(removed).rowcount
