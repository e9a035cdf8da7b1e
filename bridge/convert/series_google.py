"""A view put into an item of Google: the master, and exceptions made, changed, cancelled, restored.

Google has no way to take an exception back: it is given what the master has, and counts as a plain
instance then. Cancelled instances are exceptions that say so; EXDATE is only rewritten where an
instance comes back (Google: Recurring events).
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.convert import series_views, views
from bridge.convert.lens_changes import Changes, google_changes
from bridge.convert.properties.schedule import event_times
from bridge.convert.series_frame import (
    SeriesFrame,
    dates_without,
    excluded_keys,
    frame_of,
    frame_with,
    is_of_kind,
    is_series,
    overrides,
)
from bridge.convert.series_rule import RULE_NAMES
from bridge.convert.showing import Showing
from bridge.domain.view import MergeField, View
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, make_line, text_line, write_lines
from bridge.ical.patch import PropertyChange, copied, patch, patch_members
from bridge.ical.scanner import ContentComponent, line_break_of

_OF_SERIES = (*RULE_NAMES, "EXDATE")
_SHARED = frozenset({MergeField.VISIBILITY, MergeField.COLOUR})
"""What there is one of for a series; single dates that have another one are left as they are."""
_CANCELLED = make_line("STATUS", "CANCELLED")


def put_google(
    wanted: View, present: View, item: CalendarObject, showing: Showing
) -> CalendarObject:
    """Return Google's item showing the view.

    Args:
        wanted: In normal form.
        present: What the item shows.
        item: Google's item.
        showing: How it is shown.

    Returns:
        The very `item` when it shows the view already.
    """
    wanted = series_views.deviating(wanted, wanted.by_key())
    anew = frozenset(f for f in _SHARED if wanted.value_of(f) != present.value_of(f))
    written = _put(wanted, present, item, anew=anew, showing=showing)
    shown = series_views.google_visibility(written, showing)
    if MergeField.VISIBILITY in anew or shown is wanted.visibility:
        return written
    # Only a single date said so, which is gone or cancelled now.
    anew |= {MergeField.VISIBILITY}
    return _put(wanted, present, item, anew=anew, showing=showing)


def _put(
    wanted: View,
    present: View,
    item: CalendarObject,
    *,
    anew: frozenset[MergeField],
    showing: Showing,
) -> CalendarObject:
    """Return the item showing the view; of what a series has one of, just what is told anew."""
    same_schedule = wanted.schedule == present.schedule
    written = patch(item, _master_changes(wanted, item, same_schedule, anew=anew, showing=showing))
    if not wanted.schedule.recurrence:
        return _single(written) if is_series(item.head()) else written
    cleared = _members_put(wanted, written, same_schedule=same_schedule, zone=showing.zone)
    return _fields_put(wanted, cleared, anew=anew, showing=showing)


def put_instances(wanted: View, made: CalendarObject, showing: Showing) -> CalendarObject:
    """Return a new item for Google, which shows the master and its rules, with instances.

    Args:
        wanted: In normal form.
        made: The item so far.
        showing: How it is shown.
    """
    wanted = series_views.deviating(wanted, wanted.by_key())
    if not wanted.instances:
        return made
    cleared = _members_put(wanted, made, same_schedule=True, zone=showing.zone)
    return _fields_put(wanted, cleared, anew=frozenset(), showing=showing)


def _master_changes(
    wanted: View,
    item: CalendarObject,
    same_schedule: bool,
    *,
    anew: frozenset[MergeField],
    showing: Showing,
) -> Changes:
    master = item.head()
    changes = _event_changes(wanted, master, item, anew=anew, showing=showing)
    if same_schedule:
        return changes
    timed = patch(item, changes)
    return (*changes, *_rule_changes(wanted, timed, showing.zone))


def _event_changes(
    wanted: View,
    component: ContentComponent,
    item: CalendarObject,
    *,
    anew: frozenset[MergeField],
    showing: Showing,
) -> Changes:
    present = views.google_view(component, item.source(), showing)
    assert present is not None  # noqa: S101 (Google's events have a time)
    wanted = wanted.taking(present, _SHARED - anew)
    return google_changes(wanted, present, component, showing)


def _rule_changes(wanted: View, timed: CalendarObject, zone: str) -> Changes:
    """Return what gives a master, its times right already, the rules of the view."""
    master = timed.head()
    written: Mapping[str, tuple[ContentLine, ...]] = {}
    names: tuple[str, ...] = _OF_SERIES
    if wanted.schedule.recurrence:
        written = frame_with(
            wanted.schedule.recurrence, timed, wanted.schedule.span, zone=zone
        ).rule_lines()
        names = RULE_NAMES
    return tuple(
        PropertyChange(name=name, lines=written.get(name, ()))
        for name in names
        if written.get(name) or master.first(name) is not None
    )


def _members_put(
    wanted: View, item: CalendarObject, *, same_schedule: bool, zone: str
) -> CalendarObject:
    """Return the item with an exception for each instance that is to have one."""
    frame = _frame(item, zone)
    members, excluded = overrides(item, frame), excluded_keys(item, frame)
    had = frame.keys_had(members.keys() | excluded)
    shown = wanted.by_key()
    back = {key for key in excluded if key not in shown or shown[key] is not None}
    if same_schedule:
        back &= had
    changes = []
    if back:
        lines = dates_without(item, frame, frozenset(back), name="EXDATE")
        changes.append(PropertyChange(name="EXDATE", lines=lines))
    stale: list[ContentComponent] = []
    if not same_schedule:
        kept = {k for k, each in members.items() if k in had and is_of_kind(each[0], frame)}
        stale = [member for key, each in members.items() if key not in kept for member in each]
        members = {key: members[key] for key in kept}
    added = [
        _cancelled(item, frame, key) if view is None else _copy(item, frame, wanted, key)
        for key, view in sorted(shown.items())
        if key not in members and not (view is None and key in excluded)
    ]
    return patch_members(item, [(item.head(), changes)], removed=stale, added=added)


def _fields_put(
    wanted: View, item: CalendarObject, *, anew: frozenset[MergeField], showing: Showing
) -> CalendarObject:
    """Return the item with each exception showing its part of the view, or the plain instance."""
    frame = _frame(item, showing.zone)
    members = overrides(item, frame)
    shown, excluded = wanted.by_key(), excluded_keys(item, frame)
    changed = []
    for key in frame.keys_had(members) - excluded:
        member = members[key][0]
        view = shown[key] if key in shown else series_views.plain_instance(wanted, key)
        if view is None:
            changed.append((member, _called_off(member)))
        else:
            # Of a cancelled one nothing is known; it has what its series has again.
            own = _SHARED if series_views.is_cancelled(member) else anew
            fields = _event_changes(view, member, item, anew=own, showing=showing)
            changed.append((member, (*fields, *_happening(member))))
    return patch_members(item, sorted(changed, key=lambda each: each[0].start))


def _called_off(member: ContentComponent) -> Changes:
    if series_views.is_cancelled(member):
        return ()
    return (PropertyChange(name="STATUS", lines=(_CANCELLED,)),)


def _happening(member: ContentComponent) -> Changes:
    return (PropertyChange(name="STATUS"),) if series_views.is_cancelled(member) else ()


def _copy(item: CalendarObject, frame: SeriesFrame, wanted: View, key: str) -> str:
    master = item.head()
    at = series_views.plain_instance(wanted, key)
    own = PropertyChange(name="RECURRENCE-ID", lines=(frame.recurrence_id(key),))
    without = (PropertyChange(name=name) for name in _OF_SERIES)
    return copied(item, master, (*event_times(at.schedule.span, master), own, *without))


def _cancelled(item: CalendarObject, frame: SeriesFrame, key: str) -> str:
    """Return what Google tells of a cancelled exception: which instance it is."""
    line_break = line_break_of(item.text)
    own = frame.recurrence_id(key)
    start = ContentLine(
        name="DTSTART",
        text="DTSTART" + own.text[len("RECURRENCE-ID") :],
        colon=own.colon - len("RECURRENCE-ID") + len("DTSTART"),
    )
    stamp = item.head().value("DTSTAMP") or "19700101T000000Z"
    lines = (text_line("UID", item.uid), make_line("DTSTAMP", stamp), own, start, _CANCELLED)
    text = write_lines(lines, line_break)
    return f"BEGIN:VEVENT{line_break}{text}END:VEVENT{line_break}"


def _single(item: CalendarObject) -> CalendarObject:
    others = [member for member in item.members() if member.first("RECURRENCE-ID") is not None]
    return patch_members(item, removed=others)


def _frame(item: CalendarObject, zone: str) -> SeriesFrame:
    shown = views.google_view(item.head(), item.source(), Showing(zone=zone))
    assert shown is not None  # noqa: S101 (Google's events have a time)
    frame = frame_of(item, shown.schedule.span, zone=zone)
    assert frame is not None  # noqa: S101 (the caller put rules into it)
    return frame
