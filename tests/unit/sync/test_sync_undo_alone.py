"""Undo while Google is not reached: what is in the calendar comes back, the rest says why not."""

from __future__ import annotations

import pytest

from bridge.domain.sync_settings import SyncType
from bridge.domain.view import MergeField
from bridge.sync.hold import HoldKind
from bridge.sync.model import UNDONE, Side
from bridge.sync.undo import CHANGED_SINCE, UNREACHED


def kept(undoing):
    """Return what is kept, by field."""
    return {each.field: each.reason for step in undoing.steps for each in step.kept}


def settled(world):
    """Run twice and make sure that nothing is left to do."""
    for _ in range(2):
        report = world.run()
        assert (report.entries, report.stopped_by) == ((), None)


@pytest.fixture
def untouched(world):
    """Return a function that undoes alone, and makes sure that Google was not asked anything."""

    def undo(*entries):
        before = world.google.objects()
        steps = []
        world.steps.interfere = steps.append
        report = world.undo(*entries, alone=True)
        world.steps.interfere = None
        assert report.stopped_by is None
        assert world.google.objects() == before
        assert world.google.id not in {step.place for step in steps}
        return report

    return undo


def test_change_from_google_is_restored_here_and_follows_there_later(world, untouched):
    """The next run takes it for what a person typed, once."""
    name = world.ours("u1", title="Call Ada", location="Room 1")
    world.edit_google(name, title="Oops", location="Nowhere")
    (entry,) = untouched(*world.run().entries).entries
    assert (entry.side, entry.reason) == (Side.CALENDAR, UNDONE)
    assert (world.crm("u1").title, world.event(name).title) == ("Call Ada", "Oops")
    (entry,) = world.run().entries
    assert entry.side is Side.GOOGLE
    assert (world.event(name).title, world.event(name).location) == ("Call Ada", "Room 1")
    settled(world)


def test_what_google_was_given_meanwhile_is_merged_with_what_was_restored(world, untouched):
    """Field by field, as with any edit: nothing is lost."""
    name = world.ours("u1", title="Call Ada", location="Room 1")
    world.edit_google(name, title="Oops", location="Nowhere")
    entries = world.run().entries
    world.edit_google(name, description="Newer")
    untouched(*entries)
    world.run()
    for view in (world.crm("u1"), world.event(name)):
        assert (view.title, view.location, view.description) == ("Call Ada", "Room 1", "Newer")
    settled(world)


def test_what_changed_in_the_calendar_since_is_kept(world):
    """The calendar is read before anything is planned."""
    name = world.ours("u1", title="Call Ada")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    world.edit_crm("u1", title="Better")
    assert kept(world.undoing(*entries, alone=True)) == {MergeField.TITLE: CHANGED_SINCE}


def test_change_written_at_google_stays_and_says_why(world, untouched):
    """It can be taken back later."""
    name = world.ours("u1", title="Call Ada")
    world.edit_crm("u1", title="Oops")
    entries = world.run().entries
    assert kept(world.undoing(*entries, alone=True)) == {MergeField.TITLE: UNREACHED}
    assert untouched(*entries).entries == ()
    world.undo(*entries)
    assert (world.crm("u1").title, world.event(name).title) == ("Call Ada", "Call Ada")


def test_copy_made_at_google_stays_and_says_why(world, untouched):
    """As a whole."""
    world.in_crm("u1")
    entries = world.run().entries
    assert kept(world.undoing(*entries, alone=True)) == {None: UNREACHED}
    assert untouched(*entries).entries == ()


def test_time_of_an_event_with_guests_is_restored_here_and_waits_later(world, untouched, schedule):
    """What guests learn of is asked once the connection syncs."""
    name = world.ours("u1")
    world.edit_crm("u1", schedule=schedule(12))
    entries = world.run().entries
    world.mark_google(name, "ATTENDEE:mailto:guest@example.com")
    world.run()
    untouched(*entries)
    assert world.crm("u1").schedule == schedule(10)
    world.run()
    assert world.link("u1").held.kind is HoldKind.CHANGE
    assert world.event(name).schedule == schedule(12)


@pytest.mark.parametrize("where", list(Side))
def test_deletion_comes_back_here_and_goes_to_google_later_once(world, untouched, where):
    """Wherever somebody deleted it."""
    name = world.ours("u1", title="Call Ada")
    if where is Side.CALENDAR:
        world.activities.remove("u1.ics")
    else:
        world.google.remove(name)
    (entry,) = untouched(*world.run().entries).entries
    assert (entry.side, entry.action) == (Side.CALENDAR, "create")
    assert len(world.activities.objects()) == 1
    assert world.google.objects() == {}
    world.run()
    assert len(world.activities.objects()) == len(world.google.objects()) == 1
    settled(world)


def test_activity_made_from_google_is_taken_back_and_not_made_again(world, untouched):
    """Before the event changes; it stays at Google."""
    world.at_google("event")
    untouched(*world.run().entries)
    assert world.activities.objects() == {}
    settled(world)
    assert world.google.objects().keys() == {"event"}
    world.edit_google("event", title="Newer")
    world.run()
    assert len(world.activities.objects()) == 1


def test_undo_alone_is_taken_back_alone(world, untouched):
    """It is a run like any other."""
    name = world.ours("u1", title="Call Ada")
    world.edit_google(name, title="Right after all")
    untouched(*untouched(*world.run().entries).entries)
    assert world.crm("u1").title == "Right after all"
    world.run()
    assert world.event(name).title == "Right after all"
    settled(world)


def test_target_of_a_one_way_sync_is_restored_until_the_source_changes(world, untouched):
    """Nothing of it waits for Google."""
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    world.at_google("event", title="Call Ada")
    world.run()
    world.edit_google("event", title="Oops")
    untouched(*world.run().entries)
    ((_, item),) = world.activities.objects().items()
    assert "SUMMARY:Call Ada" in item.text
    settled(world)
    assert world.event("event").title == "Oops"
