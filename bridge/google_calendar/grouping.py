"""Google's events as items: single events, series with their exceptions, and what is gone.

With `singleEvents=false` a series comes as its master and, as events of their own, its exceptions;
order and pages mean nothing, and an exception may come without its master (Google: Recurring
events). Everything of one series is told under the master's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bridge.domain.identifiers import ETag
from bridge.google_calendar.listing import Event


@dataclass(slots=True, kw_only=True)
class EventGroup:
    """Everything one listing told of one item.

    Attributes:
        name: Id of the single event or of the series' master.
        master: None when only exceptions came.
        exceptions: Changed and cancelled instances.
    """

    name: str
    master: Event | None = None
    exceptions: list[Event] = field(default_factory=list)

    @property
    def removed(self) -> bool:
        """Whether the item as a whole is gone; exceptions of a deleted series go with it."""
        return self.master is not None and is_cancelled(self.master)

    @property
    def recurring(self) -> bool:
        """Whether it is a series, or instances of one."""
        return bool(self.exceptions) or (
            self.master is not None and bool(self.master.get("recurrence"))
        )

    @property
    def etag(self) -> ETag:
        """Version of the master; of the last exception when only exceptions came."""
        event = self.master if self.master is not None else self.exceptions[-1]
        return etag_of(event)


def grouped(events: Iterable[Event]) -> Iterable[EventGroup]:
    """Return the groups, in the order their first event came."""
    groups: dict[str, EventGroup] = {}
    for event in events:
        master_id = event.get("recurringEventId")
        name = master_id if isinstance(master_id, str) and master_id else event["id"]
        group = groups.setdefault(name, EventGroup(name=name))
        if name == event["id"]:
            group.master = event
        else:
            group.exceptions.append(event)
    return groups.values()


def is_cancelled(event: Event) -> bool:
    """Whether the event is a tombstone, or a cancelled instance."""
    return event.get("status") == "cancelled"


def etag_of(event: Mapping[str, object]) -> ETag:
    """Return the event's version without quotes, "" for a tombstone without one."""
    etag = event.get("etag")
    return ETag(etag.strip('"')) if isinstance(etag, str) else ETag("")
