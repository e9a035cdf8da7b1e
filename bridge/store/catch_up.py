"""Bring a home up to date before it is read, without ever keeping the reader waiting for long."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bridge.domain.identifiers import UserId
from bridge.errors import StoreBusy
from bridge.store.database import Database
from bridge.store.reconcile import READ_PORTION, reconcile

WAIT_SECONDS = 0.2
"""How long a read waits for the homes' locks; then the stored state is served."""


def catch_up(
    database: Database, homes: Collection[UserId], *, now: datetime, limit: int = READ_PORTION
) -> int:
    """Reconcile these homes in a transaction of their own (design decision 15).

    For a read whose first statement, `foreign_changes.pending`, said yes: it ends its snapshot,
    calls this, and begins again.

    Returns:
        How many entries were consumed; 0 also when the lock was not had in time.
    """
    try:
        with database.write(homes, wait_seconds=WAIT_SECONDS) as work:
            return reconcile(work, homes=homes, limit=limit, now=now)
    except StoreBusy:
        return 0
