"""Editing and moving: this event, this and following, or all events.

Source: `google-calendar-facts` section 8. "All events" shifts the series by what the shown instance
was shifted, and rewrites the changed fields of its exceptions, which are full copies.
"""

from __future__ import annotations

from datetime import date, timedelta

from bridge.rehearsal.acts.span import Span
from bridge.rehearsal.acts.target import Target, find_target, living_exceptions
from bridge.rehearsal.events.recurrence import find_occurrence
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.shape import merged, without_nulls
from bridge.rehearsal.events.shift_lines import shifted_lines
from bridge.rehearsal.events.splitting import SCHEDULE, split
from bridge.rehearsal.events.times import read_date, seconds_of, shown_time, stored_time
from bridge.rehearsal.events.wall_clock import time_patch, wall_clock
from bridge.rehearsal.events.writing import Desk, patch_event
from bridge.rehearsal.google_error import Json, invalid


def edit_event(desk: Desk, event_id: str, patch: Json, span: Span) -> StoredEvent:
    """Change an event and return it; for a split, the new series; for all events, the series.

    Args:
        desk: Who writes where.
        event_id: An event, an instance or a series.
        patch: What changes, as in a patch of the API.
        span: How far the change reaches.

    Raises:
        GoogleError: 404, 410, 400, 403 as the API.
    """
    target = find_target(desk, event_id, span)
    if target.series is None or target.span is Span.THIS:
        if target.series is not None and "recurrence" in patch:
            raise invalid("A rule can change for this and following events, or for all events.")
        return patch_event(desk, target.event.event_id, patch)
    if target.span is Span.FOLLOWING:
        return split(desk, target.series, target.event, patch)
    return _edit_all(desk, target, target.series, patch)


def move_event(desk: Desk, event_id: str, to: str, span: Span, *, grabbed: str = "") -> StoredEvent:
    """Move an event to another day or moment, as long as it was before.

    Args:
        desk: Who writes where.
        event_id: An event, an instance or a series.
        to: Day `yyyy-mm-dd`, at the same clock time; or `yyyy-mm-ddThh:mm:ss` on the event's clock.
        span: How far the move reaches.
        grabbed: Day of the event at which it was taken, for one of several days; "" for its first,
            as the calendar shows it.

    Raises:
        GoogleError: 404, 410, 400, 403 as the API.
    """
    event = find_target(desk, event_id, span).event
    start, end = event.body["start"], event.body["end"]
    step = _step(desk, start, to, grabbed)
    patch = {
        "start": time_patch(wall_clock(start) + step, like=start),
        "end": time_patch(wall_clock(end) + step, like=end),
    }
    return edit_event(desk, event_id, patch, span)


def _step(desk: Desk, start: Json, to: str, grabbed: str) -> timedelta:
    if "T" not in to:
        day = read_date(to, what="start")
        shown = shown_time(start, zone=desk.calendar.zone)
        first = date.fromisoformat((shown.get("date") or shown["dateTime"])[:10])
        return day - (read_date(grabbed, what="start") if grabbed else first)
    if "date" in start:
        raise invalid("An all-day event moves to a day.")
    wanted = stored_time(
        {"dateTime": to, "timeZone": start["timeZone"]},
        what="start",
        calendar_zone=desk.calendar.zone,
    )
    return wall_clock(wanted) - wall_clock(start)


def _edit_all(desk: Desk, target: Target, series: StoredEvent, patch: Json) -> StoredEvent:
    fields = {name: value for name, value in patch.items() if name not in ("start", "end")}
    times = _times_of_all(desk, target, series, patch)
    if times and "recurrence" not in patch:
        start = stored_time(without_nulls(times["start"]), what="start", calendar_zone="UTC")
        lines = series.body["recurrence"]
        times["recurrence"] = shifted_lines(lines, before=series.body["start"], after=start)
    saved = patch_event(desk, series.event_id, {**fields, **times})
    changes = {name: value for name, value in fields.items() if name not in SCHEDULE}
    for exception in living_exceptions(desk, saved):
        rewritten = {**changes, **(_regular_times(desk, saved, exception) if times else {})}
        if rewritten:
            patch_event(desk, exception.event_id, rewritten)
    return saved


def _times_of_all(desk: Desk, target: Target, series: StoredEvent, patch: Json) -> Json:
    """Return start and end of the series for new times of one instance, {} for the old ones."""
    shown = target.event.body
    wanted = {
        name: stored_time(
            without_nulls(merged(shown[name], patch.get(name) or {})),
            what=name,
            calendar_zone=desk.calendar.zone,
        )
        for name in ("start", "end")
    }
    start, end = wanted["start"], wanted["end"]
    if start == shown["start"] and end == shown["end"]:
        return {}
    first = wall_clock(series.body["start"]) + (wall_clock(start) - wall_clock(shown["start"]))
    return {
        "start": time_patch(first, like=start),
        "end": time_patch(first + (wall_clock(end) - wall_clock(start)), like=end),
    }


def _regular_times(desk: Desk, series: StoredEvent, exception: StoredEvent) -> Json:
    """Return the times that an exception has in its series, as a patch."""
    zone = desk.calendar.zone
    original = seconds_of(exception.body["originalStartTime"], calendar_zone=zone)
    regular = find_occurrence(series.body, original, calendar_zone=zone)
    if regular is None:
        return {}
    return {
        name: time_patch(wall_clock(time), like=time)
        for name, time in (("start", regular.start), ("end", regular.end))
    }
