"""The calendar an event is organized from, also where its organizer has no account here.

An organizer from outside is given a calendar that is on nobody's list, so that the guests' copies
hang on an organizer's event as all others do.
"""

from __future__ import annotations

import json

from bridge.rehearsal.calendars.resource import Calendar, calendar_from_row
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.world import World

_OUTSIDE = "outside/"
_OUTSIDE_ZONE = "UTC"

_AS_OWNER = (
    "SELECT calendar.*, calendar.owner AS email, coalesce(entry.role, 'owner') AS role, "
    "coalesce(entry.body, '{}') AS entry_body, coalesce(entry.stamp, 0) AS entry_stamp, "
    "0 AS deleted FROM calendar LEFT JOIN calendar_entry AS entry "
    "ON entry.calendar_id = calendar.id AND entry.email = calendar.owner "
    "WHERE calendar.id = ?"
)


def find_as_owner(world: World, calendar_id: str) -> Calendar | None:
    """Return a calendar as its owner sees it, on a list or not, or None when there is none."""
    row = world.state.row(_AS_OWNER, (calendar_id,))
    return None if row is None else calendar_from_row(row)


def outside_calendar(world: World, email: str) -> Calendar:
    """Return the calendar of a person without an account here, made when there is none."""
    calendar_id = f"{_OUTSIDE}{email}"
    body = json.dumps({"summary": email, "timeZone": _OUTSIDE_ZONE})
    world.state.execute(
        "INSERT OR IGNORE INTO calendar (id, owner, is_primary, client_id, body, stamp, "
        "latest_change, latest_update) VALUES (?, ?, 0, '', ?, ?, ?, ?)",
        (
            calendar_id, email, body, world.next_stamp(), world.next_change(),
            world.clock.milliseconds(),
        ),
    )  # fmt: skip
    found = find_as_owner(world, calendar_id)
    if found is None:
        raise LookupError(calendar_id)
    return found


def outside_calendars(world: World) -> list[Calendar]:
    """Return the calendars of all organizers from outside, oldest first."""
    rows = world.state.rows(
        "SELECT id FROM calendar WHERE id >= ? AND id < ? ORDER BY stamp", (_OUTSIDE, "outside0")
    )
    found = (find_as_owner(world, row["id"]) for row in rows)
    return [calendar for calendar in found if calendar is not None]


def is_outside(calendar_id: str) -> bool:
    """Return whether the organizer has no account here."""
    return calendar_id.startswith(_OUTSIDE)


def organizers_event(world: World, copy: StoredEvent) -> tuple[Calendar, StoredEvent] | None:
    """Return the event a copy hangs on and its calendar, or None when that calendar is gone."""
    calendar = find_as_owner(world, copy.origin)
    if calendar is None:
        return None
    event = find_event_or_instance(world, calendar, copy.event_id)
    return None if event is None else (calendar, event)
