"""Push channels at Google: open one, stop one.

Source: Google, "Push notifications"; Events: watch, Channels: stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.domain.google_push import LIFETIME, Channel, Watch
from bridge.errors import CollectionGone, SideUnavailable
from bridge.google_calendar.session import GoogleSession
from bridge.google_calendar.transport import SIDE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 15  # milliseconds of thirty thousand years
_UNTOLD_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelWish:
    """What Google is asked for.

    Attributes:
        channel_id: At most 64 characters, never used before.
        watch: What is watched, and where messages go.
        token: Comes back with each message; at most 256 characters.
    """

    channel_id: str
    watch: Watch
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedChannel:
    """What Google answered.

    Attributes:
        resource_id: Google's name of the watched calendar.
        expires_at: Aware, after now and within `LIFETIME`.
    """

    resource_id: str
    expires_at: datetime


class GoogleChannels:
    """The channels of one account."""

    def __init__(self, session: GoogleSession) -> None:
        self._session = session

    def open(self, wish: ChannelWish, *, now: datetime) -> OpenedChannel:
        """Open a channel; sent once, whatever becomes of the answer.

        Args:
            wish: What for.
            now: Aware.

        Raises:
            ChannelRefused: Google does not deliver to this address, or not of this calendar.
            CollectionGone: The calendar is not there, or not ours to see, any more.
            NotConnected: The grant is dead.
            RateLimited: Google asks for fewer requests.
            SideUnavailable: No whole answer; the channel may or may not have been opened.
        """
        body = {
            "id": wish.channel_id,
            "type": "web_hook",
            "address": wish.watch.address,
            "token": wish.token,
            "params": {"ttl": str(int(LIFETIME.total_seconds()))},
        }
        request = self._session.events.watch(calendarId=wish.watch.calendar_id, body=body)
        answer = self._session.listing_once(request)
        resource_id = answer.get("resourceId")
        if not isinstance(resource_id, str) or not resource_id:
            raise SideUnavailable("Google opened a channel oddly", side=SIDE, reason="badAnswer")
        return OpenedChannel(resource_id=resource_id, expires_at=_expiry(answer, now))

    def stop(self, channel: Channel) -> None:
        """Stop a channel; one that Google does not know (any more) is as good as stopped.

        Raises:
            NotConnected: The grant is dead; the channel goes on to its end.
            RateLimited: Google asks for fewer requests.
            SideUnavailable: No whole answer.
        """
        body = {"id": channel.channel_id, "resourceId": channel.resource_id}
        with suppress(CollectionGone):
            self._session.listing_once(self._session.channels.stop(body=body))


def _expiry(answer: Mapping[str, Any], now: datetime) -> datetime:
    """Return when Google ends the channel: told in milliseconds since 1970, as a text.

    By our clock it is not later than we asked for, whatever Google's says. Without a time, or with
    one that is over, it is renewed soon.
    """
    text = str(answer.get("expiration", ""))
    told = (
        timedelta(milliseconds=int(text[:_DIGITS])) if text.isascii() and text.isdigit() else None
    )
    if told is None or told <= now - _EPOCH:
        return now + _UNTOLD_LIFETIME
    return _EPOCH + min(told, now + LIFETIME - _EPOCH)
