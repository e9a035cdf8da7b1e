"""The one row that tells this database from its copies (design decisions 13 and 26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from bridge.errors import NotFound
from bridge.store.leases import LeaseRepository
from bridge.store.schema import access
from bridge.store.secrets import random_id
from bridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What identifies a database.

    Attributes:
        database_id: Fixed for life; a copy has the same.
        epoch: Part of every ETag and sync token; a restored backup begins a new one.
        base_url: Where it was served from when it was recorded last, or "".
        machine_id: The machine it ran on then, or "".
    """

    database_id: str
    epoch: str
    base_url: str
    machine_id: str


_COLUMNS = (
    access.Installation.database_id,
    access.Installation.epoch,
    access.Installation.base_url,
    access.Installation.machine_id,
)


class InstallationRepository:
    """Reads and writes that row."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection
        self._leases = LeaseRepository(transaction)

    def get(self) -> Installation | None:
        """Return the installation, None before `ensure` ran."""
        row = self._connection.execute(select(*_COLUMNS)).one_or_none()
        if row is None:
            return None
        return Installation(
            database_id=row.database_id,
            epoch=row.epoch,
            base_url=row.base_url,
            machine_id=row.machine_id,
        )

    def ensure(self, now: datetime, new_id: Callable[[], str] = random_id) -> Installation:
        """Return the installation, made now if there is none.

        Args:
            now: Aware.
            new_id: Makes the database id and the epoch; letters and digits only.
        """
        present = self.get()
        if present is None:
            values = {"database_id": new_id(), "epoch": _epoch(new_id), "created_at": now}
            self._connection.execute(insert(access.Installation).values(id=1, **values))
        return present or self._present()

    def new_epoch(self, new_id: Callable[[], str] = random_id) -> Installation:
        """Begin a new epoch, which ends every ETag, sync token and lease; return the installation.

        Raises:
            NotFound: The database has no installation yet.
        """
        self._connection.execute(update(access.Installation).values(epoch=_epoch(new_id)))
        # What a calendar program was told of may be above every revision that there is now.
        self._connection.execute(update(access.PushSubscription).values(told_revision=-1))
        self._leases.end_all()
        return self._present()

    def record_place(self, *, base_url: str, machine_id: str) -> Installation:
        """Remember from where this database is served now.

        Raises:
            NotFound: The database has no installation yet.
        """
        place = {"base_url": base_url, "machine_id": machine_id}
        self._connection.execute(update(access.Installation).values(**place))
        return self._present()

    def _present(self) -> Installation:
        present = self.get()
        if present is None:
            raise NotFound("the database has no installation", hint="run `crmdav migrate`")
        return present


def _epoch(new_id: Callable[[], str]) -> str:
    return new_id()[:8]  # stands in every ETag, so it is short
