"""Calendar list entries as their account writes them: colours, title, reminders, hiding.

Source: Google, CalendarList: insert, update, patch, delete.
"""

from __future__ import annotations

import re
from typing import Any

from bridge.rehearsal.calendars.listed import first_look, list_for, unlist_for
from bridge.rehearsal.calendars.palette import CALENDAR_COLOURS, nearest_calendar_colour
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.events.reminders import checked_overrides
from bridge.rehearsal.events.shape import shaped
from bridge.rehearsal.google_error import GoogleError, Json, invalid
from bridge.rehearsal.world import World

_ENTRY_SHAPE = {
    "id": "string",
    "colorId": "string",
    "backgroundColor": "string",
    "foregroundColor": "string",
    "hidden": "boolean",
    "selected": "boolean",
    "summaryOverride": "string",
    "defaultReminders": [{"method": "string", "minutes": "integer"}],
    "notificationSettings": {"notifications": [{"type": "string", "method": "string"}]},
}
_COLOURS = ("colorId", "backgroundColor", "foregroundColor")
_RGB = re.compile(r"#[0-9a-fA-F]{6}")
_NOTIFICATIONS = ("eventCreation", "eventChange", "eventCancellation", "eventResponse", "agenda")


def entry_body(given: Json, *, rgb: bool) -> Json:
    """Return the known fields of an entry as a client sent it.

    Args:
        given: The body.
        rgb: Whether colours are told by value (colorRgbFormat) and not by number.

    Raises:
        GoogleError: 400 for a field of a wrong type.
    """
    fields: Json = shaped(given, _ENTRY_SHAPE)
    unread = ("colorId",) if rgb else ("backgroundColor", "foregroundColor")
    return {name: value for name, value in fields.items() if name not in unread}


def save_entry(world: World, calendar: Calendar, wanted: Json) -> Calendar:
    """Store the settings of an entry, which is put on the list when it is not there.

    Args:
        world: The rehearsal.
        calendar: The calendar as its viewer sees it.
        wanted: All settings after a merge, without nulls; colours that are missing stay.

    Raises:
        GoogleError: 400 for a value that cannot be.
    """
    present = calendar.entry or first_look(world, calendar.viewer)
    body = {name: present[name] for name in _COLOURS if name in present}
    body |= _colours(wanted, present)
    body |= {name: True for name in ("hidden", "selected") if wanted.get(name)}
    if wanted.get("summaryOverride"):
        body["summaryOverride"] = wanted["summaryOverride"]
    body["defaultReminders"] = checked_overrides(wanted.get("defaultReminders") or [])
    notifications = (wanted.get("notificationSettings") or {}).get("notifications") or []
    if notifications:
        checked = [_notification(each) for each in notifications]
        body["notificationSettings"] = {"notifications": checked}
    list_for(world, calendar.calendar_id, calendar.viewer, role=calendar.role, body=body)
    return find_calendar(world, calendar.calendar_id, viewer=calendar.viewer)


def remove_entry(world: World, calendar: Calendar) -> None:
    """Take a calendar off its viewer's list; the access stays.

    Raises:
        GoogleError: 403 for the data owner, whose list always shows the calendar.
    """
    if calendar.owner == calendar.viewer:
        raise GoogleError(
            "The data owner cannot remove a calendar from the calendar list.",
            code=403,
            reason="forbidden",
        )
    unlist_for(world, calendar.calendar_id, calendar.viewer)


def _colours(wanted: Json, present: Json) -> Json:
    shown: Json = {}
    number, background = wanted.get("colorId"), wanted.get("backgroundColor")
    if background and background != present.get("backgroundColor"):
        value = _rgb(background)
        shown = {"colorId": nearest_calendar_colour(value), "backgroundColor": value}
    elif number and number != present.get("colorId"):
        if number not in CALENDAR_COLOURS:
            raise invalid("Invalid color id.")
        shown = {"colorId": number, "backgroundColor": CALENDAR_COLOURS[number]}
    if wanted.get("foregroundColor"):
        shown["foregroundColor"] = _rgb(wanted["foregroundColor"])
    return shown


def _rgb(text: Any) -> str:
    if _RGB.fullmatch(str(text)) is None:
        raise invalid("Invalid color value.")
    return str(text).lower()


def _notification(given: Json) -> Json:
    if given.get("type") not in _NOTIFICATIONS or given.get("method") != "email":
        raise invalid("Invalid notification.")
    return {"type": given["type"], "method": "email"}
