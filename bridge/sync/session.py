"""The ports of one run, held together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.domain.identifiers import RunId
from bridge.sync.chunks import MOST_REQUESTS_TO_GOOGLE
from bridge.sync.model import Side
from bridge.sync.ports import Clock, Collection, Ids, Lens, SyncStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything a run reaches outside of itself.

    Attributes:
        calendars: All collections of the calendar side.
        google: The one collection of Google's side.
        most_to_google: How many requests to Google the run may make for its writes.
    """

    run_id: RunId
    calendars: Sequence[Collection]
    google: Collection
    store: SyncStore
    lens: Lens
    clock: Clock
    ids: Ids
    most_to_google: int = MOST_REQUESTS_TO_GOOGLE

    def collection(self, side: Side, name: str) -> Collection | None:
        """Return a collection by side and id; None for one that is not synced (any more)."""
        if side is Side.GOOGLE:
            return self.google
        return next((found for found in self.calendars if found.id == name), None)

    def others(self, collection: Collection) -> Iterator[Collection]:
        """Iterate over the calendar collections besides this one."""
        return (found for found in self.calendars if found.id != collection.id)
