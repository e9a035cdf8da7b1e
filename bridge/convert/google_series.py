"""A group of Google events, a single one or a series with its exceptions, as one calendar object.

An instance is named by its key: its original start, `20260310T090000Z` in UTC, `20260310` in an
all-day series. Google ends the ids of instances so. Sources: Google Calendar API v3, resource
`events`, and the guide on recurring events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.convert.google_event import event_patch, object_to_event
from bridge.ical.calendar_object import CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBodies:
    """What is sent to make an item at Google.

    Attributes:
        master: For `events.insert`; names instances that are cancelled from the start as EXDATE.
        instances: By key, for `events.patch` of the instance once the master is there.
    """

    master: Mapping[str, Any]
    instances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPatches:
    """What is sent to make one version of an item of another.

    Attributes:
        master: For `events.patch` of the single event or master; empty when it stays as it is.
        instances: By key, for `events.patch` of the instance, after the master; those that stay
            as they are not among them.
    """

    master: Mapping[str, Any] = field(default_factory=dict)
    instances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.master or self.instances)


def object_to_events(item: CalendarObject) -> EventBodies:
    """Return the bodies that make Google's item; empty fields are left out.

    Raises:
        ConversionError: It has no time, or cannot be said at Google.
    """
    return EventBodies(master=object_to_event(item))


def event_patches(base: CalendarObject, item: CalendarObject) -> EventPatches:
    """Return what leads from one version of Google's item to another, and nothing more.

    None empties a field. Start and end are told together, the halves of `date` and `dateTime` that
    are not meant as None: Google merges what it finds.

    Raises:
        ConversionError: It has no time, or cannot be said at Google.
    """
    return EventPatches(master=event_patch(base, item))
