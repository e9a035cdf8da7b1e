"""Who may sync a connection now (design decision 5).

A lease has an owner, an expiry and a fencing number that grows with every acquisition. A runner
that was asleep for longer than its lease finds its number overtaken and stores nothing.

The number is at least the time of the acquisition in milliseconds, so that it grows on where an
older copy of the database was put back: a write from before that meets no lease that has its
number, however late it comes. Where clocks disagree it still grows by one each time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, or_, select, update

from bridge.domain.identifiers import ConnectionId, Fencing
from bridge.errors import LeaseHeld, LeaseLost, NotFound
from bridge.store.schema.google import Lease
from bridge.store.transaction import Transaction


class LeaseRepository:
    """Takes, renews and gives back leases; every connection has a row from its beginning."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def acquire(
        self, connection_id: ConnectionId, owner: str, *, now: datetime, seconds: float
    ) -> Fencing:
        """Take the lease and return the fencing number.

        Args:
            connection_id: What to sync.
            owner: Unique for each runner (machine, process and thread or command): the same owner
                may take its lease again, with a new number, before it expires.
            now: Aware.
            seconds: How long it lasts without a renewal.

        Raises:
            LeaseHeld: Somebody else has it and it has not expired.
            NotFound: No such connection.
        """
        free = or_(Lease.owner == owner, Lease.expires_at.is_(None), Lease.expires_at <= now)
        # One statement decides: of two at once, the second sees the first one's row or waits.
        taken = update(Lease).where(Lease.connection_id == connection_id, free)
        fencing = self._connection.scalar(
            taken.values(
                owner=owner, fencing=_next_number(now), expires_at=_expiry(now, seconds)
            ).returning(Lease.fencing)
        )
        if fencing is None:
            raise self._held(connection_id)
        return Fencing(fencing)

    def renew(
        self,
        connection_id: ConnectionId,
        owner: str,
        *,
        fencing: Fencing,
        now: datetime,
        seconds: float,
    ) -> None:
        """Prolong the lease from now on, and hold its row until the transaction ends.

        Raises:
            LeaseLost: It expired, was given back, or somebody else has it.
        """
        mine = _held_by(connection_id, owner, fencing)
        living = update(Lease).where(*mine, Lease.expires_at > now)
        if not self._connection.execute(living.values(expires_at=_expiry(now, seconds))).rowcount:
            raise LeaseLost(f"the lease of connection {connection_id} was lost by `{owner}`")

    def demand(self, connection_id: ConnectionId, fencing: Fencing, *, hold: bool = False) -> None:
        """See that nobody took the lease since.

        One that expired, or was given back, still stands: nobody has looked at anything since.

        Args:
            connection_id: Whose lease.
            fencing: As the runner has it.
            hold: Let nobody take it before this writing transaction ends.

        Raises:
            LeaseLost: Somebody took it, or the connection is gone.
        """
        found = select(Lease.fencing).where(Lease.connection_id == connection_id)
        if hold:
            found = found.with_for_update(read=True)
        if self._connection.scalar(found) != fencing:
            raise LeaseLost(f"the lease of connection {connection_id} was taken by another runner")

    def release(self, connection_id: ConnectionId, owner: str, *, fencing: Fencing) -> None:
        """Give the lease back; one that was lost meanwhile stays with whom it is."""
        mine = update(Lease).where(*_held_by(connection_id, owner, fencing))
        self._connection.execute(mine.values(owner="", expires_at=None))

    def end_all(self) -> None:
        """Take every lease away, as what its runner knows may be of another past of the database.

        A copy that was put back names runners of its own time, who may still run and would take
        the row for theirs.
        """
        everybody = update(Lease)
        self._connection.execute(
            everybody.values(owner="", expires_at=None, fencing=Lease.fencing + 1)
        )

    def _held(self, connection_id: ConnectionId) -> LeaseHeld | NotFound:
        owner = self._connection.scalar(
            select(Lease.owner).where(Lease.connection_id == connection_id)
        )
        if owner is None:
            return NotFound(f"no connection: {connection_id}")
        return LeaseHeld(
            f"connection {connection_id} is being synced by `{owner}`",
            owner=owner,
            hint="try again when it has finished",
        )


def _held_by(
    connection_id: ConnectionId, owner: str, fencing: Fencing
) -> tuple[ColumnElement[bool], ...]:
    return (
        Lease.connection_id == connection_id,
        Lease.owner == owner,
        Lease.fencing == fencing,
    )


def _next_number(now: datetime) -> ColumnElement[int]:
    floor = int(now.timestamp() * 1000)
    return case((Lease.fencing < floor, floor), else_=Lease.fencing + 1)


def _expiry(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
