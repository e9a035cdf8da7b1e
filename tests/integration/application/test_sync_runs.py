"""Runs of a connection: the lease, what is recorded, when it runs next, and how it is stopped."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bridge.application import lease, run_guard
from bridge.application.lease import LEASE_SECONDS, is_gone, leased_store, owner_name
from bridge.application.missed_changes import MOST_MISSED
from bridge.application.run_guard import was_interrupted
from bridge.application.run_outcome import FAILED
from bridge.application.sync_connection import SyncConnection
from bridge.domain.connection import ConnectionState
from bridge.domain.google_push import Channel, ChannelState, Watch
from bridge.errors import (
    CollectionGone,
    InvalidTransition,
    LeaseHeld,
    LeaseLost,
    NotConnected,
    NotFound,
    RateLimited,
    SideUnavailable,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.store.history import DONE, INTERRUPTED
from bridge.sync.model import Changes
from bridge.sync.undo_steps import Request


@pytest.fixture
def runs(database, connection):
    """Return a function that tells the recorded runs, the latest first."""

    def told():
        with database.read() as work:
            return work.history.runs(connection.id, 20)

    return told


@pytest.fixture
def present(database, connection):
    """Return a function that reads the connection anew."""

    def read():
        with database.read() as work:
            return work.connections.get(connection.id)

    return read


@pytest.fixture
def due(database, clock):
    """Return a function that tells what is due now."""

    def ask():
        with database.read() as work:
            return work.connections.due(clock.now(), 5)

    return ask


@pytest.fixture
def change_home(database, user, now):
    """Return a function that changes something in the user's calendar home."""

    def change():
        with database.write([user.id]) as work:
            calendar = work.calendars.calendar(user.id, "activities")
            work.calendars.set_properties(calendar, {"{DAV:}displayname": "x"}, now=now)

    return change


@pytest.fixture
def lab(request, database):
    """Everything a longer story looks at, by the names of the fixtures."""
    names = "runner connection put sides runs due clock present parts"
    fixtures = {name: request.getfixturevalue(name) for name in names.split()}
    return SimpleNamespace(**fixtures, database=database)


@pytest.fixture
def put(sides, event_text):
    """Return a function that puts an event into the calendar side."""

    def store(uid, title="A title"):
        sides.activities.put(f"{uid}.ics", CalendarObject.parse(event_text(uid, title)))

    return store


def test_run_writes_records_and_waits_for_the_next_poll(lab):
    """A success is due again one poll interval later."""
    lab.put("one")
    report = lab.runner.run(lab.connection.id)
    assert (report.done, report.stopped_by) == (1, None)
    assert len(lab.sides.google.objects()) == 1
    (run,) = lab.runs()
    assert (run.id, run.outcome, run.error) == (report.run_id, DONE, "")
    assert run.counts["google.create.done"] == 1
    assert lab.due() == ()
    lab.clock.advance(seconds=61)
    assert lab.due() == (lab.connection.id,)


def test_second_runner_is_told_who_has_the_lease(runner, database, connection, clock):
    """A connection is never synced twice at once."""
    with (
        leased_store(database, connection, owner="worker elsewhere", clock=clock),
        pytest.raises(LeaseHeld) as caught,
    ):
        runner.run(connection.id)
    assert caught.value.owner == "worker elsewhere"
    assert runner.run(connection.id).stopped_by is None


def test_expired_lease_is_taken_over_and_the_old_runner_stores_nothing(
    runner, database, connection, clock
):
    """A runner that was asleep for too long finds its lease lost."""
    with leased_store(database, connection, owner="sleeper", clock=clock) as store:
        clock.advance(seconds=LEASE_SECONDS + 1)
        assert runner.run(connection.id).stopped_by is None
        with pytest.raises(LeaseLost):
            store.commit(Changes())


def test_a_runner_that_slept_before_a_request_does_not_send_it(lab, clock):
    """Between writing down and sending, another one may have done the work."""
    for number in range(3):
        lab.put(f"uid-{number}")

    def sleep(step):
        if step.operation == "insert":
            lab.sides.before = None
            clock.advance(seconds=LEASE_SECONDS + 1)
            with leased_store(lab.database, lab.connection, owner="another", clock=clock):
                pass

    lab.sides.before = sleep
    assert isinstance(lab.runner.run(lab.connection.id).stopped_by, LeaseLost)
    assert lab.sides.google.objects() == {}
    assert lab.runner.run(lab.connection.id).stopped_by is None
    assert len(lab.sides.google.objects()) == 3


def test_a_runner_whose_lease_was_taken_early_sends_nothing_more(lab, monkeypatch):
    """Its process was taken for gone, though it goes on: seen within a second, not at a commit."""
    monkeypatch.setattr(run_guard, "_STATE_EVERY_SECONDS", 0.0)
    lab.put("uid")

    def be_replaced(step):
        if step.operation == "insert":
            lab.sides.before = None
            monkeypatch.setattr(lease, "is_gone", lambda _owner: True)
            with leased_store(lab.database, lab.connection, owner="another", clock=lab.clock):
                pass

    lab.sides.before = be_replaced
    assert isinstance(lab.runner.run(lab.connection.id).stopped_by, LeaseLost)
    assert lab.sides.google.objects() == {}


def test_the_sides_are_told_under_which_lease_a_run_writes(lab, database):
    """Our own server asks for it; a look at what an undo would do has none."""
    lab.runner.run(lab.connection.id)
    with database.read() as work:
        work.leases.demand(lab.connection.id, lab.sides.fencing)
    lab.runner.look_at_undo(lab.connection.id, Request(entries=()))
    assert lab.sides.fencing is None


def test_the_lease_is_kept_over_a_batch_that_takes_long(lab, clock):
    """Fifty requests may take longer than one lease."""
    for number in range(6):
        lab.put(f"uid-{number}")

    def take_long(step):
        if step.operation == "insert":
            clock.advance(seconds=LEASE_SECONDS / 2)

    lab.sides.before = take_long
    assert lab.runner.run(lab.connection.id).stopped_by is None
    assert len(lab.sides.google.objects()) == 6


def test_lease_of_a_process_that_is_gone_is_taken_over_at_once(runner, database, connection, clock):
    """A killed worker costs no waiting."""
    code = "from bridge.application.lease import owner_name; print(owner_name('worker'))"
    gone = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert is_gone(gone)
    with database.write() as work:
        work.leases.acquire(connection.id, gone, now=clock.now(), seconds=1000)
    assert runner.run(connection.id).stopped_by is None


def test_lease_of_a_living_process_or_of_another_machine_is_respected():
    """Only a process of this machine can be seen to be gone."""
    mine = owner_name("worker")
    assert not is_gone(mine)
    assert not is_gone(mine.rpartition("[")[0] + "[000000000000]")
    assert not is_gone("somebody")
    assert f"process {os.getpid()}" in mine


def test_dead_grant_needs_attention_and_is_not_tried_again(lab):
    """The user reads what to do; the account is left alone until then."""
    lab.sides.error = NotConnected("revoked")
    assert isinstance(lab.runner.run(lab.connection.id).stopped_by, NotConnected)
    told = lab.present()
    assert told.state is ConnectionState.NEEDS_ATTENTION
    assert "Reconnect" in told.attention
    lab.clock.advance(days=1)
    assert lab.due() == ()
    with pytest.raises(InvalidTransition):
        lab.runner.run(lab.connection.id)


def test_lost_google_calendar_needs_attention_but_a_lost_caldav_one_is_tried_again(
    runner, sides, connection, present
):
    """Only the first is for the user to mend."""
    sides.error = CollectionGone("gone", side="calendar")
    runner.run(connection.id)
    assert present().state is ConnectionState.ACTIVE
    sides.error = CollectionGone("gone", side="google")
    runner.run(connection.id)
    assert present().state is ConnectionState.NEEDS_ATTENTION


def test_failures_are_tried_again_after_ever_longer_pauses(lab):
    """A success begins anew with the shortest pause."""
    lab.sides.error = SideUnavailable("503", side="google", reason="backendError")
    pauses = []
    for _ in range(4):
        lab.runner.run(lab.connection.id)
        waited = 0
        while not lab.due():
            lab.clock.advance(seconds=1)
            waited += 1
        pauses.append(waited)
    assert pauses == sorted(pauses)
    assert pauses[0] <= 8
    assert pauses[-1] >= 20
    lab.sides.error = None
    lab.runner.run(lab.connection.id)
    assert [run.outcome for run in lab.runs()] == [DONE, FAILED, FAILED, FAILED, FAILED]
    assert lab.runs()[1].error == "503"


def test_rate_limit_waits_as_long_as_google_says(lab, change_home):
    """Not even a change in the calendar home makes it earlier."""
    lab.sides.error = RateLimited("later", side="google", retry_after=300)
    lab.runner.run(lab.connection.id)
    change_home()
    lab.clock.advance(seconds=290)
    assert lab.due() == ()
    lab.clock.advance(seconds=20)
    assert lab.due() == (lab.connection.id,)


def test_connection_stopped_in_the_middle_ends_its_run_before_the_next_request(lab):
    """`Stop syncing` is at once; what was done stays recorded."""
    connection = lab.present()
    for number in range(3):
        lab.put(f"uid-{number}")

    def stop(step):
        if step.operation == "insert" and lab.present().state.may_sync:
            with lab.database.write() as work:
                work.connections.save(connection.moved_to(ConnectionState.STOPPED))

    lab.sides.before = stop
    lab.runner.run(connection.id)
    # The state is looked at once a second; a short run may get some writes through.
    assert lab.present().state is ConnectionState.STOPPED
    assert lab.runs()[0].outcome in {DONE, INTERRUPTED}
    with pytest.raises(InvalidTransition):
        lab.runner.run(connection.id)


def test_options_changed_in_the_middle_end_the_run_before_the_next_request(lab, monkeypatch):
    """What was planned under the old ones is not sent; the next run goes by the new ones."""
    monkeypatch.setattr(run_guard, "_STATE_EVERY_SECONDS", 0.0)
    for number in range(3):
        lab.put(f"uid-{number}")

    def untick(step):
        if step.operation == "write":
            lab.sides.before = None
            present = lab.present()
            hidden = replace(present.settings, outgoing_types=frozenset())
            with lab.database.write() as work:
                work.connections.save(replace(present, settings=hidden))

    lab.sides.before = untick
    assert was_interrupted(lab.runner.run(lab.connection.id).stopped_by)
    assert lab.due() == (lab.connection.id,)
    report = lab.runner.run(lab.connection.id)
    assert report.stopped_by is None
    assert {held.reason: held.count for held in report.withheld} == {"type": 3}
    assert lab.sides.google.objects() == {}


def test_interrupted_run_is_due_at_once_and_finished_by_the_next(lab):
    """A worker that ends in the middle leaves nothing half done."""
    for number in range(3):
        lab.put(f"uid-{number}")

    def interrupt(step):
        if step.operation == "insert":
            lab.runner.interrupt()

    lab.sides.before = interrupt
    report = lab.runner.run(lab.connection.id)
    assert report.stopped_by.reason == INTERRUPTED
    assert len(lab.sides.google.objects()) < 3
    assert lab.due() == (lab.connection.id,)
    lab.sides.before = None
    assert SyncConnection(lab.parts).run(lab.connection.id).stopped_by is None
    assert len(lab.sides.google.objects()) == 3


def test_change_in_the_home_makes_a_connection_due_at_once(runner, connection, due, change_home):
    """Nobody waits for the poll after an edit on our own side."""
    runner.run(connection.id)
    assert due() == ()
    change_home()
    assert due() == (connection.id,)


def test_unknown_connection_is_not_found(runner, connection):
    """It may have been removed meanwhile."""
    with pytest.raises(NotFound):
        runner.run(connection.id + 1)


def test_next_run_follows_the_poll_interval(parts, connection, due, clock):
    """The interval is the installation's setting."""
    quick = replace(parts, poll_seconds=2)
    SyncConnection(quick).run(connection.id)
    clock.at += timedelta(seconds=3)
    assert due() == (connection.id,)


@pytest.fixture
def unset(parts, database, connection):
    """Runs where no setting tells the poll interval, and a channel that was opened at a time."""

    def hear(at):
        channel = Channel(
            channel_id="crmdav-1-a",
            connection_id=connection.id,
            watch=Watch(calendar_id=connection.google_calendar_id, address="https://x/google/push"),
            resource_id="r",
            state=ChannelState.OPEN,
            created_at=at,
            expires_at=at + timedelta(days=7),
        )
        with database.write() as work:
            work.google_channels.add(channel, connection)
            work.google_channels.heard(channel.channel_id, at)

    return SimpleNamespace(runner=SyncConnection(replace(parts, poll_seconds=None)), hear=hear)


def rest_of(lab, runner):
    """Run the connection and return how many seconds it rests then; time passes."""
    runner.run(lab.connection.id)
    with lab.database.read() as work:
        until = work.connections.next_run_at(lab.connection.id)
    seconds = (until - lab.clock.now()).total_seconds()
    lab.clock.at = until
    return seconds


def test_poll_stretches_with_inactivity_only_where_google_was_heard(lab, unset):
    """To a quarter of an hour; what happens brings it back to a minute."""
    assert [rest_of(lab, unset.runner) for _ in range(4)] == [60, 60, 60, 60]
    unset.hear(lab.clock.now())
    rests = [rest_of(lab, unset.runner) for _ in range(8)]
    assert 216 <= rests[0] <= 240
    assert rests[0] * 1.7 < rests[1] < 900
    assert all(810 <= rest <= 900 for rest in rests[3:])
    lab.put("one")
    assert 54 <= rest_of(lab, unset.runner) <= 60


def test_hint_counts_as_something_that_happened(lab, unset):
    """Who works at Google now goes on there."""
    unset.hear(lab.clock.now())
    lab.clock.advance(hours=5)
    unset.runner.run(lab.connection.id)
    with lab.database.write() as work:
        work.google_push.hint(lab.connection.id)
    assert lab.due() == (lab.connection.id,)
    assert 54 <= rest_of(lab, unset.runner) <= 60


def test_changes_that_no_message_told_of_cost_the_channel(lab, unset, event_text):
    """After several runs in a row; one that was told of begins the count anew."""
    unset.hear(lab.clock.now())

    def states():
        with lab.database.read() as work:
            return [each.state for each in work.google_channels.of(lab.connection.id)]

    def run(*, hinted=False):
        number = len(lab.sides.google.objects())
        text = event_text(f"google-{number}@x", "From Google")
        lab.sides.google.put(f"event{number}", CalendarObject.parse(text))
        if hinted:
            with lab.database.write() as work:
                work.google_push.hint(lab.connection.id)
        assert unset.runner.run(lab.connection.id).done == 1

    unset.runner.run(lab.connection.id)
    for _ in range(MOST_MISSED - 1):
        run()
    run(hinted=True)
    for _ in range(MOST_MISSED - 1):
        run()
    assert states() == [ChannelState.OPEN]
    run()
    assert states() == [ChannelState.CLOSING]
