"""From the fields a client sends to the fields that are stored: checks, limits, Google's rewriting.

Source: Google, Events resource; `google-calendar-facts` sections 2, 4, 7 and 10. What is stored
differs from what was sent wherever Google rewrites, so that whoever compares naively is found out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bridge.rehearsal.events.people import stored_guests
from bridge.rehearsal.events.recurrence import checked, rewritten
from bridge.rehearsal.events.rich_text import sanitized
from bridge.rehearsal.events.times import seconds_of, stored_time
from bridge.rehearsal.google_error import (
    GoogleError,
    Json,
    invalid,
    not_implemented,
    required,
    time_range_empty,
)

_LONGEST_DESCRIPTION = 8192
_MOST_OVERRIDES = 5
_LONGEST_LEAD_MINUTES = 40320
_MOST_ATTACHMENTS = 25
_LONGEST_NAME, _LONGEST_VALUE, _MOST_PROPERTIES, _MOST_BYTES = 44, 1024, 300, 32 * 1024

_CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "colorId": tuple(str(number) for number in range(1, 12)),
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
    _check_type(given)
    fields["eventType"] = "default"
    return {name: value for name, value in fields.items() if _DEFAULTS.get(name, None) != value}


def _check_type(given: Json) -> None:
    kind = given.get("eventType", "default")
    if kind != "default":
        raise not_implemented(f"writing events of eventType `{kind}`")


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


def _description(text: str) -> str:
    if len(text) > _LONGEST_DESCRIPTION:
        raise invalid("A provided value exceeds the allowed size limit.")
    return sanitized(text)


def _reminders(given: Json) -> Json:
    overrides = given.get("overrides") or []
    if given.get("useDefault"):
        if overrides:
            raise GoogleError(
                "Cannot specify both default reminders and overrides at the same time.",
                code=400,
                reason="cannotUseDefaultRemindersAndSpecifyOverride",
                domain="calendar",
            )
        return {"useDefault": True}
    kept = checked_overrides(overrides)
    return {"useDefault": False, **({"overrides": kept} if kept else {})}


def checked_overrides(given: list[Json]) -> list[Json]:
    """Return reminders as Google stores them: sorted, at most five.

    Raises:
        GoogleError: 400 for too many, or one with a wrong method or time.
    """
    if len(given) > _MOST_OVERRIDES:
        raise invalid("At most 5 reminder overrides may be set.")
    found = [_override(each) for each in given]
    return sorted(found, key=lambda each: (each["method"], each["minutes"]))


def _override(given: Json) -> Json:
    if given.get("method") not in ("email", "popup"):
        raise invalid("Invalid reminder method.")
    minutes = given.get("minutes")
    if minutes is None or not 0 <= minutes <= _LONGEST_LEAD_MINUTES:
        raise invalid("Invalid reminder minutes.")
    return {"method": given["method"], "minutes": minutes}


def _extended_properties(given: Json) -> Json:
    kept = {kind: _property_map(given[kind]) for kind in ("private", "shared") if given.get(kind)}
    count = sum(len(properties) for properties in kept.values())
    if count > _MOST_PROPERTIES or len(json.dumps(kept).encode()) > _MOST_BYTES:
        raise invalid("A provided value exceeds the allowed size limit.")
    return {kind: properties for kind, properties in kept.items() if properties}


def _property_map(given: Json) -> Json:
    # Too long names are dropped and too long values cut without a word (Google, Extended
    # properties).
    return {
        name: value[:_LONGEST_VALUE]
        for name, value in given.items()
        if len(name) <= _LONGEST_NAME and value is not None
    }


def _source(given: Json) -> Json:
    if not str(given.get("url", "")).startswith(("http://", "https://")):
        raise invalid("Invalid source url.")
    return given


def _attachments(given: list[Json]) -> list[Json]:
    if len(given) > _MOST_ATTACHMENTS:
        raise invalid("At most 25 attachments are allowed.")
    if any(not each.get("fileUrl") for each in given):
        raise required("Missing attachment file URL.")
    return given


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "description": _description,
    "attendees": stored_guests,
    "reminders": _reminders,
    "extendedProperties": _extended_properties,
    "source": _source,
    "attachments": _attachments,
}
