"""The methods of the collection `calendars`, as calls.

Source: Google, Calendars resource.
"""

from __future__ import annotations

import base64
import json
import secrets

from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.access import demand_role
from bridge.rehearsal.calendars.removal import remove_calendar
from bridge.rehearsal.calendars.resource import Calendar, add_calendar, find_calendar
from bridge.rehearsal.calendars.transfer import transfer
from bridge.rehearsal.events.labels import stored_labels
from bridge.rehearsal.events.rows import by_position, find_event, replace_columns
from bridge.rehearsal.events.shape import CALENDAR_SHAPE, merged, shaped, without_nulls
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.events.writing import Desk, check_etag, delete_event
from bridge.rehearsal.google_error import (
    GoogleError,
    Json,
    invalid,
    invalid_parameter,
    not_found,
    required,
)

_ZONE_OF_NEW_CALENDARS = "UTC"


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
    if calendar.owner != call.bearer.email:
        raise GoogleError(
            "Only the data owner can delete a calendar.", code=403, reason="forbidden"
        )
    remove_calendar(call.world, calendar.calendar_id)
    return answer(None, status=204)


def calendars_clear(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.clear`: all events of a primary calendar are deleted."""
    calendar = _owned(call)
    if not calendar.is_primary or calendar.owner != call.bearer.email:
        raise GoogleError(
            "Only one's own primary calendar can be cleared.", code=403, reason="forbidden"
        )
    desk = Desk(world=call.world, calendar=calendar, email=call.bearer.email)
    for event in list(by_position(call.world, calendar.calendar_id, after=0)):
        present = find_event(call.world, calendar.calendar_id, event.event_id)
        # A series takes its exceptions along.
        if present is not None and not present.cancelled:
            delete_event(desk, event.event_id)
    return answer(None, status=204)


def calendars_transfer(call: Call) -> ApiAnswer:
    """Answer `calendar.calendars.transferOwnership`, for administrators of the domain."""
    if not call.parameters.flag("useAdminAccess"):
        raise invalid_parameter("useAdminAccess", "Only useAdminAccess=true is supported.")
    new_owner = call.parameters.text("newDataOwner").strip().lower()
    if not new_owner:
        raise required("Required parameter: newDataOwner")
    calendar = _administered(call)
    if find_account(call.world, new_owner) is None or _domain(new_owner) != _domain(calendar.owner):
        raise invalid("The new data owner is no user of the organization.")
    transfer(call.world, calendar, new_owner)
    return answer(None, status=204)


def _administered(call: Call) -> Calendar:
    """Return a secondary calendar of the caller's domain, whoever has access to it."""
    row = call.world.state.row(
        "SELECT owner, is_primary FROM calendar WHERE id = ?", (call.path["calendarId"],)
    )
    if row is None or row["is_primary"]:
        raise not_found()
    is_admin = call.world.switches.administrators == "all"
    if not is_admin or _domain(call.bearer.email) != _domain(row["owner"]):
        raise GoogleError(
            "The caller is no administrator with the privilege to manage calendars.",
            code=403,
            reason="forbidden",
        )
    return find_calendar(call.world, call.path["calendarId"], viewer=row["owner"])


def _domain(email: str) -> str:
    return email.partition("@")[2]


def _owned(call: Call) -> Calendar:
    calendar = call.calendar(writes=True)
    demand_role(calendar.role, "owner")
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
