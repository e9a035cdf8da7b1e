"""Push channels: over which Google tells us of changes, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from bridge.domain.connection import Connection as ConnectionValue
from bridge.domain.connection import ConnectionState
from bridge.domain.google_push import Channel, ChannelState, Watch
from bridge.domain.identifiers import ConnectionId, GoogleCalendarId
from bridge.store.schema.google import Connection, GooglePush
from bridge.store.schema.google import GoogleChannel as Table
from bridge.store.transaction import Transaction

_CHANNELS = select(
    Table.channel_id,
    Table.connection_id,
    Table.google_calendar_id,
    Table.address,
    Table.resource_id,
    Table.state,
    Table.created_at,
    Table.expires_at,
    Table.heard_at,
    Table.closed_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChannel:
    """What a message has to be compared with.

    Attributes:
        watched: Whether the connection syncs the calendar that the channel watches.
        hinted: Whether a hint waits that no run has taken up.
        flood_until: Until when runs may be rare, aware; None for no flood.
    """

    channel: Channel
    watched: bool
    hinted: bool
    flood_until: datetime | None


class GoogleChannelRepository:
    """Keeps channels."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def add(self, channel: Channel, connection: ConnectionValue) -> None:
        """Note a channel; what a stray message made us note of it before is replaced."""
        values: dict[str, object] = {
            "google_calendar_id": channel.watch.calendar_id,
            "address": channel.watch.address,
            "resource_id": channel.resource_id,
            "state": channel.state.value,
            "created_at": channel.created_at,
            "expires_at": channel.expires_at,
            "closed_at": channel.closed_at,
        }
        noted = update(Table).where(Table.channel_id == channel.channel_id)
        if self._connection.execute(noted.values(values)).rowcount:
            return
        values |= {"company_id": connection.company_id, "connection_id": connection.id}
        values |= {"channel_id": channel.channel_id}
        self._connection.execute(insert(Table).values(values))

    def of(self, connection_id: ConnectionId) -> Sequence[Channel]:
        """Return the channels of a connection, those that are over too, the oldest first."""
        mine = _CHANNELS.where(Table.connection_id == connection_id).order_by(Table.id)
        return tuple(_channel(row) for row in self._connection.execute(mine))

    def known(self, channel_id: str) -> KnownChannel | None:
        """Return what is stored under the id of a message; one statement."""
        row = self._connection.execute(_KNOWN, {"channel": channel_id}).one_or_none()
        if row is None:
            return None
        syncs = ConnectionState(row.connection_state).may_sync
        return KnownChannel(
            channel=_channel(row),
            watched=syncs and row.google_calendar_id == row.synced_calendar_id,
            hinted=row.told > row.taken,
            flood_until=row.flood_until,
        )

    def heard(self, channel_id: str, now: datetime) -> None:
        """Note that a message came over a channel."""
        mine = update(Table).where(Table.channel_id == channel_id)
        self._connection.execute(mine.values(heard_at=now))

    def close_all(self, connection_id: ConnectionId) -> None:
        """Note that the open channels of a connection are of no use."""
        mine = update(Table).where(
            Table.connection_id == connection_id, Table.state == ChannelState.OPEN.value
        )
        self._connection.execute(mine.values(state=ChannelState.CLOSING.value))

    def close(self, channel_ids: Sequence[str]) -> None:
        """Note that these are to be stopped; messages over them count no longer."""
        mine = update(Table).where(Table.channel_id.in_(channel_ids))
        self._connection.execute(mine.values(state=ChannelState.CLOSING.value))

    def closed(self, channel_id: str, now: datetime) -> None:
        """Note that Google took the stop of a channel."""
        mine = update(Table).where(Table.channel_id == channel_id)
        self._connection.execute(mine.values(state=ChannelState.CLOSED.value, closed_at=now))

    def forget(self, channel_ids: Sequence[str]) -> None:
        """Remove channels that are over."""
        self._connection.execute(delete(Table).where(Table.channel_id.in_(channel_ids)))


_KNOWN = (
    _CHANNELS.add_columns(
        Connection.state.label("connection_state"),
        Connection.google_calendar_id.label("synced_calendar_id"),
        GooglePush.told,
        GooglePush.taken,
        GooglePush.flood_until,
    )
    .join(Connection, Connection.id == Table.connection_id)
    .join(GooglePush, GooglePush.connection_id == Table.connection_id)
    .where(Table.channel_id == bindparam("channel"))
)


def _channel(row: Row[*tuple[Any, ...]]) -> Channel:
    return Channel(
        channel_id=row.channel_id,
        connection_id=ConnectionId(row.connection_id),
        watch=Watch(
            calendar_id=GoogleCalendarId(row.google_calendar_id),
            address=row.address,
        ),
        resource_id=row.resource_id,
        state=ChannelState(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
        heard_at=row.heard_at,
        closed_at=row.closed_at,
    )
