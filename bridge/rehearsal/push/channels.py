"""Channels as they are kept: who watches what, where it is told, until when.

Source: Google, "Push notifications". Channels are never listed by the API; the control surface
shows them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from bridge.rehearsal.push.wishes import Wish
from bridge.rehearsal.world import World

_ROOT = "https://www.googleapis.com/calendar/v3"
_LAG_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A resource as one account watches it.

    Attributes:
        kind: `events`, `acl`, `calendarList` or `settings`.
        email: Account that watches.
        calendar_id: Calendar of `events` and `acl`, "" for the others.
        query: Query parameters of the watch, all values by name.
    """

    kind: str
    email: str
    calendar_id: str = ""
    query: dict[str, list[str]]

    @property
    def uri(self) -> str:
        """The address by which messages name it: Google's own, whoever answers it."""
        calendar = f"/calendars/{quote(self.calendar_id, safe='')}"
        path = {
            "events": f"{calendar}/events",
            "acl": f"{calendar}/acl",
            "calendarList": "/users/me/calendarList",
            "settings": "/users/me/settings",
        }[self.kind]
        query = [(name, value) for name, values in self.query.items() for value in values]
        return f"{_ROOT}{path}?{urlencode([*query, ('alt', 'json')])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel.

    Attributes:
        position: Place in the order of creation.
        channel_id: The client's id.
        client_id: OAuth client that made it, "" for the printed token.
        watched: What it watches.
        resource_id: Opaque id of that.
        resource_uri: Address of that.
        address: Where messages go.
        token: Text sent along, "" for none.
        expires: End in milliseconds since 1970, by the rehearsal's clock.
        stopped: When it was stopped, None while it is not.
        gone: Whether the end of the resource has been told.
        noted: Number of the latest change that was told.
        message_number: Number of the latest message, 0 before the first.
    """

    position: int
    channel_id: str
    client_id: str
    watched: Watched
    resource_id: str
    resource_uri: str
    address: str
    token: str
    expires: int
    stopped: int | None
    gone: bool
    noted: int
    message_number: int


def open_channel(
    world: World, wish: Wish, watched: Watched, *, client_id: str, noted: int
) -> Channel:
    """Store a new channel; its first message is still to come.

    Args:
        world: The rehearsal.
        wish: What the client asked for.
        watched: The resource.
        client_id: OAuth client of the caller.
        noted: Number of its latest change so far.
    """
    world.state.execute(
        "INSERT INTO channel (id, email, client_id, kind, calendar_id, query, resource_id, "
        "resource_uri, address, token, expires, stopped, gone, noted, message_number) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, ?, 0)",
        (
            wish.channel_id,
            watched.email,
            client_id,
            watched.kind,
            watched.calendar_id,
            json.dumps(watched.query),
            resource_id(world, watched),
            watched.uri,
            wish.address,
            wish.token,
            wish.expires,
            noted,
        ),
    )
    return all_channels(world)[-1]


def resource_id(world: World, watched: Watched) -> str:
    """Return the opaque id of a watched resource, the same for every channel that watches it."""
    named = f"{watched.kind} {watched.calendar_id or watched.email}"
    key = (world.state.meta("client_secret") or "").encode()
    digest = hmac.new(key, named.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:20]).decode().rstrip("=")


def all_channels(world: World) -> list[Channel]:
    """Return all channels, over ones too, oldest first."""
    return [_channel(row) for row in world.state.rows("SELECT * FROM channel ORDER BY position")]


def named_channels(world: World, channel_id: str, *, client_id: str) -> list[Channel]:
    """Return the channels that ever had an id in the project of a client, newest first."""
    rows = world.state.rows(
        "SELECT * FROM channel WHERE id = ? AND client_id = ? ORDER BY position DESC",
        (channel_id, client_id),
    )
    return [_channel(row) for row in rows]


def is_alive(world: World, channel: Channel) -> bool:
    """Return whether a channel still delivers at this moment of the rehearsal's clock."""
    now = world.clock.milliseconds()
    if now >= channel.expires:
        return False
    lag = _LAG_MILLISECONDS if world.switches.channel_stop == "lagging" else 0
    return channel.stopped is None or now < channel.stopped + lag


def stop_channel(world: World, channel: Channel) -> None:
    """End a channel; a second time changes nothing."""
    world.state.execute(
        "UPDATE channel SET stopped = ? WHERE position = ? AND stopped IS NULL",
        (world.clock.milliseconds(), channel.position),
    )


def note_message(world: World, channel: Channel, *, number: int, noted: int, gone: bool) -> None:
    """Remember that a message was made."""
    world.state.execute(
        "UPDATE channel SET message_number = ?, noted = ?, gone = ? WHERE position = ?",
        (number, noted, int(gone), channel.position),
    )


def _channel(row: Any) -> Channel:
    return Channel(
        position=row["position"],
        channel_id=row["id"],
        client_id=row["client_id"],
        watched=Watched(
            kind=row["kind"],
            email=row["email"],
            calendar_id=row["calendar_id"],
            query=json.loads(row["query"]),
        ),
        resource_id=row["resource_id"],
        resource_uri=row["resource_uri"],
        address=row["address"],
        token=row["token"],
        expires=row["expires"],
        stopped=row["stopped"],
        gone=bool(row["gone"]),
        noted=row["noted"],
        message_number=row["message_number"],
    )
