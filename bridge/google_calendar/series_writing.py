"""How the instances of a series are written: each by PATCH on its own id, in its own version.

An instance that is no exception yet has no version that we were told. It is read first, and written
only if it is still what the series makes of it. So is every exception whose master was just
written, for that may have given it a new version (Google: Recurring events).

The answer holds what was written and what the caller knew. Anything else that turns up meanwhile is
left for the next listing, which tells it as what it is: an edit by somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.domain.identifiers import ETag
from bridge.errors import BridgeError, ItemMissing, PreconditionFailed
from bridge.google_calendar.event_calls import EventCalls, definite
from bridge.google_calendar.event_items import BARE, EventItems
from bridge.google_calendar.grouping import EventGroup, etag_of
from bridge.google_calendar.instance_keys import instance_id, is_plain, original_start
from bridge.google_calendar.known_facts import facts
from bridge.google_calendar.listing import Event, checked, events_of
from bridge.google_calendar.rounds import Call, Outcome, Steps
from bridge.google_calendar.series_reading import read_exceptions
from bridge.google_calendar.transport import SIDE
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Item, Part

SCHEDULE = frozenset({"start", "end", "recurrence"})
"""Fields of a master that say when its instances are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series as the caller knows it, and what was written of its master.

    Attributes:
        name: Id of the master.
        base: What is there.
        etag: Version of the master.
        parts: Its exceptions, by key.
        master: As Google has it now; None when it was neither written nor read.
        written: What was just patched of the master.
        told: Keys of the instances of which the guests are to be told, as a person said.
    """

    name: str
    base: CalendarObject
    etag: ETag
    parts: Mapping[str, Part] = field(default_factory=dict)
    master: Event | None = None
    written: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()

    @property
    def rescheduled(self) -> bool:
        """Whether exceptions told before may be lost."""
        return bool(self.written & SCHEDULE)


@dataclass(frozen=True, slots=True)
class SeriesWriting:
    """The writes to instances in one calendar.

    Attributes:
        calls: About its events.
        items: What its events are to the engine.
    """

    calls: EventCalls
    items: EventItems

    def write(self, series: Series, patches: Mapping[str, Mapping[str, Any]]) -> Steps[Item]:
        """Patch instances, by their keys, and return the series as it is then.

        Raises:
            PreconditionFailed: Something of it changed since, or there is no such instance.
            ItemRejected: Google refuses a change.
        """
        instances, series = yield from self._instances(series, patches)
        written, series = yield from self._patch(series, instances, patches)
        untouched = series.parts.keys() - patches.keys()
        group = EventGroup(name=series.name, master=series.master)
        for event in written:
            group.add(event)
        if untouched:
            yield from read_exceptions(self.calls, [group])
            known = {part.name for part in series.parts.values()}
            known |= {event["id"] for event in written}
            group.exceptions = {n: e for n, e in group.exceptions.items() if n in known}
        item = self.items.written(group)
        self._check_untouched(series, item, untouched)
        return item

    def _instances(
        self, series: Series, patches: Mapping[str, Mapping[str, Any]]
    ) -> Steps[tuple[dict[str, Part], Series]]:
        """Find id and version of each instance that is to be written."""
        known = {key: part for key in patches if (part := series.parts.get(key)) is not None}
        ready = {} if series.written else {k: p for k, p in known.items() if _has_version(p)}
        asked = [key for key in patches if key not in ready]
        if not asked:
            return ready, series
        calls = [self._reading(series, key) for key in asked]
        if series.master is None:
            calls.append(self.calls.getting(series.name))
        outcomes = yield calls
        if series.master is None:
            series = self._with_master(series, outcomes[-1])
        for key, outcome in zip(asked, outcomes, strict=False):
            event = _instance(outcome, key)
            if not self._is_as_known(series, key, event):
                raise _changed(key)
            ready[key] = self.items.part(event)
        return ready, series

    def _reading(self, series: Series, key: str) -> Call:
        part = series.parts.get(key)
        name = part.name if part is not None else instance_id(series.name, key)
        if name is None:
            return self.calls.instance(series.name, original_start(key))
        return self.calls.getting(name)

    def _patch(
        self,
        series: Series,
        instances: Mapping[str, Part],
        patches: Mapping[str, Mapping[str, Any]],
    ) -> Steps[tuple[list[Event], Series]]:
        calls = [
            self.calls.patching(
                instances[key].name,
                patch,
                if_match=_version(instances[key]),
                tell_guests=key in series.told,
            )
            for key, patch in patches.items()
        ]
        if series.master is None:
            calls.append(self.calls.getting(series.name))
        if not calls:
            return [], series
        outcomes = yield calls
        if series.master is None:
            series = self._with_master(series, outcomes[-1])
        told = zip(patches, outcomes, strict=False)
        return [_instance(outcome, key) for key, outcome in told], series

    def _with_master(self, series: Series, outcome: Outcome) -> Series:
        """Take in the master as read, which must be what the caller knows."""
        master = definite(outcome)
        if master is None:
            raise ItemMissing(f"the event is gone: {series.name}", side=SIDE, reason="deleted")
        if etag_of(master) != series.etag:
            read = self.items.read(EventGroup(name=series.name, master=master))
            if not isinstance(read, Item) or facts(read.object)[""] != facts(series.base).get(""):
                raise _changed(series.name)
        return replace(series, master=master)

    def _is_as_known(self, series: Series, key: str, event: Event) -> bool:
        assert series.master is not None  # noqa: S101 - read with the instances
        part = series.parts.get(key)
        if part is not None and etag_of(event) == part.seen:
            return True
        # Google lends the version of a series to the instances that are nothing but its rule's.
        if etag_of(event) == etag_of(series.master) or is_plain(event, series.master):
            return True
        group = EventGroup(name=series.name, master=series.master)
        group.add(event)
        read = self.items.read(group) if part is not None else None
        return isinstance(read, Item) and facts(read.object).get(key) == facts(series.base).get(key)

    def _check_untouched(self, series: Series, item: Item, untouched: Iterable[str]) -> None:
        """Make sure that what was not written is what the caller knows."""
        if series.rescheduled:
            return
        told = {part.recurrence_id: part.seen for part in item.parts}
        for key in untouched:
            if told.get(key) == series.parts[key].seen:
                continue
            if facts(item.object).get(key) != facts(series.base).get(key):
                raise _changed(key)


def _has_version(part: Part) -> bool:
    return part.seen is not None and part.seen != BARE


def _version(part: Part) -> ETag | None:
    # A cancelled instance without a version holds nothing that could be lost.
    return part.seen if _has_version(part) else None


def _instance(outcome: Outcome, key: str) -> Event:
    """Return the instance an answer tells, alone or as the only one of a listing."""
    if isinstance(outcome, ItemMissing):
        raise _changed(key) from outcome
    if isinstance(outcome, BridgeError):
        raise outcome
    if "items" not in outcome and "id" in outcome:
        return checked(outcome)
    events = events_of(outcome)
    if len(events) != 1:
        raise _changed(key)
    return events[0]


def _changed(what: str) -> PreconditionFailed:
    return PreconditionFailed(f"changed since: {what}", side=SIDE, reason="conditionNotMet")
