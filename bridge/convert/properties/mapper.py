"""What a per-property mapper pair is: one side writes a field, the other reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bridge.domain.activity import Activity, ActivityType, CollectionName
from bridge.ical.content_line import clean_text, text_line, with_value
from bridge.ical.content_line import escape_text as escape
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What a mapper may know when it writes an activity.

    Attributes:
        component: `VEVENT` or `VTODO`.
        base: The component to change, None for a new one.
        calendar: The VCALENDAR around `base`, for its time zones.
        type: The activity's type.
        types: All types of the company; empty when the caller does not know them.
        now: For times of completion that nobody recorded.
    """

    component: str
    base: ContentComponent | None
    calendar: ContentComponent | None
    type: ActivityType
    types: Sequence[ActivityType]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a mapper may know when it reads a component.

    Attributes:
        calendar: The VCALENDAR around the component.
        previous: The component before a client's edit, None for a new object.
        types: All types of the company.
        collection: Where the object lies; None for a calendar of the user's own making.
        floating_zone: IANA name of the zone floating times are read in.
    """

    calendar: ContentComponent
    previous: ContentComponent | None
    types: Sequence[ActivityType]
    collection: CollectionName | None
    floating_zone: str


class PropertyMapper(Protocol):
    """A pair of functions between some fields of an activity and some properties."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Return what to change so that the component says the field; nothing when it does."""
        ...

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Return the activity with the field as the component says it."""
        ...


def edited(activity: Activity, **fields: Any) -> Activity:
    """Return the activity with these fields, the very same one if it has them already."""
    if all(getattr(activity, name) == value for name, value in fields.items()):
        return activity
    return replace(activity, **fields)


def text_change(base: ContentComponent | None, name: str, value: str) -> tuple[PropertyChange, ...]:
    """Return the change that gives a TEXT property this value; "" removes it.

    An equal text is left as it stands, and so are the parameters of a changed one.
    """
    wanted = clean_text(value)
    old = None if base is None else base.first(name)
    if (clean_text(old.text_value) if old is not None else "") == wanted:
        return ()
    if not wanted:
        return (PropertyChange(name=name),)
    line = text_line(name, wanted) if old is None else with_value(old, escape(wanted))
    return (PropertyChange(name=name, lines=(line,)),)
