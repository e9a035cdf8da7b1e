"""Series expanded to their instances, with exceptions in their places.

Source: Google, Events: instances, and `singleEvents` of Events: list. An endless series is expanded
for some years only, as Google does.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.instances import instance_id, instance_of
from bridge.rehearsal.events.recurrence import occurrences
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of
from bridge.rehearsal.events.times import seconds_of
from bridge.rehearsal.world import World

_YEAR_SECONDS = 366 * 86_400
_HALF_A_YEAR_SECONDS = 183 * 86_400
_MOST_INSTANCES = 5000


def plain_instances(
    world: World,
    calendar: Calendar,
    series: StoredEvent,
    *,
    after: int | None = None,
    before: int | None = None,
) -> Iterator[StoredEvent]:
    """Yield the instances of a series that are no exceptions, in order, bounded.

    Args:
        world: The rehearsal.
        calendar: Where the series is.
        series: A series.
        after: Lower bound of the end in seconds since 1970, exclusive; None for none.
        before: Upper bound of the start in seconds since 1970; None for some years ahead.
    """
    horizon = before
    if horizon is None:
        now = world.clock.milliseconds() // 1000
        starts = seconds_of(series.body["start"], calendar_zone=calendar.zone)
        years = world.switches.expansion_years
        horizon = max(now, starts, after or starts) + years * _YEAR_SECONDS
    taken = {
        event.event_id for event in exceptions_of(world, calendar.calendar_id, series.event_id)
    }
    found = occurrences(series.body, calendar_zone=calendar.zone)
    shown = 0
    for occurrence in found:
        if occurrence.instant >= horizon or shown >= _MOST_INSTANCES:
            return
        ends = seconds_of(occurrence.end, calendar_zone=calendar.zone)
        if after is not None and ends <= after:
            continue
        shown += 1
        if instance_id(series.event_id, occurrence.start) not in taken:
            yield instance_of(series, occurrence)


def cancelled_instances(
    world: World, calendar: Calendar, series: StoredEvent
) -> Iterator[StoredEvent]:
    """Yield the instances of a deleted series as tombstones, for half a year around now only.

    Seen at Google: the deletion of a series is reported for about six months of instances.
    """
    now = world.clock.milliseconds() // 1000
    horizon = now + _HALF_A_YEAR_SECONDS
    since = now - _HALF_A_YEAR_SECONDS
    for instance in plain_instances(world, calendar, series, after=since, before=horizon):
        yield instance.with_body(status="cancelled")
