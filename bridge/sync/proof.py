"""Proof of sync: compare both sides in full with what is known of them, and mend what differs.

Listings by token tell what changed since; a side may leave something out, or we may lose it. So
now and then everything is listed once more, before the listings by token, whose tokens stay. What
the full listings show otherwise is asked for by name, so that no late listing is believed, and
folded in like any news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.domain.identifiers import ETag, Uid
from bridge.errors import ConversionError
from bridge.sync.model import Link, Part, Presence, Side, SideState
from bridge.sync.ports import Lens
from bridge.sync.reading import Known, Places, ask_for
from bridge.sync.session import Session
from bridge.sync.sight import view_of
from bridge.sync.told import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a full comparison found.

    Attributes:
        compared: How many items were compared.
        differences: How many were not as listings by token had told; they are mended by the run.
        unlike: How many show something else on each side although both agree, as one of them cannot
            show it, or an undo left them apart; nothing is done about these.
    """

    compared: int
    differences: int
    unlike: int


def list_everything(session: Session) -> tuple[Reading, ...]:
    """List every collection in full; the stored tokens are not concerned.

    Raises:
        SideError: A side could not be listed.
        NotConnected: There is no usable grant.
    """
    return tuple(
        Reading(side=each.side, collection=each.id, delta=each.changes(None))
        for each in (*session.calendars, session.google)
    )


def compare(session: Session, known: Known, whole: Iterable[Reading]) -> tuple[Known, Proof]:
    """Compare full listings with what is known, and fold in what is otherwise.

    Args:
        session: The ports of the run.
        known: After the listings by token, which were read after the full ones.
        whole: The full listings.

    Raises:
        SideError: An item that differs could not be asked for; nothing is known of it then.
    """
    doubtful = _doubtful(whole, known)
    mended = ask_for(session, known, doubtful) if doubtful else known
    links = mended.links
    proof = Proof(
        compared=len(links),
        differences=sum(1 for uid in {*known.links, *links} if _differs(uid, known, mended)),
        unlike=sum(_is_unlike(link, session.lens) for link in links.values()),
    )
    return mended, proof


def _differs(uid: Uid, known: Known, mended: Known) -> bool:
    before, after = known.links.get(uid), mended.links.get(uid)
    if before is None or after is None:
        return True
    known_as = (before.calendar, before.google, before.twins)
    return known_as != (after.calendar, after.google, after.twins)


def _doubtful(whole: Iterable[Reading], known: Known) -> Places:
    """Return what the full listings show in another version than is known, or not at all."""
    states = _states(known.links.values())
    found: dict[tuple[Side, str], dict[str, SideState | None]] = {}
    for reading in whole:
        place = (reading.side, reading.collection)
        told = dict(_versions(reading))
        here = states.get(place, {})
        names = [name for name, versions in told.items() if versions != _known(here.get(name))]
        names += [name for name in here if name not in told]
        if names:
            found[place] = {name: here.get(name) for name in names}
    return found


_Versions = Mapping[str, ETag | None]


def _versions(reading: Reading) -> Iterator[tuple[str, _Versions]]:
    """Iterate over the items of a listing with the versions of their parts."""
    for item in reading.delta.items:
        yield item.name, {item.name: item.etag} | {p.name: p.seen for p in item.parts}
    for odd in reading.delta.unreadable:
        yield odd.name, {odd.name: odd.etag}


def _known(state: SideState | None) -> _Versions | None:
    return None if state is None else {part.name: part.seen for part in state.parts}


def _states(links: Iterable[Link]) -> Mapping[tuple[Side, str], dict[str, SideState]]:
    found: dict[tuple[Side, str], dict[str, SideState]] = defaultdict(dict)
    for link in links:
        for side in Side:
            state = link.side(side)
            if state.presence is Presence.PRESENT:
                found[(side, state.collection)][state.name] = state
        for twin in link.twins:
            found[(Side.CALENDAR, twin.collection)][twin.name] = SideState(
                presence=Presence.PRESENT,
                collection=twin.collection,
                parts=(Part(name=twin.name, seen=twin.seen),),
            )
    return found


def _is_unlike(link: Link, lens: Lens) -> bool:
    """Whether an item that both sides agree on shows something else on each."""
    both = (link.calendar, link.google)
    waits = link.withheld or link.parked is not None or link.held is not None
    if waits or not all(s.presence is Presence.PRESENT and s.settled for s in both):
        return False
    try:
        views = [view_of(lens, side, link.side(side).object) for side in Side]
    except ConversionError:
        return False
    return views[0] != views[1]
