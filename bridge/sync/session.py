"""The ports of one run, and what it is to do besides syncing, held together."""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.domain.connection import Farewell
from bridge.domain.identifiers import RunId, Uid
from bridge.sync.chunks import MOST_REQUESTS_TO_GOOGLE
from bridge.sync.elsewhere import Elsewhere, nowhere
from bridge.sync.match import Pair
from bridge.sync.model import Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Clock, Collection, Ids, Lens, SyncStore
from bridge.sync.undo_steps import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything a run reaches outside of itself.

    Attributes:
        calendars: All collections of the calendar side.
        google: The one collection of Google's side.
        store: The connection's durable state; its lease is held by the caller.
        lens: Made for the connection's settings.
        policy: Of the same settings.
        alone: Google is not to be reached: only the calendars are read and written, and only to
            take something back (`bridge.sync.unreached`).
        most_to_google: How many requests to Google the run may make for its writes; what is left
            over is counted in the report and waits for the next run, which is due at once.
    """

    run_id: RunId
    calendars: Sequence[Collection]
    google: Collection
    store: SyncStore
    lens: Lens
    policy: Policy
    clock: Clock
    ids: Ids
    alone: bool = False
    most_to_google: int = MOST_REQUESTS_TO_GOOGLE

    def collection(self, side: Side, name: str) -> Collection | None:
        """Return a collection by side and id; None for one that is not synced (any more)."""
        if side is Side.GOOGLE:
            return None if self.alone else self.google
        return next((found for found in self.calendars if found.id == name), None)

    def others(self, collection: Collection) -> Iterator[Collection]:
        """Iterate over the calendar collections besides this one."""
        return (found for found in self.calendars if found.id != collection.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What people want of one run, and what it has to know besides its ports.

    Attributes:
        confirmed: True when a person confirmed the plan, or the UIDs of the items they confirmed;
            the brakes do not count those.
        undo: What to take back, instead of all other work; only the items concerned are synced.
        compared: Compare both sides in full with what is known of them (`bridge.sync.proof`).
        farewell: What is taken away because the sync has ended, of `confirmed` only, instead of
            all other work.
        apart: Pairs that a person wants to be two items.
        elsewhere: Asks which items another user of the company has.
    """

    confirmed: bool | Container[Uid] = False
    undo: Request | None = None
    compared: bool = False
    farewell: Farewell | None = None
    apart: Container[Pair] = frozenset()
    elsewhere: Elsewhere = nowhere


NO_WISHES = Wishes()
