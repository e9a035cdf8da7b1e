"""Taking back runs and single writes, over both databases."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from bridge.application.history import History
from bridge.application.lease import leased_store
from bridge.application.run_outcome import FAILED
from bridge.application.undo import Undo
from bridge.domain.connection import ConnectionState, Farewell
from bridge.errors import InvalidInput, InvalidTransition, LeaseHeld, NotConnected, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.history import DONE, JournalFilter
from bridge.sync.model import Side
from bridge.sync.undo_net import Effect


@pytest.fixture
def lab(request, database, runner, connection):
    """Everything a story needs, and the use case under test."""
    sides, clock, event_text = map(request.getfixturevalue, ("sides", "clock", "event_text"))

    def put(uid, title="A title"):
        sides.activities.put(f"{uid}.ics", CalendarObject.parse(event_text(uid, title)))

    def sync():
        clock.advance(seconds=1)
        return runner.run(connection.id)

    def carry_out(target, **more):
        clock.advance(seconds=1)
        return undo.carry_out(connection, target, **more)

    undo = Undo(database, sync=runner, patience_seconds=0.3)
    return SimpleNamespace(
        sides=sides,
        put=put,
        text=event_text,
        sync=sync,
        plan=partial(undo.plan, connection),
        carry_out=carry_out,
        history=History(database),
        database=database,
        connection=connection,
        clock=clock,
    )


def edit(collection, old, new):
    """Change a text in every item of a collection."""
    for name, item in collection.objects().items():
        if old in item.text:
            collection.put(name, CalendarObject.parse(item.text.replace(old, new)))


def titles(sides):
    """Return the titles on both sides."""
    return [
        sorted(
            line.removeprefix("SUMMARY:")
            for item in collection.objects().values()
            for line in item.text.splitlines()
            if line.startswith("SUMMARY:")
        )
        for collection in (sides.activities, sides.google)
    ]


def test_run_is_looked_at_and_then_taken_back(lab):
    """The plan changes nothing; the undo is a run of its own in the history."""
    lab.put("one")
    lab.sync()
    edit(lab.sides.google, "A title", "Oops")
    report = lab.sync()
    plan = lab.plan(report.run_id)
    (line,) = plan.lines
    assert (plan.items, line.done, line.side, line.effect) == (
        1,
        True,
        Side.CALENDAR,
        Effect.CHANGED,
    )
    assert line.sentence == "Restore “Oops” in the CRM: title to A title."
    assert titles(lab.sides) == [["Oops"], ["Oops"]]
    done = lab.carry_out(report.run_id)
    assert (done.done, done.stopped_by) == (2, None)
    assert titles(lab.sides) == [["A title"], ["A title"]]
    (newest, _, _) = lab.history.runs(lab.connection, limit=9).rows
    assert (newest.id, newest.undone, newest.outcome) == (done.run_id, report.run_id, DONE)
    assert lab.sync().entries == ()


def test_single_write_is_taken_back_by_its_id(lab):
    """The other writes of its run stay."""
    for name in ("one", "two"):
        lab.put(name, f"Title {name}")
    lab.sync()
    for name in ("one", "two"):
        lab.sides.activities.remove(f"{name}.ics")
    lab.sync()
    deletions = lab.history.items(lab.connection, JournalFilter(actions=("delete",)), limit=9)
    (row,) = [row for row in deletions.rows if row.uid == "one"]
    lab.carry_out(row.id)
    assert titles(lab.sides) == [["Title one"], ["Title one"]]


def test_losing_value_is_restored_by_the_name_of_its_field(lab):
    """As the history names it; a field that was not changed is refused."""
    lab.put("one")
    lab.sync()
    edit(lab.sides.google, "A title", "Theirs")
    edit(lab.sides.activities, "A title", "Ours")
    lab.sync()
    (write, _) = lab.history.items(lab.connection, JournalFilter(), limit=9).rows
    (change,) = write.changes
    assert change.lost
    with pytest.raises(InvalidInput):
        lab.plan(write.id, fields=("location",))
    lab.carry_out(write.id, fields=(change.field,))
    assert titles(lab.sides) == [["Theirs"], ["Theirs"]]


def test_what_changed_since_is_said(lab):
    """And nothing is done about it."""
    lab.put("one")
    lab.sync()
    edit(lab.sides.google, "A title", "Oops")
    report = lab.sync()
    edit(lab.sides.activities, "Oops", "Better")
    plan = lab.plan(report.run_id)
    assert plan.items == 0
    assert plan.lines[0].sentence == (
        "Leave “Oops” in the CRM as it is: title is kept, because it was changed since."
    )


def test_unknown_target_and_a_lease_of_somebody_else_are_refused(lab):
    """Nothing is taken back beside a run of the worker."""
    lab.put("one")
    report = lab.sync()
    with pytest.raises(NotFound):
        lab.plan("nothing")
    with (
        leased_store(lab.database, lab.connection, owner="worker elsewhere", clock=lab.clock),
        pytest.raises(LeaseHeld),
    ):
        lab.carry_out(report.run_id)


def test_news_that_an_undo_read_are_synced_by_the_next_run_at_once(lab):
    """The undo itself leaves them alone."""
    lab.put("one")
    lab.sync()
    edit(lab.sides.google, "A title", "Oops")
    report = lab.sync()
    lab.put("two", "Another")
    lab.carry_out(report.run_id)
    assert titles(lab.sides) == [["A title", "Another"], ["A title"]]
    with lab.database.read() as work:
        assert work.connections.due(lab.clock.now(), 5) == (lab.connection.id,)
    lab.sync()
    assert titles(lab.sides) == [["A title", "Another"]] * 2


def test_undo_waits_for_a_run_of_the_worker_to_end(lab):
    """Which takes a moment, mostly."""
    lab.put("one")
    report = lab.sync()
    with lab.database.write() as work:
        work.leases.acquire(lab.connection.id, "worker", now=lab.clock.now(), seconds=5)

    def end(_seconds):
        lab.clock.advance(seconds=6)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridge.application.undo.time.sleep", end)
        assert lab.carry_out(report.run_id).done == 1


@pytest.fixture
def in_state(lab):
    """Return a function that brings the connection into a state, and returns it as stored."""

    def bring(state):
        with lab.database.write() as work:
            present = work.connections.get(lab.connection.id)
            work.connections.save(present.moved_to(state))
            return work.connections.get(lab.connection.id)

    return bring


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ConnectionState.STOPPED, "stopped"),
        (ConnectionState.NEEDS_ATTENTION, "waiting for your attention"),
        (ConnectionState.PAUSED, "paused"),
    ],
)
def test_without_a_sync_the_crm_is_restored_and_google_follows_with_the_next_one(
    lab, in_state, state, word
):
    """Be it that a person ended it, or that Google's grant is dead; nothing is there twice."""
    lab.put("one")
    lab.put("two", "Another")
    lab.sync()
    edit(lab.sides.google, "A title", "Oops")
    edit(lab.sides.activities, "Another", "Carried")
    report = lab.sync()
    before = in_state(state)
    lab.sides.error = NotConnected("revoked")
    plan = lab.plan(report.run_id)
    assert (plan.items, plan.alone) == (1, True)
    assert plan.notice.startswith(f"The connection is {word}, so that only the CRM is changed now.")
    assert {line.sentence for line in plan.lines} == {
        "Restore “Oops” in the CRM: title to A title.",
        "Leave “Carried” at Google as it is: title is kept, because nothing is written at Google "
        "while the connection does not sync.",
    }
    done = lab.carry_out(report.run_id)
    assert (done.done, done.stopped_by) == (1, None)
    assert titles(lab.sides) == [["A title", "Carried"], ["Carried", "Oops"]]
    (newest, *_) = lab.history.runs(lab.connection, limit=9).rows
    assert (newest.outcome, newest.undone) == (DONE, report.run_id)
    with lab.database.read() as work:
        assert work.connections.get(lab.connection.id) == before
        assert work.connections.due(lab.clock.now(), 5) == ()
    lab.sides.error = None
    in_state(ConnectionState.ACTIVE)
    lab.sync()
    assert titles(lab.sides) == [["A title", "Carried"]] * 2
    assert lab.sync().entries == ()


def test_a_grant_that_nobody_knew_to_be_dead_does_not_stand_in_the_way(lab):
    """The plan says what is left to do, and the undo notes what is wrong."""
    lab.put("one")
    lab.sync()
    edit(lab.sides.google, "A title", "Oops")
    report = lab.sync()
    lab.sides.error = NotConnected("revoked")
    plan = lab.plan(report.run_id)
    assert plan.notice.startswith("The connection is waiting for your attention, so that only")
    assert lab.carry_out(report.run_id).done == 1
    assert titles(lab.sides) == [["A title"], ["Oops"]]
    with lab.database.read() as work:
        broken = work.connections.get(lab.connection.id)
    assert broken.state is ConnectionState.NEEDS_ATTENTION
    assert "Reconnect" in broken.attention
    # Both began at the same moment of a clock that stands still.
    tried = lab.history.runs(lab.connection, limit=9).rows[:2]
    assert {run.undone for run in tried} == {report.run_id}
    assert {(run.outcome, run.error) for run in tried} == {(DONE, ""), (FAILED, "revoked")}


def test_what_a_connection_has_to_take_away_yet_stays_its_task(lab, in_state):
    """An undo meanwhile is no farewell."""
    lab.sides.google.put("theirs", CalendarObject.parse(lab.text("theirs@google.com")))
    report = lab.sync()
    in_state(ConnectionState.STOPPED)
    with lab.database.write() as work:
        stopped = work.connections.get(lab.connection.id)
        work.connections.save(replace(stopped, farewell=Farewell.COPIES))
    assert lab.carry_out(report.run_id).done == 1
    with lab.database.read() as work:
        assert work.connections.get(lab.connection.id).farewell is Farewell.COPIES


def test_an_undo_that_meets_the_start_of_the_sync_ends_and_nothing_is_lost(lab, in_state):
    """What it has restored by then goes on with the sync."""
    lab.put("one")
    lab.sync()
    edit(lab.sides.google, "A title", "Oops")
    report = lab.sync()
    in_state(ConnectionState.STOPPED)
    plan = lab.plan(report.run_id)
    in_state(ConnectionState.ACTIVE)
    assert plan.alone
    assert lab.carry_out(report.run_id).done == 2
    assert titles(lab.sides) == [["A title"]] * 2


def test_a_connection_that_never_synced_has_nothing_to_take_back(lab):
    """It says what to do instead."""
    lab.put("one")
    report = lab.sync()
    with lab.database.write() as work:
        fresh = work.connections.get(lab.connection.id).moved_to(ConnectionState.STOPPED)
        work.connections.save(replace(fresh, settings=None))
    with pytest.raises(InvalidTransition) as caught:
        lab.plan(report.run_id)
    assert "Start syncing" in caught.value.hint
