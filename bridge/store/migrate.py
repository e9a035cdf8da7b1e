"""Bring a database to the newest schema, or say that it is not there.

Alembic runs from inside the package. One transaction holds all steps, on SQLite too, so that a
database is at the old schema or at the newest and never between.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DatabaseError

from bridge.errors import ConfigError, SchemaOutdated, StoreError
from bridge.store.engines import create_sqlite_file, make_migration_engine
from bridge.store.failures import as_unusable

_LOCK_KEY = 0x63726D646176  # "crmdav"


def demand_newest_schema(connection: Connection | None) -> None:
    """See that the database is at the newest schema.

    Args:
        connection: None stands for a database that does not exist.

    Raises:
        SchemaOutdated: It is older, empty, or made by a newer version of crmdav.
    """
    if not _is_newest(connection):
        raise SchemaOutdated(
            "the database is not at the newest schema", hint="run `crmdav migrate`"
        )


def migrate(url: URL) -> None:
    """Bring the database to the newest schema; a SQLite file is made when there is none.

    Raises:
        ConfigError: The database cannot be reached or opened, or its folder not be written.
        StoreBusy: Another process holds the database for longer than we wait.
        SchemaOutdated: A newer version of crmdav made this database.
    """
    try:
        create_sqlite_file(url)
    except OSError as error:
        raise ConfigError(
            f"the database file cannot be made: {error.strerror}", hint="check `database.url`"
        ) from error
    engine = make_migration_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            _upgrade(connection)
    except DatabaseError as error:
        raise as_unusable(error) from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    # On SQLite the transaction itself is the lock (BEGIN IMMEDIATE).
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
    if _is_newest(connection):
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        _check_foreign_keys(connection)


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(f"the migration would leave a row of `{broken[0]}` without its parent")


def _is_newest(connection: Connection | None) -> bool:
    present = MigrationContext.configure(connection).get_current_revision() if connection else None
    script = ScriptDirectory.from_config(_config())
    if present is not None and present not in {each.revision for each in script.walk_revisions()}:
        raise SchemaOutdated(
            f"the database has the schema `{present}` of a newer crmdav",
            hint="install the newer version, or restore an older backup",
        )
    return present == script.get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bridge.store:migrations")
    return config
