"""Sides in memory that keep the contract of `Collection`, with every step open to interference.

Used by tests and by the simulator. Each call of a collection and each commit of a store passes two
numbered steps, before and after it; whoever holds the `Steps` can raise there (a refusal, a lost
answer, a crash) or change a side (a racing edit).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge.domain.identifiers import ETag, SyncToken, Uid
from bridge.errors import ItemExists, ItemMissing, PreconditionFailed, SyncTokenExpired
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import SplitOff
from bridge.sync.memory_text import components
from bridge.sync.model import Delta, Item, Part, Side, Unreadable
from bridge.sync.requests import Answer, Request, answer_of, one_by_one


class Moment(StrEnum):
    """Whether a step is before or after what happens."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One point in a run where something can go wrong.

    Attributes:
        number: Counts up from 1 over all sides and the store.
        place: Id of the collection, or `store`.
        operation: `changes`, `get` (of deletions too), `write` and each `insert`, `update` and
            `delete` in it, or `commit`.
        subject: Name of the item concerned, or "".
    """

    number: int
    place: str
    operation: str
    moment: Moment
    subject: str = ""


class Steps:
    """Numbers the steps and lets one function interfere with each.

    Attributes:
        count: How many steps were passed.
        interfere: Called with every step; may raise.
    """

    def __init__(self, interfere: Callable[[Step], None] | None = None) -> None:
        self.count = 0
        self.interfere = interfere

    def reach(self, place: str, operation: str, moment: Moment, subject: str = "") -> None:
        """Pass the next step."""
        self.count += 1
        if self.interfere is not None:
            self.interfere(
                Step(
                    number=self.count,
                    place=place,
                    operation=operation,
                    moment=moment,
                    subject=subject,
                )
            )


@dataclass(frozen=True, slots=True)
class _Event:
    """One entry of a collection's history; `item` is None for a deletion."""

    name: str
    etag: ETag
    item: CalendarObject | None


class MemoryCollection:
    """A calendar in memory.

    The methods of `Collection` are for the engine; `put`, `remove` and the attributes below are for
    the people and accidents of a test, and pass no steps.

    Attributes:
        side: The side it plays.
        id: Its id.
        burnt: Names that cannot be had again; an insert of one is refused.
        unreadable: Names whose item cannot be converted.
        mailed: Names of the items whose guests were told of a write, in order.
        lag: How many of the latest changes the listings do not show yet (a late replica); an item
            that changed in them is not shown in its older version either.
        at_once: How many requests it takes at once.
        admit: Called when a write of the engine arrives; raises `LeaseLost` where our own server
            refuses one whose lease was taken while it was on its way.
    """

    def __init__(self, side: Side, id: str, *, steps: Steps | None = None) -> None:  # noqa: A002  # the port's word
        self.side = side
        self.id = id
        self.burnt: set[str] = set()
        self.unreadable: set[str] = set()
        self.mailed: list[str] = []
        self.lag = 0
        self.at_once = 50 if side is Side.GOOGLE else 20
        self.admit: Callable[[], None] = lambda: None
        self._steps = steps or Steps()
        self._history: list[_Event] = []
        self._live: dict[str, _Event] = {}
        self._stamps: dict[str, Uid] = {}
        self._epoch = 1

    # What people do.

    def put(self, name: str, item: CalendarObject) -> ETag:
        """Store an item under a name, as a person's program does; return its new version."""
        event = _Event(name, ETag(f"{self.id}-{len(self._history) + 1}"), item)
        self._history.append(event)
        self._live[name] = event
        return event.etag

    def remove(self, name: str) -> None:
        """Delete an item, as a person's program does."""
        self._history.append(_Event(name, ETag(f"{self.id}-{len(self._history) + 1}"), None))
        del self._live[name]

    def objects(self) -> Mapping[str, CalendarObject]:
        """Return what is there now, by name."""
        return {name: event.item for name, event in self._live.items() if event.item is not None}

    def expire_tokens(self) -> None:
        """Serve no token given out so far any more."""
        self._epoch += 1

    # What the engine calls.

    def changes(self, token: SyncToken | None) -> Delta:
        """List what changed since the token; with None everything."""
        self._steps.reach(self.id, "changes", Moment.BEFORE)
        start = self._start(token)
        end = max(start, len(self._history) - self.lag)
        late = {event.name for event in self._history[end:]}
        told = {event.name: event for event in self._history[start:end] if event.name not in late}
        readable = [event for event in told.values() if event.name not in self.unreadable]
        delta = Delta(
            items=tuple(self._item(event) for event in readable if event.item is not None),
            removed=()
            if token is None
            else tuple(event.name for event in told.values() if event.item is None),
            unreadable=tuple(
                Unreadable(name=event.name, etag=event.etag, reason="no start")
                for event in told.values()
                if event.name in self.unreadable and event.item is not None
            ),
            token=SyncToken(f"{self._epoch}/{end}"),
            full=token is None,
            tombstones={} if token is None else self._deletions(told.values()),
        )
        self._steps.reach(self.id, "changes", Moment.AFTER)
        return delta

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Ask for these items one by one; None for those that are gone."""
        self._steps.reach(self.id, "get", Moment.BEFORE)
        found = {
            name: self._item(self._live[name]) if name in self._live else None for name in names
        }
        self._steps.reach(self.id, "get", Moment.AFTER)
        return found

    def tombstones(self, names: Sequence[str]) -> Mapping[str, ETag]:
        """Return the versions of deletions, which only Google keeps."""
        self._steps.reach(self.id, "get", Moment.BEFORE)
        last = {event.name: event for event in self._history if event.name in names}
        found = self._deletions(last.values())
        self._steps.reach(self.id, "get", Moment.AFTER)
        return found

    def _deletions(self, events: Iterable[_Event]) -> Mapping[str, ETag]:
        deleted = events if self.side is Side.GOOGLE else ()
        return {event.name: event.etag for event in deleted if event.item is None}

    def name_for(self, uid: Uid, *, generation: int = 0) -> str:
        """Return the name an item of ours gets."""
        digest = hashlib.sha256(f"{self.id}/{uid}/{generation}".encode()).hexdigest()[:16]
        return f"{digest}.ics" if self.side is Side.CALENDAR else f"own{digest}"

    def split_off(self, name: str) -> SplitOff | None:
        """Return what a series at Google was split off: `<first>_R<original start>`."""
        series, _, at = name.rpartition("_R")
        if self.side is Side.CALENDAR or not series:
            return None
        return SplitOff(series=series, key=f"{at}Z" if "T" in at else at)

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Create the item; repeating an insert that got through is success."""
        self._steps.reach(self.id, "insert", Moment.BEFORE, name)
        self.admit()
        known = self._live.get(name)
        if known is None:
            self._refuse_taken(name, item)
            self.put(name, item)
            self._stamps[name] = item.uid
        elif self._stamps.get(name) != item.uid:
            raise self._exists(name, "")
        answer = self._item(self._live[name])
        self._steps.reach(self.id, "insert", Moment.AFTER, name)
        was_there = any(event.name == name for event in self._history[:-1])
        return replace(answer, made=known is None and not was_there)

    def update(  # noqa: PLR0913  # a write and its conditions, each by its name
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,  # memory has no partial writes
        if_match: ETag,
        parts: Sequence[Part] = (),
        tell_guests: bool = False,
    ) -> Item:
        """Write the item over the version `if_match`."""
        self._steps.reach(self.id, "update", Moment.BEFORE, name)
        self.admit()
        self._demand(name, if_match)
        self._demand_parts(name, parts)
        self.put(name, item)
        self._mail(name, tell_guests)
        answer = self._item(self._live[name])
        self._steps.reach(self.id, "update", Moment.AFTER, name)
        return answer

    def delete(self, name: str, *, if_match: ETag, tell_guests: bool = False) -> None:
        """Delete that version of the item; one that is gone already is success."""
        self._steps.reach(self.id, "delete", Moment.BEFORE, name)
        self.admit()
        if name in self._live:
            self._demand(name, if_match)
            self.remove(name)
            self._mail(name, tell_guests)
        self._steps.reach(self.id, "delete", Moment.AFTER, name)

    @property
    def most_at_once(self) -> int:
        """As many as in a batch of Google's; in CalDAV as many as are written down together."""
        return self.at_once

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Carry the requests out; at Google a fault of one of them does not end it."""
        self._steps.reach(self.id, "write", Moment.BEFORE)
        answers: Sequence[Answer]
        if self.side is Side.GOOGLE:
            answers = [answer_of(self, request) for request in requests]
        else:
            answers = one_by_one(self, requests)
        self._steps.reach(self.id, "write", Moment.AFTER)
        return answers

    def _start(self, token: SyncToken | None) -> int:
        if token is None:
            return 0
        epoch, _, position = token.partition("/")
        if epoch != str(self._epoch) or not position.isdigit():
            raise SyncTokenExpired("the token is not served any more", side=self.side.value)
        return int(position)

    def _mail(self, name: str, tell_guests: bool) -> None:
        if tell_guests:
            self.mailed.append(name)

    def _item(self, event: _Event) -> Item:
        assert event.item is not None  # noqa: S101 - deletions are told as removed
        stamp = self._stamps.get(event.name) if self.side is Side.GOOGLE else None
        parts = _exceptions(event) if self.side is Side.GOOGLE else ()
        return Item(name=event.name, etag=event.etag, object=event.item, stamp=stamp, parts=parts)

    def _refuse_taken(self, name: str, item: CalendarObject) -> None:
        if name in self.burnt:
            raise self._exists(name, "burnt")
        # CalDAV holds a UID once per collection (RFC 4791 section 5.3.2.1).
        held = self.side is Side.CALENDAR and any(
            found.uid == item.uid for found in self.objects().values()
        )
        if held:
            raise self._exists(name, "uid-conflict")

    def _exists(self, name: str, reason: str) -> ItemExists:
        return ItemExists(f"`{name}` is taken", side=self.side.value, reason=reason)

    def _demand_parts(self, name: str, parts: Sequence[Part]) -> None:
        there = {part.name: part.seen for part in self._item(self._live[name]).parts}
        if any(there.get(part.name) != part.seen for part in parts):
            raise PreconditionFailed(f"an instance of `{name}` changed since", side=self.side.value)

    def _demand(self, name: str, if_match: ETag) -> None:
        if name not in self._live:
            raise ItemMissing(f"`{name}` is gone", side=self.side.value)
        if self._live[name].etag != if_match:
            raise PreconditionFailed(f"`{name}` changed since", side=self.side.value)


def _exceptions(event: _Event) -> tuple[Part, ...]:
    """Return the changed instances of a series as Google has them: events with a version each."""
    assert event.item is not None  # noqa: S101 - deletions are told as removed
    if "RECURRENCE-ID" not in event.item.text:
        return ()
    return tuple(
        Part(
            name=f"{event.name}_{component.key}",
            seen=ETag(hashlib.sha256("\n".join(component.lines).encode()).hexdigest()[:16]),
            recurrence_id=component.key,
        )
        for component in components(event.item)
        if component.key
    )
