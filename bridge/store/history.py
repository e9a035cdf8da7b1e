"""Runs and the journal: what the sync did, when, and with which outcome (design decision 31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, tuple_, update

from bridge.domain.identifiers import ConnectionId, RunId, Uid
from bridge.errors import NotFound
from bridge.store.schema import google
from bridge.store.sync_rows import journal_from_row
from bridge.store.transaction import Transaction
from bridge.sync.model import JournalEntry

RUNNING = "running"
"""Outcome of a run that has not ended."""

INTERRUPTED = "interrupted"
"""Outcome of a run whose process ended before it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a connection.

    Attributes:
        finished_at: Aware; None while it runs.
        outcome: `running`, `interrupted`, or the word `finish` was told.
        error: What went wrong, for people; "" for nothing.
        counts: How many writes of each kind, by the engine's words.
    """

    id: RunId
    connection_id: ConnectionId
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = RUNNING
    error: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which entries of the journal are wanted; None asks for all.

    Attributes:
        before: Only what is older than this entry, for the next page.
    """

    run_id: RunId | None = None
    uid: Uid | None = None
    before: JournalEntry | None = None


class HistoryRepository:
    """Writes runs, and tells of runs and journal entries, the newest first."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def start(self, run_id: RunId, connection_id: ConnectionId, *, now: datetime) -> Run:
        """Note the start of a run; the caller holds the connection's lease.

        A run that still counts as running was cut off, as nobody else can hold the lease.

        Raises:
            NotFound: No such connection.
        """
        company = select(google.Connection.company_id).where(google.Connection.id == connection_id)
        company_id = self._connection.scalar(company)
        if company_id is None:
            raise NotFound(f"no connection: {connection_id}")
        cut_off = update(google.Run).where(
            google.Run.connection_id == connection_id, google.Run.outcome == RUNNING
        )
        self._connection.execute(cut_off.values(outcome=INTERRUPTED, finished_at=now))
        started = insert(google.Run).values(
            id=run_id, company_id=company_id, connection_id=connection_id, started_at=now
        )
        self._connection.execute(started)
        return Run(id=run_id, connection_id=connection_id, started_at=now)

    def finish(
        self,
        run_id: RunId,
        *,
        now: datetime,
        outcome: str,
        counts: Mapping[str, int],
        error: str = "",
    ) -> None:
        """Note the end of a run.

        Raises:
            NotFound: No such run.
        """
        ended = update(google.Run).where(google.Run.id == run_id)
        values = {"finished_at": now, "outcome": outcome, "error": error, "counts": dict(counts)}
        if not self._connection.execute(ended.values(**values)).rowcount:
            raise NotFound(f"no run: {run_id}")

    def runs(self, connection_id: ConnectionId, limit: int) -> tuple[Run, ...]:
        """Return the latest runs of a connection."""
        table = google.Run
        columns = (table.id, table.connection_id, table.started_at, table.finished_at)
        found = select(*columns, table.outcome, table.error, table.counts)
        mine = found.where(table.connection_id == connection_id)
        newest = mine.order_by(table.started_at.desc(), table.id.desc()).limit(limit)
        return tuple(_run(row) for row in self._connection.execute(newest))

    def journal(
        self, connection_id: ConnectionId, limit: int, *, wanted: JournalFilter | None = None
    ) -> tuple[JournalEntry, ...]:
        """Return the latest journal entries of a connection."""
        table, wanted = google.JournalEntry, wanted or JournalFilter()
        found = select(*(column for column in table.__table__.columns))
        mine = found.where(table.connection_id == connection_id)
        if wanted.run_id is not None:
            mine = mine.where(table.run_id == wanted.run_id)
        if wanted.uid is not None:
            mine = mine.where(table.uid == wanted.uid)
        if wanted.before is not None:
            last = tuple_(wanted.before.at, wanted.before.id)
            mine = mine.where(tuple_(table.at, table.id) < last)
        newest = mine.order_by(table.at.desc(), table.id.desc()).limit(limit)
        return tuple(journal_from_row(row) for row in self._connection.execute(newest))


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        id=RunId(row.id),
        connection_id=ConnectionId(row.connection_id),
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        error=row.error,
        counts=row.counts,
    )
