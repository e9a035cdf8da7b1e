"""Connections, what is due, runs and the journal's rows on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import CompanyId, ConnectionId, GoogleCalendarId, RunId, Uid
from bridge.domain.sync_settings import PrivateEvents, SyncSettings
from bridge.domain.users import User
from bridge.errors import NotFound
from bridge.store.connections import RefreshToken
from bridge.store.database import Database
from bridge.store.history import JournalFilter
from bridge.store.schema import access
from bridge.store.sync_store import SqlSyncStore
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.model import Changes, JournalEntry, JournalState, Side

MINUTE = timedelta(minutes=1)
ABSENT = ConnectionId(999)
SETTINGS = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset({"call", "task"}),
    sync_from=date(2026, 3, 1),
    private_events=PrivateEvents.DO_NOT_SYNC,
)


def _started(connection: Connection) -> Connection:
    chosen = replace(
        connection,
        settings=SETTINGS,
        google_calendar_id=GoogleCalendarId("anna@gmail.example"),
        google_calendar_name="Anna",
        google_calendar_zone="Europe/Prague",
    )
    return chosen.moved_to(ConnectionState.ACTIVE)


def test_new_connection_is_told_as_it_was_added(
    database: Database, connection: Connection, user: User, now: datetime
) -> None:
    """Its account is known, nothing is chosen, nothing runs."""
    assert connection == Connection(
        id=connection.id,
        company_id=user.company_id,
        user_id=user.id,
        login=user.login,
        state=ConnectionState.NEW,
        account_email="anna@gmail.example",
        google_subject="sub-1",
        granted_scopes=frozenset({"openid", "email"}),
        created_at=now,
    )
    with database.read() as work:
        assert work.connections.due(now, 10) == ()


def test_saved_connection_comes_back_equal(database: Database, connection: Connection) -> None:
    """State, calendar, settings and attention are stored; lists show the same."""
    started = _started(connection)
    with database.write() as work:
        work.connections.save(started)
        assert work.connections.get(connection.id) == started
        assert work.connections.of_user(connection.user_id) == (started,)
        assert work.connections.list() == (started,)
        assert work.connections.list(connection.company_id) == (started,)
        assert work.connections.list(CompanyId(999)) == ()
        troubled = started.moved_to(ConnectionState.NEEDS_ATTENTION, attention="reconnect")
        work.connections.save(troubled)
        assert work.connections.get(connection.id) == troubled


def test_connection_of_somebody_else_is_absent(
    database: Database, connection: Connection, make_user: Callable[..., User]
) -> None:
    """Neither shown nor saved under another owner."""
    boris = make_user("boris")
    with database.write() as work:
        assert work.connections.get(connection.id, user_id=boris.id) is None
        assert work.connections.get(connection.id, user_id=connection.user_id) == connection
        assert work.connections.get(ABSENT) is None
        with pytest.raises(NotFound):
            work.connections.save(replace(connection, user_id=boris.id))
        with pytest.raises(NotFound):
            work.connections.save(replace(connection, company_id=CompanyId(999)))


def test_refresh_token_is_kept_replaced_and_forgotten(
    database: Database, connection: Connection, now: datetime
) -> None:
    """Saving the connection does not touch it."""
    with database.write() as work:
        connections = work.connections
        assert connections.refresh_token(connection.id) is None
        connections.set_refresh_token(connection.id, "v1.sealed", now + MINUTE)
        connections.save(_started(connection))
        kept = RefreshToken(ciphertext="v1.sealed", expires_at=now + MINUTE)
        assert connections.refresh_token(connection.id) == kept
        connections.set_refresh_token(connection.id, None, None)
        assert connections.refresh_token(connection.id) is None
        assert connections.refresh_token(ABSENT) is None
        with pytest.raises(NotFound):
            connections.set_refresh_token(ABSENT, "x", None)


def _raise_home(work: UnitOfWork, user_id: int) -> None:
    mine = sa.update(access.Home).where(access.Home.user_id == user_id)
    work.connection.execute(mine.values(revision=access.Home.revision + 1))


def test_connection_is_due_by_time_or_by_a_change_of_the_home(
    database: Database, connection: Connection, now: datetime
) -> None:
    """At once when new, then at its time, earlier when the user changed something."""
    next_run = now + 10 * MINUTE
    with database.write() as work:
        connections = work.connections
        connections.save(_started(connection))
        assert connections.due(now, 10) == (connection.id,)
        seen = connections.home_revision(connection.user_id)
        told = {"next_run_at": next_run, "home_revision": seen, "error": None}
        connections.finished(connection.id, now=now, **told)  # type: ignore[arg-type] # values of several types
        assert connections.due(now + 9 * MINUTE, 10) == ()
        assert connections.due(next_run, 10) == (connection.id,)
        _raise_home(work, connection.user_id)
        assert connections.due(now, 10) == (connection.id,)


def test_sync_now_makes_due_at_once(
    database: Database, connection: Connection, now: datetime
) -> None:
    """Nobody waits for the poll after pressing the button."""
    with database.write() as work:
        connections = work.connections
        connections.save(_started(connection))
        connections.finished(
            connection.id, now=now, next_run_at=now + MINUTE, home_revision=0, error=None
        )
        assert connections.due(now, 10) == ()
        connections.run_soon(connection.id)
        assert connections.due(now, 10) == (connection.id,)
        with pytest.raises(NotFound):
            connections.run_soon(ABSENT)


@pytest.mark.parametrize("state", ["paused", "needs-attention", "stopped"])
def test_connection_that_may_not_sync_is_never_due(
    database: Database, connection: Connection, now: datetime, state: str
) -> None:
    """Paused, troubled and stopped ones wait for a person."""
    with database.write() as work:
        work.connections.save(_started(connection).moved_to(ConnectionState(state)))
        assert work.connections.due(now, 10) == ()


def test_longest_waiting_connections_are_due_first(
    database: Database, connection: Connection, user: User, now: datetime
) -> None:
    """A limit never starves the ones behind it."""
    with database.write() as work:
        connections = work.connections
        ids = [connection.id]
        for number in range(2):
            account = {"account_email": f"{number}@gmail.example", "google_subject": f"s{number}"}
            added = connections.add(user, granted_scopes=frozenset(), now=now, **account)
            ids.append(added.id)
        for each, minutes in zip(ids, (3, 1, 2), strict=True):
            found = connections.get(each)
            assert found is not None
            connections.save(_started(found))
            wait = now + minutes * MINUTE
            connections.finished(each, now=now, next_run_at=wait, home_revision=0, error=None)
        later = now + 5 * MINUTE
        assert connections.due(later, 10) == (ids[1], ids[2], ids[0])
        assert connections.due(later, 2) == (ids[1], ids[2])


def test_failures_are_counted_until_a_success(
    database: Database, connection: Connection, now: datetime
) -> None:
    """The caller backs off by this number; the last success is remembered."""
    told = {"next_run_at": now, "home_revision": 0}
    with database.write() as work:
        connections = work.connections
        counts = [
            connections.finished(connection.id, now=now, error=error, **told)  # type: ignore[arg-type] # values of several types
            for error in ("503", "503", None, "503")
        ]
        assert counts == [1, 2, 0, 1]
        after = connections.get(connection.id)
        assert after is not None
        assert after.last_success_at == now
        with pytest.raises(NotFound):
            connections.finished(ABSENT, now=now, error=None, **told)  # type: ignore[arg-type] # values of several types


def _entry(number: int, at: datetime, **values: str) -> JournalEntry:
    return JournalEntry(
        id=f"entry-{number}",
        run_id=RunId(values.get("run_id", "run-1")),
        uid=Uid(values.get("uid", "u1")),
        side=Side.GOOGLE,
        action="update",
        state=JournalState.INTENDED,
        at=at,
        before="before",
        after=None,
        reason="changed",
        detail="detail",
    )


def test_run_is_told_from_start_to_end(
    database: Database, connection: Connection, now: datetime
) -> None:
    """The newest first, with counts and error."""
    with database.write() as work:
        history = work.history
        started = history.start(RunId("run-1"), connection.id, now=now)
        assert history.runs(connection.id, 10) == (started,)
        history.finish(
            RunId("run-1"), now=now + MINUTE, outcome="done", counts={"create": 2}, error="one"
        )
        second = history.start(RunId("run-2"), connection.id, now=now + MINUTE)
        ended = replace(
            started, finished_at=now + MINUTE, outcome="done", counts={"create": 2}, error="one"
        )
        assert history.runs(connection.id, 10) == (second, ended)
        assert history.runs(connection.id, 1) == (second,)
        assert history.runs(ABSENT, 1) == ()


def test_run_that_was_cut_off_is_shown_as_interrupted(
    database: Database, connection: Connection, now: datetime
) -> None:
    """After a kill the next run's start tells the truth about the one before."""
    with database.write() as work:
        work.history.start(RunId("run-1"), connection.id, now=now)
        work.history.start(RunId("run-2"), connection.id, now=now + MINUTE)
        outcomes = [run.outcome for run in work.history.runs(connection.id, 10)]
    assert outcomes == ["running", "interrupted"]


def test_run_of_nothing_is_refused(database: Database, now: datetime) -> None:
    """Neither an absent connection nor an absent run."""
    with database.write() as work:
        with pytest.raises(NotFound):
            work.history.start(RunId("run-1"), ABSENT, now=now)
        with pytest.raises(NotFound):
            work.history.finish(RunId("run-1"), now=now, outcome="done", counts={})


def test_journal_is_read_in_pages_the_newest_first(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """Entries of the same instant are neither lost nor repeated between pages."""
    entries = [_entry(number, now + (number // 2) * MINUTE) for number in range(5)]
    store.commit(Changes(journal=tuple(entries)))
    with database.read() as work:
        journal = work.history.journal
        first = journal(connection.id, 2)
        second = journal(connection.id, 2, wanted=JournalFilter(before=first[-1]))
        third = journal(connection.id, 2, wanted=JournalFilter(before=second[-1]))
        assert journal(ABSENT, 10) == ()
    assert [*first, *second, *third] == [entries[n] for n in (4, 3, 2, 1, 0)]


def test_journal_is_read_by_run_and_by_item(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """For the history of a run and for explaining one item."""
    one = _entry(1, now)
    other = _entry(2, now, run_id="run-2", uid="u2")
    store.commit(Changes(journal=(one, other)))
    with database.read() as work:
        journal = work.history.journal
        assert journal(connection.id, 9, wanted=JournalFilter(run_id=RunId("run-1"))) == (one,)
        assert journal(connection.id, 9, wanted=JournalFilter(uid=Uid("u2"))) == (other,)


def test_deleted_connection_is_gone_with_all_it_had(
    database: Database, connection: Connection, store: SqlSyncStore, now: datetime
) -> None:
    """Links, tokens, runs, journal and lease go in one step; twice is fine."""
    store.commit(Changes(journal=(_entry(1, now),)))
    with database.write() as work:
        work.history.start(RunId("run-1"), connection.id, now=now)
        assert work.connections.delete(connection.id)
        assert not work.connections.delete(connection.id)
        assert work.connections.get(connection.id) is None
        assert work.history.runs(connection.id, 10) == ()
        assert work.history.journal(connection.id, 10) == ()


def test_home_of_nobody_is_refused(database: Database) -> None:
    """There is no counter to compare with."""
    with database.read() as work, pytest.raises(NotFound):
        work.connections.home_revision(999)  # type: ignore[arg-type] # an absent user
