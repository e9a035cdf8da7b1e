"""What the journal says of a write before it is sent, and the request that is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from bridge.domain.identifiers import RunId
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.actions import Action, Create, Delete, PutBack, Update, Withdraw, Write
from bridge.sync.model import JournalEntry, JournalState, Link, Side
from bridge.sync.ports import Clock, Collection, Ids
from bridge.sync.requests import Insert, Remove, Replace, Request

CREATE = "create"
"""The journal's word for an insert."""


def name_of(action: Action, write: Write) -> str:
    """Return the journal's word for a write of an action."""
    if isinstance(action, PutBack):
        return "put-back"
    match write:
        case Create():
            return CREATE
        case Update():
            return "update"
        case Delete():
            return "delete"
        case Withdraw():
            return "withdraw"
        case _:
            assert_never(write)


def intended(write: Write, name: str, *, run_id: RunId, clock: Clock, ids: Ids) -> JournalEntry:
    """Return the entry of a write about to be sent.

    Args:
        write: The write.
        name: The journal's word for it.
        run_id: Of the run.
        clock: Tells when.
        ids: Gives the entry its id.
    """
    before, after = _before(write), _after(write)
    return JournalEntry(
        id=ids.entry_id(),
        run_id=run_id,
        uid=write.uid,
        side=write.side,
        action=name,
        state=JournalState.INTENDED,
        at=clock.now(),
        before=None if before is None else before.text,
        after=None if after is None else after.text,
        reason=write.reason,
        detail=write.detail,
        tells_guests=write.tell_guests,
        left_out=write.left_out,
    )


def remembering(entry: JournalEntry, write: Write, link: Link) -> JournalEntry:
    """Return the entry with what undoing the write would take, as the link is before it."""
    other = link.side(write.side.other).object
    return replace(
        entry,
        collection=write.collection if write.side is Side.CALENDAR else link.calendar.collection,
        counterpart=other.text if isinstance(write, Delete) and other is not None else None,
        losers=write.losers,
    )


def named(entry: JournalEntry, link: Link) -> JournalEntry:
    """Return the entry with the item's names on both sides, those of before where they are gone."""
    return replace(
        entry,
        event_id=link.google.name or entry.event_id,
        href=link.calendar.name or entry.href,
    )


def request_of(write: Write, link: Link, collection: Collection) -> Request:
    """Return what the collection is asked for."""
    match write:
        case Create():
            name = collection.name_for(link.uid, generation=link.generation)
            return Insert(name=name, item=write.item)
        case Update():
            return Replace(
                name=write.name,
                item=write.item,
                base=write.base,
                if_match=write.if_match,
                parts=link.side(write.side).parts[1:],
                tell_guests=write.tell_guests,
            )
        case Delete() | Withdraw():
            return Remove(name=write.name, if_match=write.if_match, tell_guests=write.tell_guests)
        case _:
            assert_never(write)


def _before(write: Write) -> CalendarObject | None:
    match write:
        case Create():
            return None
        case Update():
            return write.base
        case Delete() | Withdraw():
            return write.before
        case _:
            assert_never(write)


def _after(write: Write) -> CalendarObject | None:
    return None if isinstance(write, Delete | Withdraw) else write.item
