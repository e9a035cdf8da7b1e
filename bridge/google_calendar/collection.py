"""One Google calendar as a `Collection` of the engine.

Single events are items, named by their event id. A series and its exceptions are one item under the
master's id, its exceptions are the parts. An instance whose series the account does not see is a
single event under its own id, until the series is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar

from bridge.domain.identifiers import ETag, SyncToken, Uid
from bridge.errors import BridgeError
from bridge.google_calendar.event_calls import EventCalls, check_role
from bridge.google_calendar.event_ids import EventIds
from bridge.google_calendar.event_items import UNREADABLE, EventItems
from bridge.google_calendar.event_writing import EventWriting
from bridge.google_calendar.gathering import Gathering
from bridge.google_calendar.grouping import EventGroup
from bridge.google_calendar.instance_keys import split_off
from bridge.google_calendar.rounds import Rounds
from bridge.google_calendar.series_reading import complete, read_groups, read_tombstones
from bridge.google_calendar.session import (
    PARTS_PER_BATCH,
    GoogleCalendar,
    GoogleSession,
    Guard,
    no_guard,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import SplitOff
from bridge.sync.model import Delta, Item, Part, Side, Unreadable
from bridge.sync.requests import Answer, Insert, Remove, Replace, Request

_Any = TypeVar("_Any")


class GoogleCollection:
    """The events of one Google calendar."""

    def __init__(
        self,
        session: GoogleSession,
        calendar: GoogleCalendar,
        *,
        install_key: bytes,
        guard: Guard = no_guard,
    ) -> None:
        """Bind the calendar; nothing is sent yet.

        Args:
            session: Signed in as the account that sees the calendar.
            calendar: With its resolved id.
            install_key: 32 bytes; own ids and stamps come from it.
            guard: Called before each request; raises if the caller has a transaction open.
        """
        self._session = session
        self._calendar = calendar
        self._guard = guard
        self._calls = EventCalls(session, calendar.id, guard=guard)
        self._ids = EventIds(install_key, calendar.id)
        self._items = EventItems(self._ids, calendar.zone)

    @property
    def side(self) -> Side:
        """Google's side."""
        return Side.GOOGLE

    @property
    def id(self) -> str:
        """The resolved calendar id."""
        return self._calendar.id

    def changes(self, token: SyncToken | None) -> Delta:
        """List what changed since the token; with None everything.

        Raises:
            SyncTokenExpired: The token is not served any more (410 by its reason).
            CollectionGone: The calendar is not there, or not ours to read.
            SideUnavailable: The answer is cut, odd or endless; nothing of it counts.
        """
        gathering, full = Gathering(self._items), token is None
        new_token = self._calls.listing(token, gathering.take)
        for portion in _portions(gathering.groups()):
            self._rounds().alone(complete(self._calls, portion, full=full))
        told = list(gathering.told())
        items = [item for each in told for item in each.items]
        gone = [] if full else [each for each in told if each.removed]
        return Delta(
            items=tuple(item for item in items if isinstance(item, Item)),
            unreadable=tuple(item for item in items if isinstance(item, Unreadable)),
            # A full listing tells what is there; what it lacks is for the reader to ask about.
            removed=tuple(name for each in gone for name in each.removed),
            tombstones={each.removed[0]: each.tombstone for each in gone if each.tombstone},
            token=new_token,
            full=full,
        )

    def between(self, since: datetime, until: datetime) -> Sequence[Item]:
        """Return what takes place in a span of time, to look at; what cannot be read is left out.

        Args:
            since: Aware; what ends later is told.
            until: Aware; what starts earlier is told.

        Raises:
            CollectionGone: The calendar is not there, or not ours to read.
            SideUnavailable: The answer is cut, odd or endless.
        """
        gathering = Gathering(self._items)
        self._calls.between(since, until, gathering.take)
        for portion in _portions(gathering.groups()):
            self._rounds().alone(complete(self._calls, portion, full=True))
        items = [item for each in gathering.told() for item in each.items]
        return [item for item in items if isinstance(item, Item)]

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Ask for these events, after making sure that the calendar itself answers.

        One that is there but cannot be converted is left out of the answer.

        Raises:
            CollectionGone: The calendar is not on the account's list, or hides its events; nothing
                about the events follows.
        """
        self._probe()
        found: dict[str, Item | None] = {}
        for portion in _portions(list(dict.fromkeys(names))):
            groups = self._rounds().alone(read_groups(self._calls, portion))
            for name, group in zip(portion, groups, strict=True):
                item = None if group is None else self._named(name, group)
                if not isinstance(item, Unreadable):
                    found[name] = item
        return found

    def tombstones(self, names: Sequence[str]) -> Mapping[str, ETag]:
        """Return the versions of deleted events that Google still has; see `Collection`.

        Raises:
            BridgeError: An answer is not definite.
        """
        found: dict[str, ETag] = {}
        for portion in _portions(names):
            found |= self._rounds().alone(read_tombstones(self._calls, portion))
        return found

    def name_for(self, uid: Uid, *, generation: int = 0) -> str:
        """Return our own event id for the UID (design decision 26)."""
        return self._ids.name_for(uid, generation)

    def split_off(self, name: str) -> SplitOff | None:
        """Return what a series was split off by "this and following"; its id tells."""
        return split_off(name)

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Create the event; one that got through before is success, a deleted one comes back.

        What people made since of one that got through stays, and is the answer.

        Raises:
            ItemExists: The id carries something that is not ours (`foreign`), or cannot be brought
                back (`burnt`).
            ItemRejected: Google refuses this event.
        """
        return self._stored(Insert(name=name, item=item))

    def update(  # noqa: PLR0913  # a write and its conditions, each by its name
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,
        if_match: ETag,
        parts: Sequence[Part] = (),
        tell_guests: bool = False,
    ) -> Item:
        """Change the fields in which the item differs from `base`, and no others.

        Without a difference nothing is written; without a base the stored event is the base.

        Raises:
            PreconditionFailed: The event changed since.
            ItemMissing: It is gone, while the calendar is still there.
            ItemRejected: Google refuses this change.
        """
        return self._stored(
            Replace(
                name=name,
                item=item,
                base=base,
                if_match=if_match,
                parts=tuple(parts),
                tell_guests=tell_guests,
            )
        )

    def delete(self, name: str, *, if_match: ETag, tell_guests: bool = False) -> None:
        """Delete that version of the event; one that is gone already is success.

        Raises:
            PreconditionFailed: It changed since.
            ItemRejected: Google refuses the deletion.
        """
        self._alone(Remove(name=name, if_match=if_match, tell_guests=tell_guests))

    @property
    def most_at_once(self) -> int:
        """The parts of one batch."""
        return PARTS_PER_BATCH

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Carry the requests out in batches; what a refusal means is asked in further ones.

        Raises:
            SideUnavailable: The first batch got no whole answer: nothing is known of any request,
                and repeating all of them is safe. A later failure is the answer of the requests
                that were not through by then.
            RateLimited: Google took nothing at all.
            CollectionGone: The calendar is gone, or not ours to write any more, for all of them.
                Where some got through before, it is the answer of the others.
            NotConnected: The grant is dead; likewise.
        """
        writing = EventWriting(self._calls, self._items, _once(self._probe))
        steps = [writing.steps(request) for request in requests]
        return self._rounds().side_by_side(steps)

    def _stored(self, request: Insert | Replace) -> Item:
        item = self._alone(request)
        assert item is not None  # noqa: S101 - only a deletion is answered with nothing
        return item

    def _alone(self, request: Request) -> Item | None:
        writing = EventWriting(self._calls, self._items, self._probe)
        return self._rounds().alone(writing.steps(request))

    def _rounds(self) -> Rounds:
        return Rounds(self._session, guard=self._guard)

    def _named(self, name: str, group: EventGroup) -> Item | Unreadable | None:
        """Return the item of that name in a group; an instance of a series that is seen is none.

        Of a group that may not be read nobody knows whether it has one.
        """
        if group.refused:
            return Unreadable(name=name, etag=group.etag, reason=UNREADABLE)
        return next((item for item in self._items.told(group).items if item.name == name), None)

    def _probe(self) -> None:
        """Make sure that the calendar is there and tells its events (design decision 22)."""
        self._guard()
        check_role(self._session.calendar(self._calendar.id).access_role)


def _once(probe: Callable[[], None]) -> Callable[[], None]:
    """Return a probe that asks once, whatever the answer is."""

    @cache
    def asked() -> BridgeError | None:
        """Return what is wrong with the calendar, which is asked once."""
        try:
            probe()
        except BridgeError as error:
            return error
        return None

    def probe_once() -> None:
        if (error := asked()) is not None:
            raise error

    return probe_once


def _portions(whole: Sequence[_Any]) -> Iterator[Sequence[_Any]]:
    for first in range(0, len(whole), PARTS_PER_BATCH):
        yield whole[first : first + PARTS_PER_BATCH]
