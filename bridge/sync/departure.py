"""What a link knows once a side said that its item is gone; pure."""

from __future__ import annotations

from dataclasses import replace

from bridge.sync.model import (
    NOT_THIS_VERSION,
    Link,
    Presence,
    Side,
    SideState,
)
from bridge.sync.ports import Lens
from bridge.sync.twins import inherited


def departed(link: Link, side: Side, lens: Lens) -> Link:
    """Return the link after the side said the item is gone; a twin takes its place."""
    state = link.side(side)
    gone = link.with_side(side, removed(state))
    if side is Side.GOOGLE:
        return gone
    withdrawn = gone.calendar == SideState()
    heir = None if withdrawn else inherited(link, lens)
    return heir or replace(gone, twins=())


def removed(state: SideState) -> SideState:
    """Return the state of an item the side says is gone; what it was is kept.

    An item that was being inserted was agreed on, so its removal is one that somebody made. One
    that was being withdrawn is simply not there any more, and one that was only asked for never
    was.
    """
    if state.withdrawing:
        return SideState()
    if state.presence is Presence.UNKNOWN and state.object is None:
        return SideState()
    if state.reviving:
        state = replace(state, parts=tuple(replace(part, synced=None) for part in state.parts))
    state = state.unannounced()
    agreed = NOT_THIS_VERSION if state.base is not None else None
    parts = tuple(replace(part, seen=None, synced=part.synced or agreed) for part in state.parts)
    return replace(state, presence=Presence.REMOVED, parts=parts)
