"""Google's events as items of the engine."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.convert.google_event import event_to_object
from bridge.domain.identifiers import Uid
from bridge.errors import ConversionError, ItemRejected
from bridge.google_calendar.event_ids import EventIds
from bridge.google_calendar.grouping import EventGroup, etag_of
from bridge.google_calendar.listing import Event
from bridge.google_calendar.transport import SIDE
from bridge.sync.model import Item, Unreadable

RECURRING = "recurring"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class EventItems:
    """Makes items of the events of one calendar.

    Attributes:
        ids: Tell whose stamp an event bears.
        zone: The calendar's zone, an IANA name.
    """

    ids: EventIds
    zone: str

    def told(self, group: EventGroup) -> Item | Unreadable:
        """Return what a listing told of one item."""
        if group.recurring or group.master is None:
            return Unreadable(name=group.name, etag=group.etag, reason=RECURRING)
        return self.read(group.master)

    def read(self, event: Event) -> Item | Unreadable:
        """Return the item of one event that is not cancelled."""
        name, etag = event["id"], etag_of(event)
        if event.get("recurrence") or event.get("recurringEventId"):
            return Unreadable(name=name, etag=etag, reason=RECURRING)
        stamp = self.ids.stamped_uid(event)
        try:
            made = event_to_object(
                [event], uid=stamp or _foreign_uid(event), calendar_zone=self.zone
            )
        except ConversionError:
            return Unreadable(name=name, etag=etag, reason=UNREADABLE)
        return Item(name=name, etag=etag, object=made, stamp=stamp)

    def written(self, event: Event) -> Item:
        """Return the item of an event we wrote or are about to.

        Raises:
            ItemRejected: Somebody made it unreadable, which is this item's trouble only.
        """
        read = self.read(event)
        if isinstance(read, Unreadable):
            raise ItemRejected(
                f"the event cannot be read: {read.name}", side=SIDE, reason=read.reason
            )
        return read


def _foreign_uid(event: Event) -> Uid:
    uid = event.get("iCalUID")
    return Uid(uid if isinstance(uid, str) and uid else f"{event['id']}@google.com")
