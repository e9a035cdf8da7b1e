"""The second of two calendar objects with one UID, as the link of the first keeps it in mind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.domain.identifiers import ETag
from bridge.ical.calendar_object import CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An object in another calendar with the UID of a linked one; see `bridge.sync.twins`.

    Attributes:
        collection: Where it is.
        name: Its name there.
        seen: Its version; None when a full listing lacked it, until the side is asked.
        since: When it was met, aware.
        beside: Version that the linked item had then.
        base: What its changes count from: as both sides had agreed then, else as it was itself.
    """

    collection: str
    name: str
    seen: ETag | None
    since: datetime
    beside: ETag | None
    base: CalendarObject
