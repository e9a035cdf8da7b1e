"""When both sides of a connection are compared in full."""

from __future__ import annotations

from datetime import datetime, timedelta

COMPARED_EVERY = timedelta(hours=24)
"""As often at most, and when nothing else is to be done."""
COMPARED_AT_LEAST = timedelta(hours=48)
"""A connection that is never idle is compared all the same."""


def is_due(last: datetime | None, *, now: datetime, idle: bool) -> bool:
    """Return whether a run compares both sides in full.

    Args:
        last: When they were compared last, or all of it was read for the first time; aware.
        now: Aware.
        idle: Nothing but the time made the run due.
    """
    if last is None:
        return False
    return now - last >= (COMPARED_EVERY if idle else COMPARED_AT_LEAST)
