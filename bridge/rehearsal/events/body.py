"""From the fields a client sends to the fields that are stored: checks, limits, Google's rewriting.

Source: Google, Events resource; `google-calendar-facts` sections 2, 4, 7 and 10. What is stored
differs from what was sent wherever Google rewrites, so that whoever compares naively is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.rehearsal.events.attachments import stored_attachments
from bridge.rehearsal.events.conference import stored_conference
from bridge.rehearsal.events.event_types import stored_type
from bridge.rehearsal.events.extended_properties import stored_properties
from bridge.rehearsal.events.people import stored_guests
from bridge.rehearsal.events.recurrence import checked
from bridge.rehearsal.events.recurrence_lines import rewritten
from bridge.rehearsal.events.reminders import stored_reminders
from bridge.rehearsal.events.rich_text import sanitized
from bridge.rehearsal.events.times import seconds_of, stored_time
from bridge.rehearsal.google_error import Json, invalid, required, time_range_empty

_CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "colorId": ("", *(str(number) for number in range(1, 12))),
}
_DEFAULTS: Json = {
    "summary": "",
    "description": "",
    "location": "",
    "transparency": "opaque",
    "visibility": "default",
    "anyoneCanAddSelf": False,
    "guestsCanInviteOthers": True,
    "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True,
    "endTimeUnspecified": False,
    "privateCopy": False,
    "recurrence": [],
    "attendees": [],
    "attachments": [],
    "conferenceData": {},
    "eventLabelId": "",
    "colorId": "",
    "extendedProperties": {},
}
_PLAIN = (
    "status", "summary", "location", "colorId", "eventLabelId", "transparency", "visibility",
    "anyoneCanAddSelf", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests",
    "endTimeUnspecified",
)  # fmt: skip


def stored_fields(given: Json, *, calendar_zone: str) -> Json:
    """Return the stored form of everything a client may say about an event.

    Args:
        given: All writable fields after a merge, without nulls.
        calendar_zone: Zone of times that name none.

    Raises:
        GoogleError: 400 with Google's reason for what is missing, wrong or too large.
    """
    for name, choices in _CHOICES.items():
        if name in given and given[name] not in choices:
            raise invalid(f"Invalid value for: {given[name]} is not a valid value")
    fields: Json = {"status": "confirmed"}
    fields |= {name: given[name] for name in _PLAIN if name in given}
    fields |= _times(given, calendar_zone)
    for name, convert in _CONVERTERS.items():
        if name in given:
            fields[name] = convert(given[name])
    fields.setdefault("reminders", {"useDefault": True})
    fields |= stored_type(given)
    return {name: value for name, value in fields.items() if _DEFAULTS.get(name, None) != value}


def _times(given: Json, calendar_zone: str) -> Json:
    for name in ("start", "end"):
        if not given.get(name):
            raise required(f"Missing {name} time.")
    if ("date" in given["start"]) != ("date" in given["end"]) and not (
        {"date", "dateTime"} <= set(given["start"]) or {"date", "dateTime"} <= set(given["end"])
    ):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    times = {
        name: stored_time(given[name], what=name, calendar_zone=calendar_zone)
        for name in ("start", "end")
    }
    begin, finish = (seconds_of(times[name], calendar_zone="UTC") for name in ("start", "end"))
    if finish < begin or (finish == begin and "date" in times["start"]):
        raise time_range_empty()
    if given.get("recurrence"):
        times |= _recurrence(given, times)
    return times


def _recurrence(given: Json, times: Json) -> Json:
    if "dateTime" in times["start"]:
        for name in ("start", "end"):
            if not given[name].get("timeZone"):
                raise required(f"Missing time zone definition for {name} time.")
        if times["start"]["timeZone"] != times["end"]["timeZone"]:
            raise invalid("The start and end of a recurring event must have one time zone.")
    recurrence = rewritten(given["recurrence"])
    checked({**times, "recurrence": recurrence})
    return {"recurrence": recurrence}


def _source(given: Json) -> Json:
    if not str(given.get("url", "")).startswith(("http://", "https://")):
        raise invalid("Invalid source url.")
    return given


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "description": sanitized,
    "attendees": stored_guests,
    "reminders": stored_reminders,
    "extendedProperties": stored_properties,
    "source": _source,
    "attachments": stored_attachments,
    "conferenceData": stored_conference,
}
