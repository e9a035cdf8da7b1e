"""Channels are looked after beside the worker's other work."""

import logging
import threading

import pytest

from bridge.application.channel_threads import ChannelThreads
from bridge.domain.identifiers import ConnectionId
from bridge.errors import StoreBusy

WAIT = 5.0


class Keeper:
    """Is as slow at Google as the test wants."""

    def __init__(self, *due):
        self.wanted = [ConnectionId(each) for each in due]
        self.begun = 0
        self.kept = []
        self.started = threading.Semaphore(0)
        self.answered = threading.Event()
        self.error = None

    def begin(self):
        """Count the starts."""
        self.begun += 1

    def due(self, limit):
        """Return what the test says is due."""
        return tuple(self.wanted[:limit])

    def keep(self, connection_id):
        """Wait for Google."""
        self.kept.append(connection_id)
        self.started.release()
        assert self.answered.wait(WAIT)
        if self.error is not None:
            raise self.error


def test_look_waits_for_nobody_and_starts_nothing_twice():
    """A slow Google holds up neither the worker nor the others' channels."""
    keeper = Keeper(1, 2)
    threads = ChannelThreads(keeper)
    for _ in range(3):
        threads.look()
    for _ in range(2):
        assert keeper.started.acquire(timeout=WAIT)
    assert (sorted(keeper.kept), keeper.begun) == ([1, 2], 1)
    keeper.answered.set()
    threads.finish()


def test_only_a_few_are_looked_after_at_once():
    """The others come next."""
    keeper = Keeper(*range(9))
    threads = ChannelThreads(keeper)
    threads.look()
    threads.look()
    for _ in range(4):
        assert keeper.started.acquire(timeout=WAIT)
    assert len(keeper.kept) == 4
    keeper.answered.set()
    threads.finish()
    assert len(keeper.kept) == 4


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (StoreBusy("locked"), "what became of push channels could not be noted"),
        (ZeroDivisionError("a bug"), "looking after push channels broke down"),
    ],
)
def test_failure_of_one_is_logged_and_leaves_room_for_the_next(caplog, error, message):
    """Its claim ends by itself."""
    keeper = Keeper(1)
    keeper.error = error
    keeper.answered.set()
    threads = ChannelThreads(keeper)
    with caplog.at_level(logging.WARNING, logger="bridge.application.channel_threads"):
        threads.look()
        threads.finish()
    assert [record.getMessage() for record in caplog.records] == [message]
    assert not threads._under_way


def test_closed_one_starts_nothing_more():
    """The worker is about to end."""
    keeper = Keeper(1)
    threads = ChannelThreads(keeper)
    threads.close()
    threads.look()
    threads.finish()
    assert keeper.kept == []
