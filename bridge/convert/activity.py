"""Activities as calendar objects, and what a client's edit makes of an activity.

The internal note has no mapper: nothing here reads it, so it can leave on no path.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bridge.convert.properties import MAPPERS
from bridge.convert.properties.mapper import Reading, Writing
from bridge.convert.properties.schedule import changes_schedule, raised_sequence
from bridge.domain.activity import Activity, ActivityType, CollectionName
from bridge.domain.identifiers import Uid
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, make_line
from bridge.ical.patch import PropertyChange, build, patch
from bridge.ical.times import utc_line


def activity_to_object(  # noqa: PLR0913 (every argument is a fact the object states)
    activity: Activity,
    *,
    uid: Uid,
    type_: ActivityType,
    now: datetime,
    base: CalendarObject | None = None,
    record_url: str = "",
    types: Sequence[ActivityType] = (),
) -> CalendarObject:
    """Return the calendar object of an activity.

    With a `base` only the properties that do not say yet what the activity says are changed, and
    DTSTAMP and LAST-MODIFIED with them; SEQUENCE rises when the schedule does. The same arguments
    give the same text.

    Args:
        activity: Undated ones become to-dos whatever their type.
        uid: UID of a new object.
        type_: The type `activity.type_key` names.
        now: Aware; when the activity changed.
        base: The stored object. It keeps its component; only an event whose activity lost its
            date is made anew, as a to-do.
        record_url: Page of the record in the CRM, for new objects; "" for none.
        types: All types, so that a client's category of another type is recognised in `base`.

    Returns:
        The very `base` when it says all that already.

    Raises:
        ConversionError: The activity holds a zone or recurrence that means nothing.
    """
    if base is not None and base.component == "VEVENT" and activity.span is None:
        base = None
    if base is None:
        return _new(activity, uid, type_, now, record_url)
    writing = Writing(
        component=base.component,
        base=base.head(),
        calendar=base.source(),
        type=type_,
        types=types,
        now=now,
    )
    changes = _changes(activity, writing)
    if not changes:
        return base
    return patch(base, (*changes, *_stamps(base, changes, now)))


def object_to_activity(  # noqa: PLR0913 (every argument decides what the edit means)
    item: CalendarObject,
    *,
    base: Activity,
    previous: CalendarObject | None,
    types: Sequence[ActivityType],
    collection: CollectionName | None,
    floating_zone: str,
) -> Activity:
    """Return what a client's object makes of an activity.

    Args:
        item: As the client put it.
        base: The activity before; for a new object one with owner, company and the type that the
            collection gives. Its note, links and participants stay as they are.
        previous: The stored object before the edit, None for a new one.
        types: All types of the company.
        collection: Where the object lies, None in a calendar of the user's own making: there
            every type may be chosen.
        floating_zone: IANA name of the owner's zone.

    Returns:
        The activity. `done_at` is None where the client did not say when.

    Raises:
        ConversionError: A journal entry, which is no activity, or a value that cannot be read.
    """
    if item.component == "VJOURNAL":
        raise ConversionError("a journal entry is no activity", uid=item.uid)
    reading = Reading(
        calendar=item.source(),
        previous=None if previous is None else previous.head(),
        types=types,
        collection=collection,
        floating_zone=floating_zone,
    )
    component, activity = item.head(), base
    for mapper in MAPPERS:
        activity = mapper.read(component, activity, reading)
    return activity


def component_for(activity: Activity, type_: ActivityType) -> str:
    """Return the component that the CRM makes of an activity (design decision 17)."""
    return "VTODO" if activity.span is None else type_.collection.component


def _new(
    activity: Activity, uid: Uid, type_: ActivityType, now: datetime, record_url: str
) -> CalendarObject:
    component = component_for(activity, type_)
    writing = Writing(component=component, base=None, calendar=None, type=type_, types=(), now=now)
    lines: list[ContentLine] = [utc_line("DTSTAMP", now)]
    if activity.created_at is not None:
        lines.append(utc_line("CREATED", activity.created_at))
    lines += [utc_line("LAST-MODIFIED", now), make_line("SEQUENCE", "0")]
    lines += [line for change in _changes(activity, writing) for line in change.lines]
    if record_url:
        lines.append(make_line("URL", record_url))
    return build(uid=uid, component=component, lines=lines)


def _changes(activity: Activity, writing: Writing) -> tuple[PropertyChange, ...]:
    return tuple(change for mapper in MAPPERS for change in mapper.write(activity, writing))


def _stamps(
    base: CalendarObject, changes: Sequence[PropertyChange], now: datetime
) -> tuple[PropertyChange, ...]:
    stamps = [
        PropertyChange(name=name, lines=(utc_line(name, now),))
        for name in ("DTSTAMP", "LAST-MODIFIED")
    ]
    if changes_schedule(changes):
        stamps.append(PropertyChange(name="SEQUENCE", lines=(raised_sequence(base.head()),)))
    return tuple(stamps)
