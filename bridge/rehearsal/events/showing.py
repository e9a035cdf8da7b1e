"""The resource an answer shows of an event: in full, or as a tombstone with an id only.

Source: Google, Events resource (status): tombstones of guests' copies that the organizer cancelled,
and of events moved away, are only sure of an id.
"""

from __future__ import annotations

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.resource import StoredEvent, render, tombstone
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World


def has_id_only(world: World, event: StoredEvent) -> bool:
    """Return whether a tombstone has no details, whoever asks and however."""
    mark = event.body.get("bareTombstone")
    details = world.switches.tombstone_details == "always"
    return event.cancelled and (mark == "moved" or (mark == "cancelled" and not details))


def shown(
    world: World,
    event: StoredEvent,
    calendar: Calendar,
    *,
    zone: str = "",
    max_attendees: int = 0,
) -> Json:
    """Return the `calendar#event` resource of an event.

    Args:
        world: The rehearsal.
        event: What to show.
        calendar: Where it is, as the caller sees it.
        zone: Zone whose offset times carry, default the calendar's.
        max_attendees: With more guests than this only the own entry is shown; 0 for no limit.
    """
    if has_id_only(world, event):
        return tombstone(event, zone=zone or calendar.zone)
    return render(event, calendar, zone=zone, max_attendees=max_attendees)
