"""The method of the collection `freebusy`, as a call.

Source: Google, Freebusy: query. A calendar or group that cannot be told has its error beside the
others' answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bridge.rehearsal.api.call import ApiAnswer, Call, answer
from bridge.rehearsal.calendars.access import group_members
from bridge.rehearsal.calendars.resource import find_calendar
from bridge.rehearsal.events.busy_times import Span, busy_spans
from bridge.rehearsal.events.shape import shaped, without_nulls
from bridge.rehearsal.events.times import read_bound, shown_instant, zone_of
from bridge.rehearsal.google_error import GoogleError, Json, invalid, required, time_range_empty

_MOST_CALENDARS, _LARGEST_GROUP = 50, 100
_SHAPE = {
    "timeMin": "string",
    "timeMax": "string",
    "timeZone": "string",
    "groupExpansionMax": "integer",
    "calendarExpansionMax": "integer",
    "items": [{"id": "string"}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """A query, read.

    Attributes:
        window: First and last second since 1970.
        zone: Zone of the answer.
        ids: Calendars and groups.
        most_calendars: Calendars beyond this number are not told.
        largest_group: Groups with more members are not told.
    """

    window: Span
    zone: str
    ids: list[str]
    most_calendars: int
    largest_group: int


def freebusy_query(call: Call) -> ApiAnswer:
    """Answer `calendar.freebusy.query`."""
    query = _read(call.body)
    groups = {
        each: _group(call, each, query) for each in query.ids if group_members(call.world, each)
    }
    wanted = [each for each in query.ids if each not in groups]
    wanted += [member for group in groups.values() for member in group.get("calendars", [])]
    calendars = {
        each: _calendar(call, each, query, number)
        for number, each in enumerate(dict.fromkeys(wanted))
    }
    body: Json = {
        "kind": "calendar#freeBusy",
        "timeMin": _shown(query.window[0], query.zone),
        "timeMax": _shown(query.window[1], query.zone),
    }
    if groups:
        body["groups"] = groups
    return answer({**body, "calendars": calendars})


def _read(body: Json) -> _Query:
    given: Json = without_nulls(shaped(body, _SHAPE))
    for name in ("timeMin", "timeMax"):
        if not given.get(name):
            raise required(f"Missing {name}.")
    window = tuple(
        int(read_bound(given[name], name=name).timestamp()) for name in ("timeMin", "timeMax")
    )
    if window[0] >= window[1]:
        raise time_range_empty()
    zone = given.get("timeZone") or "UTC"
    zone_of(zone)
    if any(not each.get("id") for each in given.get("items", [])):
        raise required("Missing item id.")
    return _Query(
        window=(window[0], window[1]),
        zone=zone,
        ids=list(dict.fromkeys(each["id"] for each in given.get("items", []))),
        most_calendars=_limit(given, "calendarExpansionMax", _MOST_CALENDARS),
        largest_group=_limit(given, "groupExpansionMax", _LARGEST_GROUP),
    )


def _limit(given: Json, name: str, highest: int) -> int:
    value = int(given.get(name, highest))
    if not 1 <= value <= highest:
        raise invalid(f"Invalid value for field: {name}")
    return value


def _group(call: Call, group_email: str, query: _Query) -> Json:
    members = group_members(call.world, group_email)
    if len(members) > query.largest_group:
        return {"errors": [_error("groupTooBig")]}
    return {"calendars": members}


def _calendar(call: Call, calendar_id: str, query: _Query, number: int) -> Json:
    if number >= query.most_calendars:
        return {"errors": [_error("tooManyCalendarsRequested")], "busy": []}
    try:
        calendar = find_calendar(call.world, calendar_id, viewer=call.bearer.email)
    except GoogleError:
        return {"errors": [_error("notFound")], "busy": []}
    spans = busy_spans(call.world, calendar, query.window)
    return {
        "busy": [
            {"start": _shown(start, query.zone), "end": _shown(end, query.zone)}
            for start, end in spans
        ]
    }


def _error(reason: str) -> Json:
    return {"domain": "global" if reason == "notFound" else "calendar", "reason": reason}


def _shown(seconds: int, zone: str) -> str:
    return shown_instant(datetime.fromtimestamp(seconds, tz=UTC), zone)
