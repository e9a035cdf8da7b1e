"""How transactions begin, wait, end and exclude each other."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing.connection import Connection

import pytest
import sqlalchemy as sa

from bridge.domain.identifiers import UserId
from bridge.errors import StoreBusy, StoreError
from bridge.store.database import Database
from bridge.store.schema.access import Company, Home
from bridge.store.unit_of_work import UnitOfWork

ANNA, BORIS = UserId(1), UserId(2)


def _add_company(work: UnitOfWork, name: str, now: datetime) -> None:
    work.connection.execute(sa.insert(Company).values(name=name, created_at=now))


def _names(work: UnitOfWork) -> list[str]:
    return list(work.connection.scalars(sa.select(Company.name).order_by(Company.name)))


def test_write_commits_at_its_end(database: Database, now: datetime) -> None:
    """Another transaction sees what was written."""
    with database.write() as work:
        _add_company(work, "Acme", now)
    with database.read() as work:
        assert _names(work) == ["Acme"]


def test_exception_in_write_leaves_nothing(database: Database, now: datetime) -> None:
    """Everything of the transaction is taken back and the exception goes on."""

    def add_and_fail() -> None:
        with database.write() as work:
            _add_company(work, "Acme", now)
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    with database.read() as work:
        assert _names(work) == []


def test_savepoint_takes_back_only_its_inside(database: Database, now: datetime) -> None:
    """A refused mutation leaves nothing though the transaction commits, nor does the session."""

    def add_and_fail(work: UnitOfWork) -> None:
        with work.savepoint():
            _add_company(work, "Core", now)
            work.session.add(Company(name="Mapped", created_at=now))
            raise KeyError

    with database.write() as work:
        _add_company(work, "Before", now)
        with pytest.raises(KeyError):
            add_and_fail(work)
        with work.savepoint():
            work.session.add(Company(name="After", created_at=now))
    with database.read() as work:
        assert _names(work) == ["After", "Before"]


def test_session_is_flushed_at_the_end_of_a_write(database: Database, now: datetime) -> None:
    """What was added to the session without a flush is committed."""
    with database.write() as work:
        work.session.add(Company(name="Acme", created_at=now))
    with database.read() as work:
        assert _names(work) == ["Acme"]


def test_read_shows_one_snapshot(database: Database, now: datetime) -> None:
    """A commit of another thread in the middle of a read does not show in it."""
    with ThreadPoolExecutor(1) as pool, database.read() as work:
        assert _names(work) == []

        def add() -> None:
            with database.write() as other:
                _add_company(other, "Acme", now)

        pool.submit(add).result(timeout=20)
        assert _names(work) == []
    with database.read() as work:
        assert _names(work) == ["Acme"]


def test_read_cannot_write(database: Database, now: datetime) -> None:
    """The database itself refuses."""
    with pytest.raises((StoreError, sa.exc.DBAPIError)), database.read() as work:
        _add_company(work, "Acme", now)
    with database.write() as work:
        _add_company(work, "Other", now)


def test_second_transaction_in_a_context_is_refused(database: Database) -> None:
    """Nesting would wait for itself on SQLite."""
    with database.read() as work:
        assert database.current is work
        with pytest.raises(AssertionError), database.write():
            pass
    assert database.current is None


def test_open_transaction_forbids_network_calls_in_its_own_context_only(database: Database) -> None:
    """The guard of design decision 3 raises inside, and not in another thread or afterwards."""
    with database.read():
        with pytest.raises(AssertionError):
            database.forbid_open_transaction()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(database.forbid_open_transaction).result(timeout=20)
    database.forbid_open_transaction()


def test_refused_statement_is_a_store_error(database: Database, now: datetime) -> None:
    """No driver exception leaves the store."""

    def add_twice() -> None:
        with database.write() as work:
            _add_company(work, "Acme", now)
            _add_company(work, "Acme", now)

    with pytest.raises(StoreError):
        add_twice()


def _make_homes(database: Database, now: datetime) -> None:
    with database.write() as work:
        _add_company(work, "Acme", now)
        company = work.connection.scalar(sa.select(Company.id))
        rows = [{"user_id": user, "company_id": company} for user in (ANNA, BORIS)]
        work.connection.execute(sa.insert(Home), rows)


def test_writers_of_one_home_come_one_after_the_other(database: Database, now: datetime) -> None:
    """No increment of the counter is lost between threads that read it first."""
    _make_homes(database, now)

    def raise_counter(_number: int) -> None:
        with database.write([ANNA]) as work:
            mine = sa.select(Home.revision).where(Home.user_id == ANNA)
            seen = work.connection.execute(mine).scalar_one()
            change = sa.update(Home).where(Home.user_id == ANNA).values(revision=seen + 1)
            work.connection.execute(change)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(raise_counter, range(20)))
    with database.read() as work:
        assert work.connection.scalar(sa.select(Home.revision).where(Home.user_id == ANNA)) == 20


def test_homes_in_any_order_never_deadlock(database: Database, now: datetime) -> None:
    """Two writers that name the same homes in opposite order both finish."""
    _make_homes(database, now)

    def write(number: int) -> None:
        with database.write([ANNA, BORIS] if number % 2 else [BORIS, ANNA]):
            time.sleep(0.002)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(16)))


def test_lock_not_had_in_the_asked_time_is_store_busy(database: Database, now: datetime) -> None:
    """A writer that will not wait learns soon, and the pool's connection waits as usual later."""
    _make_homes(database, now)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write([ANNA]):
            held.set()
            done.wait(20)

    def hurry() -> float:
        began = time.monotonic()
        with pytest.raises(StoreBusy), database.write([ANNA], wait_seconds=0.1):
            pass
        return time.monotonic() - began

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        assert held.wait(20)
        assert hurry() < 2
        done.set()
        holder.result(timeout=20)
    with database.write([ANNA]) as work:
        setting = "PRAGMA busy_timeout" if database.dialect == "sqlite" else "SHOW lock_timeout"
        assert str(work.connection.exec_driver_sql(setting).scalar()) in {"5000", "5s"}


def _count_in_child(database: Database, answer: Connection) -> None:
    with database.read() as work:
        answer.send(len(_names(work)))
    database.dispose()
    answer.close()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_child_uses_connections_of_its_own(database: Database, now: datetime) -> None:
    """A server that forks after the first use neither shares nor closes its parent's sockets."""
    with database.write() as work:
        _add_company(work, "Acme", now)
    forking = multiprocessing.get_context("fork")
    mine, childs = forking.Pipe()
    child = forking.Process(target=_count_in_child, args=(database, childs))
    child.start()
    childs.close()
    assert mine.poll(20)
    assert mine.recv() == 1
    mine.close()
    child.join(20)
    assert child.exitcode == 0
    child.close()
    with database.read() as work:
        assert _names(work) == ["Acme"]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_sqlite_commits_are_durable_and_foreign_keys_hold(database: Database) -> None:
    """The settings an acknowledged write rests on."""
    with database.write() as work:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [work.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert values == ["wal", 2, 1, 5000]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_sqlite_keeps_what_a_savepoint_may_put_back_in_memory(database: Database) -> None:
    """A file made and removed for it is a tenth of what a PUT costs."""
    with database.write() as work:
        assert work.connection.exec_driver_sql("PRAGMA temp_store").scalar() == 2  # MEMORY
