"""Run the sync of one connection: lease, sides, engine, what became of it.

Whoever runs it, worker or command line, takes the lease first, so that a connection is never
synced twice at once. What a run found out is recorded before the lease is given back.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.application.lease import KeptLease, leased_store, unleased_store
from bridge.application.missed_changes import Waking, missed_by_push
from bridge.application.next_run import NextRun
from bridge.application.other_users import others_of
from bridge.application.run_guard import RunGuard, was_interrupted
from bridge.application.run_outcome import (
    FAILED,
    connection_after,
    counts_of,
    ends_confirmation,
    outcome_of,
)
from bridge.application.sides import OpenSides, Sides
from bridge.domain import comparison
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import ConnectionId, RunId, Uid
from bridge.domain.message import Message
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import (
    InvalidTransition,
    LeaseLost,
    NotConnected,
    NotFound,
    SideError,
)
from bridge.store.database import Database
from bridge.store.google_push import Ended, Taken
from bridge.store.sync_store import SqlSyncStore
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.match import Pair
from bridge.sync.policy import Policy
from bridge.sync.ports import Clock, Ids, Lens
from bridge.sync.report import RunReport
from bridge.sync.run import dry_undo
from bridge.sync.run import run as run_engine
from bridge.sync.session import Session, Wishes
from bridge.sync.undo_steps import Request, Undoing

logger = logging.getLogger(__name__)

_MOST_FAILURES = 10
_NO_WAKING = 2**62
"""A home revision no home reaches: after a failure changes do not make the next try earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncParts:
    """What every run needs.

    Attributes:
        open_sides: Opens both sides of a connection.
        open_calendar: Opens the calendar side of one that does not sync; Google's is not reached.
        owner: Under which name leases are taken.
        poll_seconds: Between two runs when nothing changes on our side; None follows
            `bridge.domain.polling`.
    """

    database: Database
    open_sides: OpenSides
    open_calendar: OpenSides
    clock: Clock
    ids: Ids
    owner: str
    poll_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """What a run knows of the moment it began.

    Attributes:
        home_revision: Before anything was read.
        confirmed: Items the brakes let through.
        apart: Equal items that a person wants to be two.
        pushed: What Google's push had told until then.
        waking: What made the run due.
        at: When that was, aware.
        compared: Whether both sides are compared in full.
        undone: What it takes back instead of the sync's own work, "" for nothing.
        alone: It does so in the calendar only, as the connection does not sync.
    """

    connection: Connection
    run_id: RunId
    home_revision: int
    confirmed: frozenset[Uid]
    apart: frozenset[Pair]
    pushed: Taken
    waking: Waking
    at: datetime
    compared: bool
    undone: str
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """What taking something back would do.

    Attributes:
        lens: It was looked at with.
        alone: In the CRM only, as the connection does not sync.
        state: Of the connection.
    """

    undoing: Undoing
    lens: Lens
    alone: bool
    state: ConnectionState


class SyncConnection:
    """Runs connections, one at a time or in several threads; each at most once at a time."""

    def __init__(self, parts: SyncParts) -> None:
        self._parts = parts
        self._interrupted = threading.Event()
        self._next_run = NextRun(parts.poll_seconds)

    def interrupt(self) -> None:
        """Make running syncs end before their next request; nothing more is started."""
        self._interrupted.set()

    def run(
        self, connection_id: ConnectionId, *, undo: Request | None = None, undone: str = ""
    ) -> RunReport:
        """Run a connection once and record what became of it.

        Args:
            connection_id: What runs.
            undo: What the run takes back, instead of the sync's own work. On a connection that
                does not sync only the calendar is read and written: the next sync takes it for
                what a person changed there.
            undone: Id of the run or write that is taken back, for the history.

        Returns:
            What was done; `stopped_by` tells what ended the run early.

        Raises:
            NotFound: There is no such connection.
            InvalidTransition: It is not syncing, and for an undo never was.
            LeaseHeld: Somebody else runs it now.
        """
        parts = self._parts
        connection = self._connection(connection_id, undo=undo is not None)
        with leased_store(
            parts.database, connection, owner=parts.owner, clock=parts.clock
        ) as store:
            # The options may have changed while we waited for the lease.
            begun = self._begin(connection_id, undone)
            report = self._report(begun, store, undo)
            self._record(begun, report)
        return report

    def _connection(self, connection_id: ConnectionId, *, undo: bool) -> Connection:
        with self._parts.database.read() as work:
            return _working(work.connections.get(connection_id), undo=undo)

    def look_at_undo(self, connection_id: ConnectionId, undo: Request) -> LookedAt:
        """Return what taking something back would do now.

        Nothing is written and nothing stored, so no lease is needed.

        Raises:
            NotFound: There is no such connection.
            InvalidTransition: It never synced.
            SideError: A side could not be read.
        """
        connection = self._connection(connection_id, undo=True)
        if not connection.state.may_sync:
            return self._look(connection, undo, alone=True)
        try:
            return self._look(connection, undo, alone=False)
        except NotConnected:
            # The next run, be it the undo's own, notes that.
            looked = self._look(connection, undo, alone=True)
            return replace(looked, state=ConnectionState.NEEDS_ATTENTION)

    def _look(self, connection: Connection, undo: Request, *, alone: bool) -> LookedAt:
        parts = self._parts
        guard = RunGuard(parts.database, connection, self._interrupted, alone=alone)
        store = unleased_store(parts.database, connection, clock=parts.clock)
        opened = parts.open_calendar if alone else parts.open_sides
        with opened(connection, guard) as sides:
            session = self._session(parts.ids.run_id(), connection, sides, store, alone=alone)
            undoing = dry_undo(session, undo)
        return LookedAt(undoing=undoing, lens=sides.lens, alone=alone, state=connection.state)

    def _begin(self, connection_id: ConnectionId, undone: str) -> _Begun:
        """Note the start, together with what the run has to know of that very moment."""
        parts = self._parts
        with parts.database.write() as work:
            connection = _working(work.connections.get(connection_id), undo=bool(undone))
            revision = work.connections.home_revision(connection.user_id)
            now = parts.clock.now()
            pushed = work.google_push.take(connection_id, now)
            waking = Waking.of(
                hinted=pushed.hinted,
                # What an undo writes was told of by no message, and need not be.
                home_changed=bool(undone) or revision != work.connections.home_seen(connection_id),
            )
            begun = _Begun(
                connection=connection,
                run_id=parts.ids.run_id(),
                home_revision=revision,
                confirmed=work.connections.confirmed(connection_id),
                apart=work.kept_apart.of(connection_id),
                pushed=pushed,
                waking=waking,
                at=now,
                compared=not undone and _compares(connection, now, waking),
                undone=undone,
                alone=bool(undone) and not connection.state.may_sync,
            )
            work.history.start(begun.run_id, connection_id, now=now, undone=undone)
        return begun

    def _report(self, begun: _Begun, store: SqlSyncStore, undo: Request | None) -> RunReport:
        parts, connection = self._parts, begun.connection
        started = parts.clock.now()
        lease = KeptLease(store, parts.clock)
        guard = RunGuard(parts.database, connection, self._interrupted, lease, alone=begun.alone)
        opened = parts.open_calendar if begun.alone else parts.open_sides
        try:
            with opened(connection, guard, store.fencing) as sides:
                session = self._session(begun.run_id, connection, sides, store, alone=begun.alone)
                wishes = Wishes(
                    confirmed=begun.confirmed,
                    undo=undo,
                    compared=begun.compared,
                    farewell=connection.farewell,
                    apart=begun.apart,
                    elsewhere=others_of(parts.database, connection),
                )
                return run_engine(session, wishes)
        except (NotConnected, SideError) as error:
            # A side that could not even be opened.
            return RunReport(
                run_id=begun.run_id,
                started_at=started,
                ended_at=parts.clock.now(),
                stopped_by=error,
            )

    def _session(
        self,
        run_id: RunId,
        connection: Connection,
        sides: Sides,
        store: SqlSyncStore,
        *,
        alone: bool,
    ) -> Session:
        return Session(
            run_id=run_id,
            calendars=sides.calendar,
            google=sides.google,
            store=store,
            lens=sides.lens,
            policy=Policy.of(_options(connection)),
            clock=self._parts.clock,
            ids=self._parts.ids,
            alone=alone,
        )

    def _record(self, begun: _Begun, report: RunReport) -> None:
        parts, error = self._parts, report.stopped_by
        connection = begun.connection
        if isinstance(error, LeaseLost):
            logger.warning("lost the lease", extra={"connection": connection.id})
            return
        now = parts.clock.now()
        with parts.database.write() as work:
            present = work.connections.get(connection.id)
            if present is None:
                return
            work.history.finish(
                report.run_id,
                now=now,
                outcome=outcome_of(error),
                counts=counts_of(report),
                error=str(error) if error else "",
            )
            if begun.alone:
                # Nothing is known of Google since, and no run is due; what became of the sync
                # stays as it was.
                return
            self._schedule(work, begun, report, now)
            if report.proof is not None:
                found = report.proof.differences
                work.connections.compared(connection.id, now=now, differences=found)
            # What a person confirmed while this run went on is for the next one.
            same = work.connections.confirmed(present.id) == begun.confirmed
            went_on = begun.undone or report.put_off
            if begun.confirmed and same and not went_on and ends_confirmation(error):
                work.connections.set_confirmed(present.id, ())
            if (after := connection_after(present, begun.connection, report)) is not present:
                work.connections.save(after)

    def _schedule(self, work: UnitOfWork, begun: _Begun, report: RunReport, now: datetime) -> None:
        """Note what the run has seen, and when the next one is due."""
        error, connection_id = report.stopped_by, begun.connection.id
        happened = begun.pushed.hinted or bool(report.entries)
        ended = Ended(
            seen=None if error else begun.pushed.told,
            missed=missed_by_push(work, connection_id, begun.waking, report),
            active_at=now if happened else None,
        )
        work.google_push.finished(connection_id, ended)
        work.connections.finished(
            connection_id,
            now=now,
            next_run_at=self._next_run_at(work, begun, report, now),
            home_revision=_NO_WAKING if error else begun.home_revision,
            error=str(error) if error else None,
        )

    def _next_run_at(
        self, work: UnitOfWork, begun: _Begun, report: RunReport, now: datetime
    ) -> datetime:
        error, connection_id = report.stopped_by, begun.connection.id
        # An undo has left everything else that it read to the next run.
        if error is None and (report.put_off or begun.undone):
            return now
        if error is None:
            if work.held_changes.answered_since(connection_id, begun.at):
                return now  # a person's word that this run did not know of yet
            return self._next_run.after_success(work, connection_id, now)
        if was_interrupted(error):
            return now
        return self._next_run.after_failure(error, _failures_in_a_row(work, connection_id), now)


def _failures_in_a_row(work: UnitOfWork, connection_id: ConnectionId) -> int:
    outcomes = [run.outcome for run in work.history.runs(connection_id, _MOST_FAILURES)]
    return next((n for n, outcome in enumerate(outcomes) if outcome != FAILED), len(outcomes))


def _compares(connection: Connection, now: datetime, waking: Waking) -> bool:
    # The first run of all reads everything; a day later there is something to compare with.
    last = connection.compared_at or connection.created_at
    return comparison.is_due(last, now=now, idle=waking is Waking.TIME)


def _working(connection: Connection | None, *, undo: bool) -> Connection:
    """Return a connection of which there is something to do: its sync, farewell, or an undo."""
    if connection is None:
        raise NotFound("there is no such connection")
    if not (connection.may_undo if undo else connection.may_run):
        raise InvalidTransition(
            Message("the connection of `%(login)s` is not syncing", login=connection.login),
            hint=connection.attention or Message("choose Start syncing on the Calendar sync page"),
        )
    return connection


def _options(connection: Connection) -> SyncSettings:
    if connection.settings is None:
        raise InvalidTransition("a connection without options cannot sync")
    return connection.settings
