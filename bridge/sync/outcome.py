"""What a link knows after an answer: success, refusal, or a side that went on meanwhile; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.actions import Create, Delete, Update, Withdraw, Write
from bridge.sync.deletions import maybe_back
from bridge.sync.departure import departed
from bridge.sync.lost_answers import changed
from bridge.sync.model import (
    INTENDED,
    NOT_THIS_VERSION,
    REVIVING,
    UNDONE,
    WITHDRAWING,
    Item,
    Link,
    Parked,
    Part,
    Presence,
    Side,
    SideState,
)
from bridge.sync.ports import Collection, Lens
from bridge.sync.side_wording import agreed_at_once
from bridge.sync.sight import beating_delete, put_view, view_of
from bridge.sync.unanswered import Unanswered

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


def announced(link: Link, write: Write, collection: Collection, *, lens: Lens) -> Link:
    """Return the link as it has to be stored before the write is sent.

    The answer may get lost, and people may edit or delete either copy before we look again. What is
    stored first tells our own write from theirs then.
    """
    match write:
        case Create():
            return _announced_insert(link, write, collection, lens)
        case Update():
            return _announced_update(link, write)
        case Withdraw():
            return _announced_withdrawal(link, write)
        case Delete():
            return link


def _announced_withdrawal(link: Link, write: Withdraw) -> Link:
    """The side has to be asked whether the copy is gone: a listing that is late has it still."""
    state = link.side(write.side)
    parts = tuple(replace(part, synced=WITHDRAWING) for part in state.parts)
    base = state.agreed_object or state.object
    leaving = replace(state, presence=Presence.UNKNOWN, parts=parts, base=base)
    announced = link.with_side(write.side, leaving)
    # No rule of the scope would tell it after a lost answer; a refusal leaves both sides present.
    return replace(announced, withheld=UNDONE) if write.reason == UNDONE else announced


def _announced_insert(link: Link, write: Create, collection: Collection, lens: Lens) -> Link:
    """Both sides agree on what is sent, or on a part of it; the name makes its removal known."""
    name = collection.name_for(link.uid, generation=link.generation)
    gone_before = link.side(write.side)
    # An attempt after one in vain, too, is over the deletion that the first one was to take back.
    deleted = gone_before.presence is Presence.REMOVED or gone_before.reviving
    again = deleted and gone_before.name == name
    base = write.after.target_base or write.item
    if write.side is Side.CALENDAR and (again or _says_more(base, gone_before, lens)):
        # CalDAV tells no version of a deletion: under another name there is only one to be told.
        link, again = replace(link, generation=link.generation + 1), False
        name = collection.name_for(link.uid, generation=link.generation)
    target = SideState(
        collection=collection.id,
        parts=(Part(name=name, synced=REVIVING if again else None),),
        object=gone_before.object,
        base=base,
        replaced=gone_before.replaced,
    )
    source = link.side(write.side.other).agreed_on(write.after.source_base)
    sided = link.with_side(write.side, target).with_side(write.side.other, source)
    return replace(sided, agreed=write.after.agreed, judged="")


def _says_more(sent: CalendarObject, before: SideState, lens: Lens) -> bool:
    """Whether an insert says what the one before it, whose answer was lost, did not.

    Who deletes what that one may have made has not seen it.
    """
    if not before.being_inserted or before.base is None:
        return False
    return bool(beating_delete(changed(lens, Side.CALENDAR, before.base, sent) or ()))


def _announced_update(link: Link, write: Update) -> Link:
    """The side has to be asked which version it has, if nobody tells."""
    state, after = link.side(write.side), write.after
    if write.edit:
        # It is to be taken for a person's edit anyway.
        return link
    # In the calendar an item is one resource, so that all of a write is there or nothing.
    in_part = write.side is Side.CALENDAR and after.source_base is not None
    if state.settled and after.target_base is None and not in_part:
        parts = tuple(replace(part, synced=INTENDED) for part in state.parts)
        sent = replace(state, parts=parts, base=write.item)
    else:
        known = Unanswered(
            item=write.item,
            target_base=after.target_base,
            # The side may go on before it is asked; agreed is what this was planned from.
            source_base=after.source_base or link.side(write.side.other).object,
        )
        sent = replace(state, unanswered=known)
    sent = replace(sent, presence=Presence.UNKNOWN)
    return replace(link.with_side(write.side, sent), judged="")


def written(link: Link, write: Create | Update, answer: Item, *, lens: Lens) -> Link:
    """Return the link that adopted the side's answer as agreed."""
    after, before = write.after, link.side(write.side)
    if isinstance(write, Update) and write.edit:
        return _edited(link, write, answer)
    parts = (Part(name=answer.name, seen=answer.etag), *answer.parts)
    target = SideState(
        presence=Presence.PRESENT,
        collection=before.collection,
        parts=parts,
        object=answer.object,
        replaced=before.replaced_by(parts),
    )
    if isinstance(write, Create) and not answer.made:
        target = maybe_back(target)
    base, source_base = after.target_base, after.source_base
    inserted = isinstance(write, Create) and base is None
    if inserted and answer.made:
        base = agreed_at_once(lens, write.side, write.item, answer.object)
    elif inserted and not _shows(lens, write.side, answer.object, write.item):
        before_deletion = _agreed_before_deletion(link, write.side, answer, lens)
        if before_deletion is not None:
            source_base = before_deletion
        else:
            # An insert repeated after a lost answer can meet what a person made of the item since:
            # agreed is what we sent, the rest counts as their change.
            base = write.item
    source = link.side(write.side.other).agreed_on(source_base)
    settled = link.with_side(write.side, target.agreed_on(base))
    return replace(
        settled.with_side(write.side.other, source),
        agreed=after.agreed,
        withheld=after.withheld,
        judged=after.judged,
        put_backs=after.put_backs,
        parked=None,
        held=after.held,
        private_changes=after.known(settled.private_changes),
    )


def _agreed_before_deletion(link: Link, side: Side, met: Item, lens: Lens) -> CalendarObject | None:
    """Return how far the other side is agreed if an insert met the item as it was once deleted.

    Somebody had it back at that moment, and what we were about to send did not get there.
    """
    deleted, source = link.side(side).object, link.side(side.other).object
    if deleted is None or source is None or not _shows(lens, side, met.object, deleted):
        return None
    view = view_of(lens, side, met.object)
    return None if view is None else put_view(lens, side.other, view, source)


def _edited(link: Link, write: Update, answer: Item) -> Link:
    """Return the link with news on the written side, which the next plan carries over."""
    old = link.side(write.side)
    agreed = {part.name: part.synced for part in old.parts}
    master = Part(name=answer.name, seen=answer.etag)
    parts = tuple(
        replace(part, synced=agreed.get(part.name, NOT_THIS_VERSION))
        for part in (master, *answer.parts)
    )
    news = replace(
        old,
        parts=parts,
        object=answer.object,
        base=old.agreed_object,
        replaced=old.replaced_by(parts),
    )
    return replace(link.with_side(write.side, news), judged="", put_backs=0, parked=None)


def taken_away(link: Link, write: Delete | Withdraw, *, lens: Lens) -> Link | None:
    """Return the link without its item on one side; None when it is on neither.

    In the calendar, gone already can mean moved: the link remembers that the item was deleted at
    Google until a listing of all collections has told nothing else.
    """
    if isinstance(write, Withdraw):
        if link.side(write.side.other) == SideState():
            return None
        return replace(
            link.with_side(write.side, SideState()),
            withheld=write.reason,
            judged=write.judged,
            parked=None,
            held=None,
        )
    if write.side is Side.GOOGLE:
        return None
    return replace(gone(link, Side.CALENDAR, lens=lens), parked=None)


def gone(link: Link, side: Side, *, lens: Lens) -> Link:
    """Return the link after the side said the item is not there any more."""
    return replace(departed(link, side, lens), judged="")


def overtaken(link: Link, side: Side) -> Link:
    """Return the link after a failed precondition: the side has to be looked at again.

    If the next listing does not tell of the newer version, it is asked for.
    """
    state = link.side(side).unannounced()
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
    refused = link.side(write.side).unannounced()
    if refused.being_inserted:
        refused = replace(refused, parts=(), base=None)
    if isinstance(write, Update | Withdraw):
        refused = replace(refused, presence=Presence.PRESENT)
    return replace(link.with_side(write.side, refused), parked=work, judged="")


def _shows(lens: Lens, side: Side, answer: CalendarObject, sent: CalendarObject) -> bool:
    if answer == sent:
        return True
    try:
        return view_of(lens, side, answer) == view_of(lens, side, sent)
    except ConversionError:
        return False
