"""The database: opens transactions, checks and brings about the schema.

One transaction at a time in a context (`contextvars`), and none at all across a network call
(design decision 3): `forbid_open_transaction` is what guards that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DatabaseError

from bridge.domain.identifiers import UserId
from bridge.store.backups import backup, restore
from bridge.store.engines import (
    Engines,
    begin,
    begin_reading,
    lacks_sqlite_file,
    make_engines,
    parse_url,
)
from bridge.store.epochs import compare_with_slots
from bridge.store.failures import TRANSLATED, as_unusable, translated
from bridge.store.home_slots import HomeSlots
from bridge.store.homes import RAISED, lock_homes
from bridge.store.migrate import demand_newest_schema, migrate
from bridge.store.unit_of_work import UnitOfWork

_open_work: ContextVar[UnitOfWork | None] = ContextVar("crmdav_open_work", default=None)


class Database:
    """A SQLite or PostgreSQL database, safe to use from many threads and after a fork.

    Making one connects to nothing. Every process has its own pool, made at first use.
    """

    def __init__(self, url: str, *, slot_file: Path | None = None) -> None:
        """Remember the address.

        Args:
            url: SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://...`.
            slot_file: Where a SQLite database notes how far its homes are, so that a copy put back
                is noticed at the first use; see `bridge.store.home_slots`.

        Raises:
            ConfigError: The URL is of another kind.
        """
        self._url = parse_url(url)
        self._engines: dict[int, Engines] = {}
        # On PostgreSQL other machines write, too, so a file here would tell nothing.
        here = self.dialect == "sqlite"
        self._slots = HomeSlots(slot_file) if slot_file is not None and here else None
        self._compared = self._slots is None
        self._comparing = Lock()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._url.get_backend_name()

    @property
    def current(self) -> UnitOfWork | None:
        """The unit of work that is open in this context, if any."""
        return _open_work.get()

    @contextmanager
    def read(self, *, before_write: bool = False) -> Iterator[UnitOfWork]:
        """Open one snapshot; nothing can be written in it.

        Args:
            before_write: A writing transaction follows soon. On SQLite both then use one
                connection, as each write makes the others forget what pages they know.

        Raises:
            StoreBusy: The database is locked or out of reach.
            AssertionError: A transaction is open in this context already.
        """
        engines = self._compared_engines()
        if before_write and self.dialect == "sqlite":
            with _unit(engines.writer, begin=begin_reading) as work:
                yield work
            return
        with _unit(engines.reader) as work:
            yield work

    @contextmanager
    def write(
        self, homes: Collection[UserId] = (), *, wait_seconds: float | None = None
    ) -> Iterator[UnitOfWork]:
        """Open a writing transaction; it commits at the end, or rolls back on any exception.

        Args:
            homes: Users whose calendar homes are locked first, in the order of their ids.
            wait_seconds: How long to wait for each lock, 5 s when not given.

        Raises:
            StoreBusy: A lock was not had in time, or the commit lost a race; nothing was stored.
            StoreError: The database refused the change; nothing was stored.
            AssertionError: A transaction is open in this context already.
        """
        writer = self._compared_engines().writer
        waiting = partial(begin, wait_seconds=wait_seconds)
        with _unit(writer, begin=waiting, slots=self._slots) as work:
            if self.dialect == "postgresql":
                lock_homes(work.connection, homes)
            yield work

    def forbid_open_transaction(self) -> None:
        """Assert that no transaction is open in this context, before a call over the network.

        Raises:
            AssertionError: One is; waiting for the network would hold its locks.
        """
        if _open_work.get() is not None:
            raise AssertionError("a transaction is open; no network call may be made now")

    def check_schema(self) -> None:
        """See that the database is there and at the newest schema.

        Raises:
            SchemaOutdated: `crmdav migrate` has to run first, or a newer version made the database.
            ConfigError: The database cannot be reached or opened.
        """
        self.forbid_open_transaction()
        if lacks_sqlite_file(self._url):
            demand_newest_schema(None)
            return
        try:
            with self._current_engines().reader.connect() as connection:
                demand_newest_schema(connection)
        except DatabaseError as error:
            raise as_unusable(error) from error

    def migrate(self) -> None:
        """Bring the schema to the newest version; does nothing when it is there already.

        Runs in one transaction under a lock: a kill at any instant leaves the old schema, and a
        second one at the same time waits.

        Raises:
            ConfigError: The database cannot be reached or opened.
            StoreBusy: Another process is changing the database.
        """
        self.forbid_open_transaction()
        migrate(self._url)

    def backup(self, target: Path) -> None:
        """Copy a SQLite database into one file while it is in use.

        Raises:
            InvalidInput: It is PostgreSQL, which has its own tools.
            AlreadyExists: There is such a file.
            StoreError: It cannot be read or written.
        """
        backup(self._url, target)

    def restore(self, source: Path) -> Path | None:
        """Put a backup back in one step, also while programs use the database; see `restore`.

        A new epoch is part of the step, so no client ever meets old revisions under the present
        epoch.

        Returns:
            Where what was there before is kept, None when there was nothing.

        Raises:
            InvalidInput: It is PostgreSQL, or the file is no backup of this installation.
            NotFound: There is no such file.
            SchemaOutdated: A newer version of crmdav made the backup.
            StoreBusy: The database was not had in time.
            StoreError: It cannot be written.
        """
        self.forbid_open_transaction()
        kept, restored = restore(self._url, source)
        if self._slots is not None:
            self._slots.reset(restored.database_id, restored.homes)
        return kept

    def dispose(self) -> None:
        """Close this process's idle connections; the next use opens new ones."""
        engines = self._engines.pop(os.getpid(), None)
        if engines is not None:
            engines.dispose()
        if self._slots is not None:
            self._slots.close()

    def _compared_engines(self) -> Engines:
        """Return the engines; before the first use, notice a copy that was put back."""
        engines = self._current_engines()
        if self._compared or self._slots is None:
            return engines
        with self._comparing:
            if not self._compared:
                try:
                    self._compared = compare_with_slots(engines, self._slots)
                except TRANSLATED as error:
                    raise translated(error) from error
        return engines

    def _current_engines(self) -> Engines:
        # A forked child must not use its parent's sockets. The parent's pool stays in the
        # dictionary, as collecting it would close them.
        pid = os.getpid()
        engines = self._engines.get(pid)
        return engines if engines else self._engines.setdefault(pid, make_engines(self._url))


@contextmanager
def _unit(
    engine: Engine,
    *,
    begin: Callable[[Connection], RootTransaction] = Connection.begin,
    slots: HomeSlots | None = None,
) -> Iterator[UnitOfWork]:
    if _open_work.get() is not None:
        raise AssertionError("a transaction is open in this context already")
    try:
        with engine.connect() as connection:
            if slots is not None:
                connection.info[RAISED] = {}
            with begin(connection):
                work = UnitOfWork(connection)
                token = _open_work.set(work)
                try:
                    yield work
                    work.flush()
                finally:
                    _open_work.reset(token)
                    work.close()
            if slots is not None and connection.info[RAISED]:
                slots.raise_to(connection.info[RAISED])
    except TRANSLATED as error:
        raise translated(error) from error
