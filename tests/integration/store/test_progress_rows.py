"""How far a sync has come, counted in the database while a run is at work."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bridge.domain.connection import Connection
from bridge.domain.identifiers import Uid
from bridge.domain.progress import Progress
from bridge.store.database import Database
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.model import Changes, Link, Parked, Presence, Side, SideState

HERE = SideState(presence=Presence.PRESENT, collection="c")


def test_items_are_done_left_or_neither(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """What is left alone, refused, or was deleted is nothing to wait for."""
    ours = Link(uid=Uid("ours"), origin=Side.CALENDAR, calendar=HERE)
    theirs = Link(uid=Uid("theirs"), origin=Side.GOOGLE, google=HERE)
    parked = Parked(side=Side.GOOGLE, version=None, reason="invalid", message="", retry_at=now)
    gone = replace(HERE, presence=Presence.REMOVED)
    links = (
        ours,
        theirs,
        *(replace(ours, uid=Uid(f"both{n}"), google=HERE) for n in range(3)),
        replace(ours, uid=Uid("left"), withheld="type"),
        replace(ours, uid=Uid("refused"), parked=parked),
        replace(ours, uid=Uid("deleted"), google=gone),
    )
    store.commit(Changes(links=links))
    with database.read() as work:
        assert work.links.progress(connection.id) == Progress(done=3, left=2)


def test_a_new_connection_has_come_nowhere(database: Database, connection: Connection) -> None:
    """Nothing is done, and nothing is known to be left."""
    with database.read() as work:
        assert work.links.progress(connection.id) == Progress()
