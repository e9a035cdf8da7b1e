"""Splitting a series the way Google's own page does it ("This and following events").

Source: `google-calendar-facts` sections 3, 8 and 19. The old series ends before the split; a new
one begins there, with the id `<old id>_R<original start>` and an iCalUID of its own, and takes all
fields along, extended properties too. What becomes of the exceptions behind the split is a switch:
nobody has written it down.
"""

from __future__ import annotations

import re

from bridge.rehearsal.events.cut_lines import lines_before, lines_from
from bridge.rehearsal.events.instances import series_part_removed
from bridge.rehearsal.events.recurrence import find_occurrence, occurrences
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_event
from bridge.rehearsal.events.shape import merged, without_nulls
from bridge.rehearsal.events.shift_lines import shifted_lines
from bridge.rehearsal.events.times import seconds_of, stored_time
from bridge.rehearsal.events.writing import Desk, hand_over, insert_second_half, patch_event
from bridge.rehearsal.google_error import Json, forbidden_for_non_organizer

SCHEDULE = ("start", "end", "recurrence")


def is_first(desk: Desk, series: StoredEvent, original_start: Json) -> bool:
    """Return whether nothing of a series lies before one of its instances."""
    zone = desk.calendar.zone
    first = next(occurrences(series.body, calendar_zone=zone), None)
    return first is None or first.instant >= seconds_of(original_start, calendar_zone=zone)


def end_before(desk: Desk, series: StoredEvent, original_start: Json) -> StoredEvent:
    """Let a series end before one of its instances; exceptions from there on become tombstones.

    Raises:
        GoogleError: 403 when the account does not organise the series.
    """
    _check_organizer(desk, series)
    lines = lines_before(
        series.body,
        original_start,
        calendar_zone=desk.calendar.zone,
        by_day=desk.world.switches.split_until == "day_before",
    )
    return patch_event(desk, series.event_id, {"recurrence": lines})


def split(desk: Desk, series: StoredEvent, instance: StoredEvent, patch: Json) -> StoredEvent:
    """Give an instance and all that follow to a new series, with changes, and return that.

    Args:
        desk: Who writes where.
        series: The series, which ends before the instance afterwards.
        instance: Any but the first instance, or an exception: the new series begins as this shows.
        patch: What changes from there on.

    Raises:
        GoogleError: 400 for bad fields, 403 when the account does not organise the series.
    """
    _check_organizer(desk, series)
    original = instance.body["originalStartTime"]
    body = without_nulls(merged(instance.body, patch))
    if "recurrence" not in patch:
        zone = desk.calendar.zone
        start = stored_time(body["start"], what="start", calendar_zone=zone)
        lines = lines_from(series.body, original, calendar_zone=zone)
        body["recurrence"] = shifted_lines(lines, before=original, after=start)
    new_id = second_half_id(series.event_id, original)
    if find_event(desk.world, desk.calendar.calendar_id, new_id) is not None:
        # Split here before, and put together again since.
        new_id = ""
    if desk.world.switches.split_exceptions == "tombstones":
        end_before(desk, series, original)
        return insert_second_half(desk, new_id, body)
    made = insert_second_half(desk, new_id, body)
    _take_along(desk, series, made, after=original, patch=patch)
    end_before(desk, series, original)
    return made


def second_half_id(series_id: str, original_start: Json) -> str:
    """Return the id of the series that is split off at an instance.

    A series that was split off itself passes its part `_R...` on to nobody.
    """
    text = original_start.get("date") or original_start["dateTime"].removesuffix("Z")
    return f"{series_part_removed(series_id)}_R{re.sub('[-:]', '', text)}"


def _check_organizer(desk: Desk, series: StoredEvent) -> None:
    # A guest has no part of a series to give to a new one.
    organizer = series.body["organizer"]["email"]
    if organizer != desk.calendar.calendar_id and not series.body.get("privateCopy"):
        raise forbidden_for_non_organizer()


def _take_along(
    desk: Desk, series: StoredEvent, made: StoredEvent, *, after: Json, patch: Json
) -> None:
    """Hand the exceptions behind the split over to the new series, ids unchanged."""
    zone = desk.calendar.zone
    if not made.is_series:
        return
    instant = seconds_of(after, calendar_zone=zone)
    changes = {name: value for name, value in patch.items() if name not in SCHEDULE}
    for exception in exceptions_of(desk.world, series.calendar_id, series.event_id):
        original = seconds_of(exception.body["originalStartTime"], calendar_zone=zone)
        # The exception at the split itself has become the beginning of the new series.
        if original <= instant:
            continue
        if find_occurrence(made.body, original, calendar_zone=zone) is None:
            continue
        hand_over(desk, exception, made)
        if changes and not exception.cancelled:
            patch_event(desk, exception.event_id, changes)
