"""A calendar object that goes on from a series of the CRM, for one that was split off it at Google.

All that Google does not know of the old series is taken along: type, links, alarms, details that
are hidden there, and what calendar programs have written of their own. Into that is put what
Google shows of the new one.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.convert import series_views
from bridge.convert.lens_changes import Changes, floating, scheduled, stamp_lines
from bridge.convert.properties.crm_links import CONTINUES
from bridge.convert.series_frame import (
    SeriesFrame,
    dates_without,
    excluded_keys,
    frame_of,
    overrides,
)
from bridge.convert.showing import Showing
from bridge.domain.identifiers import Uid
from bridge.domain.view import Schedule, View
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import make_line, text_line
from bridge.ical.patch import PropertyChange, patch_members
from bridge.ical.scanner import ContentComponent

# Of the old object alone. URL is the way to its record.
_NOT_TAKEN = ("CREATED", "LAST-MODIFIED", "URL")


def rest_of(
    item: CalendarObject, key: str, *, uid: Uid, google: ContentComponent, showing: Showing
) -> CalendarObject | None:
    """Return what is left of a series from one of its instances on, as a new object.

    Args:
        item: From the calendar side.
        key: The instance it is to begin at; "" for one whose dates have nothing to do with it.
        uid: Of the new object.
        google: The component it is made for.
        showing: How the old object is shown.

    Returns:
        None for what is no series that Google can show.

    Raises:
        ConversionError: It cannot be read.
    """
    shown = series_views.calendar_view(item, showing)
    if shown is None or not shown.schedule.recurrence:
        return None
    frame = frame_of(item, shown.schedule.span, zone=showing.zone)
    assert frame is not None  # noqa: S101 (it has rules)
    master, members = item.head(), overrides(item, frame)
    kept = [each for at, them in members.items() if key and at >= key for each in them]
    removed = [each for them in members.values() for each in them if each not in kept]
    own = PropertyChange(name="UID", lines=(text_line("UID", uid),))
    changes = (
        own,
        *_of_new_object(item, google),
        *_without_earlier(item, frame, key),
        *(_begun_at(shown, key, master, frame) if key else ()),
    )
    of_members = [(member, (own,)) for member in kept]
    made = patch_members(item, [(master, changes), *of_members], removed=removed)
    return replace(made, uid=uid)


def _of_new_object(item: CalendarObject, google: ContentComponent) -> Changes:
    return (
        PropertyChange(name="DTSTAMP", lines=tuple(stamp_lines(google))),
        PropertyChange(name="SEQUENCE", lines=(make_line("SEQUENCE", "0"),)),
        PropertyChange(name=CONTINUES, lines=(text_line(CONTINUES, item.uid),)),
        *(PropertyChange(name=name) for name in _NOT_TAKEN),
    )


def _without_earlier(item: CalendarObject, frame: SeriesFrame, key: str) -> Changes:
    """Take off what was said of single dates before the instance, so that none is counted."""
    excluded = excluded_keys(item, frame)
    earlier = frozenset(each for each in excluded if not key or each < key)
    dates = dates_without(item, frame, earlier, name="EXDATE")
    return (PropertyChange(name="EXDATE", lines=dates), *_further_dates(item, frame, key))


def _further_dates(item: CalendarObject, frame: SeriesFrame, key: str) -> Changes:
    if not key:
        return ()
    told = {each for text in frame.rules if text.startswith("RDATE") for each in _values(text)}
    earlier = frozenset(each for each in told if each < key)
    lines = dates_without(item, frame, earlier, name="RDATE")
    return (PropertyChange(name="RDATE", lines=lines),)


def _values(text: str) -> list[str]:
    return [value.strip() for value in text.partition(":")[2].split(",")]


def _begun_at(shown: View, key: str, master: ContentComponent, frame: SeriesFrame) -> Changes:
    at = series_views.plain_instance(shown, key).schedule.span
    times = scheduled(Schedule(span=at, recurrence=shown.schedule.recurrence), master)
    return floating(times, frame.zone) if frame.floating else times
