"""Statements past SQLAlchemy's execution mean what they mean through it, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, MultipleResultsFound

from bridge.errors import StoreBusy, StoreError
from bridge.store.database import Database
from bridge.store.prepared import Prepared
from bridge.store.schema import access, dav

MOMENT = datetime(2026, 3, 10, 11, 30, 5, 7, tzinfo=timezone(timedelta(hours=1)))
SET = sa.update(access.User).where(access.User.login == sa.bindparam("who"))
READ = sa.select(
    access.User.login,
    access.User.active,
    access.User.created_at.label("made"),
    sa.exists().where(access.User.login == "nobody").label("nobody"),
).where(access.User.login == sa.bindparam("who"))


def test_values_and_results_have_the_types_of_the_statement(database, user):
    """Instants are aware and in UTC, truth values are no numbers."""
    with database.write() as work:
        Prepared(SET).run(work.connection, {"who": "anna", "created_at": MOMENT, "active": False})
        (row,) = Prepared(READ).rows(work.connection, {"who": "anna"})
        (expected,) = work.connection.execute(READ, {"who": "anna"})
    assert row == tuple(expected)
    assert row._asdict() == dict(expected._mapping)
    assert row.made == MOMENT
    assert row.made.tzinfo is UTC
    assert row.active is False
    assert row.nobody is False


def test_one_statement_serves_any_set_of_columns(database, user):
    """The names of the values say which columns are set; all others stay."""
    change = Prepared(SET)
    with database.write() as work:
        change.run(work.connection, {"who": "anna", "name": "Anna B."})
        change.run(work.connection, {"who": "anna", "email": "b@acme.example"})
    with database.read() as work:
        found = work.users.by_login("anna")
    assert (found.name, found.email) == ("Anna B.", "b@acme.example")


def test_objects_of_json_come_back_as_they_were(database, user):
    """What clients set on a calendar."""
    told = {"{DAV:}displayname": "Ä <b>", "{urn:x}y": ""}
    calendars = dav.Calendar
    with database.write() as work:
        here = sa.update(calendars).where(calendars.owner_id == sa.bindparam("owner"))
        Prepared(here).run(work.connection, {"owner": user.id, "properties": told})
        read = Prepared(sa.select(calendars.properties).order_by(calendars.id).limit(1))
        assert read.scalar(work.connection, {}) == told


def test_nothing_found_is_none_and_several_are_too_many_for_one(database, make_user):
    """As SQLAlchemy's `one_or_none`."""
    make_user("anna")
    make_user("bob")
    with database.read() as work:
        assert Prepared(READ).row(work.connection, {"who": "carl"}) is None
        assert Prepared(READ).scalar(work.connection, {"who": "carl"}) is None
        with pytest.raises(MultipleResultsFound):
            Prepared(sa.select(access.User.id)).row(work.connection, {})


def test_a_refused_statement_tells_no_values(database, user):
    """They may be what somebody wrote into an activity."""
    secret = "a private name"
    with database.write() as work, pytest.raises(IntegrityError) as refused, work.savepoint():
        Prepared(SET).run(work.connection, {"who": "anna", "name": secret, "company_id": 999})
    assert secret not in str(refused.value)
    assert "UPDATE users" in str(refused.value)


def test_refusals_leave_the_store_in_its_own_words(database, user):
    """A broken constraint is no reason to try again."""
    with pytest.raises(StoreError) as refused, database.write() as work:
        Prepared(SET).run(work.connection, {"who": "anna", "company_id": 999})
    assert not isinstance(refused.value, StoreBusy)


def test_a_row_that_the_driver_cannot_read_is_its_refusal(database, user, dialect):
    """The driver only meets it when rows are fetched: no UTF-8, or an instant without an end."""
    odd = {
        "sqlite": "UPDATE users SET name = CAST(x'ff' AS TEXT)",
        "postgresql": "UPDATE users SET created_at = 'infinity'",
    }
    with database.write() as work:
        work.connection.execute(sa.text(odd[dialect]))
    read = Prepared(sa.select(access.User.name, access.User.created_at))
    with pytest.raises(StoreError, match="the database"), database.read() as work:
        read.rows(work.connection, {})


@pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite takes it
def test_a_value_that_the_driver_refuses_is_no_lost_connection(database, user):
    """No text holds NUL, however often it is tried again."""
    with pytest.raises(StoreError) as refused, database.read() as work:
        Prepared(READ).rows(work.connection, {"who": "anna\0"})
    assert not isinstance(refused.value, StoreBusy)


@pytest.mark.parametrize("dialect", ["postgresql"])  # nobody ends a connection to SQLite
def test_a_lost_connection_may_be_another_time(database_url, user):
    """The next transaction gets a connection that works."""
    database = Database(database_url)
    end = Prepared(sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid())))
    with pytest.raises(StoreBusy, match="cannot be reached"), database.write() as work:
        end.rows(work.connection, {})
    with database.read() as work:
        assert work.users.by_login("anna") is not None
    database.dispose()
