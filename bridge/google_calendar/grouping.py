"""Google's events as groups: single events, and series with their exceptions.

With `singleEvents=false` a series comes as its master and, as events of their own, its exceptions;
order and pages mean nothing, and an exception may come without its master (Google: Recurring
events). Everything of one series is told under the master's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.domain.identifiers import ETag
from bridge.google_calendar.listing import Event


@dataclass(slots=True, kw_only=True)
class EventGroup:
    """Everything known of one item.

    Attributes:
        name: Id of the single event or of the series' master.
        master: None when only exceptions came, or when there is no master to be seen.
        exceptions: Changed and cancelled instances, by id.
        listed: The master came by the listing.
        refused: Google does not let the group be read whole.
    """

    name: str
    master: Event | None = None
    exceptions: dict[str, Event] = field(default_factory=dict)
    listed: bool = False
    refused: bool = False

    @property
    def removed(self) -> bool:
        """Whether the item as a whole is gone; exceptions of a deleted series go with it."""
        return self.master is not None and is_cancelled(self.master)

    @property
    def is_series(self) -> bool:
        """Whether it has a living master with a rule."""
        return self.master is not None and not self.removed and bool(self.master.get("recurrence"))

    @property
    def etag(self) -> ETag:
        """Version of the master; of the last exception when only exceptions came."""
        event = self.master if self.master is not None else [*self.exceptions.values()][-1]
        return etag_of(event)

    def add(self, event: Event) -> None:
        """Take an event of the group in; the last one of an id counts."""
        if event["id"] == self.name:
            self.master = event
        else:
            self.exceptions[event["id"]] = event


def group_of(event: Event) -> EventGroup:
    """Return the group of an event, with nothing else in it yet."""
    group = EventGroup(name=series_id(event) or event["id"])
    group.add(event)
    return group


def series_id(event: Event) -> str:
    """Return the id of the series an event is an instance of, "" for other events."""
    master_id = event.get("recurringEventId")
    return master_id if isinstance(master_id, str) else ""


def is_cancelled(event: Event) -> bool:
    """Whether the event is a tombstone, or a cancelled instance."""
    return event.get("status") == "cancelled"


def etag_of(event: Mapping[str, object]) -> ETag:
    """Return the event's version without quotes, "" for a tombstone without one."""
    etag = event.get("etag")
    return ETag(etag.strip('"')) if isinstance(etag, str) else ETag("")
