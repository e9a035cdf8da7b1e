"""Notice a push channel over which nothing comes any more, by changes that only a poll found.

Google promises no delivery and tells nobody that a channel died. A single message is lost now and
then; several in a row mean that the channel is of no use, so another one is opened.
"""

from __future__ import annotations

import logging
from enum import Enum

from bridge.domain.identifiers import ConnectionId
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.model import JournalState, Side
from bridge.sync.report import RunReport

logger = logging.getLogger(__name__)

MOST_MISSED = 3


class Waking(Enum):
    """What made a run due."""

    PUSH = "push"
    HOME = "home"
    TIME = "time"

    @classmethod
    def of(cls, *, hinted: bool, home_changed: bool) -> Waking:
        """Return what it was; a message of Google's counts before a change of our own."""
        if hinted:
            return cls.PUSH
        return cls.HOME if home_changed else cls.TIME


def missed_by_push(
    work: UnitOfWork, connection_id: ConnectionId, waking: Waking, report: RunReport
) -> int:
    """Return how many runs in a row found changes at Google that no message had told of.

    After `MOST_MISSED` the channels are given up and the count begins anew. What a run wrote into a
    calendar home that had not changed came from Google.
    """
    if waking is Waking.PUSH:
        return 0
    state = work.google_push.state(connection_id, report.ended_at)
    if waking is Waking.HOME or not (state.heard and _has_brought_changes(report)):
        return state.missed
    if state.missed + 1 < MOST_MISSED:
        return state.missed + 1
    logger.warning(
        "gave up a push channel over which changes were not told",
        extra={"connection": connection_id},
    )
    work.google_channels.close_all(connection_id)
    work.google_push.look_after(connection_id)
    return 0


def _has_brought_changes(report: RunReport) -> bool:
    return any(
        entry.side is Side.CALENDAR and entry.state is JournalState.DONE for entry in report.entries
    )
