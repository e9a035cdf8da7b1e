"""Engines for the two databases: how they connect, begin and wait.

SQLite: write-ahead log, every commit on disk before it is answered, writers begin with
`BEGIN IMMEDIATE` so that no transaction fails half way for want of the write lock. The driver's own
transaction handling is off; the `begin` event says what begins. PostgreSQL: readers have one
read-only snapshot, writers are READ COMMITTED and lock rows.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from bridge.errors import ConfigError

WAIT_SECONDS = 5.0
"""How long a statement waits for a lock before it gives up."""

# The connection that was used last comes first: its caches are warm.
_POOL = {"pool_size": 16, "max_overflow": 16, "pool_timeout": 10, "pool_use_lifo": True}
_BEGIN = "crmdav_begin"
_WAIT = "crmdav_wait_seconds"


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
    immediate = {_BEGIN: "BEGIN IMMEDIATE"}
    engines = Engines(
        reader=create_engine(url, **_POOL),
        writer=create_engine(url, execution_options=immediate, **_POOL),
    )
    for engine in (engines.reader, engines.writer):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engines.reader, "connect", _forbid_writes)
    return engines


def make_migration_engine(url: URL) -> Engine:
    """Return an engine for changing the schema: one connection, no pool, no lock time-out.

    On SQLite foreign keys are not enforced on it, as rebuilding a table would trip them; the
    migration checks them in the end.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, poolclass=NullPool, execution_options={_BEGIN: "BEGIN IMMEDIATE"}
        )
        event.listen(engine, "connect", _prepare_sqlite_migration)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, poolclass=NullPool, connect_args={"application_name": "crmdav"})


def wait_option(seconds: float | None) -> dict[str, float]:
    """Return the execution options that bound how long a transaction waits for any lock."""
    return {} if seconds is None else {_WAIT: seconds}


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
    for pragma in (
        f"busy_timeout={_milliseconds(WAIT_SECONDS)}",
        "journal_mode=WAL",
        "synchronous=FULL",  # with NORMAL a power cut may take back what was acknowledged
        "foreign_keys=ON",
        # What a savepoint may have to put back goes to a file of its own otherwise, soon.
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _forbid_writes(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON").close()


def _prepare_sqlite_migration(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    _prepare_sqlite(connection, entry)
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = options.get(_BEGIN, "BEGIN")
    wait = options.get(_WAIT, WAIT_SECONDS)
    run = connection.exec_driver_sql
    if wait == WAIT_SECONDS:
        run(begin)
        return
    run(f"PRAGMA busy_timeout={_milliseconds(wait)}")
    try:
        run(begin)
    finally:
        run(f"PRAGMA busy_timeout={_milliseconds(WAIT_SECONDS)}")


def _prepare_postgresql(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # A psycopg connection; the driver is optional, so its types are not imported here.
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {_milliseconds(WAIT_SECONDS)}")
        # psycopg reads instants in this style only, and a server may have another for its default.
        cursor.execute("SET DateStyle = 'ISO'")
    connection.commit()


def apply_wait(connection: Connection) -> None:
    """Apply the waiting time of `wait_option` to the open PostgreSQL transaction."""
    wait = connection.get_execution_options().get(_WAIT)
    if wait is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_milliseconds(wait)}")


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
