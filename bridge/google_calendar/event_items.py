"""Google's events as items of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.convert.google_event import event_to_object
from bridge.domain.identifiers import ETag, Uid
from bridge.errors import ConversionError, ItemRejected
from bridge.google_calendar.event_ids import EventIds
from bridge.google_calendar.grouping import EventGroup, etag_of, is_cancelled
from bridge.google_calendar.instance_keys import key_of
from bridge.google_calendar.listing import Event
from bridge.google_calendar.transport import SIDE
from bridge.sync.model import Item, Part, Unreadable

UNREADABLE = "unreadable"
BARE = ETag("cancelled")
"""Version of a cancelled instance that Google told without one; the instance is for life."""

_OF_AN_INSTANCE = frozenset({"recurringEventId", "originalStartTime", "recurrence"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a group of events says.

    Attributes:
        items: One, of lone instances one each, or none.
        removed: Names under which there is no item.
        tombstone: Version of the deletion of the item as a whole, if it was told with one.
    """

    items: tuple[Item | Unreadable, ...] = ()
    removed: tuple[str, ...] = ()
    tombstone: ETag | None = None


@dataclass(frozen=True, slots=True)
class EventItems:
    """Makes items of the events of one calendar.

    Attributes:
        ids: Tell whose stamp an event bears.
        zone: The calendar's zone, an IANA name.
    """

    ids: EventIds
    zone: str

    def told(self, group: EventGroup) -> Told:
        """Return what a group says that was read whole.

        Instances whose series the account does not see are items of their own, each under its own
        id, until the series is seen. Their cancelled ones are gone, or never were here (G10).
        """
        if group.refused:
            return Told(items=(_unreadable(group),))
        if group.master is None:
            return self._lone(group.exceptions.values())
        if group.removed:
            return Told(removed=(group.name, *group.exceptions), tombstone=group.etag)
        if not group.is_series:
            return Told(items=(self.read(EventGroup(name=group.name, master=group.master)),))
        # Until its series was seen, an instance may have been an item.
        seen_now = group.listed and _is_invited(group.master)
        removed = tuple(group.exceptions) if seen_now else ()
        return Told(items=(self.read(group),), removed=removed)

    def read(self, group: EventGroup) -> Item | Unreadable:
        """Return the item of a group whose master lives."""
        master = group.master
        assert master is not None  # noqa: S101 - as the docstring demands
        stamp = self.ids.stamped_uid(master)
        events = [master, *group.exceptions.values()]
        try:
            made = event_to_object(
                events, uid=stamp or _foreign_uid(master), calendar_zone=self.zone
            )
            parts = tuple(self.part(event) for event in group.exceptions.values())
        except ConversionError:
            return _unreadable(group)
        return Item(
            name=group.name, etag=etag_of(master), object=made, stamp=stamp, parts=_sorted(parts)
        )

    def part(self, event: Event) -> Part:
        """Return the part of an item that an exception is.

        Raises:
            ConversionError: It has no original start.
        """
        return Part(
            name=event["id"],
            seen=etag_of(event) or BARE,
            recurrence_id=key_of(event, zone=self.zone),
        )

    def written(self, group: EventGroup) -> Item:
        """Return the item of a group we wrote or are about to.

        Raises:
            ItemRejected: Somebody made it unreadable, which is this item's trouble only.
        """
        read = self.read(group)
        if isinstance(read, Unreadable):
            raise ItemRejected(
                f"the event cannot be read: {read.name}", side=SIDE, reason=read.reason
            )
        return read

    def _lone(self, instances: Iterable[Event]) -> Told:
        items, removed = [], []
        for event in instances:
            if is_cancelled(event):
                removed.append(event["id"])
            else:
                items.append(self.read(_alone(event)))
        return Told(items=tuple(items), removed=tuple(removed))


def _alone(event: Event) -> EventGroup:
    """Return an instance as a single event, with a UID of its own."""
    single = {name: value for name, value in event.items() if name not in _OF_AN_INSTANCE}
    return EventGroup(name=event["id"], master={**single, "iCalUID": f"{event['id']}@google.com"})


def _is_invited(master: Event) -> bool:
    """Whether somebody else may have invited the account to instances before the series."""
    organizer = master.get("organizer")
    return not (isinstance(organizer, dict) and organizer.get("self") is True)


def _unreadable(group: EventGroup) -> Unreadable:
    return Unreadable(name=group.name, etag=group.etag, reason=UNREADABLE)


def _sorted(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: (part.recurrence_id, part.name)))


def _foreign_uid(event: Event) -> Uid:
    uid = event.get("iCalUID")
    return Uid(uid if isinstance(uid, str) and uid else f"{event['id']}@google.com")
