"""The adapter for one process: a few threads and a look at what is due several times a second.

A look is one indexed statement, so a change in a calendar home is synced at once; everything else
waits for its time. A run that is abandoned at the end is as good as one that was killed: the next
one goes on where it was.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bridge.domain.identifiers import ConnectionId
from bridge.errors import LeaseHeld, StoreBusy, StoreError
from bridge.worker.port import Jobs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often what happens; all in seconds.

    Attributes:
        look: Between two looks at what is due.
        reconcile: Between two portions of other programs' changes.
        push: Between two looks for calendar programs to be told of changes.
        channels: Between two looks for push channels of Google to be opened, renewed or stopped.
        compact: Between two looks for what is too old; a busy database is asked again then.
        extend: Between two looks for series whose instances on record come to an end.
        beat: Between two signs of life.
        held: Before a connection that somebody else runs is tried again.
        broken: Before a connection whose run broke down is tried again.
        stop: How long running syncs may take to end.
    """

    look: float = 0.25
    reconcile: float = 1.0
    push: float = 1.0
    channels: float = 1.0
    compact: float = 3600.0
    extend: float = 60.0
    beat: float = 5.0
    held: float = 1.0
    broken: float = 30.0
    stop: float = 3.0


class EmbeddedWorker:
    """Runs jobs in threads of this process; at most one run of a connection at a time."""

    def __init__(self, jobs: Jobs, *, threads: int, rhythm: Rhythm | None = None) -> None:
        """Take the work.

        Args:
            jobs: What to do.
            threads: How many connections run at the same time.
            rhythm: How often what happens.
        """
        self._jobs = jobs
        self._rhythm = rhythm or Rhythm()
        self._threads = threads
        self._lock = threading.Lock()
        self._running: dict[ConnectionId, threading.Thread] = {}
        self._not_before: dict[ConnectionId, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then end within `Rhythm.stop` seconds."""
        rhythm = self._rhythm
        beat = _Periodic(rhythm.beat, self._jobs.beat)
        reconcile = _Periodic(rhythm.reconcile, self._jobs.reconcile)
        push = _Periodic(rhythm.push, self._jobs.push)
        channels = _Periodic(rhythm.channels, self._jobs.channels)
        extend = _Periodic(rhythm.extend, self._jobs.extend)
        compact = _Periodic(rhythm.compact, self._jobs.compact)
        logger.info("worker started", extra={"threads": self._threads})
        while True:
            for job in (beat, reconcile, push, channels, self._start_due, compact, extend):
                _guarded(job)
            if stop.wait(rhythm.look):
                break
        self._jobs.interrupt()
        left = self._wait(rhythm.stop)
        logger.info("worker stopped", extra={"abandoned": left})

    def _start_due(self) -> None:
        now = time.monotonic()
        with self._lock:
            busy = {*self._running, *(one for one, at in self._not_before.items() if at > now)}
            free = self._threads - len(self._running)
        if free <= 0:
            return
        due = [one for one in self._jobs.due(free + len(busy)) if one not in busy]
        for connection_id in due[:free]:
            self._start(connection_id)

    def _start(self, connection_id: ConnectionId) -> None:
        # A daemon: a request that hangs cannot keep the process from ending.
        thread = threading.Thread(
            target=self._run_one, args=(connection_id,), name=f"sync-{connection_id}", daemon=True
        )
        with self._lock:
            self._running[connection_id] = thread
            self._not_before.pop(connection_id, None)
        thread.start()

    def _run_one(self, connection_id: ConnectionId) -> None:
        pause = 0.0
        try:
            self._jobs.sync(connection_id)
        except LeaseHeld as error:
            pause = self._rhythm.held
            logger.debug(
                "connection is run elsewhere",
                extra={"connection": connection_id, "owner": error.owner},
            )
        # The one place where a bug of one account must not end the others' work.
        except Exception:
            pause = self._rhythm.broken
            logger.exception("run broke down", extra={"connection": connection_id})
        finally:
            with self._lock:
                self._not_before[connection_id] = time.monotonic() + pause
                del self._running[connection_id]

    def _wait(self, seconds: float) -> int:
        deadline = time.monotonic() + seconds
        with self._lock:
            threads = list(self._running.values())
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return sum(thread.is_alive() for thread in threads)


class _Periodic:
    """Calls a job when its time has come; one that returns True is called again at once."""

    def __init__(self, seconds: float, job: Callable[[], bool | None]) -> None:
        self._seconds = seconds
        self._job = job
        self._next = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._seconds
        if self._job():
            self._next = now


def _guarded(job: Callable[[], None]) -> None:
    """Run a part of a round; a database that is busy now is asked again the next round."""
    try:
        job()
    except StoreBusy:
        logger.debug("the database was busy")
    except StoreError as error:
        logger.warning("a round of the worker failed", extra={"reason": str(error)})
