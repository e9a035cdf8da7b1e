"""The methods that open push channels and `channels.stop`, as calls.

Source: Google, "Push notifications"; the watch methods of Events, Acl, CalendarList and Settings.
"""

from __future__ import annotations

from bridge.rehearsal.api.acl_methods import acl_calendar
from bridge.rehearsal.api.call import ApiAnswer, Call, answer
from bridge.rehearsal.calendars.calendar_list import read_entries_query
from bridge.rehearsal.events.filters import read_query
from bridge.rehearsal.events.shape import shaped
from bridge.rehearsal.google_error import GoogleError, bad_request, not_found, required
from bridge.rehearsal.push.channels import (
    Channel,
    Watched,
    is_alive,
    named_channels,
    open_channel,
    stop_channel,
)
from bridge.rehearsal.push.watched import newest_change
from bridge.rehearsal.push.wishes import read_wish

_ENDS_SHAPE = {"id": "string", "resourceId": "string"}


def events_watch(call: Call) -> ApiAnswer:
    """Answer `calendar.events.watch`; the query filters what is told."""
    calendar = call.calendar()
    read_query(call.parameters)
    return _opened(call, "events", calendar.calendar_id)


def acl_watch(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.watch`."""
    return _opened(call, "acl", acl_calendar(call, "writer").calendar_id)


def calendar_list_watch(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.watch`."""
    read_entries_query(call.parameters)
    return _opened(call, "calendarList")


def settings_watch(call: Call) -> ApiAnswer:
    """Answer `calendar.settings.watch`."""
    return _opened(call, "settings")


def channels_stop(call: Call) -> ApiAnswer:
    """Answer `calendar.channels.stop`: 204 without a body, a second time too.

    Only the account that opened the channel can end it, with the same client.
    """
    given = shaped(call.body, _ENDS_SHAPE)
    for name in ("id", "resourceId"):
        if not given.get(name):
            raise required(f"Missing channel {name}.")
    named = named_channels(call.world, given["id"], client_id=call.bearer.client_id)
    for channel in named:
        ours = channel.watched.email == call.bearer.email
        if ours and channel.resource_id == given["resourceId"] and _can_stop(call, channel):
            stop_channel(call.world, channel)
            return answer(None, status=204)
    raise GoogleError(
        f"Channel '{given['id']}' not found for project", code=404, reason=not_found().reason
    )


def _can_stop(call: Call, channel: Channel) -> bool:
    return channel.stopped is not None or is_alive(call.world, channel)


def _opened(call: Call, kind: str, calendar_id: str = "") -> ApiAnswer:
    wish = read_wish(call.world, call.body)
    _check_unique(call, wish.channel_id)
    query = {name: list(call.parameters.texts(name)) for name in sorted(call.parameters.names())}
    watched = Watched(kind=kind, email=call.bearer.email, calendar_id=calendar_id, query=query)
    channel = open_channel(
        call.world,
        wish,
        watched,
        client_id=call.bearer.client_id,
        noted=newest_change(call.world, watched) or 0,
    )
    body = {
        "kind": "api#channel",
        "id": channel.channel_id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": str(channel.expires),
    }
    if channel.token:
        body["token"] = channel.token
    return answer(body)


def _check_unique(call: Call, channel_id: str) -> None:
    named = named_channels(call.world, channel_id, client_id=call.bearer.client_id)
    if call.world.switches.channel_ids == "reusable":
        named = [each for each in named if each.stopped is None and is_alive(call.world, each)]
    if named:
        raise bad_request(f"Channel id {channel_id} not unique", reason="channelIdNotUnique")
