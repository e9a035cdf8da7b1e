"""Take what Google's push tells: at most a hint that a connection has to look (threats 3.8).

Every message costs one statement, and a stranger's none. A write happens only for the first of many
messages that ask for the same run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from bridge.domain.google_push import (
    LONGEST_LIFETIME,
    Channel,
    ChannelState,
    Meaning,
    PushMessage,
    Watch,
    connection_of,
    meaning_of,
)
from bridge.domain.identifiers import ConnectionId, GoogleCalendarId
from bridge.domain.message_pace import MessagePace
from bridge.store.database import Database
from bridge.store.google_channels import KnownChannel
from bridge.store.google_push import FLOOD_PAUSE
from bridge.sync.ports import Clock

logger = logging.getLogger(__name__)

_NOTED_EVERY = timedelta(seconds=1)
_STRAYS_WAIT = timedelta(minutes=2)
"""Longer than a channel that is just being opened takes to be written down."""


class Reception(Enum):
    """How a message was received."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    """It came over no channel of ours; nobody else should send more of it."""
    LATER = "later"
    """It comes too early, and has to come again."""


class PushMessages:
    """Receives messages; safe for threads."""

    def __init__(
        self,
        database: Database,
        *,
        token_key: bytes,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._token_key = token_key
        self._clock = clock
        self._monotonic = monotonic
        self._pace = MessagePace()

    def receive(self, message: PushMessage) -> Reception:
        """Take a message and say how it was received.

        Raises:
            StoreBusy: The database is locked; the message has to come again.
        """
        connection_id = connection_of(message.channel_id)
        if connection_id is None or not message.is_genuine(self._token_key):
            return Reception.UNKNOWN
        with self._database.read() as work:
            known = work.google_channels.known(message.channel_id)
        now = self._clock.now()
        meaning = meaning_of(
            message,
            known.channel if known else None,
            watched=known is not None and known.watched,
            now=now,
        )
        if meaning is Meaning.LATER:
            return Reception.LATER
        if known is not None and meaning in {Meaning.LOOK, Meaning.NOTHING}:
            self._take(known, now, look=meaning is Meaning.LOOK)
            return Reception.TAKEN
        if meaning is Meaning.STOP:
            self._note_stray(_stray(message, connection_id, known, now), now)
        return Reception.UNKNOWN

    def _take(self, known: KnownChannel, now: datetime, *, look: bool) -> None:
        channel = known.channel
        floods = self._pace.floods(channel.channel_id, now=self._monotonic())
        flood_until = now + FLOOD_PAUSE if floods else None
        hints = look and (not known.hinted or _is_news(flood_until, known.flood_until))
        if channel.heard_at is not None and not hints:
            return
        with self._database.write() as work:
            if channel.heard_at is None:
                work.google_channels.heard(channel.channel_id, now)
            if hints:
                work.google_push.hint(channel.connection_id, flood_until=flood_until)

    def _note_stray(self, channel: Channel, now: datetime) -> None:
        with self._database.write() as work:
            connection = work.connections.get(channel.connection_id)
            if connection is None:
                return  # nobody is left whose permission could stop it
            work.google_channels.add(channel, connection)
            work.google_push.look_after(connection.id, now + _STRAYS_WAIT)
        logger.info("a stray push channel will be stopped", extra={"connection": connection.id})


def _is_news(until: datetime | None, noted: datetime | None) -> bool:
    """Whether the end of a flood has to be noted anew; not with each of its messages."""
    return until is not None and (noted is None or until - noted >= _NOTED_EVERY)


def _stray(
    message: PushMessage, connection_id: ConnectionId, known: KnownChannel | None, now: datetime
) -> Channel:
    """Return the channel to be stopped, as far as it is known.

    The resource id of one that nobody wrote down is the message's own, whose token was compared;
    it is only ever told to Google again.
    """
    if known is not None:
        return replace(known.channel, state=ChannelState.CLOSING)
    return Channel(
        channel_id=message.channel_id,
        connection_id=connection_id,
        watch=Watch(calendar_id=GoogleCalendarId(""), address=""),
        resource_id=message.resource_id,
        state=ChannelState.CLOSING,
        created_at=now,
        expires_at=now + LONGEST_LIFETIME,
    )
