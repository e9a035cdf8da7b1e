"""Pairs of equal items that a person wants to be two, not one (design decision 27)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.domain.connection import Connection
from bridge.domain.identifiers import ConnectionId, Uid
from bridge.store.schema.google import KeptApart as Table
from bridge.store.transaction import Transaction
from bridge.sync.match import Pair


class KeptApartRepository:
    """Remembers pairs for good."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def of(self, connection_id: ConnectionId) -> frozenset[Pair]:
        """Return the pairs of a connection."""
        pairs = select(Table.uid, Table.google_event_id).where(Table.connection_id == connection_id)
        return frozenset(
            (Uid(row.uid), row.google_event_id) for row in self._connection.execute(pairs)
        )

    def add(self, connection: Connection, pairs: Collection[Pair]) -> None:
        """Remember pairs; one that is known already changes nothing."""
        if not pairs:
            return
        keys = {"connection_id": connection.id, "company_id": connection.company_id}
        rows = [{**keys, "uid": uid, "google_event_id": name} for uid, name in sorted(pairs)]
        on_sqlite = self._connection.dialect.name == "sqlite"
        statement = (
            sqlite.insert(Table).on_conflict_do_nothing()
            if on_sqlite
            else postgresql.insert(Table).on_conflict_do_nothing()
        )
        self._connection.execute(statement, rows)
