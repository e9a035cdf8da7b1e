"""Types of events, and what may not be done to each.

Source: Google, "Event types" and "Manage focus time, out of office, and working location events";
the reasons and some messages as public issues show them. A type never changes, and only Google
itself makes events from mails and birthdays of contacts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.google_error import GoogleError, Json, invalid
from bridge.rehearsal.world import World

EVENT_TYPES = ("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation")
_STATUS_TYPES = ("focusTime", "outOfOffice", "workingLocation")

_DECLINES = (
    "declineNone",
    "declineAllConflictingInvitations",
    "declineOnlyNewConflictingInvitations",
)
_PLACES = ("homeOffice", "officeLocation", "customLocation")
# Bookkeeping that moves with any write, and says nothing of what the client wanted.
_BOOKKEEPING = frozenset(
    {"sequence", "conferenceDue", "cancelledWithSeries", "lostStart", "remindersOf"}
)
_MAIL_FIELDS = frozenset(
    {"colorId", "reminders", "visibility", "transparency", "status", "attendees",
     "extendedProperties"}
)  # fmt: skip
_NOT_ON_BIRTHDAYS = (
    "description", "location", "attendees", "attachments", "conferenceData", "source",
    "eventLabelId", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests",
)  # fmt: skip
_YEARLY = (["RRULE:FREQ=YEARLY"], ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"])


def properties_of(kind: str) -> str:
    """Return the name of the field of one type only, such as `birthdayProperties`."""
    return f"{kind}Properties"


def stored_type(given: Json) -> Json:
    """Return `eventType` and the properties that belong to it; those of other types are dropped.

    Raises:
        GoogleError: 400 for a type Google does not know.
    """
    kind = given.get("eventType", "default")
    if kind not in EVENT_TYPES:
        raise invalid(f"Invalid value for: {kind} is not a valid value")
    name = properties_of(kind)
    stored: Json = {"eventType": kind}
    if kind == "workingLocation" and given.get(name):
        stored[name] = _place(given[name])
    elif kind in ("birthday", "focusTime", "outOfOffice"):
        stored[name] = dict(given.get(name) or {})
    if kind == "birthday":
        stored[name].setdefault("type", "birthday")
    return stored


def _place(given: Json) -> Json:
    # The field of the named place counts, all others are ignored (Google, Events resource).
    kind = str(given.get("type"))
    own = given.get(kind)
    return {"type": kind, **({kind: own} if own is not None else {})}


def check_type(world: World, calendar: Calendar, before: Json, body: Json) -> None:
    """Refuse a write that does not suit the type of the event.

    Args:
        world: The rehearsal.
        calendar: Where the event is.
        before: Body before the write, empty for a new event.
        body: Body after it.

    Raises:
        GoogleError: `eventTypeRestriction` or `malformed...Event`.
    """
    kind = body["eventType"]
    if before:
        _check_change(world, before, body)
    elif kind == "birthday" and body["birthdayProperties"] != {"type": "birthday"}:
        raise _restriction(world, "Only plain birthdays can be created.")
    elif kind == "fromGmail":
        raise _restriction(world, "Events of type 'fromGmail' cannot be created.")
    elif kind in _STATUS_TYPES and not _has_status_events(world, calendar):
        raise _restriction(world, f"Events of type '{kind}' are not available on this calendar.")
    for fault in _FAULTS.get(kind, _no_faults)(body):
        if kind in _STATUS_TYPES:
            reason = f"malformed{kind[0].upper()}{kind[1:]}Event"
            raise GoogleError(fault, code=400, reason=reason, domain="calendar")
        raise _restriction(world, fault)


def _has_status_events(world: World, calendar: Calendar) -> bool:
    return calendar.is_primary and world.switches.status_events == "offered"


def _restriction(world: World, message: str) -> GoogleError:
    return GoogleError(
        message,
        code=world.switches.event_type_refusal,
        reason="eventTypeRestriction",
        domain="calendar",
    )


def _unsuitable(world: World, kind: str) -> GoogleError:
    return _restriction(
        world,
        f"Attempt made to modify '{kind}' event in a way that is not valid for this event type.",
    )


def _is_linked(body: Json) -> bool:
    properties = body.get("birthdayProperties", {})
    return bool(properties.get("contact")) or properties.get("type") == "self"


def _fixed_on_linked(world: World) -> set[str]:
    """Return what cannot change of a birthday that a contact or the profile brings along."""
    fixed = {"start", "end", "recurrence"}
    # The guide says it can be deleted; a deletion was seen refused in 2026.
    return fixed | {"status"} if world.switches.linked_birthday_deletion == "refused" else fixed


def _check_change(world: World, before: Json, body: Json) -> None:
    kind = before["eventType"]
    changed = {
        name
        for name in (before.keys() | body.keys()) - _BOOKKEEPING
        if before.get(name) != body.get(name)
    }
    unsuitable = (
        "eventType" in changed
        or "birthdayProperties" in changed
        or (kind == "fromGmail" and bool(changed - _MAIL_FIELDS))
        or (_is_linked(before) and bool(changed & _fixed_on_linked(world)))
    )
    if unsuitable:
        raise _unsuitable(world, kind)


def _no_faults(_: Json) -> Iterator[str]:
    return iter(())


def _is_one_day(body: Json) -> bool:
    start, end = body["start"].get("date"), body["end"].get("date")
    if not start or not end:
        return False
    return date.fromisoformat(end) - date.fromisoformat(start) == timedelta(days=1)


def _birthday_faults(body: Json) -> Iterator[str]:
    if not _is_one_day(body):
        yield "'birthday' event type must be an all-day event of exactly one day."
    if body.get("visibility") != "private":
        yield "'birthday' event type must have private visibility."
    if body.get("transparency") != "transparent":
        yield "'birthday' event type must have transparent transparency."
    if "recurringEventId" not in body and body.get("recurrence") not in _YEARLY:
        yield "'birthday' event type must have an annual recurrence."
    for name in _NOT_ON_BIRTHDAYS:
        if name in body:
            yield f"'birthday' event type must not have {name}."
    for kind in body.get("extendedProperties", {}):
        yield f"'birthday' event type must not have {kind} extended properties."


def _decline_faults(body: Json, kind: str, words: str) -> Iterator[str]:
    if "date" in body["start"]:
        yield f"{words} event must not be an all-day event."
    if body.get("transparency", "opaque") != "opaque":
        yield f"{words} event must have a transparency setting of opaque."
    if body.get("attendees"):
        yield f"{words} event must not have attendees."
    if body.get(properties_of(kind), {}).get("autoDeclineMode", _DECLINES[0]) not in _DECLINES:
        yield f"{words} event has an invalid auto-decline mode."


def _focus_time_faults(body: Json) -> Iterator[str]:
    yield from _decline_faults(body, "focusTime", "A focus time")
    status = body.get("focusTimeProperties", {}).get("chatStatus", "available")
    if status not in ("available", "doNotDisturb"):
        yield "A focus time event has an invalid chat status."


def _out_of_office_faults(body: Json) -> Iterator[str]:
    yield from _decline_faults(body, "outOfOffice", "An out of office")
    if body.get("description"):
        yield "An out of office event must not have a description."


def _working_location_faults(body: Json) -> Iterator[str]:
    if body.get("workingLocationProperties", {}).get("type") not in _PLACES:
        yield "A working location event must have a type of working location."
    if body.get("visibility") != "public":
        yield "A working location event must have a visibility setting of public."
    if body.get("transparency") != "transparent":
        yield "A working location event must have a transparency setting of transparent."
    if "date" in body["start"] and not _is_one_day(body):
        yield "An all-day working location event must be exactly one day long."
    if body.get("attendees"):
        yield "A working location event must not have attendees."


_FAULTS = {
    "birthday": _birthday_faults,
    "focusTime": _focus_time_faults,
    "outOfOffice": _out_of_office_faults,
    "workingLocation": _working_location_faults,
}
