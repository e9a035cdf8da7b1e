"""Moving an event to another calendar, which becomes its organizer.

Source: Google, Events: move, and the Events resource (status) for what stays behind.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.copies import spread
from bridge.rehearsal.events.desk import Desk
from bridge.rehearsal.events.mails import send_mails
from bridge.rehearsal.events.resource import MARKS, StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_by_uid, find_event, save_event
from bridge.rehearsal.google_error import GoogleError, Json, deleted, duplicate


def move_event(desk: Desk, old: StoredEvent, destination: Calendar) -> StoredEvent:
    """Make a calendar the organizer of an event, a series with its exceptions.

    Ids and iCalUID stay. The calendar left keeps a copy when it is among the guests, else a
    tombstone that has an id only.

    Args:
        desk: Who moves; the calendar is the present organizer.
        old: The event.
        destination: Where to.

    Raises:
        GoogleError: 400 for an instance, an event of another organizer or of a special type; 409
            when the destination has an event of this id or iCalUID; 410 for a deleted event.
    """
    _check_movable(old)
    if destination.calendar_id == old.calendar_id:
        return old
    _check_free(desk, old, destination)
    all_of_it = [old, *exceptions_of(desk.world, old.calendar_id, old.event_id)]
    # All is there before copies follow, or exceptions would look like none to them.
    moved = [_moved(desk, each, destination) for each in all_of_it]
    for before, after in zip(all_of_it, moved, strict=True):
        _leave_behind(desk, before, after, destination)
    return moved[0]


def _check_movable(event: StoredEvent) -> None:
    if event.cancelled:
        raise deleted()
    if event.series_id:
        raise _refused(
            "cannotChangeOrganizerOfInstance", "Cannot change the organizer of an instance."
        )
    if event.body["organizer"]["email"] != event.calendar_id:
        raise _refused("cannotChangeOrganizer", "Cannot change the organizer of an event.")
    if event.body["eventType"] != "default":
        raise _refused("eventTypeRestriction", "Only events of the default type can be moved.")


def _refused(reason: str, message: str) -> GoogleError:
    return GoogleError(message, code=400, reason=reason, domain="calendar")


def _check_free(desk: Desk, event: StoredEvent, destination: Calendar) -> None:
    found = (
        find_event(desk.world, destination.calendar_id, event.event_id),
        find_by_uid(desk.world, destination.calendar_id, event.body["iCalUID"]),
    )
    for taken in found:
        if taken is not None and not taken.cancelled and taken.origin != event.calendar_id:
            raise duplicate()


def _moved(desk: Desk, old: StoredEvent, destination: Calendar) -> StoredEvent:
    world = desk.world
    organizer: Json = {"email": destination.calendar_id}
    if not destination.is_primary:
        organizer["displayName"] = destination.body["summary"]
    body = {name: value for name, value in old.body.items() if name not in MARKS}
    return save_event(world, destination, old.event_id, {**body, "organizer": organizer})


def _leave_behind(
    desk: Desk, before: StoredEvent, after: StoredEvent, destination: Calendar
) -> None:
    world = desk.world
    spread(world, after, before=None, former=before.calendar_id)
    left = find_event(world, before.calendar_id, before.event_id)
    if left is not None and not left.origin:
        gone = {**left.body, "status": "cancelled", "bareTombstone": "moved"}
        save_event(world, desk.calendar, before.event_id, gone)
    if not after.body.get("privateCopy"):
        send_mails(replace(desk, calendar=destination), after, before=before)
