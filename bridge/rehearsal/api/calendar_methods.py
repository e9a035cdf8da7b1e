"""The methods of the collections `calendars` and `calendarList`, as calls.

Source: Google, Calendars and CalendarList resources.
"""

from __future__ import annotations

import base64
import json
import secrets

from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.calendar_list import list_entries, read_entries_query
from bridge.rehearsal.calendars.resource import Calendar, add_calendar, find_calendar
from bridge.rehearsal.events.labels import stored_labels
from bridge.rehearsal.events.rows import replace_columns
from bridge.rehearsal.events.shape import CALENDAR_SHAPE, merged, shaped, without_nulls
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.events.writing import check_etag
from bridge.rehearsal.google_error import GoogleError, Json, required

_ZONE_OF_NEW_CALENDARS = "UTC"


def calendar_list_list(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.list`."""
    query = read_entries_query(call.parameters)
    return answer_unless_known(call, list_entries(call.world, call.bearer.email, query))


def calendar_list_get(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.get`."""
    return answer_unless_known(call, call.calendar().entry_to_json())


def calendars_get(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.get`."""
    return answer_unless_known(call, call.calendar().to_json())


def calendars_insert(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.insert`: a new secondary calendar on the caller's list."""
    given = {"timeZone": _ZONE_OF_NEW_CALENDARS, **without_nulls(_body(call))}
    body = stored_labels(_checked(given), kept={})
    identifier = base64.b32hexencode(secrets.token_bytes(20)).decode().lower()
    calendar_id = f"c_{identifier}@group.calendar.google.com"
    owner = call.bearer.email
    add_calendar(call.world, calendar_id, owner=owner, body=body, client_id=call.bearer.client_id)
    return _answered(find_calendar(call.world, calendar_id, viewer=owner))


def calendars_patch(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.patch`."""
    calendar = _owned(call)
    return _changed(call, calendar, merged(calendar.body, _body(call)))


def calendars_update(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.update`; a zone that is not named stays."""
    calendar = _owned(call)
    given = without_nulls(_body(call))
    fixed: Json = {
        name: calendar.body[name]
        for name in ("timeZone", "conferenceProperties")
        if name in calendar.body
    }
    return _changed(call, calendar, {**fixed, **given})


def calendars_delete(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.delete`: a secondary calendar and all its events are gone."""
    calendar = _owned(call)
    if calendar.is_primary:
        raise GoogleError("The primary calendar cannot be deleted.", code=403, reason="forbidden")
    remove_calendar(call, calendar)
    return answer(None, status=204)


def remove_calendar(call: Call, calendar: Calendar) -> None:
    """Delete a calendar with its events and take it off every list, which remember that."""
    change, stamp = call.world.next_change(), call.world.next_stamp()
    for table in ("event", "latest_write"):
        call.world.state.execute(
            f"DELETE FROM {table} WHERE calendar_id = ?",  # noqa: S608 - names from the line above
            (calendar.calendar_id,),
        )
    call.world.state.execute(
        "UPDATE calendar_entry SET deleted = 1, change = ?, stamp = ? WHERE calendar_id = ?",
        (change, stamp, calendar.calendar_id),
    )


def _owned(call: Call) -> Calendar:
    calendar = call.calendar(writes=True)
    if calendar.role != "owner":
        raise GoogleError(
            "You need to have owner access to this calendar.",
            code=403,
            reason="requiredAccessLevel",
            domain="calendar",
        )
    check_etag(call.headers.get("if-match", ""), str(calendar.to_json()["etag"]))
    return calendar


def _body(call: Call) -> Json:
    fields: Json = shaped(call.body, CALENDAR_SHAPE)
    return fields


def _checked(body: Json) -> Json:
    if not body.get("summary"):
        raise required("Missing title.")
    zone_of(body["timeZone"])
    return {name: value for name, value in body.items() if value != ""}


def _changed(call: Call, calendar: Calendar, wanted: Json) -> ApiAnswer:
    body = stored_labels(_checked({"timeZone": calendar.zone, **wanted}), kept=calendar.body)
    call.world.state.execute(
        "UPDATE calendar SET body = ?, stamp = ? WHERE id = ?",
        (json.dumps(body), call.world.next_stamp(), calendar.calendar_id),
    )
    changed = find_calendar(call.world, calendar.calendar_id, viewer=calendar.viewer)
    if changed.zone != calendar.zone:
        replace_columns(call.world, changed)
    return _answered(changed)


def _answered(calendar: Calendar) -> ApiAnswer:
    body = calendar.to_json()
    return answer(body, etag=str(body["etag"]))
