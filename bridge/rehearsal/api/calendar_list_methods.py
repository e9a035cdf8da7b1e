"""The methods of the collection `calendarList`, as calls.

Source: Google, CalendarList resource.
"""

from __future__ import annotations

from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.calendar_list import list_entries, read_entries_query
from bridge.rehearsal.calendars.entries import entry_body, remove_entry, save_entry
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.shape import merged, without_nulls
from bridge.rehearsal.events.writing import check_etag
from bridge.rehearsal.google_error import Json, not_found, required


def calendar_list_list(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.list`."""
    query = read_entries_query(call.parameters)
    return answer_unless_known(call, list_entries(call.world, call.bearer.email, query))


def calendar_list_get(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.get`."""
    return answer_unless_known(call, _listed(call).entry_to_json())


def calendar_list_insert(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.insert`; for a calendar on the list it is an update."""
    given = without_nulls(_body(call))
    if not given.get("id"):
        raise required("Missing calendar id.")
    calendar = call.calendar(calendar_id=given["id"])
    if calendar.is_listed:
        return _saved(call, calendar, merged(calendar.entry, given))
    return _saved(call, calendar, {"selected": True, **given})


def calendar_list_patch(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.patch`."""
    calendar = _changeable(call)
    return _saved(call, calendar, merged(calendar.entry, _body(call)))


def calendar_list_update(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.update`; colours that are not named stay."""
    return _saved(call, _changeable(call), without_nulls(_body(call)))


def calendar_list_delete(call: Call) -> ApiAnswer:
    """Answer `calendar.calendarList.delete`: 204 without a body."""
    remove_entry(call.world, _changeable(call))
    return answer(None, status=204)


def _listed(call: Call) -> Calendar:
    calendar = call.calendar()
    if not calendar.is_listed:
        raise not_found()
    return calendar


def _changeable(call: Call) -> Calendar:
    calendar = _listed(call)
    check_etag(call.headers.get("if-match", ""), str(calendar.entry_to_json()["etag"]))
    return calendar


def _body(call: Call) -> Json:
    return entry_body(call.body, rgb=call.parameters.flag("colorRgbFormat"))


def _saved(call: Call, calendar: Calendar, wanted: Json) -> ApiAnswer:
    body = save_entry(call.world, calendar, wanted).entry_to_json()
    return answer(body, etag=str(body["etag"]))
