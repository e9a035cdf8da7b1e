"""The farewell: what is taken away once a sync has ended, because a person wants so; pure (A5).

Only copies are taken: events we made of activities, or activities we made of events. The original
stays, and so does every copy that somebody changed since both sides agreed. An event with guests is
never deleted here: that would cancel their meeting. Should the sync be taken up again, what was
taken away is in scope like anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bridge.domain.connection import Farewell
from bridge.domain.identifiers import Uid
from bridge.errors import ConversionError
from bridge.sync.actions import Action, Plan, Skip
from bridge.sync.guests import has_guests
from bridge.sync.model import UNREADABLE, Link, Presence, Side
from bridge.sync.ports import Lens
from bridge.sync.removals import withdraw
from bridge.sync.scope import GUESTS
from bridge.sync.sight import Change, Sight, look

STOPPED = "stopped"
"""Reason of these writes."""
CHANGED_SINCE = "changed-since"
_MOST_COPIES = 9

UidFor = Callable[[str], Uid]


def farewell(links: Iterable[Link], wish: Farewell, *, lens: Lens, uid_for: UidFor) -> Plan:
    """Return what takes the copies of one kind away.

    Args:
        links: Every link of the connection.
        wish: Which copies.
        lens: The present lens.
        uid_for: Returns the UID of an activity made of an event, by the event's name: an activity
            with another UID was a person's before it was linked.
    """
    copies = [link for link in links if _is_copy(link, wish, uid_for)]
    return Plan(actions=tuple(_taken(link, _side_of(wish), lens) for link in copies))


def _side_of(wish: Farewell) -> Side:
    return Side.GOOGLE if wish is Farewell.COPIES else Side.CALENDAR


def _is_copy(link: Link, wish: Farewell, uid_for: UidFor) -> bool:
    side = _side_of(wish)
    state = link.side(side)
    there = state.presence is Presence.PRESENT and state.was_synced
    if not there or link.origin is side:
        return False
    return side is Side.GOOGLE or link.uid in _made_of(link.google.name, uid_for)


def _made_of(name: str, uid_for: UidFor) -> set[Uid]:
    """Return the UIDs that activities made of this event can have (`bridge.sync.ingest`)."""
    return {uid_for(name), *(uid_for(f"{name}/{copy}") for copy in range(2, _MOST_COPIES))}


def _taken(link: Link, side: Side, lens: Lens) -> Action:
    try:
        sight = look(link, lens)
    except ConversionError:
        return Skip(uid=link.uid, reason=UNREADABLE)
    if reason := _obstacle(sight, side):
        return Skip(uid=link.uid, reason=reason)
    return withdraw(sight, STOPPED, STOPPED, side=side)


def _obstacle(sight: Sight, side: Side) -> str:
    if side is Side.GOOGLE and has_guests(sight):
        return GUESTS
    return "" if sight.side(side).change is Change.UNCHANGED else CHANGED_SINCE
