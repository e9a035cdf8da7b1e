"""Which items moved between users of the company, asked by runs and plans (features B5)."""

from __future__ import annotations

from collections.abc import Collection

from bridge.domain.connection import Connection
from bridge.domain.identifiers import Uid
from bridge.store.database import Database
from bridge.sync.elsewhere import Elsewhere


def others_of(database: Database, connection: Connection) -> Elsewhere:
    """Return what answers for a connection."""

    def ask(uids: Collection[Uid]) -> Collection[Uid]:
        with database.read() as work:
            return work.connections.moved_between(connection, uids)

    return ask
