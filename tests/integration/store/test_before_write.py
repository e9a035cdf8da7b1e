"""A read that is followed by a write shares the writer's connection, not its lock."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest

from bridge.errors import StoreError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_others_write_while_it_is_open(database):
    """It takes no lock, and goes on seeing what there was when it began."""
    done = []

    def write():
        with database.write(wait_seconds=1.0) as work:
            work.beats.beat("another", now=NOW)
            done.append(True)

    with database.read(before_write=True) as work:
        before = work.beats.latest()
        other = Thread(target=write)
        other.start()
        other.join(30)
        assert done
        assert work.beats.latest() == before


def test_the_next_transaction_on_its_connection_writes(database):
    """What it asked for is forgotten with it, after a failure as well."""
    with pytest.raises(StoreError), database.read(before_write=True):
        raise StoreError("on the way")
    with database.read(before_write=True):
        pass
    with database.write() as work:
        work.beats.beat("me", now=NOW)
    with database.read() as work:
        assert work.beats.latest() == NOW
