"""Eras of links and pairs that stay two, on both databases."""

from __future__ import annotations

from datetime import datetime

from bridge.domain.connection import Connection
from bridge.domain.identifiers import Uid
from bridge.store.database import Database
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.model import Changes, Link, Side


def _eras(store: SqlSyncStore) -> dict[str, int | None]:
    return {link.uid: link.era for link in store.links()}


def test_an_era_is_of_what_was_met_until_it_began(
    database: Database, connection: Connection, store: SqlSyncStore
) -> None:
    """Later links have none, and the next era takes only those."""
    store.commit(Changes(links=(Link(uid=Uid("u1"), origin=Side.GOOGLE),)))
    with database.write() as work:
        work.connections.begin_era(connection.id, 0)
    store.commit(Changes(links=(Link(uid=Uid("u2"), origin=Side.GOOGLE),)))
    assert _eras(store) == {"u1": 0, "u2": None}
    with database.write() as work:
        work.connections.begin_era(connection.id, 1)
    assert _eras(store) == {"u1": 0, "u2": 1}


def test_a_run_that_began_before_does_not_take_an_era_back(
    database: Database, connection: Connection, store: SqlSyncStore
) -> None:
    """Runs never write it."""
    link = Link(uid=Uid("u1"), origin=Side.GOOGLE)
    store.commit(Changes(links=(link,)))
    with database.write() as work:
        work.connections.begin_era(connection.id, 0)
    store.commit(Changes(links=(link,)))
    assert _eras(store) == {"u1": 0}


def test_pairs_are_remembered_until_the_connection_is_removed(
    database: Database, connection: Connection, now: datetime
) -> None:
    """Telling one twice is telling it once."""
    pairs = {(Uid("u1"), "event1"), (Uid("u1"), "event2")}
    for _ in range(2):
        with database.write() as work:
            work.kept_apart.add(connection, pairs)
            work.kept_apart.add(connection, ())
    with database.read() as work:
        assert work.kept_apart.of(connection.id) == pairs
    with database.write() as work:
        work.connections.delete(connection.id)
    with database.read() as work:
        assert work.kept_apart.of(connection.id) == frozenset()
