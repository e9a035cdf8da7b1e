"""What lies with the database and not with the change: try again later, and odd server settings."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bridge.errors import StoreBusy, StoreError
from bridge.store.database import Database


def test_operational_trouble_of_any_kind_may_pass(database, company):
    """A program gives up on a refused change, and tries a busy database again."""
    statement = "SELECT * FROM nothing_of_that_name"
    if database.dialect == "postgresql":
        statement = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(StoreBusy), database.write() as work:
        work.connection.execute(sa.text(statement))


@pytest.mark.parametrize("dialect", ["sqlite"])  # only it can be kept from growing by a pragma
def test_a_full_disk_may_pass(database_url, company, now):
    """SQLite says so with an OperationalError that is no lock."""
    database = Database(database_url)

    def fill(work):
        work.connection.exec_driver_sql("PRAGMA max_page_count=1")
        for number in range(2000):
            work.companies.add(f"Company {number} " + "x" * 500, now)

    with pytest.raises(StoreBusy, match="cannot do it now"), database.write() as work:
        fill(work)
    database.dispose()


def test_a_change_that_is_wrong_never_passes(database, company, now):
    """A broken constraint is refused, not put off."""
    row = {"company_id": 999, "login": "x", "created_at": now}
    insert = sa.insert(sa.table("users", *map(sa.column, row))).values(row)
    with pytest.raises(StoreError) as refused, database.write() as work:
        work.connection.execute(insert)
    assert not isinstance(refused.value, StoreBusy)


@pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite has no date style
@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres, MDY"])
def test_the_servers_date_style_does_not_matter(database_url, company, style, now):
    """Instants are read in one style, whatever the server or the role prefers."""
    engine = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE \"{name}\" SET DateStyle = '{style}'")
    engine.dispose()
    database = Database(database_url)
    moment = datetime(2026, 3, 2, 9, 0, 30, 5, tzinfo=UTC)
    with database.write() as work:
        work.beats.beat("worker", moment)
    with database.read() as work:
        assert work.beats.latest() == moment
    database.dispose()
