"""The embedded worker: what it starts, how often, and how it ends."""

import logging
import threading
import time
from collections import Counter

import pytest

from bridge.domain.identifiers import ConnectionId
from bridge.errors import LeaseHeld, StoreBusy
from bridge.worker.embedded import EmbeddedWorker, Rhythm

QUICK = Rhythm(look=0.01, reconcile=0.02, beat=0.02, held=0.2, broken=10.0, stop=0.3)


class FakeJobs:
    """Jobs whose runs last as long as the test wants, and that count what was asked of them."""

    def __init__(self, *due):
        self.wanted = list(due)
        self.counts = Counter()
        self.most_at_once = Counter()
        self.at_once = Counter()
        self.interrupted = threading.Event()
        self.release = threading.Event()
        self.errors = {}
        self.backlog = 0
        self.too_old = 0
        self.series = 0
        self._lock = threading.Lock()

    def due(self, limit):
        """Return what the test says is due."""
        self.counts["due"] += 1
        return self.wanted[:limit]

    def sync(self, connection_id):
        """Count the run, then fail or wait as the test says."""
        with self._lock:
            self.counts[connection_id] += 1
            self.at_once[connection_id] += 1
            self.most_at_once[connection_id] = max(
                self.at_once[connection_id], self.most_at_once[connection_id]
            )
        try:
            if connection_id in self.errors:
                raise self.errors[connection_id]
            self.release.wait(5)
        finally:
            with self._lock:
                self.at_once[connection_id] -= 1

    def reconcile(self):
        """Take one portion off the backlog."""
        self.counts["reconcile"] += 1
        self.backlog -= 1
        return self.backlog > 0

    def compact(self):
        """Take one portion off what is too old."""
        self.counts["compact"] += 1
        self.too_old -= 1
        return self.too_old > 0

    def extend(self):
        """Take one portion of the series that are due."""
        self.counts["extend"] += 1
        self.series -= 1
        return self.series > 0

    def push(self):
        """Count the look."""
        self.counts["push"] += 1

    def channels(self):
        """Count the look."""
        self.counts["channels"] += 1

    def beat(self):
        """Count the sign of life."""
        self.counts["beat"] += 1

    def interrupt(self):
        """Let running syncs end."""
        self.interrupted.set()
        self.release.set()


@pytest.fixture
def running():
    """Start workers in threads and stop them at the end."""
    stop = threading.Event()
    threads = []

    def start(jobs, *, threads_wanted=2, rhythm=QUICK):
        worker = EmbeddedWorker(jobs, threads=threads_wanted, rhythm=rhythm)
        thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
        thread.start()
        threads.append(thread)
        return stop, thread

    yield start
    stop.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def eventually(condition, seconds=3.0):
    """Wait until the condition holds, and say whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def test_due_connection_is_never_run_twice_at_once(running):
    """A connection that stays due while it runs is not started again."""
    jobs = FakeJobs(ConnectionId(1))
    running(jobs, threads_wanted=4)
    assert eventually(lambda: jobs.counts["due"] >= 10)
    assert (jobs.counts[1], jobs.most_at_once[1]) == (1, 1)
    jobs.release.set()
    assert eventually(lambda: jobs.counts[1] >= 3)
    assert jobs.most_at_once[1] == 1


def test_no_more_runs_at_once_than_threads(running):
    """The others wait for a free thread, and get one."""
    jobs = FakeJobs(ConnectionId(1), ConnectionId(2), ConnectionId(3))
    running(jobs, threads_wanted=2)
    assert eventually(lambda: jobs.counts[1] == 1 and jobs.counts[2] == 1)
    time.sleep(0.05)
    assert jobs.counts[3] == 0
    jobs.wanted.pop(0)
    jobs.release.set()
    assert eventually(lambda: jobs.counts[3] >= 1)


def test_broken_run_of_one_account_leaves_the_others_alone(running, caplog):
    """A bug is logged with its traceback; that connection pauses, the rest goes on."""
    jobs = FakeJobs(ConnectionId(1), ConnectionId(2))
    jobs.errors[1] = ZeroDivisionError("a bug")
    jobs.release.set()
    with caplog.at_level(logging.ERROR, logger="bridge.worker.embedded"):
        running(jobs)
        assert eventually(lambda: jobs.counts[2] >= 3)
    assert jobs.counts[1] == 1
    assert [record.getMessage() for record in caplog.records] == ["run broke down"]
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


def test_connection_held_elsewhere_is_tried_again_after_a_pause(running):
    """Somebody else's lease is waited for without hammering the database."""
    jobs = FakeJobs(ConnectionId(1))
    jobs.errors[1] = LeaseHeld("held", owner="command line")
    running(jobs)
    assert eventually(lambda: jobs.counts["due"] >= 8)
    assert jobs.counts[1] == 1
    assert eventually(lambda: jobs.counts[1] >= 2)


def test_backlog_of_foreign_changes_is_taken_up_portion_after_portion(running):
    """While portions remain, the next round goes on without waiting for its time."""
    jobs = FakeJobs()
    jobs.backlog = 6
    running(jobs, rhythm=Rhythm(look=0.01, reconcile=60.0, beat=60.0, stop=0.3))
    assert eventually(lambda: jobs.counts["reconcile"] == 6 and jobs.counts["channels"] == 1)
    time.sleep(0.05)
    assert (jobs.counts["reconcile"], jobs.counts["beat"]) == (6, 1)


def test_what_is_too_old_is_dropped_portion_after_portion(running):
    """Then not again before its time has come."""
    jobs = FakeJobs()
    jobs.too_old = 4
    running(jobs, rhythm=Rhythm(look=0.01, beat=60.0, stop=0.3))
    assert eventually(lambda: jobs.counts["compact"] == 4)
    time.sleep(0.05)
    assert jobs.counts["compact"] == 4


def test_series_that_are_due_are_extended_portion_after_portion(running):
    """At the start, for those that have nothing on record yet; then once in a while."""
    jobs = FakeJobs()
    jobs.series = 3
    running(jobs, rhythm=Rhythm(look=0.01, beat=60.0, stop=0.3))
    assert eventually(lambda: jobs.counts["extend"] == 3)
    time.sleep(0.05)
    assert jobs.counts["extend"] == 3


def test_busy_database_does_not_end_the_worker(running):
    """A round that could not look at the database is simply followed by the next one."""
    jobs = FakeJobs()

    def busy():
        jobs.counts["beat"] += 1
        raise StoreBusy("locked")

    jobs.beat = busy
    running(jobs)
    assert eventually(lambda: jobs.counts["beat"] >= 3)


def test_stop_interrupts_running_syncs_and_waits_for_them(running):
    """The end is clean when runs end within the time they have."""
    jobs = FakeJobs(ConnectionId(1))
    stop, thread = running(jobs)
    assert eventually(lambda: jobs.counts[1] == 1)
    stop.set()
    thread.join(3)
    assert not thread.is_alive()
    assert jobs.interrupted.is_set()
    assert jobs.at_once[1] == 0


def test_stop_abandons_a_run_that_hangs(running):
    """A request without an answer cannot hold up the end."""
    jobs = FakeJobs(ConnectionId(1))
    jobs.interrupt = lambda: None
    stop, thread = running(jobs)
    assert eventually(lambda: jobs.counts[1] == 1)
    began = time.monotonic()
    stop.set()
    thread.join(3)
    assert not thread.is_alive()
    assert time.monotonic() - began < 2
    jobs.release.set()
