"""The methods of the collection `events`, as calls."""

from __future__ import annotations

import hashlib

from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.clock import rfc3339
from bridge.rehearsal.events.filters import read_query
from bridge.rehearsal.events.instance_listing import list_instances, read_instances_query
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.listing import Page, list_page
from bridge.rehearsal.events.people import SendUpdates
from bridge.rehearsal.events.resource import StoredEvent, render
from bridge.rehearsal.events.shape import EVENT_SHAPE, shaped
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.events.writing import (
    Desk,
    WriteOptions,
    delete_event,
    import_event,
    insert_event,
    is_expired,
    patch_event,
    update_event,
)
from bridge.rehearsal.google_error import Json, not_found


def events_list(call: Call) -> ApiAnswer:
    """Answer `calendar.events.list`."""
    calendar = call.calendar()
    page = list_page(call.world, calendar, read_query(call.parameters), stale=call.stale)
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
    return render(event, calendar, zone=zone, max_attendees=limit)


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
