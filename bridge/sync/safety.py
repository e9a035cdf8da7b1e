"""The brakes: a run that would take too much away stops and asks (design decision 29)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from bridge.domain.identifiers import Uid
from bridge.errors import MassDeletionRefused
from bridge.sync.actions import Delete, Plan, Reduce, Withdraw, writes_of
from bridge.sync.model import Link, Presence, Side

FEWEST_FOR_EMPTIED = 5
"""An account with fewer linked items may be emptied by hand without a question."""
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
        earlier: Deletions done on each side in the 24 hours before.

    Raises:
        MassDeletionRefused: Too much would go, or one side is empty all of a sudden.
    """
    held = [link for link in links if link.calendar.was_synced and link.google.was_synced]
    limit = allowed(len(held))
    for side in Side:
        count = len(_losses(plan, side, confirmed))
        if count and count + earlier.get(side, 0) > limit:
            raise MassDeletionRefused(
                f"this run would delete {count} of {len(held)} linked items on the"
                f" {side.value} side",
                side=side.value,
                count=count + earlier.get(side, 0),
                limit=limit,
            )
        _refuse_emptied(plan, held, side, confirmed)


def allowed(links: int) -> int:
    """Return how many deletions in one direction need no question."""
    return min(max(10, links // 5), 100)


def _losses(plan: Plan, side: Side, confirmed: Collection[Uid]) -> set[Uid]:
    lost = set()
    for action in plan.actions:
        reduces = isinstance(action, Reduce)
        for write in writes_of(action):
            if write.side is side and (reduces or isinstance(write, Delete | Withdraw)):
                lost.add(write.uid)
    return lost.difference(confirmed)


def _refuse_emptied(plan: Plan, held: list[Link], side: Side, confirmed: Collection[Uid]) -> None:
    """Refuse to follow, or to refill, a side that lost every linked item at once."""
    gone = {link.uid for link in held if link.side(side).presence is Presence.REMOVED}
    if len(held) < FEWEST_FOR_EMPTIED or len(gone) < len(held):
        return
    concerned = {write.uid for write in plan.writes()} & gone
    if concerned.difference(confirmed):
        raise MassDeletionRefused(
            f"all {len(held)} linked items are gone from the {side.value} side",
            side=side.other.value,
            count=len(concerned),
            limit=0,
        )
