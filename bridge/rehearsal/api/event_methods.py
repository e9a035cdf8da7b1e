"""The methods of the collection `events`, as calls."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.calendars.settings import settings_of
from bridge.rehearsal.clock import rfc3339
from bridge.rehearsal.events.desk import SendUpdates
from bridge.rehearsal.events.filters import read_query
from bridge.rehearsal.events.instance_listing import list_instances, read_instances_query
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.listing import Page, list_page
from bridge.rehearsal.events.quick_add import Here, event_from_text
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.shape import EVENT_SHAPE, shaped
from bridge.rehearsal.events.showing import shown
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.events.writing import (
    Desk,
    WriteOptions,
    delete_event,
    import_event,
    insert_event,
    is_expired,
    move_event,
    patch_event,
    update_event,
)
from bridge.rehearsal.google_error import Json, not_found, required


def events_list(call: Call) -> ApiAnswer:
    """Answer `calendar.events.list`."""
    calendar = call.calendar()
    query = read_query(call.parameters)
    if calendar.role == "freeBusyReader":
        # Busy times only are always told as instances (Google, Events: list, singleEvents).
        query = replace(query, single_events=True)
    page = list_page(call.world, calendar, query, stale=call.stale)
    return _collection(call, calendar, page)


def events_instances(call: Call) -> ApiAnswer:
    """Answer `calendar.events.instances`."""
    calendar = call.calendar()
    series = _found(call, calendar)
    page = list_instances(call.world, calendar, series, read_instances_query(call.parameters))
    return _collection(call, calendar, page)


def events_get(call: Call) -> ApiAnswer:
    """Answer `calendar.events.get`; a deleted event answers too, as cancelled."""
    calendar = call.calendar()
    return answer_unless_known(call, _rendered(call, calendar, _found(call, calendar)))


def events_insert(call: Call) -> ApiAnswer:
    """Answer `calendar.events.insert`."""
    desk = _desk(call)
    return _written(call, desk.calendar, insert_event(desk, _body(call)))


def events_import(call: Call) -> ApiAnswer:
    """Answer `calendar.events.import`."""
    desk = _desk(call)
    return _written(call, desk.calendar, import_event(desk, _body(call)))


def events_quick_add(call: Call) -> ApiAnswer:
    """Answer `calendar.events.quickAdd`."""
    text = call.parameters.text("text").strip()
    if not text:
        raise required("Required parameter: text")
    desk = _desk(call)
    settings = {each.setting_id: each.value for each in settings_of(call.world, desk.email)}
    here = Here(
        now=call.world.clock.now().astimezone(zone_of(desk.calendar.zone)),
        zone=desk.calendar.zone,
        minutes=int(settings["defaultEventLength"]),
        day_first=settings["dateFieldOrder"] == "DMY",
    )
    return _written(call, desk.calendar, insert_event(desk, event_from_text(text, here)))


def events_update(call: Call) -> ApiAnswer:
    """Answer `calendar.events.update`."""
    desk = _desk(call)
    return _written(call, desk.calendar, update_event(desk, call.path["eventId"], _body(call)))


def events_patch(call: Call) -> ApiAnswer:
    """Answer `calendar.events.patch`."""
    desk = _desk(call)
    return _written(call, desk.calendar, patch_event(desk, call.path["eventId"], _body(call)))


def events_delete(call: Call) -> ApiAnswer:
    """Answer `calendar.events.delete`: 204 without a body."""
    delete_event(_desk(call), call.path["eventId"])
    return answer(None, status=204)


def events_move(call: Call) -> ApiAnswer:
    """Answer `calendar.events.move`."""
    desk = _desk(call)
    wanted = call.parameters.text("destination")
    if not wanted:
        raise required("Required parameter: destination")
    destination = call.calendar(writes=True, calendar_id=wanted)
    return _written(call, destination, move_event(desk, call.path["eventId"], destination))


def _found(call: Call, calendar: Calendar) -> StoredEvent:
    event = find_event_or_instance(call.world, calendar, call.path["eventId"])
    if event is None or is_expired(call.world, event):
        raise not_found()
    return event


def _body(call: Call) -> Json:
    fields: Json = shaped(call.body, EVENT_SHAPE)
    return fields


def _desk(call: Call) -> Desk:
    send = call.parameters.text("sendUpdates")
    if not send:
        send = "all" if call.parameters.flag("sendNotifications") else "none"
    options = WriteOptions(
        send_updates=SendUpdates(send),
        if_match=call.headers.get("if-match", ""),
        supports_attachments=call.parameters.flag("supportsAttachments"),
        conference_version=call.parameters.number("conferenceDataVersion", 0),
        label_version=call.parameters.number("eventLabelVersion", 0),
    )
    return Desk(
        world=call.world,
        calendar=call.calendar(writes=True),
        email=call.bearer.email,
        options=options,
    )


def _written(call: Call, calendar: Calendar, event: StoredEvent) -> ApiAnswer:
    return answer(_rendered(call, calendar, event), etag=event.etag)


def _rendered(call: Call, calendar: Calendar, event: StoredEvent) -> Json:
    zone = call.parameters.text("timeZone")
    if zone:
        zone_of(zone)
    limit = call.parameters.number("maxAttendees", 0)
    return shown(call.world, event, calendar, zone=zone, max_attendees=limit)


def _collection_etag(call: Call, calendar: Calendar) -> str:
    """Return the ETag of a listing: of what was asked for, and of all it may show."""
    asked = [(name, call.parameters.texts(name)) for name in sorted(call.parameters.names())]
    state = (
        dict(call.path),
        asked,
        call.stale,
        calendar.latest_change,
        calendar.stamp,
        calendar.entry_stamp,
        calendar.role,
        call.world.switches,
    )
    return f'"p{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}"'


def _collection(call: Call, calendar: Calendar, page: Page) -> ApiAnswer:
    body: Json = {
        "kind": "calendar#events",
        "etag": _collection_etag(call, calendar),
        "summary": calendar.entry.get("summaryOverride", calendar.body["summary"]),
    }
    if "description" in calendar.body:
        body["description"] = calendar.body["description"]
    body |= {
        "updated": rfc3339(calendar.latest_update),
        "timeZone": call.parameters.text("timeZone") or calendar.zone,
        "accessRole": calendar.role,
        "defaultReminders": calendar.default_reminders,
    }
    if page.next_page_token:
        body["nextPageToken"] = page.next_page_token
    if page.next_sync_token:
        body["nextSyncToken"] = page.next_sync_token
    body["items"] = page.items
    return answer_unless_known(call, body)
