"""An event as it is stored, and as Google's answers show it.

Source: Google, Events resource. Fields with default values are left out of answers.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.clock import rfc3339
from bridge.rehearsal.events.privacy import reduced
from bridge.rehearsal.events.reminders import reminders_for
from bridge.rehearsal.events.times import shown_time
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import etag_of

_PLAIN_BEFORE_PEOPLE = ("summary", "description", "location", "colorId", "eventLabelId")
_PLAIN_AFTER_TIMES = (
    "endTimeUnspecified", "transparency", "visibility", "iCalUID", "sequence",
)  # fmt: skip
_PLAIN_AT_END = (
    "attendeesOmitted", "extendedProperties", "hangoutLink", "conferenceData", "gadget",
    "anyoneCanAddSelf", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests",
    "privateCopy", "locked", "reminders", "source", "attachments", "eventType",
    "birthdayProperties", "focusTimeProperties", "outOfOfficeProperties",
    "workingLocationProperties",
)  # fmt: skip

# What belongs to each copy of an event; private extended properties and the own reply do too.
OWN_FIELDS = ("reminders", "colorId", "eventLabelId", "transparency", "visibility")
# Marks in a stored body that no answer shows: calendar of the organizer's event, of which this is a
# copy; a copy its holder deleted; an invitation that waits for a reply unseen; a tombstone that has
# an id only, and why; an exception that went with its series, or whose original start the series
# has lost; reminders of others than the owner.
MARKS = (
    "originCalendar", "removedByHolder", "hiddenInvitation", "bareTombstone", "cancelledWithSeries",
    "lostStart", "remindersOf",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event, exception, or instance worked out from its series.

    Attributes:
        calendar_id: Resolved id of its calendar.
        event_id: Id within the calendar, for ever.
        change: Number of its latest change, 0 for an instance that is not stored itself.
        stamp: Source of its ETag.
        updated: Time of the latest change that counts, milliseconds since 1970.
        position: Place in the order of creation, 0 for an instance that is not stored itself.
        body: Fields in stored form; `created` in milliseconds, times as `events.times` says.
    """

    calendar_id: str
    event_id: str
    change: int
    stamp: int
    updated: int
    position: int
    body: Json

    @property
    def etag(self) -> str:
        """The quoted ETag."""
        return etag_of(self.stamp)

    @property
    def cancelled(self) -> bool:
        """Whether it is a tombstone or a cancelled instance."""
        return bool(self.body["status"] == "cancelled")

    @property
    def is_series(self) -> bool:
        """Whether it has a recurrence of its own."""
        return bool(self.body.get("recurrence"))

    @property
    def series_id(self) -> str:
        """Id of the series it is an instance of, "" for others."""
        return str(self.body.get("recurringEventId", ""))

    @property
    def origin(self) -> str:
        """Calendar of the organizer's event when this is a guest's copy, "" for others."""
        return str(self.body.get("originCalendar", ""))

    def with_body(self, **changes: Any) -> StoredEvent:
        """Return the event with some fields of its body set."""
        return replace(self, body={**self.body, **changes})

    def with_only(self, body: Json) -> StoredEvent:
        """Return the event with another body."""
        return replace(self, body=body)


def tombstone(event: StoredEvent, *, zone: str) -> Json:
    """Return the bare form of a deleted event: the only fields Google guarantees."""
    shown: Json = {
        "kind": "calendar#event",
        "etag": event.etag,
        "id": event.event_id,
        "status": "cancelled",
    }
    if event.series_id:
        shown["recurringEventId"] = event.series_id
        shown["originalStartTime"] = shown_time(event.body["originalStartTime"], zone=zone)
    return shown


def render(
    event: StoredEvent, calendar: Calendar, *, zone: str = "", max_attendees: int = 0
) -> Json:
    """Return the full `calendar#event` resource.

    Args:
        event: What to show.
        calendar: Where it is, as the caller sees it.
        zone: Zone whose offset times carry, default the calendar's.
        max_attendees: With more guests than this only the own entry is shown; 0 for no limit.
    """
    body, zone = event.body, zone or calendar.zone
    shown: Json = {
        "kind": "calendar#event",
        "etag": event.etag,
        "id": event.event_id,
        "status": body["status"],
        "htmlLink": _html_link(event),
        "created": rfc3339(body["created"]),
        "updated": rfc3339(event.updated),
    }
    _copy(body, shown, _PLAIN_BEFORE_PEOPLE)
    shown["creator"] = _marked_self(body["creator"], calendar)
    shown["organizer"] = _marked_self(body["organizer"], calendar)
    for name in ("start", "end"):
        shown[name] = shown_time(body[name], zone=zone)
    # A cancelled series shows no rule, but keeps it to be brought back.
    if event.is_series and not event.cancelled:
        shown["recurrence"] = body["recurrence"]
    if event.series_id:
        shown["recurringEventId"] = event.series_id
        shown["originalStartTime"] = shown_time(body["originalStartTime"], zone=zone)
    _copy(body, shown, _PLAIN_AFTER_TIMES)
    if body.get("attendees"):
        shown |= _guests(body, calendar, max_attendees)
    _copy(body, shown, _PLAIN_AT_END)
    shown["reminders"] = reminders_for(body, calendar)
    if calendar.viewer != body["creator"]["email"]:
        shown.pop("source", None)
    return reduced(shown, body, calendar)


def _copy(body: Json, shown: Json, names: tuple[str, ...]) -> None:
    for name in names:
        if name in body:
            shown[name] = body[name]


def _marked_self(person: Json, calendar: Calendar) -> Json:
    if person["email"] == calendar.calendar_id:
        return {**person, "self": True}
    return dict(person)


def _guests(body: Json, calendar: Calendar, limit: int) -> Json:
    organizer = body["organizer"]["email"]
    guests = [
        {
            **_marked_self(guest, calendar),
            **({"organizer": True} if guest["email"] == organizer else {}),
        }
        for guest in body["attendees"]
    ]
    if not limit or len(guests) <= limit:
        return {"attendees": guests}
    return {"attendees": [guest for guest in guests if "self" in guest], "attendeesOmitted": True}


def _html_link(event: StoredEvent) -> str:
    identity = base64.urlsafe_b64encode(f"{event.event_id} {event.calendar_id}".encode())
    return f"https://www.google.com/calendar/event?eid={identity.decode().rstrip('=')}"
