"""Taking back runs and single writes, over both databases."""

from functools import partial
from types import SimpleNamespace

import pytest

from bridge.application.history import History
from bridge.application.lease import leased_store
from bridge.application.undo import Undo
from bridge.errors import InvalidInput, LeaseHeld, NotFound
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
