"""Runs and the journal: what the sync did, when, and with which outcome (design decision 31)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, select, tuple_, update

from bridge.domain.identifiers import ConnectionId, RunId, Uid, uid_of_google_event
from bridge.errors import NotFound
from bridge.store.link_lookup import event_ids_of
from bridge.store.schema import google
from bridge.store.sync_rows import journal_from_row
from bridge.store.transaction import Transaction
from bridge.sync.model import MAY_BE_THROUGH, JournalEntry, JournalState, Side

DONE = "done"
"""Outcome of a run that ended well."""

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
        undone: The run or journal entry it takes back, "" for a run of the sync.
        entries: How many writes it tried; the journal forgets them earlier than this.
    """

    id: RunId
    connection_id: ConnectionId
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = RUNNING
    error: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    undone: str = ""
    entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which entries of the journal are wanted; None asks for all.

    Attributes:
        actions: Of these kinds only; empty for all.
        before: Only what is older than this entry, for the next page.
    """

    run_id: RunId | None = None
    uid: Uid | None = None
    side: Side | None = None
    actions: tuple[str, ...] = ()
    states: tuple[JournalState, ...] = ()
    before: JournalEntry | None = None


class HistoryRepository:
    """Writes runs, and tells of runs and journal entries, the newest first."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def start(
        self, run_id: RunId, connection_id: ConnectionId, *, now: datetime, undone: str = ""
    ) -> Run:
        """Note the start of a run; the caller holds the connection's lease.

        A run that still counts as running was cut off, as nobody else can hold the lease.

        Args:
            run_id: Its id.
            connection_id: What runs.
            now: Aware.
            undone: The run or journal entry it takes back, "" for a run of the sync.

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
            id=run_id,
            company_id=company_id,
            connection_id=connection_id,
            started_at=now,
            undone=undone,
        )
        self._connection.execute(started)
        return Run(id=run_id, connection_id=connection_id, started_at=now, undone=undone)

    def finish(
        self,
        run_id: RunId,
        *,
        now: datetime,
        outcome: str,
        counts: Mapping[str, int],
        error: str = "",
    ) -> None:
        """Note the end of a run; counts of writes are named `<side>.<action>.<state>`.

        Raises:
            NotFound: No such run.
        """
        ended = update(google.Run).where(google.Run.id == run_id)
        values = {
            "finished_at": now,
            "outcome": outcome,
            "error": error,
            "counts": dict(counts),
            "entries": sum(count for name, count in counts.items() if name.count(".") > 1),
        }
        if not self._connection.execute(ended.values(**values)).rowcount:
            raise NotFound(f"no run: {run_id}")

    def runs(
        self,
        connection_id: ConnectionId,
        limit: int,
        *,
        before: Run | None = None,
        eventful: bool = False,
    ) -> tuple[Run, ...]:
        """Return the latest runs of a connection.

        Args:
            connection_id: Whose.
            limit: How many at most.
            before: Only what is older than this run, for the next page.
            eventful: Only runs that wrote something, did not end well, or took something back.
        """
        table = google.Run
        mine = select(*table.__table__.columns).where(table.connection_id == connection_id)
        if before is not None:
            last = tuple_(before.started_at, before.id)
            mine = mine.where(tuple_(table.started_at, table.id) < last)
        if eventful:
            mine = mine.where(~quiet())
        newest = mine.order_by(table.started_at.desc(), table.id.desc()).limit(limit)
        return tuple(_run(row) for row in self._connection.execute(newest))

    def run(self, connection_id: ConnectionId, run_id: str) -> Run | None:
        """Return one run of a connection, None when it has none of that id."""
        table = google.Run
        mine = (table.connection_id == connection_id, table.id == run_id)
        row = self._connection.execute(select(*table.__table__.columns).where(*mine)).one_or_none()
        return None if row is None else _run(row)

    def journal(
        self, connection_id: ConnectionId, limit: int, *, wanted: JournalFilter | None = None
    ) -> tuple[JournalEntry, ...]:
        """Return the latest journal entries of a connection."""
        table = google.JournalEntry
        mine = select(*table.__table__.columns).where(table.connection_id == connection_id)
        chosen = mine.where(*_conditions(wanted or JournalFilter()))
        newest = chosen.order_by(table.at.desc(), table.id.desc()).limit(limit)
        return tuple(journal_from_row(row) for row in self._connection.execute(newest))

    def entry(self, connection_id: ConnectionId, entry_id: str) -> JournalEntry | None:
        """Return one journal entry of a connection, None when it has none of that id."""
        table = google.JournalEntry
        mine = (table.connection_id == connection_id, table.id == entry_id)
        row = self._connection.execute(select(*table.__table__.columns).where(*mine)).one_or_none()
        return None if row is None else journal_from_row(row)

    def uid_of(self, connection_id: ConnectionId, name: str) -> Uid | None:
        """Return the UID of the item that a write was about, None when there was none.

        Args:
            connection_id: Whose.
            name: Its UID, the id of its Google event, of an instance too, or its href.
        """
        table = google.JournalEntry
        mine = select(table.uid).where(table.connection_id == connection_id)
        ids = event_ids_of(name)
        made_for = [uid_of_google_event(each) for each in ids]
        for found in (
            table.uid == name,
            table.event_id.in_(ids),
            # What earlier versions noted has no ids, but of what came from Google the UID tells.
            table.uid.in_(made_for),
            table.href == name,
        ):
            newest = mine.where(found).order_by(table.at.desc(), table.id.desc()).limit(1)
            uid = self._connection.scalar(newest)
            if uid is not None:
                return Uid(uid)
        return None

    def losses(self, connection_id: ConnectionId, since: datetime) -> dict[Side, int]:
        """Return what the brakes count as lost on each side since then."""
        table = google.JournalEntry
        through = table.state.in_([state.value for state in MAY_BE_THROUGH])
        counted = (
            select(table.side, func.sum(table.losses))
            .where(table.connection_id == connection_id, table.at >= since, through)
            .group_by(table.side)
        )
        return {Side(side): int(lost) for side, lost in self._connection.execute(counted)}


def quiet() -> ColumnElement[bool]:
    """Tell the runs of which there is nothing to tell; what that is, only this module knows."""
    table = google.Run
    return and_(table.entries == 0, table.outcome == DONE, table.undone == "")


def _conditions(wanted: JournalFilter) -> Iterator[ColumnElement[bool]]:
    table = google.JournalEntry
    if wanted.run_id is not None:
        yield table.run_id == wanted.run_id
    if wanted.uid is not None:
        yield table.uid == wanted.uid
    if wanted.side is not None:
        yield table.side == wanted.side.value
    if wanted.actions:
        yield table.action.in_(wanted.actions)
    if wanted.states:
        yield table.state.in_([state.value for state in wanted.states])
    if wanted.before is not None:
        yield tuple_(table.at, table.id) < tuple_(wanted.before.at, wanted.before.id)


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        id=RunId(row.id),
        connection_id=ConnectionId(row.connection_id),
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        error=row.error,
        counts=row.counts,
        undone=row.undone,
        entries=row.entries,
    )
