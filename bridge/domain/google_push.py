"""Google's push as values: channels, what is to be done about them, and what a message means.

A message has no body and no signature: all that it can say is "look". What proves it is the token
that Google echoes. Ours is made from the channel's id with a key of the installation, so that
nothing secret is stored, strangers are refused without a look into the database, and a channel that
nobody wrote down, because a process was killed or a backup put back, is still known as ours.

Source: Google, "Push notifications".
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from hashlib import sha256

from bridge.domain.identifiers import ConnectionId, GoogleCalendarId

LIFETIME = timedelta(days=7)
"""What we ask for; Google may give less."""

LONGEST_LIFETIME = timedelta(days=30)
"""After this a channel that we know nothing of is over, too."""

_CHANNEL_ID = re.compile(r"crmdav-(?P<connection>[0-9]{1,18})-[0-9a-f]{32}")
_RESOURCE_ID = re.compile(r"[\x21-\x7e]{1,256}")
_FIRST = "sync"
_RENEWED_WITH_LEFT = 4
"""A channel is renewed when the fourth part of its life is left."""

_STOP_TAKES = timedelta(minutes=5)
"""Google may go on for a while after a stop; messages that come later ask for another one."""


class ChannelState(StrEnum):
    """Where a channel is in its life; what is over is kept until Google has forgotten it, too."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a connection wants to be told of.

    Attributes:
        calendar_id: The calendar whose events are watched.
        address: Where messages go.
    """

    calendar_id: GoogleCalendarId
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel as it is stored.

    Attributes:
        channel_id: Ours, see `new_channel_id`.
        watch: What it was opened for; "" where nobody wrote it down.
        resource_id: Google's name of the watched calendar.
        created_at: When Google had opened it, aware.
        expires_at: When Google ends it by itself, aware.
        heard_at: When its first message came, None while that is still to be seen.
        closed_at: When Google took the stop, None before.
    """

    channel_id: str
    connection_id: ConnectionId
    watch: Watch
    resource_id: str
    state: ChannelState
    created_at: datetime
    expires_at: datetime
    heard_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def renew_at(self) -> datetime:
        """When another one has to be opened in its place."""
        return self.expires_at - (self.expires_at - self.created_at) / _RENEWED_WITH_LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What is to be done about the channels of a connection, in this order.

    Attributes:
        forget: Over at Google, by time.
        stop: Of no use, to be stopped whatever becomes of the rest.
        open: Whether a new one has to be opened.
        replaced: The one to be stopped once the new one is open.
    """

    forget: tuple[Channel, ...]
    stop: tuple[Channel, ...]
    open: bool
    replaced: Channel | None

    @property
    def nothing(self) -> bool:
        """Whether all is as it should be."""
        return not (self.forget or self.stop or self.open)


def steps_for(wanted: Watch | None, channels: Sequence[Channel], now: datetime) -> Steps:
    """Return what is to be done.

    Args:
        wanted: What the connection wants to be told of; None when it does not sync, or push is off.
        channels: All that are stored of it.
        now: Aware.
    """
    alive = [each for each in channels if each.expires_at > now]
    fitting = [each for each in alive if each.state is ChannelState.OPEN and each.watch == wanted]
    newest = max(fitting, key=lambda each: (each.created_at, each.channel_id), default=None)
    renews = newest is not None and newest.renew_at <= now
    return Steps(
        forget=tuple(each for each in channels if each.expires_at <= now),
        stop=tuple(
            each for each in alive if each.state is not ChannelState.CLOSED and each != newest
        ),
        open=wanted is not None and (newest is None or renews),
        replaced=newest if renews else None,
    )


def next_look(wanted: Watch | None, channels: Sequence[Channel]) -> datetime | None:
    """Return when there is something to do next, if nothing is now; None for never."""
    moments = [
        each.renew_at
        if each.state is ChannelState.OPEN and each.watch == wanted
        else each.expires_at
        for each in channels
    ]
    return min(moments, default=None)


def new_channel_id(connection_id: ConnectionId, random_hex: str) -> str:
    """Return the id of a new channel.

    Args:
        connection_id: Whose; it can be read from the id.
        random_hex: 32 random digits, as the id has to be unique for all time.
    """
    return f"crmdav-{connection_id}-{random_hex}"


def connection_of(channel_id: str) -> ConnectionId | None:
    """Return whose channel an id names, None when it is none of ours."""
    found = _CHANNEL_ID.fullmatch(channel_id)
    return ConnectionId(int(found["connection"])) if found else None


def channel_token(key: bytes, channel_id: str) -> str:
    """Return the token of a channel: 43 characters that nobody makes without our key."""
    made = hmac.new(key, channel_id.encode(), sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMessage:
    """What the headers of a message say; a stranger may have written them.

    Attributes:
        resource_state: `sync` for the first message of a channel.
    """

    channel_id: str
    token: str = field(repr=False)
    resource_id: str = ""
    resource_state: str = ""

    def is_genuine(self, key: bytes) -> bool:
        """Whether it was sent over a channel of ours; compared in constant time."""
        if connection_of(self.channel_id) is None:
            return False
        expected = channel_token(key, self.channel_id).encode()
        return hmac.compare_digest(expected, self.token.encode("utf-8", "surrogatepass"))

    @property
    def can_be_stopped(self) -> bool:
        """Whether its resource id has the form of one, so that Google can be asked to stop it."""
        return _RESOURCE_ID.fullmatch(self.resource_id) is not None


class Meaning(Enum):
    """What to do about a genuine message."""

    LOOK = "look"
    NOTHING = "nothing"
    REFUSE = "refuse"
    STOP = "stop"
    """Refuse, and see that the channel is stopped."""
    LATER = "later"
    """Ask for it again: the channel is just being opened."""


def meaning_of(
    message: PushMessage, channel: Channel | None, *, watched: bool, now: datetime
) -> Meaning:
    """Return what a genuine message means.

    Args:
        message: Its token was compared already.
        channel: What is stored under its id.
        watched: Whether the connection syncs the calendar that the channel watches.
        now: Aware.
    """
    if channel is None:
        return _meaning_of_stray(message)
    told, known = message.resource_id.encode("utf-8", "surrogatepass"), channel.resource_id.encode()
    if not hmac.compare_digest(told, known):
        return Meaning.REFUSE
    if channel.state is ChannelState.CLOSED:
        late = channel.closed_at is not None and now - channel.closed_at > _STOP_TAKES
        return Meaning.STOP if late else Meaning.REFUSE
    if channel.state is ChannelState.CLOSING or not watched:
        # It is being stopped, or is about to be.
        return Meaning.REFUSE
    # The first message tells of no change. A calendar that is gone is looked at like a changed one.
    return Meaning.NOTHING if message.resource_state == _FIRST else Meaning.LOOK


def _meaning_of_stray(message: PushMessage) -> Meaning:
    # It may come before Google's answer to us, and proves that messages get through.
    if message.resource_state == _FIRST:
        return Meaning.LATER
    return Meaning.STOP if message.can_be_stopped else Meaning.REFUSE
