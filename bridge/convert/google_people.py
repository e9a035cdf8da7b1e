"""`organizer` and `attendees` of a Google event, and what a patch says of them.

In Google's item everybody is an ATTENDEE, the account's own entry (`self`) with X-CRM-SELF. A patch
of `attendees` replaces the whole list, so all that a client may write of an entry is kept in it;
the own answer alone goes with `attendeesOmitted` (Google: Events resource, `attendees`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.convert.people import own_entry
from bridge.convert.properties.attendees import (
    OWN,
    address_of,
    attendee_line,
    is_own,
    read_attendee,
)
from bridge.domain.activity import Attendee, Reply
from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line, with_parameter
from bridge.ical.scanner import ContentComponent

GUESTS_HIDDEN = "X-CRM-GOOGLE-GUESTS"
_HOST = "X-CRM-ORGANIZER"
_GROUP_CALENDARS = "@group.calendar.google.com"
_RESOURCE, _MORE_GUESTS, _COMMENT = "RESOURCE", "X-NUM-GUESTS", "X-RESPONSE-COMMENT"
_STATUSES = {
    Reply.NEEDS_ACTION: "needsAction",
    Reply.ACCEPTED: "accepted",
    Reply.DECLINED: "declined",
    Reply.TENTATIVE: "tentative",
}
_REPLIES = {status: reply for reply, status in _STATUSES.items()}


def people_lines(event: Mapping[str, Any]) -> list[ContentLine]:
    """Return ORGANIZER and every ATTENDEE of an event.

    Raises:
        ConversionError: They cannot be read.
    """
    lines = []
    organizer = event.get("organizer") or {}
    if not isinstance(organizer, Mapping):
        raise ConversionError("not an object", property_name="organizer")
    if address := _text(organizer, "email"):
        lines.append(make_line("ORGANIZER", f"mailto:{address}"))
    told = event.get("attendees") or []
    if not isinstance(told, list) or not all(isinstance(entry, Mapping) for entry in told):
        raise ConversionError("not a list of objects", property_name="attendees")
    return [*lines, *(_line(entry) for entry in told)]


def person_hosting(component: ContentComponent) -> ContentLine | None:
    """Return the ORGANIZER of Google's item, None where that is only a calendar."""
    line = component.first("ORGANIZER")
    known = line is not None and not address_of(line).lower().endswith(_GROUP_CALENDARS)
    return line if known else None


def answer_entry(component: ContentComponent) -> ContentLine | None:
    """Return the account's own entry in Google's item, unless the event is its own."""
    entry = own_entry(component, ())
    return None if entry is None or is_host(entry) else entry


def is_host(line: ContentLine) -> bool:
    """Return whether an ATTENDEE of Google's item organizes the event."""
    return line.parameter(_HOST).upper() == "TRUE"


def hides_guests(component: ContentComponent) -> bool:
    """Return whether Google did not tell all guests."""
    return component.first(GUESTS_HIDDEN) is not None


def attendees_body(component: ContentComponent) -> list[dict[str, Any]] | None:
    """Return `attendees` as a write says them, the own entry marked `self`; None without any."""
    entries = [_entry(line) for line in component.all("ATTENDEE") if address_of(line)]
    return entries or None


def attendees_patch(
    before: Sequence[Mapping[str, Any]] | None, after: Sequence[Mapping[str, Any]] | None
) -> dict[str, Any]:
    """Return the fields of a patch that make one `attendees_body` of another, which differs."""
    if after and _others(before or ()) == _others(after):
        own = next(entry for entry in after if entry.get("self"))
        said = {name: own[name] for name in ("email", "responseStatus")}
        return {"attendees": [said], "attendeesOmitted": True}
    return {"attendees": written_attendees(after)}


def written_attendees(entries: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the list as it is sent."""
    return [{n: v for n, v in entry.items() if n != "self"} for entry in entries or ()]


def _others(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the list without what the owner answered."""
    return [
        {n: v for n, v in entry.items() if n != "responseStatus"} if entry.get("self") else entry
        for entry in entries
    ]


def _line(entry: Mapping[str, Any]) -> ContentLine:
    attendee = Attendee(
        email=_text(entry, "email"),
        name=_text(entry, "displayName"),
        reply=_REPLIES.get(_text(entry, "responseStatus"), Reply.NEEDS_ACTION),
        optional=entry.get("optional") is True,
    )
    more = entry.get("additionalGuests")
    further = {
        "CUTYPE": _RESOURCE if entry.get("resource") is True else "",
        _MORE_GUESTS: str(more) if isinstance(more, int) and more > 0 else "",
        _COMMENT: _text(entry, "comment"),
        _HOST: "TRUE" if entry.get("organizer") is True else "",
        OWN: "TRUE" if entry.get("self") is True else "",
    }
    line = attendee_line(attendee)
    for name, value in further.items():
        line = with_parameter(line, name, value) if value else line
    return line


def _entry(line: ContentLine) -> dict[str, Any]:
    attendee = read_attendee(line)
    reply = Reply.NEEDS_ACTION if attendee is None else attendee.reply
    more = line.parameter(_MORE_GUESTS)
    told: dict[str, Any] = {
        "email": address_of(line),
        "displayName": line.parameter("CN"),
        "responseStatus": _STATUSES[reply],
        "optional": attendee is not None and attendee.optional,
        "resource": line.parameter("CUTYPE").upper() == _RESOURCE,
        "additionalGuests": int(more) if more.isdecimal() else 0,
        "comment": line.parameter(_COMMENT),
        "self": is_own(line),
    }
    return {name: value for name, value in told.items() if value}


def _text(part: Mapping[str, Any], field: str) -> str:
    value = part.get(field)
    if value is None or isinstance(value, str):
        return value or ""
    raise ConversionError("not a text", property_name=field)
