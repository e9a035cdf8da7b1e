"""Before each request of a run: may it still be made?"""

from __future__ import annotations

import threading
import time

from bridge.application.lease import KeptLease
from bridge.domain.connection import Connection
from bridge.errors import BridgeError, SideUnavailable
from bridge.store.database import Database
from bridge.store.history import INTERRUPTED

_STATE_EVERY_SECONDS = 1.0


class RunGuard:
    """Lets a request pass while no transaction is open, the lease holds, and syncing goes on."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        interrupted: threading.Event,
        lease: KeptLease | None = None,
        *,
        alone: bool = False,
    ) -> None:
        """Bind what is looked at.

        Args:
            database: Where the connection is.
            connection: As the run has it.
            interrupted: Set when the program is stopping.
            lease: Of the run; one that only looks has none.
            alone: Google is not reached, so that the connection need not sync, and must not begin.
        """
        self._database = database
        self._connection = connection
        self._interrupted = interrupted
        self._lease = lease
        self._alone = alone
        self._looked = 0.0

    def __call__(self) -> None:
        """Let the request be made.

        Raises:
            LeaseLost: Another runner took over.
            SideUnavailable: The program is stopping, or the connection is not to be worked for.
        """
        self._database.forbid_open_transaction()
        if self._interrupted.is_set():
            raise _interruption("the program is stopping")
        if self._lease is not None:
            self._lease.keep()
        now = time.monotonic()
        if now - self._looked < _STATE_EVERY_SECONDS:
            return
        with self._database.read() as work:
            connection = work.connections.get(self._connection.id)
        # Who stops a sync and has something taken away does not want the sync to go on.
        same = connection is not None and connection.farewell is self._connection.farewell
        if connection is None or not self._goes_on(connection) or not same:
            raise _interruption("the connection was stopped")
        if connection.settings != self._connection.settings:
            # What is hidden from now on must not leave because a plan was made before.
            raise _interruption("the options were changed")
        if self._lease is not None:
            self._lease.demand()
        self._looked = now

    def _goes_on(self, connection: Connection) -> bool:
        if self._alone:
            return connection.state is self._connection.state
        return connection.may_run


def _interruption(why: str) -> SideUnavailable:
    return SideUnavailable(why, side="google", reason=INTERRUPTED)


def was_interrupted(error: BridgeError | None) -> bool:
    """Whether a run ended because it was not to go on."""
    return isinstance(error, SideUnavailable) and error.reason == INTERRUPTED
