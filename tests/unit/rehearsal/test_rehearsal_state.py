"""The rehearsal's store: transactions, counters, clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.rehearsal.clock import Clock, rfc3339
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World


@pytest.fixture
def state():
    """A store in memory."""
    held = State()
    yield held
    held.close()


class Stop(Exception):
    """Leaves a transaction."""


def write_and_stop(state, key):
    """Begin a transaction, write in it and in one inside of it, and leave it by an exception."""
    with state.transaction():
        state.set_meta(key, "1")
        with state.transaction():
            state.set_meta(f"inside {key}", "1")
        raise Stop


def test_inner_transaction_is_taken_back_alone(state):
    """Batch parts are savepoints of one transaction."""
    with state.transaction():
        state.set_meta("outer", "1")
        with pytest.raises(Stop):
            write_and_stop(state, "inner")
        with state.transaction():
            state.set_meta("second", "1")
    assert [state.meta(key) for key in ("outer", "inner", "second")] == ["1", None, "1"]


def test_outer_transaction_takes_everything_back(state):
    """Nothing of a refused call remains."""
    with pytest.raises(Stop):
        write_and_stop(state, "outer")
    assert state.meta("outer") is None
    assert state.meta("inside outer") is None


def test_counters_only_go_up(state):
    """Change numbers and stamps never repeat."""
    assert [state.raise_counter("c") for _ in range(3)] == [1, 2, 3]
    assert state.raise_counter("c", at_least=10) == 10
    assert state.raise_counter("c", at_least=5) == 11
    assert state.counter("c") == 11
    assert state.counter("other") == 0


def test_stamps_differ_within_one_moment(state):
    """Facts 2: the etag is new on every write, however fast."""
    moment = datetime(2026, 3, 10, tzinfo=UTC)
    world = World(state=state, clock=Clock(lambda: moment))
    stamps = [world.next_stamp() for _ in range(3)]
    assert len(set(stamps)) == 3
    assert stamps[0] == moment.timestamp() * 1_000_000


def test_clock_runs_ahead_and_is_restored(state):
    """Contract section 8: moves its clock."""
    moment = datetime(2026, 3, 10, tzinfo=UTC)
    world = World(state=state, clock=Clock(lambda: moment))
    world.advance(90)
    assert world.clock.now() == moment + timedelta(seconds=90)
    other = World(state=state, clock=Clock(lambda: moment))
    other.restore_clock()
    assert other.clock.now() == world.clock.now()


def test_moments_are_written_with_milliseconds():
    """Facts 1: created and updated in UTC with milliseconds."""
    assert rfc3339(1_773_130_201_007) == "2026-03-10T08:10:01.007Z"
