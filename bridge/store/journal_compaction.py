"""Let go of the journal when it is too old to take anything back, and of runs that did nothing.

One connection and one portion at a time. What runs did in numbers stays in the history for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from bridge.domain.identifiers import ConnectionId
from bridge.store.history import quiet
from bridge.store.schema import google
from bridge.store.transaction import Transaction

JOURNAL_KEPT = timedelta(days=30)
"""How long what the sync wrote can be taken back."""

QUIET_RUNS_KEPT = timedelta(days=2)
"""How long runs that had nothing to do are told of."""


def connections_to_compact(transaction: Transaction, *, now: datetime) -> Sequence[ConnectionId]:
    """Return which connections hold something that is too old, in the order of their ids.

    Args:
        transaction: May be a snapshot.
        now: Aware.
    """
    connection = google.Connection.id
    written = exists().where(google.JournalEntry.connection_id == connection, _written(now))
    ran = exists().where(google.Run.connection_id == connection, _ran(now))
    query = select(connection).where(or_(written, ran)).order_by(connection)
    return [ConnectionId(each) for each in transaction.connection.scalars(query)]


def compact_journal(
    transaction: Transaction, connection_id: ConnectionId, *, now: datetime, limit: int
) -> bool:
    """Drop one portion of what is too old of a connection.

    Args:
        transaction: For writing.
        connection_id: Whose.
        now: Aware.
        limit: How many writes, and how many runs, at most.

    Returns:
        Whether more may be left.
    """
    entry, run = google.JournalEntry, google.Run
    dropped = []
    for table, too_old, since in (
        (entry, _written(now), entry.at),
        (run, _ran(now), run.started_at),
    ):
        mine = and_(table.connection_id == connection_id, too_old)
        oldest = select(table.id).where(mine).order_by(since).limit(limit)
        result = transaction.connection.execute(delete(table).where(table.id.in_(oldest)))
        dropped.append(result.rowcount)
    return max(dropped) == limit


def _written(now: datetime) -> ColumnElement[bool]:
    return google.JournalEntry.at < now - JOURNAL_KEPT


def _ran(now: datetime) -> ColumnElement[bool]:
    return and_(google.Run.started_at < now - QUIET_RUNS_KEPT, quiet())
