"""The durable state of one connection, as the engine sees it (`bridge.sync.ports.SyncStore`).

Every commit is one short transaction that first renews the lease: who lost it stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from bridge.domain.identifiers import CompanyId, ConnectionId, Fencing, SyncToken, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.store.history import JournalFilter
from bridge.store.schema import google
from bridge.store.sync_changes import ChangeWriter
from bridge.store.sync_rows import (
    HELD_COLUMNS,
    held_from_row,
    link_from_row,
    parked_from_row,
    part_from_row,
)
from bridge.store.transaction import Transaction
from bridge.sync.lost_answers import only_announced
from bridge.sync.model import Changes, Link, Parked, Part, Side
from bridge.sync.ports import Clock

_LATEST = 20  # journal entries of one item that are looked through


@dataclass(frozen=True, slots=True)
class SqlSyncStore:
    """The state of one connection in our tables.

    Attributes:
        fencing: The number that `LeaseRepository.acquire` gave to `owner`.
        lease_seconds: How long each commit prolongs the lease.
    """

    database: Database
    connection_id: ConnectionId
    company_id: CompanyId
    fencing: Fencing
    owner: str
    clock: Clock
    lease_seconds: float

    def links(self) -> Sequence[Link]:
        """Return every link of the connection in the order they were made."""
        with self.database.read() as work:
            parts = self._parts(work)
            parked = self._parked(work)
            table, held = google.Link, google.HeldChange
            ours = self._mine(table).add_columns(*HELD_COLUMNS)
            joined = ours.outerjoin(held, held.link_id == table.id)
            rows = work.connection.execute(joined.order_by(table.id))
            return tuple(
                link_from_row(
                    row, tuple(parts.get(row.id, ())), parked.get(row.id), held_from_row(row)
                )
                for row in rows
            )

    def tokens(self) -> Mapping[str, SyncToken]:
        """Return the sync token of each collection that has one, by collection id."""
        with self.database.read() as work:
            rows = work.connection.execute(self._mine(google.CollectionToken))
            return {row.collection: SyncToken(row.token) for row in rows}

    def losses(self, since: datetime) -> Mapping[Side, int]:
        """Return what the journal counts as lost on each side since then."""
        with self.database.read() as work:
            return work.history.losses(self.connection_id, since)

    def replaced(self, uid: Uid) -> Sequence[CalendarObject]:
        """Return what our writes to the calendar replaced of an item, the latest first."""
        wanted = JournalFilter(uid=uid, side=Side.CALENDAR)
        with self.database.read() as work:
            entries = work.history.journal(self.connection_id, _LATEST, wanted=wanted)
        return [CalendarObject.parse(entry.before) for entry in entries if entry.before is not None]

    def only_announced(self, uid: Uid) -> bool:
        """Return whether all that the journal has of an item are inserts at Google unanswered."""
        wanted = JournalFilter(uid=uid)
        with self.database.read() as work:
            entries = work.history.journal(self.connection_id, _LATEST, wanted=wanted)
        return only_announced(entries)

    def commit(self, changes: Changes) -> None:
        """Store the changes, all or nothing, and renew the lease.

        Raises:
            LeaseLost: Another runner took over, or the lease expired; nothing was stored.
            StoreBusy: The database was locked for too long; nothing was stored.
        """
        with self.database.write() as work:
            work.leases.renew(
                self.connection_id,
                self.owner,
                fencing=self.fencing,
                now=self.clock.now(),
                seconds=self.lease_seconds,
            )
            writer = ChangeWriter(work.connection, self.connection_id, self.company_id)
            writer.write(changes)

    def demand(self) -> None:
        """See that nobody took the lease; nothing is stored and nothing renewed.

        Raises:
            LeaseLost: Another runner took over, or the connection is gone.
        """
        with self.database.read() as work:
            work.leases.demand(self.connection_id, self.fencing)

    def _parts(self, work: Transaction) -> dict[int, list[Part]]:
        table = google.LinkEvent
        ordered = self._mine(table).order_by(table.link_id, table.position)
        parts: dict[int, list[Part]] = {}
        for row in work.connection.execute(ordered):
            parts.setdefault(row.link_id, []).append(part_from_row(row))
        return parts

    def _parked(self, work: Transaction) -> dict[int, Parked]:
        rows = work.connection.execute(self._mine(google.ParkedItem))
        return {row.link_id: parked_from_row(row) for row in rows}

    def _mine(self, table: type[_Table]) -> Select[*tuple[Any, ...]]:
        return select(*table.__table__.columns).where(
            table.connection_id == self.connection_id, table.company_id == self.company_id
        )


_Table = google.Link | google.LinkEvent | google.ParkedItem | google.CollectionToken
