"""How items are written at Google: insert, update and delete, each as a conversation.

What a refusal means is found out here, whether the write goes alone or in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.series_frame import is_series
from bridge.errors import (
    ConversionError,
    ItemExists,
    ItemMissing,
    ItemRejected,
    PreconditionFailed,
)
from bridge.google_calendar.event_calls import EventCalls, event_of, event_or_none
from bridge.google_calendar.event_items import UNREADABLE, EventItems
from bridge.google_calendar.grouping import EventGroup, etag_of, is_cancelled
from bridge.google_calendar.listing import Event
from bridge.google_calendar.rounds import Steps, answered
from bridge.google_calendar.series_reading import read_exceptions
from bridge.google_calendar.series_writing import SCHEDULE, Series, SeriesWriting
from bridge.google_calendar.transport import SIDE
from bridge.ical.calendar_object import CalendarObject
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
        with _refused_by_conversion():
            match request:
                case Insert():
                    return (yield from self._insert(request))
                case Replace():
                    return (yield from self._update(request))
                case Remove():
                    return (yield from self._delete(request))

    def _insert(self, request: Insert) -> Steps[Item | None]:
        bodies = object_to_events(request.item)
        body = self._whole(request, bodies.master)
        try:
            made = yield from event_of(self.calls.inserting(body))
        except ItemExists as error:
            return (yield from self._take_over(request, body, error))
        except ItemMissing as error:
            self.probe()
            raise ItemRejected(str(error), side=SIDE, reason=error.reason) from error
        item = self._written(made)
        if bodies.instances:
            series = Series(name=item.name, base=item.object, etag=item.etag, master=made)
            item = yield from self._series.write(series, bodies.instances)
        return replace(item, made=True)

    def _update(self, request: Replace) -> Steps[Item | None]:
        try:
            if request.base is None:
                there = yield from self._version(request)
                return (
                    yield from self._brought(there, request.item, tell_guests=request.tell_guests)
                )
            known = _as_known(request, request.base)
            item = yield from self._brought(known, request.item, tell_guests=request.tell_guests)
            # Nothing had to be written: what is there is told, if it is that version.
            return (yield from self._version(request)) if item is known else item
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

    def _brought(
        self, there: Item, item: CalendarObject, *, tell_guests: bool = False
    ) -> Steps[Item]:
        """Make what is there what it is to be; `there` itself when it is that already.

        Each part is an event of its own, and mails by itself. With `tell_guests` those do that have
        another time, which is what a person was asked about; a title goes without mail.
        """
        patches = event_patches(there.object, item)
        if not patches:
            return there
        told = patches.news if tell_guests else frozenset()
        series = _series_of(there, told)
        if not patches.master:
            return (yield from self._series.write(series, patches.instances))
        call = self.calls.patching(
            there.name, patches.master, if_match=there.etag, tell_guests="" in told
        )
        master = yield from event_of(call)
        if not master.get("recurrence"):
            return self._written(master)
        if not is_series(there.object.master_source()):
            return (yield from self._made_series(master, item, tell_guests=tell_guests))
        if not patches.instances and not there.parts:
            return self._written(master)
        series = replace(series, master=master, written=frozenset(patches.master))
        return (yield from self._series.write(series, patches.instances))

    def _made_series(
        self, master: Event, item: CalendarObject, *, tell_guests: bool
    ) -> Steps[Item]:
        """Bring the instances of what has just become a series to what they are to be.

        It may have been one before, with exceptions that Google has kept.
        """
        there = yield from self._whole_item(master)
        patches = event_patches(there.object, item)
        if not patches.instances:
            return there
        told = patches.news if tell_guests else frozenset()
        series = replace(_series_of(there, told), master=master)
        return (yield from self._series.write(series, patches.instances))

    @property
    def _series(self) -> SeriesWriting:
        return SeriesWriting(self.calls, self.items)

    def _written(self, event: Event) -> Item:
        return self.items.written(EventGroup(name=event["id"], master=event))

    def _whole(self, request: Insert, body: Mapping[str, Any]) -> dict[str, Any]:
        stamp = self.items.ids.stamp(request.item.uid, request.name)
        whole = {**body, "id": request.name, "status": "confirmed"}
        return whole if stamp is None else {**whole, "extendedProperties": {"private": stamp}}

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
            revived = yield from self._brought_back(name, body, stored)
            there = yield from self._whole_item(revived)
            return (yield from self._brought(there, request.item))
        if not self.items.ids.bears_stamp_of(stored, request.item.uid):
            raise ItemExists(f"the id is taken: {name}", side=SIDE, reason=FOREIGN) from error
        there = yield from self._whole_item(stored)
        return (yield from self._completed(there, request.item))

    def _completed(self, there: Item, item: CalendarObject) -> Steps[Item]:
        """Write the instances that an insert which was cut short did not come to.

        Nothing else is written: an insert comes with no version, so what differs may be what a
        person made of the event since. The caller compares.
        """
        patches = event_patches(there.object, item, master_stays=True)
        if patches.master.keys() & SCHEDULE:
            return there
        met = {part.recurrence_id for part in there.parts}
        left = {key: each for key, each in patches.instances.items() if key not in met}
        if not left:
            return there
        return (yield from self._series.write(_series_of(there), left))

    def _brought_back(self, name: str, body: Mapping[str, Any], tombstone: Event) -> Steps[Event]:
        call = self.calls.replacing(name, body, if_match=etag_of(tombstone) or None)
        try:
            revived = yield from event_of(call)
        except (ItemRejected, ItemMissing, ItemExists) as error:
            raise ItemExists(
                f"the id cannot be used again: {name}", side=SIDE, reason=BURNT
            ) from error
        if is_cancelled(revived):
            raise ItemExists(f"the id stays deleted: {name}", side=SIDE, reason=BURNT)
        return revived

    def _version(self, request: Replace) -> Steps[Item]:
        """Read the event, a series with its exceptions, which must be there in this version."""
        name = request.name
        event = yield from event_or_none(self.calls.getting(name))
        if event is None or is_cancelled(event):
            raise _gone(name)
        if etag_of(event) != request.if_match:
            raise PreconditionFailed(f"changed since: {name}", side=SIDE, reason="conditionNotMet")
        return (yield from self._whole_item(event))

    def _whole_item(self, master: Event) -> Steps[Item]:
        group = EventGroup(name=master["id"], master=master)
        if group.is_series:
            yield from read_exceptions(self.calls, [group])
        return self.items.written(group)

    def _is_gone(self, name: str) -> Steps[bool]:
        event = yield from event_or_none(self.calls.getting(name))
        return event is None or is_cancelled(event)


@contextmanager
def _refused_by_conversion() -> Iterator[None]:
    """An item that Google, or we, have no form for is this item's trouble only."""
    try:
        yield
    except ConversionError as error:
        raise ItemRejected(
            str(error), side=SIDE, reason=error.property_name or UNREADABLE
        ) from error


def _series_of(item: Item, told: frozenset[str] = frozenset()) -> Series:
    return Series(
        name=item.name,
        base=item.object,
        etag=item.etag,
        parts={part.recurrence_id: part for part in item.parts},
        told=told,
    )


def _as_known(request: Replace, base: CalendarObject) -> Item:
    """Return the item as the caller knows it."""
    return Item(name=request.name, etag=request.if_match, object=base, parts=request.parts)


def _gone(name: str) -> ItemMissing:
    return ItemMissing(f"the event is gone: {name}", side=SIDE, reason="deleted")
