"""Listing the instances of one series.

Source: Google, Events: instances. It is no basis for a sync token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.rehearsal.api.parameters import Parameters
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.expansion import plain_instances
from bridge.rehearsal.events.filters import ListQuery, in_window, read_query
from bridge.rehearsal.events.listing import Page
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of
from bridge.rehearsal.events.showing import shown
from bridge.rehearsal.events.sync_tokens import Token, encode, read_page_token
from bridge.rehearsal.events.times import read_bound, read_date, seconds_of
from bridge.rehearsal.google_error import invalid
from bridge.rehearsal.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancesQuery:
    """What is asked of a series.

    Attributes:
        query: Window, page, zone and so on.
        original_start: Wanted original start as it was sent, "" for all instances.
    """

    query: ListQuery
    original_start: str


def read_instances_query(parameters: Parameters) -> InstancesQuery:
    """Return the query of a call.

    Raises:
        GoogleError: 400 for values that cannot be read.
    """
    return InstancesQuery(
        query=read_query(parameters), original_start=parameters.text("originalStart")
    )


def list_instances(
    world: World, calendar: Calendar, series: StoredEvent, wanted: InstancesQuery
) -> Page:
    """Return a page of the instances of a series, exceptions in their places, by start.

    Raises:
        GoogleError: 400 for an event that does not recur, or a page token of another query.
    """
    if not series.is_series:
        raise invalid("The event is not a recurring one.")
    query = wanted.query
    frozen = {**query.page_parameters(), "originalStart": wanted.original_start}
    collection = f"{calendar.calendar_id}/{series.event_id}"
    after: list[int | str] = []
    if query.page_token:
        after = read_page_token(
            world, query.page_token, collection=collection, viewer=calendar.viewer, frozen=frozen
        ).key
    keyed = [
        (_key(event, calendar), event) for event in _instances(world, calendar, series, wanted)
    ]
    found = sorted((entry for entry in keyed if entry[0] > after), key=lambda entry: entry[0])
    taken = found[: query.max_results]
    items = [
        shown(world, event, calendar, zone=query.zone, max_attendees=query.max_attendees)
        for _, event in taken
    ]
    if len(taken) == len(found):
        return Page(items=items)
    following = Token(
        kind="page",
        collection=collection,
        viewer=calendar.viewer,
        epoch=world.state.meta("epoch") or "",
        issued=world.clock.milliseconds(),
        frozen=frozen,
        change=0,
        key=taken[-1][0],
    )
    return Page(items=items, next_page_token=encode(world, following))


def _instances(
    world: World, calendar: Calendar, series: StoredEvent, wanted: InstancesQuery
) -> list[StoredEvent]:
    query = _inclusive(wanted.query)
    found = [
        event
        for event in exceptions_of(world, calendar.calendar_id, series.event_id)
        if query.show_deleted or not event.cancelled
    ]
    if not series.cancelled:
        found += plain_instances(
            world, calendar, series, after=query.time_min, before=query.time_max
        )
    if wanted.original_start:
        instant = _instant(wanted.original_start, calendar)
        found = [event for event in found if _original(event, calendar) == instant]
    return [event for event in found if in_window(event, query, calendar)]


def _inclusive(query: ListQuery) -> ListQuery:
    # timeMin is inclusive here, unlike in Events: list.
    return query if query.time_min is None else replace(query, time_min=query.time_min - 1)


def _key(event: StoredEvent, calendar: Calendar) -> list[int | str]:
    return [seconds_of(event.body["start"], calendar_zone=calendar.zone), event.event_id]


def _instant(text: str, calendar: Calendar) -> int:
    if "T" in text.upper():
        return int(read_bound(text, name="originalStart").timestamp())
    day = read_date(text, what="originalStart")
    return seconds_of({"date": day.isoformat()}, calendar_zone=calendar.zone)


def _original(event: StoredEvent, calendar: Calendar) -> int:
    return seconds_of(event.body["originalStartTime"], calendar_zone=calendar.zone)
