"""Channels as the control surface shows them; Google itself lists them to nobody."""

from __future__ import annotations

from typing import Any

from bridge.rehearsal.push.channels import Channel, is_alive
from bridge.rehearsal.push.post import is_dialled
from bridge.rehearsal.world import World

_NOT_DIALLED = "never dialled: the rehearsal sends messages to loopback addresses only"


def channel_to_json(world: World, channel: Channel) -> dict[str, Any]:
    """Return a channel with its state and what became of its messages."""
    shown = {
        "id": channel.channel_id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "address": channel.address,
        "token": channel.token,
        "expiration": channel.expires,
        "user": channel.watched.email,
        "client_id": channel.client_id,
        "kind": channel.watched.kind,
        "calendar_id": channel.watched.calendar_id,
        "state": _state(world, channel),
        "message_number": channel.message_number,
        "messages": [each.to_json() for each in world.push_log.of_channel(channel.position)],
    }
    if not is_dialled(channel.address):
        shown["note"] = _NOT_DIALLED
    return shown


def _state(world: World, channel: Channel) -> str:
    if channel.stopped is not None:
        return "stopped"
    if not is_alive(world, channel):
        return "expired"
    return "gone" if channel.gone else "alive"
