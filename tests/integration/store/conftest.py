"""A connection, a clock that stands still, and the store the engine gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bridge.domain.connection import Connection
from bridge.domain.users import User
from bridge.store.database import Database
from bridge.store.sync_store import SqlSyncStore

LEASE_SECONDS = 60.0


@dataclass
class StandingClock:
    """Tells one instant until it is set forward."""

    present: datetime

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.present

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.present += timedelta(seconds=seconds)


@pytest.fixture
def clock(now: datetime) -> StandingClock:
    """A clock at the test's present time."""
    return StandingClock(now)


@pytest.fixture
def connection(database: Database, user: User, now: datetime) -> Connection:
    """A new connection of Anna's, nothing chosen yet."""
    with database.write() as work:
        return work.connections.add(
            user,
            account_email="anna@gmail.example",
            google_subject="sub-1",
            granted_scopes=frozenset({"openid", "email"}),
            now=now,
        )


@pytest.fixture
def open_store(
    database: Database, connection: Connection, clock: StandingClock
) -> Callable[[str], SqlSyncStore]:
    """Return a function that takes the lease for an owner and gives the store under it."""

    def open_it(owner: str = "runner-1") -> SqlSyncStore:
        with database.write() as work:
            fencing = work.leases.acquire(
                connection.id, owner, now=clock.now(), seconds=LEASE_SECONDS
            )
        return SqlSyncStore(
            database=database,
            connection_id=connection.id,
            company_id=connection.company_id,
            fencing=fencing,
            owner=owner,
            clock=clock,
            lease_seconds=LEASE_SECONDS,
        )

    return open_it


@pytest.fixture
def store(open_store: Callable[[str], SqlSyncStore]) -> SqlSyncStore:
    """The state of the connection, under a lease of `runner-1`."""
    return open_store("runner-1")
