"""What a calendar tells of WebDAV-Push, as values of its live properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_plugin.collection import CalendarCollection

if TYPE_CHECKING:
    from radicale_plugin.live_properties import Context
    from radicale_plugin.resources import Resource


def transports(_resource: Resource, context: Context) -> str | None:
    """Return Web Push with our VAPID key, which the draft's section on VAPID calls so."""
    if context.push is None:
        return None
    key = f'<P:vapid-public-key type="p256ecdsa">{context.push.public_key}</P:vapid-public-key>'
    return f"<P:web-push>{key}</P:web-push>"


def topic(resource: Resource, context: Context) -> str | None:
    """Return the name that messages about the calendar carry."""
    if context.push is None or not isinstance(resource.collection, CalendarCollection):
        return None
    return context.push.topic(resource.collection.stored, context.user.id)


def supported_triggers(_resource: Resource, context: Context) -> str | None:
    """Return content one level deep, and the calendar's own properties."""
    if context.push is None:
        return None
    return (
        "<P:content-update><D:depth>1</D:depth></P:content-update>"
        "<P:property-update><D:depth>0</D:depth></P:property-update>"
    )
