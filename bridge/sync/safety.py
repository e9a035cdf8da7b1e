"""The brakes: a run that would take too much away stops and asks (design decision 29)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bridge.domain.identifiers import Uid
from bridge.domain.message import Message, template
from bridge.errors import MassDeletionRefused
from bridge.sync.actions import Action, Delete, Plan, Reduce, Update, Withdraw, Write, writes_of
from bridge.sync.model import Link, Presence, Side
from bridge.sync.places import PLACES

FEWEST_FOR_EMPTIED = 5
"""An account with fewer linked items may be emptied by hand without a question."""
LOOKED_BACK = timedelta(hours=24)
"""How long losses that nobody confirmed count beside those of the next run."""
_WHOLE = (
    template("this run would delete %(count)s of %(held)s linked items %(place)s"),
    template(
        "this run would delete %(count)s of %(held)s linked items %(place)s,"
        " after %(earlier)s in the last 24 hours"
    ),
)
_PARTS = (
    template(
        "this run would take away %(count)s items, single dates or texts of %(held)s linked items"
        " %(place)s"
    ),
    template(
        "this run would take away %(count)s items, single dates or texts of %(held)s linked items"
        " %(place)s, after %(earlier)s in the last 24 hours"
    ),
)
_EMPTIED = template("all %(held)s linked items are gone %(place)s")
TEMPLATES = (*reversed(_WHOLE), *reversed(_PARTS), _EMPTIED)
"""What the brakes say, for whoever reads it where it was kept as text."""
_NONE: Mapping[Side, int] = MappingProxyType({})


def check(
    plan: Plan,
    links: Iterable[Link],
    *,
    confirmed: Collection[Uid] = (),
    earlier: Mapping[Side, int] = _NONE,
) -> None:
    """Let a plan pass, or refuse all of it.

    Args:
        plan: The plan about to be carried out.
        links: Every link of the connection.
        confirmed: Items whose actions a person confirmed; they do not count.
        earlier: Losses on each side in the time looked back over, less confirmed ones.

    Raises:
        MassDeletionRefused: Too much would go, or one side is empty all of a sudden.
    """
    held = [link for link in links if link.calendar.was_synced and link.google.was_synced]
    for side in Side:
        count, before = _losses(plan, side, confirmed), earlier.get(side, 0)
        # What went earlier was linked as well: the same deletions in portions have one limit.
        limit = allowed(len(held) + before)
        if count and count + before > limit:
            known = _PARTS if _in_parts(plan, side) else _WHOLE
            raise MassDeletionRefused(
                Message(
                    known[bool(before)],
                    count=count,
                    held=len(held),
                    place=PLACES[side],
                    earlier=before,
                ),
                side=side.value,
                count=count + before,
                limit=limit,
                earlier=before,
            )
        _refuse_emptied(plan, held, side, confirmed)


def allowed(links: int) -> int:
    """Return how many deletions in one direction need no question."""
    return min(max(10, links // 5), 100)


def losses_of(action: Action, write: Write) -> int:
    """Return what the brakes count of one write of an action: a deletion of an item is one."""
    if isinstance(action, Reduce) or isinstance(write, Delete | Withdraw):
        return 1
    return write.takes.count if isinstance(write, Update) else 0


def _losses(plan: Plan, side: Side, confirmed: Collection[Uid]) -> int:
    return sum(
        losses_of(action, write)
        for action in plan.actions
        for write in writes_of(action)
        if write.side is side and write.uid not in confirmed
    )


def _in_parts(plan: Plan, side: Side) -> bool:
    """Whether more than whole items goes."""
    updates = (write for write in plan.writes() if isinstance(write, Update))
    return any(update.takes.count for update in updates if update.side is side)


def _refuse_emptied(plan: Plan, held: list[Link], side: Side, confirmed: Collection[Uid]) -> None:
    """Refuse to follow, or to refill, a side that lost every linked item at once."""
    gone = {link.uid for link in held if link.side(side).presence is Presence.REMOVED}
    if len(held) < FEWEST_FOR_EMPTIED or len(gone) < len(held):
        return
    concerned = {write.uid for write in plan.writes()} & gone
    if concerned.difference(confirmed):
        raise MassDeletionRefused(
            Message(_EMPTIED, held=len(held), place=PLACES[side]),
            side=side.other.value,
            count=len(concerned),
            limit=0,
        )
