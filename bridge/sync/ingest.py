"""Ingest: fold what the sides told into the links, pure (design decisions 18, 20, 22).

Views are compared, not versions: a new version that shows the same is recorded as agreed. What is
missing from a full listing is unknown, never removed. A UID that went from one calendar collection
to another moved; one that is in two has a twin. The echo of our own write changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from bridge.domain.identifiers import ETag, Uid
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.blocks import with_known_block
from bridge.sync.deletions import buried, deleted_since, maybe_back, was_maybe_back
from bridge.sync.departure import departed
from bridge.sync.lost_answers import acknowledged, base_of, changed, insert_got_through
from bridge.sync.model import (
    NOT_THIS_VERSION,
    PUT_BACK,
    UNREADABLE,
    Item,
    Link,
    Parked,
    Part,
    Presence,
    Side,
    SideState,
    Unreadable,
)
from bridge.sync.ports import Lens
from bridge.sync.scope import is_private
from bridge.sync.sight import view_of
from bridge.sync.told import Place, Reading, asked_of, latest, tombstones_of
from bridge.sync.twins import alone_in, doubted, with_twin, without_twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The links after folding.

    Attributes:
        links: All of them, by UID.
        changed: UIDs of those that are not as they were.
    """

    links: Mapping[Uid, Link]
    changed: frozenset[Uid]


def ingest(
    links: Iterable[Link],
    readings: Sequence[Reading],
    *,
    lens: Lens,
    uid_for: Callable[[str], Uid],
    now: datetime,
) -> Folded:
    """Fold readings into links.

    Args:
        links: Every link of the connection.
        readings: In the order they were read; of one collection the later one is the newer.
        lens: The present lens.
        uid_for: Returns the UID for an item that came from Google, by its name there.
        now: Aware; when twins are met.
    """
    ledger = _Ledger(links, lens, uid_for, now)
    before = dict(ledger.links)
    ledger.fold([reading for reading in readings if reading.side is Side.CALENDAR])
    ledger.fold([reading for reading in readings if reading.side is Side.GOOGLE])
    return Folded(
        links=ledger.links,
        changed=frozenset(uid for uid, link in ledger.links.items() if before.get(uid) != link),
    )


class _Ledger:
    """The links while readings are folded into them, found by UID and by place."""

    def __init__(
        self, links: Iterable[Link], lens: Lens, uid_for: Callable[[str], Uid], now: datetime
    ) -> None:
        self.links: dict[Uid, Link] = {link.uid: link for link in links}
        self._lens = lens
        self._uid_for = uid_for
        self._now = now
        self._places: dict[Place, Uid] = {}
        self._twins: dict[Place, Uid] = {}
        self._asked: frozenset[Place] = frozenset()
        for link in self.links.values():
            self._index(link)

    def fold(self, readings: Sequence[Reading]) -> None:
        """Fold the readings of one side: first what is gone, so that a move is seen as one."""
        told = latest(readings)
        full = [position for position, reading in enumerate(readings) if reading.delta.full]
        self._asked = asked_of(readings)
        tombstones = tombstones_of(readings)
        gone = [place for place, news in told.items() if news is None]
        for place in gone:
            # One that is gone as well takes over for nothing.
            self._remove_twin(place)
        for place in gone:
            self._remove(place, tombstones.get(place))
        for position in full:
            self._miss(readings[position], told)
        self._take(told)
        for position in full:
            # What an earlier listing told may be gone by the time of this one.
            self._miss(readings[position], latest(readings[position:]))

    def _take(self, told: Mapping[Place, Item | Unreadable | None]) -> None:
        for place, news in told.items():
            if isinstance(news, Item):
                self._present(place, news)
            elif isinstance(news, Unreadable):
                self._park(place, news)

    def _index(self, link: Link) -> None:
        for side in Side:
            state = link.side(side)
            if state.name:
                self._places[(side, state.collection, state.name)] = link.uid
        for twin in link.twins:
            self._twins[(Side.CALENDAR, twin.collection, twin.name)] = link.uid

    def _store(self, link: Link) -> None:
        self.links[link.uid] = link
        self._index(link)

    def _at(self, place: Place) -> Link | None:
        """Return the link whose item was last seen at this very place."""
        side, collection, name = place
        link = self.links.get(self._places.get(place, Uid("")))
        if link is None:
            return None
        state = link.side(side)
        return link if (state.collection, state.name) == (collection, name) else None

    def _remove(self, place: Place, tombstone: ETag | None = None) -> None:
        self._remove_twin(place)
        link = self._at(place)
        side = place[0]
        if link is None:
            return
        state = link.side(side)
        if state.presence is Presence.REMOVED:
            self._store(link.with_side(side, buried(state, tombstone)))
            return
        asked = place in self._asked
        if side is Side.GOOGLE and state.being_inserted and not asked:
            # Listings can be late: this may be a deletion before our insert, our own of a copy that
            # was out of scope even. The side is asked whether the item is there.
            return
        if state.reviving and not deleted_since(state, tombstone):
            return
        if not asked and was_maybe_back(state):
            self._store(link.with_side(side, replace(state, presence=Presence.UNKNOWN)))
            return
        gone = departed(link, side, self._lens)
        self._store(_touched(gone, side, buried(gone.side(side), tombstone)))

    def _remove_twin(self, place: Place) -> None:
        """Note that a twin at this place is gone, or that the item it was has its place there."""
        link = self.links.get(self._twins.get(place, Uid("")))
        if link is not None:
            self._store(without_twin(link, *place[1:]))

    def _present(self, place: Place, item: Item) -> None:
        side, collection, name = place
        here = self._at(place)
        link = self._link_for(place, item, here)
        if here is not None and here.uid != link.uid:
            # The name now holds another UID: what it held before is gone.
            self._remove(place)
        if self._twins.get(place, link.uid) != link.uid:
            self._remove_twin(place)
        state = link.side(side)
        there = state.presence in (Presence.PRESENT, Presence.UNKNOWN)
        if side is Side.CALENDAR and there and state.collection != collection:
            # Clients move by PUT, then DELETE; until then the first one stays linked.
            self._store(with_twin(link, collection, item, self._now, self._lens))
            return
        link = alone_in(link, collection) if side is Side.CALENDAR else link
        if (state.collection, state.name) == (collection, name) and _same(state, item):
            self._store_known(link, place)
            return
        doubted = None if place in self._asked else _doubted(link, place, item)
        if doubted is not None:
            self._store(link.with_side(side, doubted))
            return
        if side is Side.CALENDAR and state.being_inserted:
            link = self._met_elsewhere(link, place, item)
        link = with_known_block(link, side, item, self._lens)
        link = acknowledged(link, side, item, self._lens)
        self._store(_touched(link, side, self._arrived(link, place, item)))

    def _store_known(self, link: Link, place: Place) -> None:
        """Store that the version known is there; a late listing may have what we withdrew since."""
        state = link.side(place[0])
        if state.withdrawing and place not in self._asked:
            return
        known = replace(state.unannounced(), presence=Presence.PRESENT)
        if known != state:
            self._store(replace(link.with_side(place[0], known), judged=""))

    def _met_elsewhere(self, link: Link, place: Place, item: Item) -> Link:
        """Return the link of an item we were about to insert, met at another place than ours.

        Either the insert got through and the item was moved since; or it is a person's, the one we
        took for deleted on its move. What the insert was to carry was never agreed with that.
        """
        side, collection, name = place
        if (link.calendar.collection, link.calendar.name) == (collection, name):
            return link
        if insert_got_through(side, link.calendar, item, self._lens):
            return link
        source = link.side(side.other)
        if source.presence is Presence.PRESENT:
            parts = tuple(replace(part, synced=None) for part in source.parts)
            source = replace(source, parts=parts, base=None)
        return replace(link, calendar=SideState(), google=source, agreed=None)

    def _link_for(self, place: Place, item: Item, here: Link | None) -> Link:
        side = place[0]
        if side is Side.CALENDAR:
            uid = item.object.uid
            return self.links.get(uid) or Link(uid=uid, origin=side)
        if here is not None:
            first = here.google.presence is Presence.UNKNOWN and here.google.object is None
            return replace(here, origin=side) if first and here.uid != item.stamp else here
        for uid in self._candidates(item):
            known = self.links.get(uid)
            if known is None:
                return Link(uid=uid, origin=side)
            if known.google.presence in (Presence.ABSENT, Presence.REMOVED):
                # The UID was made for this event. It is no copy of ours, whichever side was read
                # first after the links were lost.
                return known if uid == item.stamp else replace(known, origin=side)
            if uid == item.stamp and known.google.presence is Presence.UNKNOWN:
                # We make an item again only once it is gone; a restored database forgot both.
                return known
        raise AssertionError("the candidates never end")

    def _candidates(self, item: Item) -> Iterator[Uid]:
        """Iterate over the UIDs a new item at Google can have; one that is linked is not its own.

        A second event with our stamp, or a revived one that we had made again, is a person's copy.
        """
        if item.stamp is not None:
            yield item.stamp
        yield self._uid_for(item.name)
        for copy in count(2):
            yield self._uid_for(f"{item.name}/{copy}")

    def _arrived(self, link: Link, place: Place, item: Item) -> SideState:
        """Return the side's state with this version seen."""
        side, collection, _ = place
        if _had_back(side, link.side(side), item):
            link = replace(link, google=SideState())
        base = base_of(side, link.side(side), item, self._lens)
        old = link.side(side).unannounced()
        synced = {part.name: part.synced for part in old.parts}
        here = old.collection == collection
        master = Part(name=item.name, seen=item.etag)
        parts = tuple(
            replace(part, synced=synced.get(part.name) if here else None)
            for part in (master, *item.parts)
        )
        state = SideState(
            presence=Presence.PRESENT,
            collection=collection,
            parts=parts,
            object=item.object,
            replaced=old.replaced if here else (),
        )
        if link.side(side).announced and base != old.object:
            state = replace(state, replaced=old.replaced_by(parts))
        if old.being_inserted and side is Side.GOOGLE:
            state = maybe_back(state)
        if not old.was_synced and old.base is None:
            return state
        if not state.was_synced:
            first = replace(parts[0], synced=NOT_THIS_VERSION)
            state = replace(state, parts=(first, *parts[1:]))
        # What is withheld is hidden by the options, maybe, and so is what is private, before it is
        # judged under them; the base waits until they show it again.
        waits = link.withheld != "" or self._is_hidden(side, item.object)
        same = base is not None and changed(self._lens, side, base, item.object) == frozenset()
        if same and not waits:
            return state.agreed()
        return replace(state, base=base)

    def _is_hidden(self, side: Side, item: CalendarObject) -> bool:
        try:
            return is_private(view_of(self._lens, side, item))
        except ConversionError:
            return False

    def _park(self, place: Place, item: Unreadable) -> None:
        """Keep what cannot be read, and wait for a version that can."""
        side, collection, name = place
        uid = self._uid_for(name)
        if side is Side.CALENDAR or uid in self.links:
            uid = self._uid_for(f"{collection}/{name}")
        link = self._at(place) or Link(uid=uid, origin=side)
        old = link.side(side)
        if old.seen == item.etag and link.parked is not None:
            return
        first = old.parts[0] if old.parts else Part(name=name)
        base = old.agreed_object
        state = replace(
            old,
            presence=Presence.PRESENT,
            collection=collection,
            parts=(replace(first, seen=item.etag), *old.parts[1:]),
            base=base,
        )
        parked = Parked(side=side, version=item.etag, reason=UNREADABLE, message=item.reason)
        self._store(replace(_touched(link, side, state), parked=parked))

    def _miss(self, reading: Reading, told: Mapping[Place, object]) -> None:
        """Make what a full listing lacks unknown; only an answer to a question removes it."""
        for link in list(self.links.values()):
            state = link.side(reading.side)
            if state.presence is not Presence.PRESENT or state.collection != reading.collection:
                continue
            if (reading.side, state.collection, state.name) not in told:
                unknown = replace(state, presence=Presence.UNKNOWN)
                self._store(link.with_side(reading.side, unknown))
        for place, uid in list(self._twins.items()):
            if place[:2] == (reading.side, reading.collection) and place not in told:
                self._store(doubted(self.links[uid], *place[1:]))


def _doubted(link: Link, place: Place, item: Item) -> SideState | None:
    """Return the state in which the side is asked for what it told of, None to believe it.

    A late listing has versions that we replaced, and copies that we took back; or a person went
    back to that very version, or had the copy back.
    """
    side, collection, name = place
    state = link.side(side)
    if _is_overwritten(state, item):
        return replace(state, presence=Presence.UNKNOWN)
    taken_back = state.presence is Presence.ABSENT and not state.parts and link.agreed is not None
    if side is Side.GOOGLE and item.stamp == link.uid and taken_back:
        part = Part(name=name, seen=None)
        return SideState(presence=Presence.UNKNOWN, collection=collection, parts=(part,))
    return None


def _is_overwritten(state: SideState, item: Item) -> bool:
    """Whether the side told of a version that we ourselves have replaced."""
    if state.presence is not Presence.PRESENT:
        return False
    told = ((item.name, item.etag), *((part.name, part.seen) for part in item.parts))
    return any((version.name, version.etag) in told for version in state.replaced)


def _same(state: SideState, item: Item) -> bool:
    """Whether the side told exactly the version we know, the echo of our own write included."""
    known: dict[str, ETag | None] = {part.name: part.seen for part in state.parts}
    told = {item.name: item.etag} | {part.name: part.seen for part in item.parts}
    return state.object is not None and known == told


def _had_back(side: Side, old: SideState, item: Item) -> bool:
    """Whether a person had an event back from Google's bin; a late listing tells an old version."""
    if side is not Side.GOOGLE or old.presence is not Presence.REMOVED:
        return False
    return old.name == item.name and old.parts[0].synced != item.etag


def _touched(link: Link, side: Side, state: SideState) -> Link:
    """Return the link with news on one side: it is judged again, and parked work is tried again."""
    parked = link.parked
    if parked is not None:
        # Put back twice: only a new version of the source starts again (design decision 30).
        # Unreadable: only a new version of the unreadable side helps.
        waits_for = {PUT_BACK: parked.side.other, UNREADABLE: parked.side}
        if waits_for.get(parked.reason, side) is side:
            parked = None
    return replace(link.with_side(side, state), judged="", parked=parked)
