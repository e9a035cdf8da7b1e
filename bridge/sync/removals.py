"""Drafts of what takes an item away on one side; pure."""

from __future__ import annotations

from bridge.sync.actions import Delete, Withdraw
from bridge.sync.model import Side
from bridge.sync.sight import Sight


def delete(sight: Sight, target: Side, reason: str, *, tell_guests: bool = False) -> Delete:
    """Draft the deletion of what the other side deleted."""
    state = sight.link.side(target)
    return Delete(
        uid=sight.link.uid,
        side=target,
        reason=reason,
        collection=state.collection,
        source=sight.link.side(target.other).seen,
        name=state.name,
        before=sight.side(target).object,
        if_match=sight.side(target).version,
        tell_guests=tell_guests,
    )


def withdraw(
    sight: Sight,
    reason: str,
    judged: str,
    *,
    side: Side = Side.GOOGLE,
    tell_guests: bool = False,
) -> Withdraw:
    """Draft the withdrawal of our own copy on one side; the original stays."""
    state = sight.link.side(side)
    return Withdraw(
        uid=sight.link.uid,
        side=side,
        reason=reason,
        collection=state.collection,
        source=sight.link.side(side.other).seen,
        name=state.name,
        before=sight.side(side).object,
        if_match=sight.side(side).version,
        judged=judged,
        tell_guests=tell_guests,
    )
