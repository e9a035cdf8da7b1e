"""What a link knows after an answer: success, refusal, or a side that went on meanwhile; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.actions import Create, Delete, Update, Withdraw, Write
from bridge.sync.ingest import removed
from bridge.sync.model import Item, Link, Parked, Part, Presence, Side, SideState
from bridge.sync.ports import Collection, Lens
from bridge.sync.sight import view_of

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=24)


def still_planned(link: Link, write: Write) -> bool:
    """Whether both sides of the link are still what the write was planned from."""
    target = link.side(write.side)
    if link.side(write.side.other).seen != write.source:
        return False
    if isinstance(write, Create):
        return target.presence in (Presence.ABSENT, Presence.REMOVED)
    present = target.presence is Presence.PRESENT
    return present and (target.name, target.seen) == (write.name, write.if_match)


def announced(link: Link, write: Write, collection: Collection) -> Link:
    """Return the link as it has to be stored before the write is sent.

    If the answer to an insert gets lost, people may edit or delete either copy before we look
    again. So what we are about to agree on is stored first, as the base of both sides, together
    with the name it gets.
    """
    if not isinstance(write, Create):
        return link
    name = collection.name_for(link.uid, generation=link.generation)
    target = SideState(
        collection=collection.id,
        parts=(Part(name=name),),
        object=link.side(write.side).object,
        base=write.item,
    )
    source = link.side(write.side.other).agreed_on(write.after.source_base)
    sided = link.with_side(write.side, target).with_side(write.side.other, source)
    return replace(sided, agreed=write.after.agreed, judged="")


def written(link: Link, write: Create | Update, answer: Item, *, lens: Lens) -> Link:
    """Return the link that adopted the side's answer as agreed."""
    after = write.after
    target = SideState(
        presence=Presence.PRESENT,
        collection=link.side(write.side).collection,
        parts=(Part(name=answer.name, seen=answer.etag), *answer.parts),
        object=answer.object,
    )
    base = after.target_base
    if isinstance(write, Create) and not _shows(lens, write.side, answer.object, write.item):
        # An insert repeated after a lost answer can meet what a person made of the item since:
        # agreed is what we sent, the rest counts as their change.
        base = write.item
    source = link.side(write.side.other).agreed_on(after.source_base)
    settled = link.with_side(write.side, target.agreed_on(base))
    return replace(
        settled.with_side(write.side.other, source),
        agreed=after.agreed,
        withheld=after.withheld,
        judged=after.judged,
        put_backs=after.put_backs,
        parked=None,
    )


def taken_away(link: Link, write: Delete | Withdraw) -> Link | None:
    """Return the link without its item on one side; None when it is on neither."""
    if isinstance(write, Delete):
        return None
    return replace(
        link, google=SideState(), withheld=write.reason, judged=write.judged, parked=None
    )


def gone(link: Link, side: Side) -> Link:
    """Return the link after the side said the item is not there any more."""
    return replace(link.with_side(side, removed(link.side(side))), judged="")


def overtaken(link: Link, side: Side) -> Link:
    """Return the link after a failed precondition: the side has to be looked at again.

    If the next listing does not tell of the newer version, it is asked for.
    """
    state = link.side(side)
    if state.presence is Presence.PRESENT:
        state = replace(state, presence=Presence.UNKNOWN)
    return replace(link.with_side(side, state), judged="")


def parked(link: Link, write: Write, reason: str, message: str, now: datetime) -> Link:
    """Return the link with the refused work parked, each time for longer."""
    attempts = link.parked.attempts + 1 if link.parked is not None else 1
    pause = min(FIRST_PAUSE * 4 ** min(attempts - 1, 8), LONGEST_PAUSE)
    work = Parked(
        side=write.side,
        version=write.source,
        reason=reason,
        message=message,
        retry_at=now + pause,
        attempts=attempts,
    )
    return replace(link, parked=work, judged="")


def _shows(lens: Lens, side: Side, answer: CalendarObject, sent: CalendarObject) -> bool:
    if answer == sent:
        return True
    try:
        return view_of(lens, side, answer) == view_of(lens, side, sent)
    except ConversionError:
        return False
