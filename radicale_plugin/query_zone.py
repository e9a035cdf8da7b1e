"""CALDAV:timezone in a calendar-query (RFC 4791 section 9.8): the zone of floating times and days.

The store keeps its ranges in the zone of the calendar's owner. Asked in another one it is asked
for more, and what it finds is looked at again.
"""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import client
from typing import TYPE_CHECKING

from radicale.xmlutils import make_clark

from bridge.errors import ConversionError, InvalidCalendarData
from bridge.ical.instances import FIRST, LAST, occurs
from bridge.ical.scanner import ContentComponent, scan
from bridge.ical.spans import index_of
from bridge.ical.zones import resolve
from radicale_plugin.refusals import Refusal
from radicale_plugin.time_range import TimeRange

if TYPE_CHECKING:
    from bridge.store.calendar_values import StoredObject

_TIMEZONE = make_clark("C:timezone")
_FARTHEST = timedelta(hours=26)
"""Between the same wall time in any two zones."""
_LOOK_SECONDS = 2.0
"""Processor time that one question may look again for; the rest stays as the store found it."""


def read_zone(root: ET.Element, default: str) -> str:
    """Return the IANA name of the zone that a query asks for, else the default.

    Raises:
        Refusal: It is no calendar with one VTIMEZONE, or no zone of the tz database is like it.
    """
    element = root.find(_TIMEZONE)
    if element is None:
        return default
    calendar = zone_calendar(element.text or "")
    now = datetime.now(UTC).replace(tzinfo=None)
    tzid = calendar.components[0].text("TZID")
    try:
        zone = resolve(tzid, calendar, prefer=default, at=now)
    except ConversionError as error:
        raise _no_zone(str(error)) from error
    if not zone.exact:
        raise _no_zone("no time zone is known that keeps these hours")
    return zone.name


def zone_calendar(text: str) -> ContentComponent:
    """Return a calendar that holds exactly one VTIMEZONE (RFC 4791 sections 5.2.2 and 9.8).

    Raises:
        Refusal: It is none.
    """
    try:
        calendar = scan(text.strip())
    except InvalidCalendarData as error:
        raise _no_zone("no calendar with exactly one VTIMEZONE") from error
    if [part.name for part in calendar.components] != ["VTIMEZONE"]:
        raise _no_zone("no calendar with exactly one VTIMEZONE")
    return calendar


def widened(window: TimeRange | None) -> tuple[datetime | None, datetime | None]:
    """Return the ends of a range that holds all that is in this one in any zone."""
    start = end = None
    if window is not None and window.start is not None:
        start = max(window.start, FIRST + _FARTHEST) - _FARTHEST
    if window is not None and window.end is not None:
        end = min(window.end, LAST - _FARTHEST) + _FARTHEST
    return start, end


def seen_in(
    found: Iterable[StoredObject], window: TimeRange | None, zone: str
) -> Iterator[StoredObject]:
    """Yield the objects as they are read in a zone, those that are in the range.

    Their instances on record are another zone's, so that series are followed by their texts.
    """
    ends_at = time.thread_time() + _LOOK_SECONDS
    for stored in found:
        if time.thread_time() > ends_at:
            yield stored
            continue
        seen = _reread(stored, zone)
        if window is None or _is_in(seen, window, zone):
            yield seen


def _reread(stored: StoredObject, zone: str) -> StoredObject:
    try:
        index = index_of(stored.object, floating_zone=zone)
    except ConversionError:
        return stored
    return replace(
        stored,
        first_utc=index.first_utc,
        last_utc=index.last_utc,
        known_since=None,
        known_until=None,
    )


def _is_in(stored: StoredObject, window: TimeRange, zone: str) -> bool:
    start, end = window.start or FIRST, window.end or LAST
    if stored.first_utc is None:
        return True  # a to-do; the store finds no others
    if stored.recurring:
        return occurs(stored.object, start, end, floating_zone=zone)
    return stored.first_utc < end and (stored.last_utc is None or stored.last_utc > start)


def _no_zone(message: str) -> Refusal:
    return Refusal(message, status=client.FORBIDDEN, condition="C:valid-calendar-data")
