"""Google events as calendar objects, and one component as the fields of an event.

A calendar object made here is *Google's item*: it holds what Google shows, with the title as it
stands there. What iCalendar has no word for is kept in X-GOOGLE-EVENT-TYPE, X-GOOGLE-COLOR and
X-CRM-GOOGLE-READ-ONLY. Sources: Google Calendar API v3, resource `events`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bridge.convert.event_rules import COLOUR
from bridge.convert.google_people import (
    GUESTS_HIDDEN,
    attendees_body,
    attendees_patch,
    people_lines,
    written_attendees,
)
from bridge.convert.google_recurrence import (
    cancelled_lines,
    is_cancelled,
    recurrence_id,
    recurrence_lines,
)
from bridge.convert.google_reminders import DEFAULT_REMINDERS, event_reminders, reminders_body
from bridge.convert.google_times import read_span, written_times
from bridge.convert.properties.classification import is_busy, visibility_of
from bridge.convert.properties.schedule import event_times
from bridge.convert.views import GOOGLE_CONFERENCE, OWN_COPY
from bridge.domain.identifiers import Uid
from bridge.domain.view import Visibility
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.component_span import component_span
from bridge.ical.content_line import ContentLine, make_line, text_line
from bridge.ical.patch import build
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import utc_line

EVENT_TYPE = "X-GOOGLE-EVENT-TYPE"
DEFAULT_EVENT = "default"
READ_ONLY = "X-CRM-GOOGLE-READ-ONLY"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = (("summary", "SUMMARY"), ("location", "LOCATION"), ("description", "DESCRIPTION"))
_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}
STAMPED_UID = "crmdavUid"
"""The private property by which our own copies are known; Google's own copying keeps it."""
_SOURCE_TITLE = "CRM"


def event_to_object(
    events: Sequence[Mapping[str, Any]], *, uid: Uid, calendar_zone: str
) -> CalendarObject:
    """Return one group of Google events, a single event or a series, as a calendar object.

    A cancelled exception is an override that says so, and only which instance it is. An instance
    that comes without its master is taken for a single event.

    Args:
        events: Event resources as the API gave them: the master, then its exceptions in any order.
        uid: UID of the object, whatever Google's iCalUID is.
        calendar_zone: IANA name of the Google calendar's zone, for times that name none.

    Raises:
        ConversionError: A tombstone, or a field that cannot be read; `property_name` is Google's
            field.
    """
    if not events:
        raise ConversionError("no event", uid=uid)
    master, *exceptions = events
    if is_cancelled(master):
        raise ConversionError("a cancelled event", uid=uid, property_name="status")
    try:
        lines = [*event_lines(master, calendar_zone), *recurrence_lines(master)]
        overrides = [_override_lines(each, master, calendar_zone) for each in exceptions]
    except ConversionError as error:
        raise ConversionError(str(error), uid=uid, property_name=error.property_name) from error
    # The listing has them in no order; the same group gives the same text.
    ordered = sorted(overrides, key=lambda each: each[0].value)
    return build(uid=uid, component="VEVENT", lines=lines, overrides=ordered)


def component_body(component: ContentComponent, calendar: ContentComponent) -> dict[str, Any]:
    """Return what one component says as fields of an event resource; None for an empty field.

    Raises:
        ConversionError: It has no time.
    """
    span = component_span(component, calendar, floating_zone="UTC")
    if span is None:
        raise ConversionError("it has no time", property_name="start")
    visibility = visibility_of(component)
    record = component.value("URL")
    return {
        **{field: component.text(name) or None for field, name in _TEXTS},
        **written_times(span),
        "transparency": "opaque" if is_busy(component) else "transparent",
        "visibility": None if visibility is Visibility.DEFAULT else visibility.value,
        "reminders": reminders_body(component),
        "attendees": attendees_body(component),
        "source": {"title": _SOURCE_TITLE, "url": record} if record else None,
        "colorId": component.value(COLOUR) or None,
    }


def written_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `component_body` as `events.insert` takes it: empty fields are left out."""
    told = {name: value for name, value in body.items() if value is not None}
    if "attendees" in told:
        told["attendees"] = written_attendees(told["attendees"])
    return told


def body_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `events.patch` needs to make one `component_body` of another."""
    changed = {name: value for name, value in after.items() if before[name] != value}
    if "start" in changed or "end" in changed:
        for name in ("start", "end"):
            changed[name] = {"date": None, "dateTime": None, "timeZone": None, **after[name]}
    if "visibility" in changed:
        changed["visibility"] = changed["visibility"] or Visibility.DEFAULT.value
    if "reminders" in changed:
        # Google merges: overrides that are not named would stay beside the default ones.
        changed["reminders"] = {"overrides": [], **(changed["reminders"] or DEFAULT_REMINDERS)}
    if "attendees" in changed:
        changed |= attendees_patch(before["attendees"], after["attendees"])
    return changed


def _override_lines(
    exception: Mapping[str, Any], master: Mapping[str, Any], calendar_zone: str
) -> list[ContentLine]:
    own = recurrence_id(exception, master, calendar_zone)
    if is_cancelled(exception):
        return [own, *cancelled_lines(own)]
    return [own, *event_lines(exception, calendar_zone)]


def event_lines(event: Mapping[str, Any], calendar_zone: str) -> list[ContentLine]:
    """Return one event resource, a master or an exception, as the lines of a component.

    UID, recurrence, and what says which instance it is, are not among them.

    Raises:
        ConversionError: A field cannot be read.
    """
    span = read_span(event, calendar_zone)
    lines = [utc_line("DTSTAMP", _instant(event, "updated") or _EPOCH)]
    for field, name in (("created", "CREATED"), ("updated", "LAST-MODIFIED")):
        if (at := _instant(event, field)) is not None:
            lines.append(utc_line(name, at))
    lines += [line for change in event_times(span, None) for line in change.lines]
    lines += [text_line(name, text) for field, name in _TEXTS if (text := _text(event, field))]
    if _text(event, "transparency") == "transparent":
        lines.append(make_line("TRANSP", "TRANSPARENT"))
    visibility = _VISIBILITIES.get(_text(event, "visibility") or "default", Visibility.PRIVATE)
    if visibility is not Visibility.DEFAULT:
        lines.append(make_line("CLASS", visibility.value.upper()))
    if _text(event, "status") == "tentative":
        lines.append(make_line("STATUS", "TENTATIVE"))
    return [*lines, *event_reminders(event), *people_lines(event), *_links(event), *_marks(event)]


def _marks(event: Mapping[str, Any]) -> list[ContentLine]:
    event_type = _text(event, "eventType") or DEFAULT_EVENT
    lines = [] if event_type == DEFAULT_EVENT else [text_line(EVENT_TYPE, event_type)]
    organizer = _part(event, "organizer")
    foreign = bool(organizer) and organizer.get("self") is not True
    if event.get("locked") is True or (foreign and event.get("guestsCanModify") is not True):
        lines.append(make_line(READ_ONLY, "TRUE"))
    if event.get("attendeesOmitted") is True:
        lines.append(make_line(GUESTS_HIDDEN, "TRUE"))
    if colour := _text(event, "colorId"):
        lines.append(text_line(COLOUR, colour))
    if STAMPED_UID in _part(_part(event, "extendedProperties"), "private"):
        lines.append(make_line(OWN_COPY, "TRUE"))
    return lines


def _links(event: Mapping[str, Any]) -> list[ContentLine]:
    """Return where people meet, and the record that the event is about."""
    record = _text(_part(event, "source"), "url")
    meeting = _text(event, "hangoutLink") or _video_address(event)
    told = ((GOOGLE_CONFERENCE, meeting), ("URL", record))
    return [make_line(name, address) for name, address in told if address]


def _video_address(event: Mapping[str, Any]) -> str | None:
    """Return the address of a conference of another provider, a video one before all others."""
    entries = _list(_part(event, "conferenceData"), "entryPoints")
    ways = {_text(entry, "entryPointType"): _text(entry, "uri") for entry in entries}
    return ways.get("video") or ways.get("more")


def _text(event: Mapping[str, Any], field: str) -> str | None:
    value = event.get(field)
    if value is None or isinstance(value, str):
        return value
    raise ConversionError("not a text", property_name=field)


def _part(event: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = event.get(field) or {}
    if not isinstance(value, Mapping):
        raise ConversionError("not an object", property_name=field)
    return value


def _list(event: Mapping[str, Any], field: str) -> Sequence[Mapping[str, Any]]:
    value = event.get(field) or []
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise ConversionError("not a list of objects", property_name=field)
    return value


def _instant(event: Mapping[str, Any], field: str) -> datetime | None:
    """Return `created` or `updated`; they are for reading only, so a broken one is no obstacle."""
    try:
        at = datetime.fromisoformat(_text(event, field) or "")
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
