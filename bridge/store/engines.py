"""Engines for the two databases: how they connect, begin and wait.

SQLite: write-ahead log, every commit on disk before it is answered, writers begin with
`BEGIN IMMEDIATE` so that no transaction fails half way for want of the write lock. The driver's own
transaction handling is off, and dialects of ours begin: with a `begin` event, the usual way, every
statement of the engine costs half as much again. PostgreSQL: readers have one read-only snapshot,
writers are READ COMMITTED and lock rows.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from bridge.errors import ConfigError

WAIT_SECONDS = 5.0
"""How long a statement waits for a lock before it gives up."""

_MIGRATION_WAIT_SECONDS = 120.0
_PAUSE_SECONDS = 0.02

# The connection that was used last comes first: its caches are warm.
_POOL = {"pool_size": 16, "max_overflow": 16, "pool_timeout": 10, "pool_use_lifo": True}
_ONLY_READS = "crmdav_only_reads"
_READER, _WRITER = "sqlite+crmdav_reader", "sqlite+crmdav_writer"


class ReaderDialect(SQLiteDialect_pysqlite):
    """SQLite whose transactions take no lock."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction on a connection of the pool."""
        dbapi_connection.driver_connection.execute("BEGIN").close()


class WriterDialect(SQLiteDialect_pysqlite):
    """SQLite whose transactions take the write lock at once."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction on a connection of the pool, without the lock if `_ONLY_READS`."""
        reads = dbapi_connection.info.pop(_ONLY_READS, False)
        dbapi_connection.driver_connection.execute("BEGIN" if reads else "BEGIN IMMEDIATE").close()


registry.register(_READER.replace("+", "."), __name__, ReaderDialect.__name__)
registry.register(_WRITER.replace("+", "."), __name__, WriterDialect.__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """How readers and writers connect; on PostgreSQL two faces of one connection pool."""

    reader: Engine
    writer: Engine

    def dispose(self) -> None:
        """Close the pool's connections that are not in use."""
        self.reader.dispose()
        self.writer.dispose()


def parse_url(text: str) -> URL:
    """Return the parsed database URL.

    Raises:
        ConfigError: It is no URL, or not of a SQLite file or PostgreSQL through psycopg.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigError("`database.url` is not a database URL") from error
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise ConfigError(
                "`database.url` has no file", hint="write `sqlite:///` and the path of a file"
            )
        return url
    if url.drivername == "postgresql+psycopg":
        return url
    raise ConfigError(
        f"`database.url` names an unknown database: `{url.drivername}`",
        hint="use `sqlite:///...` or `postgresql+psycopg://...`",
    )


def make_engines(url: URL) -> Engines:
    """Return the engines of a database; no connection is made yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engines(url)
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"application_name": "crmdav"},
        **_POOL,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return Engines(reader=engine.execution_options(**snapshot), writer=engine)


def _sqlite_engines(url: URL) -> Engines:
    # Two pools, as a change of `query_only` makes SQLite compile every statement of the
    # connection anew.
    engines = Engines(
        reader=create_engine(url.set(drivername=_READER), **_POOL),
        writer=create_engine(url.set(drivername=_WRITER), **_POOL),
    )
    for engine in (engines.reader, engines.writer):
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engines.reader, "connect", _forbid_writes)
    return engines


def make_migration_engine(url: URL) -> Engine:
    """Return an engine for changing the schema: one connection, no pool.

    It waits long, as another migration before it may take its time. On SQLite foreign keys are not
    enforced on it, as rebuilding a table would trip them; the migration checks them in the end.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url.set(drivername=_WRITER), poolclass=NullPool)
        event.listen(engine, "connect", _prepare_sqlite_migration)
        return engine
    return create_engine(url, poolclass=NullPool, connect_args={"application_name": "crmdav"})


def begin(connection: Connection, *, wait_seconds: float | None) -> RootTransaction:
    """Begin a transaction in which no lock is waited for longer than that.

    Args:
        connection: Without a transaction.
        wait_seconds: None for `WAIT_SECONDS`.
    """
    if wait_seconds is None:
        return connection.begin()
    if connection.dialect.name == "sqlite":
        return _begin_sqlite(connection, wait_seconds)
    transaction = connection.begin()
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_milliseconds(wait_seconds)}")
    return transaction


def create_sqlite_file(url: URL) -> None:
    """Make the database file, readable for its owner only, if it does not exist.

    SQLite gives its `-wal` and `-shm` files the mode of the database file.
    """
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)


def lacks_sqlite_file(url: URL) -> bool:
    """Whether it is a SQLite database whose file does not exist."""
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the `begin` event begins, not the driver
    connection.execute(f"PRAGMA busy_timeout={_milliseconds(WAIT_SECONDS)}").close()
    _use_write_ahead_log(connection)
    for pragma in (
        "synchronous=FULL",  # with NORMAL a power cut may take back what was acknowledged
        "foreign_keys=ON",
        # What a savepoint may have to put back goes to a file of its own otherwise, soon.
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Let a file have its write-ahead log; where several do so at once, SQLite itself never waits.

    Its busy handler is not asked where two would wait for each other (sqlite3_busy_handler).
    """
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _forbid_writes(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON").close()


def _prepare_sqlite_migration(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    _prepare_sqlite(connection, entry)
    connection.execute("PRAGMA foreign_keys=OFF").close()
    wait = _milliseconds(_MIGRATION_WAIT_SECONDS)
    connection.execute(f"PRAGMA busy_timeout={wait}").close()


def begin_reading(connection: Connection) -> RootTransaction:
    """Begin a transaction in which nothing is written, on a writer's connection to SQLite."""
    connection.info[_ONLY_READS] = True
    return connection.begin()


def _begin_sqlite(connection: Connection, wait_seconds: float) -> RootTransaction:
    # The one lock there is comes with the beginning.
    run = connection.connection.driver_connection
    assert isinstance(run, sqlite3.Connection)  # noqa: S101 - of this dialect
    run.execute(f"PRAGMA busy_timeout={_milliseconds(wait_seconds)}").close()
    try:
        return connection.begin()
    finally:
        run.execute(f"PRAGMA busy_timeout={_milliseconds(WAIT_SECONDS)}").close()


def _prepare_postgresql(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # A psycopg connection; the driver is optional, so its types are not imported here.
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {_milliseconds(WAIT_SECONDS)}")
        # psycopg reads instants in this style only, and a server may have another for its default.
        cursor.execute("SET DateStyle = 'ISO'")
    connection.commit()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
