"""How long a connection may rest before Google is asked again (design decision 32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

POLL = timedelta(seconds=60)
LONGEST_POLL = timedelta(minutes=15)
"""Within this, what push messages missed is found."""

_CONNECTIONS_AT_FULL_PACE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What is known of a connection that Google's push tells of changes.

    Attributes:
        since: How long nothing has happened there.
        connections: How many connections the installation syncs; they share one budget.
    """

    since: timedelta
    connections: int


def poll_interval(quiet: Quiet | None) -> timedelta:
    """Return how long to rest where no setting says it.

    Args:
        quiet: None for a connection that Google does not tell of changes. That one is asked every
            `POLL`. Otherwise the rest is as long as the quiet before it, so that it doubles from
            poll to poll, up to `LONGEST_POLL`.
    """
    if quiet is None:
        return POLL
    shortest = POLL * max(1.0, quiet.connections / _CONNECTIONS_AT_FULL_PACE)
    return min(max(quiet.since, shortest), LONGEST_POLL)
