"""Importing: a private copy of an event that exists elsewhere, or of one instance of a series.

Source: Google, Events: import; `google-calendar-facts` sections 3, 7 and 8. It never notifies, and
what it makes does not reach other calendars.
"""

from __future__ import annotations

import base64

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events import organizing
from bridge.rehearsal.events.body import stored_fields
from bridge.rehearsal.events.desk import Desk
from bridge.rehearsal.events.holding import rewrite_copy
from bridge.rehearsal.events.instances import find_event_or_instance, instance_id
from bridge.rehearsal.events.parts import with_kept_parts
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import find_by_uid, find_event
from bridge.rehearsal.events.times import stored_time
from bridge.rehearsal.google_error import GoogleError, Json, duplicate, invalid, required


def imported_id(ical_uid: str) -> str:
    """Return the id of an event that came from elsewhere by import or invitation."""
    return "_" + base64.b32hexencode(ical_uid.encode()).decode().lower().rstrip("=")


def import_fields(desk: Desk, given: Json) -> StoredEvent:
    """Add a private copy of an event or of an instance, or renew the copy made before.

    Args:
        desk: Who imports where.
        given: Writable fields without nulls; with originalStartTime it is an instance of the series
            with the same iCalUID, which need not be here.

    Raises:
        GoogleError: 400 without iCalUID, when the calendar's owner takes no part, for a lower
            sequence, or an original start the series does not have; 403 when the iCalUID is known
            here under another organizer; 409 when only a tombstone has it.
    """
    uid = given.get("iCalUID")
    if not uid:
        raise required("Missing iCal UID.")
    _check_part(desk.calendar, given)
    fields = stored_fields({**given, "eventType": "default"}, calendar_zone=desk.calendar.zone)
    fields |= {"iCalUID": uid, "privateCopy": True}
    if given.get("organizer", {}).get("email"):
        fields["organizer"] = given["organizer"]
    series = find_by_uid(desk.world, desk.calendar.calendar_id, uid)
    if not given.get("originalStartTime"):
        return _imported(desk, series, imported_id(uid), fields, given.get("sequence"))
    if fields.get("recurrence"):
        raise invalid("An instance of a recurring event cannot have a recurrence.")
    series_id = imported_id(uid) if series is None else series.event_id
    start = stored_time(
        given["originalStartTime"], what="originalStart", calendar_zone=desk.calendar.zone
    )
    event_id = instance_id(series_id, start)
    known = find_event_or_instance(desk.world, desk.calendar, event_id)
    if series is not None and known is None:
        raise invalid("Invalid originalStart time.")
    fields |= {"recurringEventId": series_id, "originalStartTime": start}
    return _imported(desk, known, event_id, fields, given.get("sequence"))


def _imported(
    desk: Desk, known: StoredEvent | None, event_id: str, fields: Json, sequence: int | None
) -> StoredEvent:
    if known is None:
        if find_event(desk.world, desk.calendar.calendar_id, event_id) is not None:
            raise duplicate()
        return organizing.create(desk, event_id, fields, sequence=sequence or 0)
    _check_role(desk.calendar, known, fields)
    fields = with_kept_parts(desk.world, known.body, fields, desk.options)
    if known.origin:
        own = {name: value for name, value in fields.items() if name not in organizing.ONLY_SERVER}
        return rewrite_copy(desk, known, own, sequence=sequence)
    return organizing.replace(desk, known, fields, sequence=sequence)


def _check_part(calendar: Calendar, given: Json) -> None:
    people = [given.get("organizer", {}), *given.get("attendees", [])]
    addresses = {str(person["email"]).lower() for person in people if person.get("email")}
    if addresses and calendar.calendar_id not in addresses:
        raise GoogleError(
            "The owner of the calendar must either be the organizer or an attendee of an event "
            "that is imported.",
            code=400,
            reason="participantIsNeitherOrganizerNorAttendee",
            domain="calendar",
        )


def _check_role(calendar: Calendar, known: StoredEvent, fields: Json) -> None:
    """Refuse to turn an own event into an invitation, or the other way round."""
    organizer = fields.get("organizer", {}).get("email", calendar.calendar_id).lower()
    was, now = known.body["organizer"]["email"].lower(), organizer
    if was != now and not known.body.get("privateCopy"):
        raise GoogleError("Forbidden", code=403, reason="forbidden")
