"""What a change of a series means for its exceptions.

Source: `google-calendar-facts` section 8. Exceptions are full copies and inherit nothing; but those
whose original start the series does not have any more are lost, as ids of instances carry it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.recurrence import find_occurrence
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, forget_event, save_event
from bridge.rehearsal.events.times import seconds_of
from bridge.rehearsal.world import World


def lost_exceptions(world: World, calendar: Calendar, series: StoredEvent) -> Iterator[StoredEvent]:
    """Yield the exceptions that a changed series has lost and whose end is to be told.

    Lost ones that nobody is to hear of any more are forgotten here, and so are those lost before
    whose original start has come back: it is a plain instance again.
    """
    if world.switches.lost_exceptions == "kept":
        return
    for exception in exceptions_of(world, calendar.calendar_id, series.event_id):
        was_lost = "lostStart" in exception.body
        if _is_lost(calendar, series, exception) == was_lost:
            continue
        if was_lost or exception.cancelled or world.switches.lost_exceptions == "silent":
            forget_event(world, exception)
        else:
            yield exception.with_body(lostStart=True)


def _is_lost(calendar: Calendar, series: StoredEvent, exception: StoredEvent) -> bool:
    original = exception.body["originalStartTime"]
    if not series.is_series or ("date" in original) != ("date" in series.body["start"]):
        return True
    instant = seconds_of(original, calendar_zone=calendar.zone)
    return find_occurrence(series.body, instant, calendar_zone=calendar.zone) is None


def bring_exceptions_along(world: World, calendar: Calendar, series: StoredEvent) -> None:
    """Give the exceptions of a changed series new ETags, if the switch says so."""
    if world.switches.exceptions_with_master == "along":
        for exception in exceptions_of(world, calendar.calendar_id, series.event_id):
            save_event(world, calendar, exception.event_id, exception.body, quiet=True)
