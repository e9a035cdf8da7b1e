"""Keep the push channels of connections: open, renew, stop.

A new channel is written down only when Google has opened it, and the old one is stopped only after
that. Its end on our side is immediate; Google is asked until it answers, or until the channel is
over. No transaction is open while a request is under way, and nothing waits for these requests.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bridge.domain.connection import Connection
from bridge.domain.google_push import (
    Channel,
    ChannelState,
    Steps,
    Watch,
    channel_token,
    new_channel_id,
    next_look,
    steps_for,
)
from bridge.domain.identifiers import ConnectionId
from bridge.errors import ChannelRefused, NotConnected, RateLimited, SideError
from bridge.google_calendar.channels import ChannelWish, OpenedChannel
from bridge.store.database import Database
from bridge.store.secrets import random_id
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

logger = logging.getLogger(__name__)

CLAIM_HOLDS = timedelta(minutes=3)
"""Longer than the few requests that one connection needs."""

REFUSED_PAUSE = timedelta(hours=6)
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(hours=1)
_SHORTEST_REST = timedelta(seconds=10)


class ChannelCalls(Protocol):
    """Opens and stops channels at Google, for one account."""

    def open(self, wish: ChannelWish, *, now: datetime) -> OpenedChannel:
        """Open a channel; see `GoogleChannels.open`."""
        ...

    def stop(self, channel: Channel) -> None:
        """Stop a channel; see `GoogleChannels.stop`."""
        ...


ReachGoogle = Callable[[Connection], AbstractContextManager[ChannelCalls]]
"""Reaches Google for a connection; raises `NotConnected` when there is no usable grant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelParts:
    """What keeping channels needs.

    Attributes:
        reach: The way to Google.
        address: Where messages go; None when push is off, then channels are stopped only.
        token_key: Makes the tokens of channels.
    """

    reach: ReachGoogle
    address: str | None
    token_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What one look at a connection found.

    Attributes:
        claimed: Until when nobody else looks.
    """

    connection: Connection
    wanted: Watch | None
    steps: Steps
    claimed: datetime


class ChannelKeeper:
    """Brings the channels of one connection after the other in order; safe for threads."""

    def __init__(self, database: Database, parts: ChannelParts, *, clock: Clock) -> None:
        self._database = database
        self._parts = parts
        self._clock = clock

    def begin(self) -> None:
        """Make every connection due: settings may have changed since the last start."""
        with self._database.write() as work:
            work.google_push.look_after_all()

    def due(self, limit: int) -> tuple[ConnectionId, ...]:
        """Return connections whose channels are to be looked after; one statement."""
        with self._database.read() as work:
            return tuple(work.google_push.due(self._clock.now(), limit))

    def keep(self, connection_id: ConnectionId) -> None:
        """Do what is due for one connection, unless somebody else is at it.

        Failures are noted and tried again later.
        """
        task = self._claimed(connection_id)
        if task is None:
            return
        try:
            refusal = self._carry_out(task)
        except (NotConnected, SideError) as error:
            self._postpone(task, error)
            return
        self._settle(task, refusal)

    def _claimed(self, connection_id: ConnectionId) -> _Task | None:
        now = self._clock.now()
        claimed = now + CLAIM_HOLDS
        with self._database.write() as work:
            if not work.google_push.claim(connection_id, now=now, until=claimed):
                return None
            connection = work.connections.get(connection_id)
            if connection is None:
                return None
            wanted = self._wanted(connection)
            steps = steps_for(wanted, work.google_channels.of(connection_id), now)
            work.google_channels.forget([each.channel_id for each in steps.forget])
            work.google_channels.close([each.channel_id for each in steps.stop])
        return _Task(connection=connection, wanted=wanted, steps=steps, claimed=claimed)

    def _wanted(self, connection: Connection) -> Watch | None:
        calendar_id, address = connection.google_calendar_id, self._parts.address
        if address is None or calendar_id is None or not connection.state.may_sync:
            return None
        return Watch(calendar_id=calendar_id, address=address)

    def _carry_out(self, task: _Task) -> str:
        """Ask Google for what is to be done; return why it opens no channel, "" if it does."""
        steps = task.steps
        if not steps.open and not steps.stop:
            return ""
        with self._parts.reach(task.connection) as calls:
            refusal = self._open(calls, task) if steps.open else ""
            replaced = () if refusal or steps.replaced is None else (steps.replaced,)
            self._stop(calls, (*steps.stop, *replaced))
        return refusal

    def _open(self, calls: ChannelCalls, task: _Task) -> str:
        """Open a channel and write it down; return Google's reason if it refuses, else ""."""
        connection_id, wanted = task.connection.id, task.wanted
        assert wanted is not None  # noqa: S101 - `steps_for` opens nothing else
        channel_id = new_channel_id(connection_id, random_id())
        token = channel_token(self._parts.token_key, channel_id)
        wish = ChannelWish(channel_id=channel_id, watch=wanted, token=token)
        self._database.forbid_open_transaction()
        try:
            opened = calls.open(wish, now=self._clock.now())
        except ChannelRefused as error:
            logger.warning("Google opens no push channel", extra=_fields(task, error.reason))
            return error.reason
        channel = Channel(
            channel_id=channel_id,
            connection_id=connection_id,
            watch=wanted,
            resource_id=opened.resource_id,
            state=ChannelState.OPEN,
            created_at=self._clock.now(),
            expires_at=opened.expires_at,
        )
        self._store(channel, task)
        return ""

    def _store(self, channel: Channel, task: _Task) -> None:
        """Write a channel down; messages over the one that it replaces count no longer."""
        replaced = task.steps.replaced
        with self._database.write() as work:
            if work.connections.get(channel.connection_id) is None:
                return  # removed meanwhile; nobody listens to the channel, and it ends by itself
            work.google_channels.add(channel, task.connection)
            if replaced is not None:
                work.google_channels.close([replaced.channel_id])
            # What changed since the last run, and before the channel was there, nobody tells.
            work.google_push.hint(channel.connection_id)
        logger.info("opened a push channel", extra={"connection": channel.connection_id})

    def _stop(self, calls: ChannelCalls, channels: Iterable[Channel]) -> None:
        for channel in channels:
            self._database.forbid_open_transaction()
            calls.stop(channel)
            with self._database.write() as work:
                work.google_channels.closed(channel.channel_id, self._clock.now())
            logger.info("stopped a push channel", extra={"connection": channel.connection_id})

    def _settle(self, task: _Task, refusal: str) -> None:
        with self._database.write() as work:
            now = self._clock.now()
            look_at = now + REFUSED_PAUSE if refusal else self._next(work, task.connection.id, now)
            work.google_push.settle(
                task.connection.id, claimed=task.claimed, look_at=look_at, refusal=refusal
            )

    def _next(
        self, work: UnitOfWork, connection_id: ConnectionId, now: datetime
    ) -> datetime | None:
        connection = work.connections.get(connection_id)
        if connection is None:
            return None
        wanted, channels = self._wanted(connection), work.google_channels.of(connection_id)
        if not steps_for(wanted, channels, now).nothing:
            return now + _SHORTEST_REST
        look_at = next_look(wanted, channels)
        return None if look_at is None else max(look_at, now + _SHORTEST_REST)

    def _postpone(self, task: _Task, error: NotConnected | SideError) -> None:
        connection_id = task.connection.id
        with self._database.write() as work:
            if work.connections.get(connection_id) is None:
                return
            now = self._clock.now()
            failures = work.google_push.state(connection_id, now).failures
            pause = min(_FIRST_PAUSE * 2 ** min(failures, 20), _LONGEST_PAUSE)
            if isinstance(error, RateLimited) and error.retry_after:
                pause = max(pause, timedelta(seconds=error.retry_after))
            work.google_push.postpone(connection_id, claimed=task.claimed, look_at=now + pause)
        reason = error.reason if isinstance(error, SideError) else type(error).__name__
        logger.info("push channels have to wait", extra=_fields(task, reason))


def _fields(task: _Task, reason: str) -> dict[str, object]:
    return {"connection": task.connection.id, "reason": reason}
