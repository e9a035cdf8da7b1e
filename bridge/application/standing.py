"""How an item of a connection stands, and that in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import reduce

from bridge.application.reasons import because
from bridge.domain.message import DayText, Message, joined
from bridge.sync.hold import HoldKind
from bridge.sync.model import Link, Parked, Presence, Side
from bridge.sync.places import PLACES
from bridge.sync.report import is_unknown, why_left_alone
from bridge.sync.scope import GUESTS

_HELD: Mapping[HoldKind, str] = {
    HoldKind.CHANGE: Message("its new time"),
    HoldKind.DELETE: Message("its deletion"),
    HoldKind.WITHDRAW: Message("its removal"),
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
            return Message("a listing lacked it, and the next sync asks whether it is still there")
        case Standing.HELD:
            return _held_words(link)
        case Standing.WITHHELD:
            what = _withheld_words(link)
            return Message("%(what)s, because %(reason)s", what=what, reason=because(reason))
        case Standing.AGREED:
            return Message("it is on both sides, and both agree")
        case _:
            return Message("the next sync goes on with it: %(news)s", news=_news(link))


def _parked_words(parked: Parked | None, reason: str) -> str:
    why = because(reason)
    if parked is None or parked.retry_at is None:
        return Message("it waits, because %(reason)s, until it changes", reason=why)
    return Message(
        "it waits, because %(reason)s, and is tried again at %(when)s",
        reason=why,
        when=moment_words(parked.retry_at),
    )


def _held_words(link: Link) -> str:
    what = _HELD[link.held.kind] if link.held is not None else Message("a change of it")
    return Message(
        "%(what)s is not written at Google before you say what its guests are to be told", what=what
    )


def _withheld_words(link: Link) -> str:
    for side in Side:
        if link.side(side).presence is not Presence.PRESENT:
            return Message("it is not %(place)s", place=PLACES[side])
    return Message("a part of it stays as it is on each side")


def _news(link: Link) -> str:
    told = [_change(link, side) for side in Side if not link.side(side).settled]
    missing = [
        Message("it is not %(place)s yet", place=PLACES[side])
        for side in Side
        if link.side(side).presence is Presence.ABSENT
    ]
    news = [*told, *missing]
    return reduce(_and, news) if news else Message("nothing is known to be missing")


def _and(first: Message, second: Message) -> Message:
    return Message("%(first)s and %(second)s", first=first, second=second)


def _change(link: Link, side: Side) -> Message:
    state = link.side(side)
    if state.presence is Presence.REMOVED:
        return Message("it was deleted %(place)s", place=PLACES[side])
    if state.was_synced:
        return Message("it was changed %(place)s", place=PLACES[side])
    return Message("it is new %(place)s", place=PLACES[side])


def twin_words(link: Link) -> str:
    """Return what else has the UID of an item and what to do about it, "" for nothing."""
    if not link.twins:
        return ""
    return Message(
        "it lies in the calendar `%(calendar)s`, which counts for Google, and in `%(others)s` as"
        " well: delete the one you do not need",
        calendar=link.calendar.collection,
        others="`, `".join(twin.collection for twin in link.twins),
    )


def origin_words(link: Link) -> str:
    """Return where an item was first seen."""
    if link.origin is Side.GOOGLE:
        return Message("it came from Google")
    return Message("it came from the CRM")


def moment_words(at: datetime) -> str:
    """Return an instant for people, in UTC."""
    return joined(" ", (DayText(f"{at:%Y-%m-%d %H:%M}", at, "moment"), "UTC"))
