"""Whether this installation can do its work now, for load balancers and monitoring."""

from __future__ import annotations

from datetime import timedelta

from bridge.errors import BridgeError, SchemaOutdated
from bridge.store.database import Database
from bridge.sync.ports import Clock

SILENT_AFTER = timedelta(seconds=30)
"""A worker that gave no sign of life for so long counts as gone."""


def readiness(database: Database, *, clock: Clock) -> dict[str, str]:
    """Return `ok` or what is wrong with database, schema and worker; contents are never told."""
    try:
        database.check_schema()
    except SchemaOutdated:
        return {"database": "ok", "schema": "outdated", "worker": "unknown"}
    except BridgeError:
        return {"database": "unreachable", "schema": "unknown", "worker": "unknown"}
    try:
        with database.read() as work:
            latest = work.beats.latest()
    except BridgeError:
        return {"database": "unreachable", "schema": "ok", "worker": "unknown"}
    alive = latest is not None and clock.now() - latest < SILENT_AFTER
    return {"database": "ok", "schema": "ok", "worker": "ok" if alive else "silent"}
