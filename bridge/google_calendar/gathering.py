"""What a listing tells, gathered page by page.

A single event becomes an item as soon as it comes, so that of a first load no more than one page is
held as Google's JSON. Series wait for the rest of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.google_calendar.event_items import EventItems, Told
from bridge.google_calendar.grouping import EventGroup, group_of, is_cancelled, series_id
from bridge.google_calendar.listing import Event


class Gathering:
    """The groups of one listing."""

    def __init__(self, items: EventItems) -> None:
        self._items = items
        self._singles: dict[str, Told] = {}
        self._groups: dict[str, EventGroup] = {}

    def take(self, event: Event) -> None:
        """Take in an event; the last one of an id counts."""
        name = series_id(event) or event["id"]
        if name == event["id"] and not is_cancelled(event) and not event.get("recurrence"):
            self._singles[name] = self._items.told(group_of(event))
            return
        group = self._groups.setdefault(name, EventGroup(name=name))
        group.add(event)
        if name == event["id"]:
            self._singles.pop(name, None)
            group.listed = True

    def groups(self) -> list[EventGroup]:
        """Return series, parts of series and tombstones, to be read whole."""
        # What has no rule (any more) has no instances.
        return [group for name, group in self._groups.items() if name not in self._singles]

    def told(self) -> Iterator[Told]:
        """Return what everything says, when the groups are whole."""
        yield from self._singles.values()
        yield from (self._items.told(group) for group in self.groups())
