"""One UID in two calendar collections: which of the two counts, and what if it goes (decision 18).

Clients move an object by PUT into one collection, then DELETE from the other. Until then the one
that is linked stays so, and nothing is written for a while: it would be lost with the DELETE. What
is in two collections for longer is no move, and the linked one is synced as if it were alone. The
other one, its twin, is only kept in mind: it takes over once the linked one is gone, with what
people changed in it, and what came to the linked one meanwhile is carried over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.lost_answers import base_of
from bridge.sync.model import (
    NOT_THIS_VERSION,
    Item,
    Link,
    Part,
    Presence,
    Side,
    SideState,
)
from bridge.sync.ports import Lens
from bridge.sync.sight import put_view, view_of
from bridge.sync.twin import Twin

MOVING = "moving"
"""Reason for leaving an item alone that is on its way from one collection to another."""
IN_TWO_CALENDARS = "in-two-calendars"
"""Reason for telling of an item that is synced, while another one with its UID is not."""
MOVE_TAKES = timedelta(minutes=5)
"""How long a client may take between PUT and DELETE; it takes seconds where nothing fails."""

TWIN = "twin"
"""Why an object that has its UID in another calendar, too, is not synced."""


def is_on_the_move(twins: Iterable[Twin], now: datetime) -> bool:
    """Whether an item came to a second collection just now, and may be about to leave one."""
    # Runs meet a twin after the moment they plan for; a clock that was set back prolongs nothing.
    return any(abs(now - twin.since) < MOVE_TAKES for twin in twins)


def with_twin(link: Link, collection: str, item: Item, now: datetime, lens: Lens) -> Link:
    """Return the link with what a second collection tells of its UID."""
    others = tuple(twin for twin in link.twins if twin.collection != collection)
    known = next((twin for twin in link.twins if _is_at(twin, collection, item.name)), None)
    twin = known or Twin(
        collection=collection,
        name=item.name,
        seen=item.etag,
        since=now,
        beside=link.calendar.seen,
        # Of a write whose answer was lost, only what came to be seen of it here.
        base=base_of(Side.CALENDAR, link.calendar, item, lens) or item.object,
    )
    return replace(link, twins=(*others, replace(twin, seen=item.etag)))


def without_twin(link: Link, collection: str, name: str) -> Link:
    """Return the link without a twin at that place."""
    left = tuple(twin for twin in link.twins if not _is_at(twin, collection, name))
    return replace(link, twins=left)


def alone_in(link: Link, collection: str) -> Link:
    """Return the link whose item came to a collection; that holds a UID once (RFC 4791 5.3.2.1)."""
    left = tuple(twin for twin in link.twins if twin.collection != collection)
    return replace(link, twins=left)


def doubted(link: Link, collection: str, name: str) -> Link:
    """Return the link after a full listing that lacked a twin at that place."""
    twins = tuple(
        replace(twin, seen=None) if _is_at(twin, collection, name) else twin for twin in link.twins
    )
    return replace(link, twins=twins) if twins != link.twins else link


def questions(link: Link) -> Iterator[Twin]:
    """Iterate over the twins that the calendar has to be asked for.

    Those that a listing lacked, and all while the linked item is unknown: one of them may have to
    take over.
    """
    unknown = link.calendar.presence is Presence.UNKNOWN
    return (twin for twin in link.twins if unknown or twin.seen is None)


def inherited(link: Link, lens: Lens) -> Link | None:
    """Return the link after its calendar item went, with the twin in its place; None without one.

    The calendar has to be asked for the twin. What people changed in it since it was first met
    counts as their edit. What the linked item was changed to since then, the twin never had: where
    that went to Google, too, it counts as Google's change, and is carried over to the twin.
    """
    if not link.twins:
        return None
    heir, *others = link.twins
    old = link.calendar.unannounced()
    alike = heir.beside == old.seen
    base = old.agreed_object if alike else heir.base
    agreed = NOT_THIS_VERSION if old.was_synced or not alike else None
    state = SideState(
        presence=Presence.UNKNOWN,
        collection=heir.collection,
        parts=(Part(name=heir.name, synced=agreed),),
        object=old.object,
        base=base,
    )
    passed = replace(link, calendar=state, twins=tuple(others))
    return passed if alike else _set_back(passed, heir.base, lens)


def _set_back(link: Link, base: CalendarObject, lens: Lens) -> Link:
    """Return the link with Google's side agreed as far as it was when the twin was first met."""
    state = link.google
    if state.presence is not Presence.PRESENT or state.object is None:
        return link
    try:
        agreed = view_of(lens, Side.CALENDAR, base)
        if agreed is None:
            return link
        before = put_view(lens, Side.GOOGLE, agreed, state.object)
    except ConversionError:
        return link
    return replace(link, google=state.agreed_on(before), agreed=agreed)


def _is_at(twin: Twin, collection: str, name: str) -> bool:
    return (twin.collection, twin.name) == (collection, name)
