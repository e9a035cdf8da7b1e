"""Signs of life of the workers, on whichever machine they run."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from bridge.store.schema.operation import WorkerBeat
from bridge.store.transaction import Transaction

FORGET_AFTER = timedelta(days=1)


class BeatRepository:
    """Notes and tells when a worker was alive."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def beat(self, owner: str, now: datetime) -> None:
        """Note that the worker lives, and forget those silent for a day.

        Args:
            owner: Unique for each worker process.
            now: Aware.
        """
        mine = update(WorkerBeat).where(WorkerBeat.owner == owner).values(at=now)
        if not self._connection.execute(mine).rowcount:
            self._connection.execute(insert(WorkerBeat).values(owner=owner, at=now))
        silent = delete(WorkerBeat).where(WorkerBeat.at < now - FORGET_AFTER)
        self._connection.execute(silent)

    def latest(self) -> datetime | None:
        """Return the latest sign of life of any worker, None when there is none."""
        return self._connection.scalar(select(func.max(WorkerBeat.at)))
