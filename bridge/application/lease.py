"""Hold the lease of a connection for the length of one run (design decision 5).

The owner's name tells people and programs who runs: what, on which machine, which process. A lease
whose process is gone from this very machine is taken over at once, so that a killed worker costs
no waiting; the fencing number keeps even a wrong guess harmless.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from bridge.domain.connection import Connection
from bridge.domain.identifiers import Fencing
from bridge.errors import LeaseHeld
from bridge.store.database import Database
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.model import Changes
from bridge.sync.ports import Clock, SyncStore

logger = logging.getLogger(__name__)

LEASE_SECONDS = 90.0
"""Longer than any single request to either side may take."""

_OWNER = re.compile(r".* on .*, process (?P<process>\d+) \[(?P<machine>[0-9a-f]{12})\]")


def owner_name(role: str) -> str:
    """Return the name under which this process takes leases.

    Args:
        role: Who runs, such as `worker` or `command line`.
    """
    return f"{role} on {platform.node()}, process {os.getpid()} [{_machine()}]"


@contextmanager
def leased_store(
    database: Database, connection: Connection, *, owner: str, clock: Clock
) -> Iterator[SqlSyncStore]:
    """Take the lease, give the store it guards, and give the lease back.

    Raises:
        LeaseHeld: Somebody else syncs this connection now.
    """
    fencing = _acquired(database, connection, owner, clock)
    store = SqlSyncStore(
        database=database,
        connection_id=connection.id,
        company_id=connection.company_id,
        fencing=fencing,
        owner=owner,
        clock=clock,
        lease_seconds=LEASE_SECONDS,
    )
    try:
        yield store
    finally:
        with database.write() as work:
            work.leases.release(connection.id, owner, fencing=fencing)


def unleased_store(database: Database, connection: Connection, *, clock: Clock) -> SqlSyncStore:
    """Return the stored state to look at; without a lease nothing can be committed to it."""
    return SqlSyncStore(
        database=database,
        connection_id=connection.id,
        company_id=connection.company_id,
        fencing=Fencing(0),
        owner="",
        clock=clock,
        lease_seconds=0.0,
    )


class RunStore(SyncStore, Protocol):
    """A `SyncStore` that can tell whether its lease was taken."""

    def demand(self) -> None:
        """See that nobody took the lease; nothing is stored and nothing renewed.

        Raises:
            LeaseLost: Somebody did.
        """
        ...


class KeptLease:
    """Keeps the lease of a run over requests that take long, and notices when it is lost.

    A process that was asleep sends nothing more of what it had in mind before.
    """

    def __init__(self, store: RunStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._renewed = clock.now()

    def keep(self) -> None:
        """Renew the lease when a third of it is over, or when the clock was set back.

        Raises:
            LeaseLost: Another runner took over, or it has expired.
        """
        now = self._clock.now()
        if not timedelta(0) <= now - self._renewed < timedelta(seconds=LEASE_SECONDS / 3):
            self._store.commit(Changes())
            self._renewed = now

    def demand(self) -> None:
        """See that nobody has taken the lease, who took this process for gone, maybe.

        Raises:
            LeaseLost: Somebody has.
        """
        self._store.demand()


def is_gone(owner: str) -> bool:
    """Return whether an owner is a process of this machine that does not run any more."""
    named = _OWNER.fullmatch(owner)
    if named is None or named["machine"] != _machine():
        return False
    try:
        os.kill(int(named["process"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _acquired(database: Database, connection: Connection, owner: str, clock: Clock) -> Fencing:
    now, seconds = clock.now(), LEASE_SECONDS
    try:
        with database.write() as work:
            return work.leases.acquire(connection.id, owner, now=now, seconds=seconds)
    except LeaseHeld as error:
        if not is_gone(error.owner):
            raise
        gone = error.owner
    logger.warning("took over from a runner that is gone", extra={"connection": connection.id})
    with database.write() as work:
        # The lease lets its own owner in again: under the name of the one that is gone it is
        # taken and given back, unless somebody was quicker.
        old = work.leases.acquire(connection.id, gone, now=now, seconds=seconds)
        work.leases.release(connection.id, gone, fencing=old)
        return work.leases.acquire(connection.id, owner, now=now, seconds=seconds)


def _machine() -> str:
    """Return what tells this boot and process name space from others; process numbers mean this."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        boot, space = platform.node(), str(uuid.getnode())
    return sha256(f"{boot} {space}".encode()).hexdigest()[:12]
