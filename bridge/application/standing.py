"""How an item of a connection stands, and that in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bridge.application.history import PLACES
from bridge.application.reasons import because
from bridge.sync.hold import HoldKind
from bridge.sync.model import Link, Parked, Presence, Side
from bridge.sync.report import is_unknown, why_left_alone
from bridge.sync.scope import GUESTS

_HELD: Mapping[HoldKind, str] = {
    HoldKind.CHANGE: "its new time",
    HoldKind.DELETE: "its deletion",
    HoldKind.WITHDRAW: "its removal",
}


class Standing(StrEnum):
    """How an item stands, for programs."""

    AGREED = "agreed"
    WAITING = "waiting"  # the next run has something to do
    UNKNOWN = "unknown"  # missing from a listing, and not answered for
    HELD = "held"  # its guests would learn of it, and a person is asked
    WITHHELD = "withheld"  # left alone, or a part of it, for a reason
    PARKED = "parked"  # a write was refused
    REMOVED = "removed"  # it was, and a run took it away
    NEW = "new"  # in the calendar, and no run has met it
    OUTSIDE = "outside"  # in a calendar that is not synced


def standing_of(link: Link) -> tuple[Standing, str]:
    """Return how an item stands, and the reason of the engine, "" for none."""
    reason = why_left_alone(link)
    if link.parked is not None:
        return Standing.PARKED, reason
    if is_unknown(link):
        return Standing.UNKNOWN, ""
    if link.held is not None and link.held.answer is None:
        return Standing.HELD, GUESTS
    if reason:
        return Standing.WITHHELD, reason
    both = (link.calendar, link.google)
    agreed = all(side.presence is Presence.PRESENT and side.settled for side in both)
    return (Standing.AGREED if agreed else Standing.WAITING), ""


def standing_words(link: Link, standing: Standing, reason: str) -> str:
    """Return how an item stands, as `standing_of` tells it, in words."""
    match standing:
        case Standing.PARKED:
            return _parked_words(link.parked, reason)
        case Standing.UNKNOWN:
            return "a listing lacked it, and the next sync asks whether it is still there"
        case Standing.HELD:
            return _held_words(link)
        case Standing.WITHHELD:
            return f"{_withheld_words(link)}, because {because(reason)}"
        case Standing.AGREED:
            return "it is on both sides, and both agree"
        case _:
            return f"the next sync goes on with it: {_news(link)}"


def _parked_words(parked: Parked | None, reason: str) -> str:
    said = f"it waits, because {because(reason)}"
    if parked is None or parked.retry_at is None:
        return f"{said}, until it changes"
    return f"{said}, and is tried again at {moment_words(parked.retry_at)}"


def _held_words(link: Link) -> str:
    what = _HELD[link.held.kind] if link.held is not None else "a change of it"
    return f"{what} is not written at Google before you say what its guests are to be told"


def _withheld_words(link: Link) -> str:
    for side in Side:
        if link.side(side).presence is not Presence.PRESENT:
            return f"it is not {PLACES[side]}"
    return "a part of it stays as it is on each side"


def _news(link: Link) -> str:
    told = [_change(link, side) for side in Side if not link.side(side).settled]
    missing = [
        f"it is not {PLACES[side]} yet"
        for side in Side
        if link.side(side).presence is Presence.ABSENT
    ]
    return " and ".join((*told, *missing)) or "nothing is known to be missing"


def _change(link: Link, side: Side) -> str:
    state = link.side(side)
    if state.presence is Presence.REMOVED:
        return f"it was deleted {PLACES[side]}"
    return f"it {'was changed' if state.was_synced else 'is new'} {PLACES[side]}"


def origin_words(link: Link) -> str:
    """Return where an item was first seen."""
    return "it came from Google" if link.origin is Side.GOOGLE else "it came from the CRM"


def moment_words(at: datetime) -> str:
    """Return an instant for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
