"""The schema's history against the living tables, and how a migration behaves."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bridge.errors import ConfigError, SchemaOutdated, StoreError
from bridge.store.database import Database
from bridge.store.schema import access, crm, metadata

# SQLite's reflection leaves out indexes of expressions, and Alembic then does not compare them.
_UNCOMPARED = pytest.mark.filterwarnings("ignore:.*expression-based index")


@pytest.fixture
def new_database(empty_database_url: str) -> Iterator[Database]:
    """A database that nobody migrated yet."""
    database = Database(empty_database_url)
    yield database
    database.dispose()


def _execute(url: str, statement: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _differs_in_default(*compared: Any) -> bool:
    _context, _inspected, _wanted, present, _clause, rendered = compared
    if present is None or rendered is None:
        return bool(present is not rendered)
    return _plain(present) != _plain(rendered)


def _plain(default: str) -> str:
    # Each database spells the same default in its own way: quotes, a type, false for 0.
    bare = default.partition("::")[0].strip("()'").lower()
    return {"false": "0", "true": "1"}.get(bare, bare)


@_UNCOMPARED
def test_migrated_database_has_exactly_the_living_tables(database: Database) -> None:
    """No table, column, type, default, index or constraint differs."""
    with database.read() as work:
        options = {"compare_type": True, "compare_server_default": _differs_in_default}
        context = MigrationContext.configure(work.connection, opts=options)
        assert compare_metadata(context, metadata) == []


@_UNCOMPARED
def test_every_constraint_has_the_name_the_living_tables_give_it(database: Database) -> None:
    """Later steps find constraints by name, so the names must not drift either."""
    with database.read() as work:
        inspector = sa.inspect(work.connection)
        for table in metadata.sorted_tables:
            keys = {key["name"] for key in inspector.get_foreign_keys(table.name)}
            assert keys == {key.name for key in table.foreign_key_constraints}, table.name
            uniques = {unique["name"] for unique in inspector.get_unique_constraints(table.name)}
            wanted = {c.name for c in table.constraints if isinstance(c, sa.UniqueConstraint)}
            assert uniques == wanted, table.name


def test_unmigrated_database_is_refused_with_the_command_to_run(new_database: Database) -> None:
    """The server does not start on an old schema and says what to do."""
    with pytest.raises(SchemaOutdated) as refusal:
        new_database.check_schema()
    assert refusal.value.hint == "run `crmdav migrate`"


def test_checking_a_missing_sqlite_file_does_not_make_it(tmp_path: Path) -> None:
    """A typing error in the configuration leaves no empty database behind."""
    path = tmp_path / "absent.sqlite"
    with pytest.raises(SchemaOutdated):
        Database(f"sqlite:///{path}").check_schema()
    assert not path.exists()


def test_migrating_makes_the_database_usable_and_twice_is_once(new_database: Database) -> None:
    """A second migration changes nothing and the check passes after each."""
    for _ in range(2):
        new_database.migrate()
        new_database.check_schema()


def test_database_of_a_newer_version_is_refused_by_check_and_migration(
    database: Database, database_url: str
) -> None:
    """An old program does not touch what a newer one made."""
    _execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaOutdated, match="newer"):
        database.check_schema()
    with pytest.raises(SchemaOutdated, match="newer"):
        database.migrate()


def test_two_migrations_at_once_both_succeed(empty_database_url: str) -> None:
    """The second waits for the first and finds nothing to do."""

    def migrate(_number: int) -> None:
        database = Database(empty_database_url)
        database.migrate()
        database.check_schema()
        database.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, range(4)))


def test_failed_migration_leaves_no_table(new_database: Database, empty_database_url: str) -> None:
    """All steps are one transaction, on SQLite too."""
    if new_database.dialect == "sqlite":
        Path(empty_database_url.removeprefix("sqlite:///")).parent.mkdir()
    _execute(empty_database_url, "CREATE TABLE runs (id INTEGER)")
    with pytest.raises((StoreError, sa.exc.ProgrammingError)):
        new_database.migrate()
    engine = sa.create_engine(empty_database_url)
    tables = sa.inspect(engine).get_table_names()
    engine.dispose()
    assert tables == ["runs"]


def test_new_sqlite_file_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    """The database and its companion files hold everybody's activities."""
    folder = tmp_path / "data"
    database = Database(f"sqlite:///{folder / 'crmdav.sqlite'}")
    database.migrate()
    with database.write() as work:
        work.connection.exec_driver_sql("CREATE TABLE probe (id INTEGER)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    database.dispose()
    assert set(modes) == {"crmdav.sqlite", "crmdav.sqlite-wal", "crmdav.sqlite-shm"}
    assert set(modes.values()) == {0o600}


def test_unreachable_postgresql_is_a_configuration_error() -> None:
    """Nobody listens there, so check and migration say so instead of showing a traceback."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    for action in (database.check_schema, database.migrate):
        with pytest.raises(ConfigError) as refusal:
            action()
        assert refusal.value.hint
    database.dispose()


def test_unwritable_folder_is_a_configuration_error(tmp_path: Path) -> None:
    """A path below a file cannot be made."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError):
        Database(f"sqlite:///{tmp_path / 'file' / 'crmdav.sqlite'}").migrate()


@pytest.mark.parametrize("wrong", ["file", "folder"])
def test_path_that_is_no_database_is_a_configuration_error(tmp_path: Path, wrong: str) -> None:
    """A text file is not overwritten and a folder not taken for a database."""
    path = tmp_path / wrong
    path.write_text("some notes " * 200) if wrong == "file" else path.mkdir()
    before = path.stat().st_size
    database = Database(f"sqlite:///{path}")
    with pytest.raises(ConfigError, match="cannot be opened"):
        database.migrate()
    with pytest.raises((ConfigError, SchemaOutdated)):
        database.check_schema()
    database.dispose()
    assert path.stat().st_size == before


@pytest.mark.parametrize(
    "url",
    ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "nonsense", "postgresql://x/y"],
)
def test_url_of_another_kind_is_a_configuration_error(url: str) -> None:
    """Only SQLite files and PostgreSQL through psycopg are supported; said before connecting."""
    with pytest.raises(ConfigError, match=r"database\.url"):
        Database(url)


def test_ids_of_removed_rows_are_not_given_again(database: Database, now: datetime) -> None:
    """An id that clients or other programs remember never means something else later."""
    tables = ("companies", "users", "activities", "calendars", "calendar_objects", "connections")
    if database.dialect == "sqlite":
        with database.read() as work:
            kept = work.connection.exec_driver_sql("SELECT sql FROM sqlite_master").scalars().all()
        for table in tables:
            (made,) = [sql for sql in kept if sql and sql.startswith(f"CREATE TABLE {table} ")]
            assert "AUTOINCREMENT" in made, table
    with database.write() as work:
        first = work.companies.add("Acme", now)
        types = sa.delete(crm.ActivityType).where(crm.ActivityType.company_id == first.id)
        work.connection.execute(types)
        work.connection.execute(sa.delete(access.Company).where(access.Company.id == first.id))
        assert work.companies.add("Acme", now).id > first.id
