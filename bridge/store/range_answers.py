"""Questions about a range of time answered whole: from the record, else by following a series.

Outside of the window that is on record, and for series too dense for it, the text is followed, with
bounded work; whatever cannot be ruled out within it counts as a match.
"""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import Connection

from bridge.errors import ConversionError
from bridge.ical.busy import Busy
from bridge.ical.instances import Budget, instances, occurs
from bridge.store.calendar_listing import ListedObject
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.time_ranges import (
    Window,
    busy_found,
    busy_unknown,
    objects_found,
    texts_found,
)

_FOLLOW_SECONDS = 2.0
"""Processor time that one question may follow series for."""


class _Deadline:
    """Processor time of this thread, from now on."""

    def __init__(self) -> None:
        self._end = time.thread_time() + _FOLLOW_SECONDS

    @property
    def over(self) -> bool:
        return time.thread_time() > self._end


def matching(
    connection: Connection, calendar: StoredCalendar, window: Window, component: str | None
) -> list[StoredObject]:
    """Return the objects with an instance in the window; see `CalendarRepository.in_range`."""
    deadline = _Deadline()
    return [
        stored
        for stored, sure in objects_found(connection, calendar, window, component)
        if sure
        or deadline.over
        or occurs(stored.object, window.start, window.end, floating_zone=calendar.zone)
    ]


def matching_texts(
    connection: Connection, calendar: StoredCalendar, window: Window, component: str | None
) -> list[ListedObject]:
    """Return what `matching` does, as listed with texts."""
    deadline = _Deadline()
    return [
        listed
        for listed, series in texts_found(connection, calendar, window, component)
        if series is None
        or deadline.over
        or occurs(series, window.start, window.end, floating_zone=calendar.zone)
    ]


def blocked(
    connection: Connection, calendar: StoredCalendar, window: Window, budget: Budget | None
) -> list[tuple[datetime, datetime, bool]]:
    """Return the times that are blocked; see `CalendarRepository.busy_times`."""
    found = list(busy_found(connection, calendar, window))
    deadline = _Deadline()
    for stored in busy_unknown(connection, calendar, window):
        if not deadline.over:
            found += _followed(stored, calendar, window, budget)
    clipped = [
        (max(start, window.start), min(end, window.end), tentative)
        for start, end, tentative in found
    ]
    return sorted(set(clipped))


def _followed(
    stored: StoredObject, calendar: StoredCalendar, window: Window, budget: Budget | None
) -> list[tuple[datetime, datetime, bool]]:
    try:
        found = instances(
            stored.object, window.start, window.end, floating_zone=calendar.zone, budget=budget
        )
    except ConversionError:
        # Beyond what anybody follows; what blocks every minute tells nobody when to meet.
        return []
    return [
        (each.first_utc, each.last_utc, each.busy is Busy.TENTATIVE)
        for each in found
        if each.busy is not Busy.FREE
    ]
