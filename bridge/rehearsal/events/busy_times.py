"""When a calendar is busy.

Source: Google, Freebusy: query, and `transparency` of the Events resource. Events that are
cancelled, free, or declined by the calendar's owner keep nobody busy; tentative and unanswered ones
do. Times that touch or overlap are told as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.expansion import plain_instances
from bridge.rehearsal.events.filters import ListQuery, in_window
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import by_position, span_of
from bridge.rehearsal.world import World

Span = tuple[int, int]


def busy_spans(world: World, calendar: Calendar, window: Span) -> list[Span]:
    """Return the busy times that meet a window, in order, none meeting another.

    Args:
        world: The rehearsal.
        calendar: A calendar.
        window: First and last second since 1970, half-open; so are the spans.
    """
    query = ListQuery(time_min=window[0], time_max=window[1])
    spans = [
        span_of(event, calendar)
        for event in _single(world, calendar, window[1])
        if in_window(event, query, calendar)
    ]
    found = _joined(spans)
    if world.switches.freebusy_bounds == "whole":
        return found
    return [(max(start, window[0]), min(end, window[1])) for start, end in found]


def _single(world: World, calendar: Calendar, before: int) -> Iterator[StoredEvent]:
    for event in by_position(world, calendar.calendar_id, after=0):
        if not _is_busy(event, calendar):
            continue
        if event.is_series:
            yield from plain_instances(world, calendar, event, before=before)
        else:
            yield event


def _is_busy(event: StoredEvent, calendar: Calendar) -> bool:
    if event.cancelled or event.body.get("transparency") == "transparent":
        return False
    return not any(
        guest["email"] == calendar.calendar_id and guest.get("responseStatus") == "declined"
        for guest in event.body.get("attendees", [])
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > start:
            found.append((start, end))
    return found
