"""The simulated installation's database as the product has it: SQLite, behind `SqlSyncStore`.

Backups and restores are the product's own, and so are the lease, the settings and the journal. The
schema is brought about once; each schedule works on a copy of that file in a folder of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from bridge.domain.connection import Connection
from bridge.domain.identifiers import Fencing, SyncToken, Uid
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.users import Role
from bridge.store.database import Database
from bridge.store.schema.google import Lease
from bridge.store.sync_store import SqlSyncStore
from bridge.sync.memory import Steps
from bridge.sync.memory_store import ManualClock
from bridge.sync.model import Changes, JournalEntry, Link
from sim_database import LEASE, WatchedStore

_MADE = datetime(2026, 1, 1, tzinfo=UTC)


class SqlDatabase:
    """The same as `SimDatabase`, in a file.

    Attributes:
        committed: Called after each commit of a run.
        history: Every journal entry there ever was, by id, in its last state.
        let_go: Items whose copy at Google, deleted there, was to be taken back anyway.
    """

    def __init__(self, *, options: SyncSettings, clock: ManualClock, steps: Steps) -> None:
        self.history: dict[str, JournalEntry] = {}
        self.let_go: set[Uid] = set()
        self.clock = clock
        self.steps = steps
        self.committed: Callable[[], None] = lambda: None
        self._folder = Path(tempfile.mkdtemp(prefix="crmdav-simulator-"))
        self._backups = 0
        file = self._folder / "crmdav.sqlite"
        file.write_bytes(_template())
        self._database = Database(f"sqlite:///{file}")
        with self._database.read() as work:
            self._connection: Connection = work.connections.list()[0]
        self._owners: dict[str, Fencing] = {}
        self.options = options

    @property
    def options(self) -> SyncSettings:
        """What is chosen now."""
        with self._database.read() as work:
            connection = work.connections.get(self._connection.id)
        assert connection is not None
        assert connection.settings is not None
        return connection.settings

    @options.setter
    def options(self, chosen: SyncSettings) -> None:
        with self._database.write() as work:
            work.connections.save(replace(self._connection, settings=chosen))

    def links(self) -> Sequence[Link]:
        """Return what is linked."""
        return self._store("nobody", Fencing(0)).links()

    def acquire(self, owner: str) -> WatchedStore:
        """Take the lease.

        Raises:
            LeaseHeld: Somebody else has it and it has not expired.
        """
        with self._database.write() as work:
            fencing = work.leases.acquire(
                self._connection.id, owner, now=self.clock.now(), seconds=LEASE.total_seconds()
            )
        self._owners[owner] = fencing
        return WatchedStore(
            self, self._store(owner, fencing), release=lambda: self.take_from(owner)
        )

    def take_from(self, owner: str) -> None:
        """End the lease of an owner who is known to be dead, or has finished."""
        with self._database.write() as work:
            fencing = self._owners.get(owner, Fencing(0))
            work.leases.release(self._connection.id, owner, fencing=fencing)

    def forget(self, *, links: bool) -> None:
        """Forget the tokens, as reconnecting does; with `links` all that is known of the items."""
        with self._database.write() as work:
            work.connection.execute(sa.update(Lease).values(owner="", expires_at=None))
        with self._database.write() as work:
            fencing = work.leases.acquire(
                self._connection.id, "person", now=self.clock.now(), seconds=1
            )
        store = self._store("person", fencing)
        gone = tuple(link.uid for link in store.links()) if links else ()
        tokens: Mapping[str, SyncToken | None] = dict.fromkeys(store.tokens())
        store.commit(Changes(forgotten=gone, tokens=tokens))
        self._owners["person"] = fencing
        self.take_from("person")

    def backup(self) -> Path:
        """Return a copy that later commits leave as it is."""
        self._backups += 1
        target = self._folder / f"backup-{self._backups}.sqlite"
        self._database.backup(target)
        return target

    def restore(self, kept: Path) -> None:
        """Put a copy back."""
        self._database.restore(kept)

    def close(self) -> None:
        """Be gone."""
        self._database.dispose()
        shutil.rmtree(self._folder)

    def _store(self, owner: str, fencing: Fencing) -> SqlSyncStore:
        return SqlSyncStore(
            database=self._database,
            connection_id=self._connection.id,
            company_id=self._connection.company_id,
            fencing=fencing,
            owner=owner,
            clock=self.clock,
            lease_seconds=LEASE.total_seconds(),
        )


@cache
def _template() -> bytes:
    """Return the file of a database with one user and one connection."""
    with tempfile.TemporaryDirectory(prefix="crmdav-simulator-") as folder:
        file = Path(folder) / "made.sqlite"
        database = Database(f"sqlite:///{file}")
        database.migrate()
        with database.write() as work:
            work.installation.ensure(_MADE)
            company = work.companies.add("Acme", now=_MADE)
            user = work.users.add(
                company.id,
                "anna",
                name="Anna",
                email="anna@acme.example",
                timezone="Europe/Berlin",
                role=Role.USER,
                password_hash=None,
                now=_MADE,
            )
            work.connections.add(
                user,
                account_email="anna@gmail.example",
                google_subject="sub-1",
                granted_scopes=frozenset(),
                now=_MADE,
            )
        target = Path(folder) / "template.sqlite"
        database.backup(target)
        database.dispose()
        return target.read_bytes()
