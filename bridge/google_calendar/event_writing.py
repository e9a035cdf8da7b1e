"""How items are written at Google: insert, update and delete, each as a conversation.

What a refusal means is found out here, whether the write goes alone or in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bridge.convert.google_event import event_patch, object_to_event
from bridge.domain.identifiers import ETag
from bridge.errors import (
    ConversionError,
    ItemExists,
    ItemMissing,
    ItemRejected,
    PreconditionFailed,
)
from bridge.google_calendar.event_calls import EventCalls, event_of, event_or_none
from bridge.google_calendar.event_items import UNREADABLE, EventItems
from bridge.google_calendar.grouping import etag_of, is_cancelled
from bridge.google_calendar.listing import Event
from bridge.google_calendar.rounds import Steps, answered
from bridge.google_calendar.transport import SIDE
from bridge.sync.model import Item
from bridge.sync.requests import Insert, Remove, Replace, Request

BURNT = "burnt"
FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class EventWriting:
    """The writes to one calendar.

    Attributes:
        calls: About its events.
        items: What its events are to the engine.
        probe: Makes sure that the calendar is there and tells its events (design decision 22).
    """

    calls: EventCalls
    items: EventItems
    probe: Callable[[], None]

    def steps(self, request: Request) -> Steps[Item | None]:
        """Return the conversation for a write; it raises as the method of `Collection` does."""
        match request:
            case Insert():
                return self._insert(request)
            case Replace():
                return self._update(request)
            case Remove():
                return self._delete(request)

    def _insert(self, request: Insert) -> Steps[Item | None]:
        body = self._body(request)
        try:
            return self.items.written((yield from event_of(self.calls.inserting(body))))
        except ItemExists as error:
            return (yield from self._take_over(request, body, error))
        except ItemMissing as error:
            self.probe()
            raise ItemRejected(str(error), side=SIDE, reason=error.reason) from error

    def _update(self, request: Replace) -> Steps[Item | None]:
        try:
            return (yield from self._changed(request))
        except ItemMissing:
            self.probe()
            raise
        except PreconditionFailed as error:
            # A tombstone has another version too; gone is not the same as changed.
            if (yield from self._is_gone(request.name)):
                raise _gone(request.name) from error
            raise

    def _delete(self, request: Remove) -> Steps[Item | None]:
        try:
            call = self.calls.deleting(
                request.name, if_match=request.if_match, tell_guests=request.tell_guests
            )
            yield from answered(call)
        except ItemMissing as error:
            # 410 is about the event; 404 could also mean that the calendar is gone.
            if error.reason != "deleted":
                self.probe()
        except (PreconditionFailed, ItemRejected):
            # A tombstone has another version, and deleting one has been answered with 403.
            if not (yield from self._is_gone(request.name)):
                raise
        return None

    def _changed(self, request: Replace) -> Steps[Item]:
        stored, base = None, request.base
        if base is None:
            stored = yield from self._version(request)
            base = stored.object
        with _refused_by_conversion():
            changes = event_patch(base, request.item)
        if changes:
            call = self.calls.patching(
                request.name,
                changes,
                if_match=request.if_match,
                tell_guests=request.tell_guests,
            )
            return self.items.written((yield from event_of(call)))
        return stored or (yield from self._version(request))

    def _patched(self, name: str, changes: Mapping[str, Any], if_match: ETag) -> Steps[Item]:
        call = self.calls.patching(name, changes, if_match=if_match)
        return self.items.written((yield from event_of(call)))

    def _body(self, request: Insert) -> dict[str, Any]:
        stamp = self.items.ids.stamp(request.item.uid, request.name)
        with _refused_by_conversion():
            body = {**object_to_event(request.item), "id": request.name, "status": "confirmed"}
        return body if stamp is None else {**body, "extendedProperties": {"private": stamp}}

    def _take_over(
        self, request: Insert, body: Mapping[str, Any], error: ItemExists
    ) -> Steps[Item]:
        """Decide what a taken id means (design decision 26)."""
        name = request.name
        stored = yield from event_or_none(self.calls.getting(name))
        if stored is None:
            # Taken and yet not there: a tombstone that is not told any more.
            raise ItemExists(f"the id is used up: {name}", side=SIDE, reason=BURNT) from error
        if is_cancelled(stored):
            return (yield from self._bring_back(name, body, stored))
        if not self.items.ids.bears_stamp_of(stored, request.item.uid):
            raise ItemExists(f"the id is taken: {name}", side=SIDE, reason=FOREIGN) from error
        there = self.items.written(stored)
        with _refused_by_conversion():
            changes = event_patch(there.object, request.item)
        if not changes:
            return there
        return (yield from self._patched(name, changes, there.etag))

    def _bring_back(self, name: str, body: Mapping[str, Any], tombstone: Event) -> Steps[Item]:
        call = self.calls.replacing(name, body, if_match=etag_of(tombstone) or None)
        try:
            revived = yield from event_of(call)
        except (ItemRejected, ItemMissing, ItemExists) as error:
            raise ItemExists(
                f"the id cannot be used again: {name}", side=SIDE, reason=BURNT
            ) from error
        if is_cancelled(revived):
            raise ItemExists(f"the id stays deleted: {name}", side=SIDE, reason=BURNT)
        return self.items.written(revived)

    def _version(self, request: Replace) -> Steps[Item]:
        """Read the event, which must be there in this version."""
        name = request.name
        event = yield from event_or_none(self.calls.getting(name))
        if event is None or is_cancelled(event):
            raise _gone(name)
        if etag_of(event) != request.if_match:
            raise PreconditionFailed(f"changed since: {name}", side=SIDE, reason="conditionNotMet")
        return self.items.written(event)

    def _is_gone(self, name: str) -> Steps[bool]:
        event = yield from event_or_none(self.calls.getting(name))
        return event is None or is_cancelled(event)


@contextmanager
def _refused_by_conversion() -> Iterator[None]:
    """An item Google has no form for is this item's trouble only."""
    try:
        yield
    except ConversionError as error:
        raise ItemRejected(
            str(error), side=SIDE, reason=error.property_name or UNREADABLE
        ) from error


def _gone(name: str) -> ItemMissing:
    return ItemMissing(f"the event is gone: {name}", side=SIDE, reason="deleted")
