"""Creating, changing and deleting events, as the API and the Google user's page do.

Source: Google, Events: insert, import, update, patch, delete, move; "Get specific versions of
resources" for If-Match. Every function is called inside a transaction. What a change brings with it
is in `events.organizing` for the organizer's events and in `events.holding` for guests' copies.
"""

from __future__ import annotations

import base64
import re
import secrets

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events import organizing
from bridge.rehearsal.events.body import stored_fields
from bridge.rehearsal.events.desk import Desk, WriteOptions
from bridge.rehearsal.events.holding import leave, rewrite_copy
from bridge.rehearsal.events.importing import import_fields
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.moving import move_event as move
from bridge.rehearsal.events.parts import asked_parts, with_kept_parts
from bridge.rehearsal.events.people import with_reply
from bridge.rehearsal.events.reminders import reminders_for
from bridge.rehearsal.events.resource import MARKS, StoredEvent
from bridge.rehearsal.events.rows import find_by_uid, find_event
from bridge.rehearsal.events.shape import merged, without_nulls
from bridge.rehearsal.events.visibility import check_details
from bridge.rehearsal.google_error import (
    Json,
    condition_not_met,
    deleted,
    duplicate,
    forbidden_for_non_organizer,
    invalid,
    not_found,
)
from bridge.rehearsal.world import World

__all__ = [
    "Desk",
    "WriteOptions",
    "check_etag",
    "delete_event",
    "import_event",
    "insert_event",
    "is_expired",
    "move_event",
    "patch_event",
    "update_event",
]

_CLIENT_ID = re.compile(r"[a-v0-9]{5,1024}")


def insert_event(desk: Desk, given: Json) -> StoredEvent:
    """Create an event under a generated id or the client's own.

    Raises:
        GoogleError: 409 when the id, be it of a tombstone, or the iCalUID is taken; 400 for bad
            fields.
    """
    given = without_nulls(_regarded(desk, given, old=None))
    event_id = given.get("id") or _new_id()
    if _CLIENT_ID.fullmatch(event_id) is None:
        raise invalid("Invalid resource id value.")
    own_uid = f"{event_id}@google.com"
    uid = given.get("iCalUID") or own_uid
    if "id" in given and uid != own_uid:
        raise invalid("Either the id or the iCalUID may be given, not both.")
    if given.get("status") == "cancelled":
        raise invalid("Invalid value for: cancelled is not a valid value")
    fields = stored_fields(given, calendar_zone=desk.calendar.zone)
    calendar_id = desk.calendar.calendar_id
    if find_event(desk.world, calendar_id, event_id) or find_by_uid(desk.world, calendar_id, uid):
        raise duplicate()
    fields["iCalUID"] = uid
    if given.get("privateCopy"):
        fields["privateCopy"] = True
    return organizing.create(desk, event_id, fields, sequence=given.get("sequence", 0))


def import_event(desk: Desk, given: Json) -> StoredEvent:
    """Add a private copy of an event that exists elsewhere, or renew the copy made before.

    Raises:
        GoogleError: What `importing.import_fields` raises.
    """
    return import_fields(desk, without_nulls(_regarded(desk, given, old=None)))


def update_event(desk: Desk, event_id: str, given: Json) -> StoredEvent:
    """Replace an event: whatever the body does not name is reset or cleared.

    Raises:
        GoogleError: 404, 412, 400; 403 for what a guest may not change.
    """
    old = _existing(desk, event_id)
    wanted = without_nulls(_regarded(desk, given, old=old))
    wanted = with_kept_parts(desk.world, old.body, wanted, desk.options)
    return _rewrite(desk, old, wanted, sequence=wanted.get("sequence"))


def patch_event(desk: Desk, event_id: str, given: Json) -> StoredEvent:
    """Change the named fields of an event: objects merge, arrays are replaced, null removes.

    Raises:
        GoogleError: 404, 412, 400; 403 for what a guest may not change.
    """
    old = _existing(desk, event_id)
    patch = _regarded(desk, given, old=old)
    hidden = {*organizing.ONLY_SERVER, *MARKS}
    view = {name: value for name, value in old.body.items() if name not in hidden}
    view["reminders"] = reminders_for(old.body, desk.calendar)
    return _rewrite(desk, old, merged(view, patch), sequence=patch.get("sequence"))


def delete_event(desk: Desk, event_id: str) -> None:
    """Delete an event, a series with its exceptions, or one instance; a tombstone stays.

    A guest who deletes a copy declines the invitation.

    Raises:
        GoogleError: 404 when it never existed, 410 when it is deleted already, 412.
    """
    old = _existing(desk, event_id)
    if old.cancelled:
        raise deleted()
    if old.origin:
        leave(desk, old)
    else:
        organizing.cancel(desk, old)


def move_event(desk: Desk, event_id: str, destination: Calendar) -> StoredEvent:
    """Make another calendar the organizer of an event.

    Raises:
        GoogleError: 404, 412, and what `moving.move_event` raises.
    """
    return move(desk, _existing(desk, event_id), destination)


def insert_second_half(desk: Desk, event_id: str, given: Json) -> StoredEvent:
    """Create the later half of a series the Google user has split.

    Args:
        desk: Who writes where.
        event_id: The id Google gives it, which no client may choose; "" for a generated one.
        given: Its fields, without nulls.

    Raises:
        GoogleError: 400 for bad fields.
    """
    event_id = event_id or _new_id()
    fields = stored_fields(given, calendar_zone=desk.calendar.zone)
    return organizing.create(
        desk, event_id, {**fields, "iCalUID": f"{event_id}@google.com"}, sequence=0
    )


def hand_over(desk: Desk, exception: StoredEvent, series: StoredEvent) -> StoredEvent:
    """Give an exception, cancelled or not, to the series that was split off its own one."""
    body = {**exception.body, "recurringEventId": series.event_id}
    body["iCalUID"] = series.body["iCalUID"]
    return organizing.save(desk, exception, exception.event_id, body)


def check_etag(if_match: str, etag: str) -> None:
    """Refuse a write whose If-Match does not name the present ETag (RFC 9110 section 13.1.1).

    Raises:
        GoogleError: 412 `conditionNotMet`.
    """
    wanted = [tag.strip() for tag in if_match.split(",")]
    if if_match and "*" not in wanted and etag not in wanted:
        raise condition_not_met()


def _existing(desk: Desk, event_id: str) -> StoredEvent:
    found = find_event_or_instance(desk.world, desk.calendar, event_id)
    if found is None or is_expired(desk.world, found):
        raise not_found()
    check_details(found, desk.calendar)
    check_etag(desk.options.if_match, found.etag)
    return found


def is_expired(world: World, event: StoredEvent) -> bool:
    """Return whether a tombstone is so old that it is gone; its id stays taken."""
    age = world.clock.milliseconds() - event.updated
    return (
        event.cancelled and not event.series_id and age > world.switches.tombstone_days * 86_400_000
    )


def _regarded(desk: Desk, given: Json, *, old: StoredEvent | None) -> Json:
    """Return what of the body Google looks at under the options of the request."""
    regarded = asked_parts(desk.world, given, desk.options)
    if regarded.pop("attendeesOmitted", False) and old is not None:
        own = frozenset({desk.calendar.calendar_id} | (set() if old.origin else {desk.email}))
        guests = old.body.get("attendees", [])
        regarded["attendees"] = with_reply(guests, own, regarded.get("attendees") or [])
    return regarded


def _new_id() -> str:
    return base64.b32hexencode(secrets.token_bytes(20)).decode().lower()[:26]


def _rewrite(desk: Desk, old: StoredEvent, wanted: Json, *, sequence: int | None) -> StoredEvent:
    if wanted.get("status") == "cancelled":
        return old if old.cancelled else _cancelled(desk, old)
    if old.body.get("bareTombstone") == "moved":
        # It lives on in the calendar it was moved to, which is its organizer.
        raise forbidden_for_non_organizer()
    if old.series_id and wanted.get("recurrence"):
        raise invalid("An instance of a recurring event cannot have a recurrence.")
    fields = stored_fields(wanted, calendar_zone=desk.calendar.zone)
    if old.origin:
        return rewrite_copy(desk, old, fields, sequence=sequence)
    return organizing.replace(desk, old, fields, sequence=sequence)


def _cancelled(desk: Desk, old: StoredEvent) -> StoredEvent:
    if not old.origin:
        return organizing.cancel(desk, old)
    leave(desk, old)
    left = find_event(desk.world, old.calendar_id, old.event_id)
    return old if left is None else left
