"""Instances of a series: their ids, and finding one that is not stored itself.

Source: Google, "Recurring events"; the form of instance ids from `google-calendar-facts` section 3.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.recurrence import Occurrence, find_occurrence
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import find_event, series_for_instance
from bridge.rehearsal.events.times import seconds_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World

_SPLIT = re.compile(r"_R\d{8}(T\d{6})?$")
_INSTANCE = re.compile(r"(.+)_(\d{8})(?:T(\d{6})Z)?")
_NOT_OF_AN_INSTANCE = ("recurrence",)


def instance_id(series_id: str, original_start: Json) -> str:
    """Return the id of the instance of a series that starts at a stored time.

    The part `_R...` of a split-off series does not appear in the ids of its instances.
    """
    text = original_start.get("date") or original_start["dateTime"]
    return f"{series_part_removed(series_id)}_{re.sub('[-:]', '', text)}"


def series_part_removed(series_id: str) -> str:
    """Return the id of a series without the part `_R...` of one that was split off."""
    return _SPLIT.sub("", series_id)


def instance_of(series: StoredEvent, occurrence: Occurrence) -> StoredEvent:
    """Return an instance as worked out from its series, which lends it its ETag."""
    body = {name: value for name, value in series.body.items() if name not in _NOT_OF_AN_INSTANCE}
    body |= {
        "start": occurrence.start,
        "end": occurrence.end,
        "recurringEventId": series.event_id,
        "originalStartTime": occurrence.start,
    }
    return StoredEvent(
        calendar_id=series.calendar_id,
        event_id=instance_id(series.event_id, occurrence.start),
        change=0,
        stamp=series.stamp,
        updated=series.updated,
        position=0,
        body=body,
    )


def find_event_or_instance(world: World, calendar: Calendar, event_id: str) -> StoredEvent | None:
    """Return an event by id: a stored one, else the instance of a living series, else None.

    After a split the tombstone of an exception and the instance of the new series have one id; the
    living one is found.
    """
    stored = find_event(world, calendar.calendar_id, event_id)
    if stored is not None and not (stored.cancelled and stored.series_id):
        return stored
    instance = _living_instance(world, calendar, event_id)
    if stored is not None and (instance is None or instance.series_id == stored.series_id):
        return stored
    return instance


def _living_instance(world: World, calendar: Calendar, event_id: str) -> StoredEvent | None:
    found = _INSTANCE.fullmatch(event_id)
    if found is None:
        return None
    base, day, clock_time = found.groups()
    for series in series_for_instance(world, calendar.calendar_id, base):
        instance = _find_in(series, calendar, day, clock_time)
        if instance is not None and not series.cancelled:
            return instance
    return None


def _find_in(
    series: StoredEvent, calendar: Calendar, day: str, clock_time: str | None
) -> StoredEvent | None:
    if ("date" in series.body["start"]) != (clock_time is None):
        return None
    try:
        moment = datetime.strptime(day + (clock_time or "000000"), "%Y%m%d%H%M%S").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None
    start: Json = {"date": moment.date().isoformat()}
    if clock_time is not None:
        start = {"dateTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
    instant = seconds_of(start, calendar_zone=calendar.zone)
    occurrence = find_occurrence(series.body, instant, calendar_zone=calendar.zone)
    return None if occurrence is None else instance_of(series, occurrence)
