"""What a plan parks instead of doing it; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.errors import ConversionError
from bridge.sync.actions import Action, Record
from bridge.sync.model import PUT_BACK, Link, Parked, Side

UNCONVERTIBLE = "unconvertible"
TRY_AGAIN_AFTER = timedelta(hours=6)


def parked_put_back(link: Link, target: Side) -> Link:
    """Return the link of a copy that was changed again after it had been put back twice."""
    work = Parked(
        side=target,
        version=link.side(target.other).seen,
        reason=PUT_BACK,
        message="Our copy was changed again after it had been put back twice; it is left as it is.",
        attempts=link.put_backs,
    )
    return replace(link, parked=work)


def parked(link: Link, error: ConversionError, now: datetime) -> Action:
    """Park an item that cannot be converted; other options may help, so it is tried again."""
    work = Parked(
        side=link.origin.other,
        version=link.side(link.origin).seen,
        reason=UNCONVERTIBLE,
        message=str(error),
        retry_at=now + TRY_AGAIN_AFTER,
        attempts=link.parked.attempts + 1 if link.parked else 1,
    )
    return Record(uid=link.uid, link=replace(link, parked=work), reason=UNCONVERTIBLE)
