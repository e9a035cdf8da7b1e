"""Visibility: one for a whole series, and private events that a writer may not touch.

Source: Google, Events resource (visibility, with the note on recurring events of July 2026) and the
access roles of Calendar sharing.
"""

from __future__ import annotations

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_event, save_event
from bridge.rehearsal.google_error import GoogleError, Json
from bridge.rehearsal.world import World

_WITHOUT_PRIVATE = "writerWithoutPrivateAccess"
_STRICTNESS = {"public": 0, "default": 1, "private": 2, "confidential": 2}


def with_series_visibility(world: World, calendar: Calendar, old: StoredEvent, body: Json) -> Json:
    """Return the new body of an event with the visibility its series allows.

    A stricter one of an instance is given to the whole series, a laxer one is not regarded.
    """
    if not old.series_id:
        return body
    was, wanted = _strictness(old.body), _strictness(body)
    if wanted < was:
        return _set(body, old.body.get("visibility"))
    if wanted > was:
        _make_stricter(world, calendar, old, body.get("visibility"))
    return body


def _make_stricter(
    world: World, calendar: Calendar, instance: StoredEvent, visibility: str | None
) -> None:
    series = find_event(world, calendar.calendar_id, instance.series_id)
    others = exceptions_of(world, calendar.calendar_id, instance.series_id)
    for each in [*([series] if series is not None else []), *others]:
        laxer = _strictness(each.body) < _STRICTNESS[visibility or "default"]
        if each.event_id != instance.event_id and not each.cancelled and laxer:
            save_event(world, calendar, each.event_id, _set(each.body, visibility))


def _strictness(body: Json) -> int:
    return _STRICTNESS[body.get("visibility", "default")]


def _set(body: Json, visibility: str | None) -> Json:
    others = {name: value for name, value in body.items() if name != "visibility"}
    return others if visibility is None else {**others, "visibility": visibility}


def check_details(event: StoredEvent, calendar: Calendar) -> None:
    """Refuse a write to an event whose details the writer may not see.

    Raises:
        GoogleError: 403 `requiredAccessLevel`.
    """
    if calendar.role != _WITHOUT_PRIVATE or _strictness(event.body) < _STRICTNESS["private"]:
        return
    # A private event is for its guests all the same.
    if all(guest["email"] != calendar.viewer for guest in event.body.get("attendees", [])):
        raise GoogleError(
            "You need to have access to private events of this calendar.",
            code=403,
            reason="requiredAccessLevel",
            domain="calendar",
        )
