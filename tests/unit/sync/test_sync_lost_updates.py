"""Updates of what both sides had changed, and withdrawals, whose answers are lost or told late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance, Visibility
from bridge.errors import PreconditionFailed, SideUnavailable
from bridge.sync.instances import plain_instance
from bridge.sync.memory import Moment
from bridge.sync.model import Presence
from bridge.sync.requests import Partly

RULES = ("RRULE:FREQ=DAILY;COUNT=3",)
FIRST, SECOND = "20260310T090000Z", "20260311T090000Z"


def merged_by_half(world, moment=Moment.AFTER):
    """Give both copies another place, and lose the answer to the write in which Google's wins."""
    name = world.ours("ada")
    world.edit_google(name, location="Room 1", description="Notes")
    world.edit_crm("ada", location="Room 2")
    world.lose_answer("activities", "update", moment)
    return name


def daily(world):
    """Make a series of three days; return the name of its copy, and its second day as it is."""
    name = world.ours("ada", schedule=replace(world.view().schedule, recurrence=RULES))
    return name, plain_instance(world.crm("ada"), SECOND)


def listing_is_late(collection, delta):
    """Let the next listing tell something that is not so any more, once."""
    on_time = collection.changes

    def changes(token):
        collection.changes = on_time
        return delta(on_time(token), token)

    collection.changes = changes


def nothing_new(delta, token):
    """Return the delta that does not know what happened last."""
    return replace(delta, items=(), removed=(), token=token)


def test_what_a_merge_wrote_counts_for_nobodys_edit(world):
    """A person who saw it types anew: that is the only edit there is."""
    name = merged_by_half(world)
    world.edit_crm("ada", location="Room 3")
    (entry,) = world.run().entries
    assert entry.detail == ""
    assert world.event(name) == world.crm("ada")
    assert world.event(name).location == "Room 3"
    assert world.event(name).description == "Notes"
    assert world.run().entries == ()


def test_what_a_merge_did_not_write_is_written_again(world):
    """Nothing of it is in the CRM; what was done there meanwhile goes out."""
    name = merged_by_half(world, Moment.BEFORE)
    world.edit_crm("ada", done=True)
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").location == "Room 1"
    assert world.event(name).done
    assert world.run().entries == ()


def test_what_was_edited_since_a_merge_was_sent_is_carried_too(world, schedule):
    """Agreed is what the write was planned from, not what is there when the side is asked."""
    name = merged_by_half(world)
    world.edit_google(name, schedule=schedule(12))
    world.run()
    assert world.crm("ada").schedule == schedule(12)
    assert world.crm("ada") == world.event(name)
    assert world.run().entries == ()


def test_a_side_is_asked_what_became_of_a_write_that_its_listing_does_not_tell(world):
    """Otherwise the next write would be refused, having another version in mind."""
    name = merged_by_half(world)
    listing_is_late(world.activities, nothing_new)
    world.edit_google(name, location="Room 3")
    (entry,) = world.run().entries
    assert entry.state == "done"
    assert world.crm("ada").location == "Room 3"


def test_a_cancelled_instance_tells_as_little_as_a_mark(world):
    """Rivals cancel the same instance; another one has another title than the one we sent."""
    name = world.ours("ada", schedule=replace(world.view().schedule, recurrence=RULES))

    def instances(title):
        renamed = replace(plain_instance(world.crm("ada"), SECOND), title=title)
        return Instance(key=FIRST, view=None), Instance(key=SECOND, view=renamed)

    world.edit_google(name, instances=instances("From Google"))
    world.lose_answer("activities", "update", Moment.BEFORE)
    world.edit_crm("ada", instances=instances("From the CRM"))
    report = world.run()
    assert any("From" in entry.detail for entry in report.entries)
    assert world.crm("ada") == world.event(name)


def test_a_place_that_only_the_series_gets_tells_nothing_of_an_instance(world, schedule):
    """The instance goes on without one, whether or not it was written; a person gave it a title."""
    name, plain = daily(world)
    moved = replace(plain, schedule=schedule(11, 15))
    world.edit_crm("ada", location="Room 1", instances=(Instance(key=SECOND, view=moved),))
    world.lose_answer("google", "update", Moment.BEFORE)
    theirs = replace(plain, title="Theirs")
    world.edit_google(name, instances=(Instance(key=SECOND, view=theirs),))
    world.run()
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").by_key()[SECOND] == replace(moved, title="Theirs")
    assert world.run().entries == ()


def test_an_exception_of_before_is_none_that_a_cut_insert_wrote(world, schedule):
    """A series made again has the exceptions it had; what was sent of that instance is due yet."""
    name, plain = daily(world)
    moved = replace(plain, schedule=schedule(11, 15))
    world.google.remove(name)
    world.edit_crm("ada", instances=(Instance(key=SECOND, view=moved),))
    world.lose_answer("google", "insert")
    before = replace(plain, title="Of before")
    world.edit_google(name, instances=(Instance(key=SECOND, view=before),))
    world.run()
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").by_key()[SECOND] == replace(moved, title="Of before")
    assert world.run().entries == ()


def test_a_title_of_before_tells_nothing_of_an_instance_made_again(world, schedule):
    """The time typed here was not written, or somebody saw it; it is told that it was not kept."""
    name, plain = daily(world)
    world.google.remove(name)
    moved = replace(plain, schedule=schedule(11, 15))
    world.edit_crm("ada", title="Renamed", instances=(Instance(key=SECOND, view=moved),))
    world.lose_answer("google", "insert")
    before = replace(plain, schedule=schedule(11, 17))
    world.edit_google(name, instances=(Instance(key=SECOND, view=before),))
    (entry,) = world.run().entries
    assert f"start={schedule(11, 15).span.start!r}" in entry.detail
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").by_key()[SECOND] == before
    assert world.run().entries == ()


def test_a_series_moved_before_its_dates_were_refused_has_them_again(world, schedule):
    """Somebody changed it between its parts: the move is ours, that the date is gone is not."""
    name, plain = daily(world)
    renamed = replace(plain, title="Renamed")
    world.edit_google(name, instances=(Instance(key=SECOND, view=renamed),))
    world.run()
    later = replace(schedule(10, 15), recurrence=RULES)
    third = "20260311T150000Z"
    moved = replace(plain_instance(world.view(schedule=later), third), title="Renamed")
    world.edit_crm("ada", schedule=later, instances=(Instance(key=third, view=moved),))
    on_time = world.google.write

    def refuse_dates(requests):
        world.google.write = on_time
        world.edit_google(name, schedule=later, instances=(), description="Theirs")
        return [Partly(error=PreconditionFailed("changed", side="google"))]

    world.google.write = refuse_dates
    world.run()
    world.run()
    assert world.event(name).by_key()[third].title == "Renamed"
    assert world.event(name) == world.crm("ada")
    assert world.event(name).description == "Theirs"
    assert world.run().entries == ()


def test_an_insert_that_says_more_is_another_one(world):
    """Whoever deleted what the first one made had not seen the room, so both copies stay."""
    uid = world.at_google("event")
    world.lose_answer("activities", "insert")
    world.edit_google("event", location="Room 1")
    # Deleted after the listing and before it is asked for: it looks as if it never had been there.
    listing_is_late(world.activities, nothing_new)
    world.at_step("activities", "get", Moment.BEFORE, lambda: world.delete_crm(uid))
    world.activities.write = _unavailable(world.activities)
    world.run()
    world.run()
    assert world.event("event").location == "Room 1"
    assert world.crm(uid) == world.event("event")
    assert world.run().entries == ()


def _unavailable(collection):
    """Return what refuses all writes, once."""
    on_time = collection.write

    def write(requests):
        collection.write = on_time
        raise SideUnavailable("no answer", side="calendar", reason="network")

    return write


@pytest.mark.parametrize("listed", ["as it was", "not at all"])
def test_a_late_listing_does_not_make_our_withdrawal_a_persons_deletion(world, listed):
    """The option is back before anybody knows that the copy is gone; the activity stays."""
    name = world.ours("ada", visibility=Visibility.PRIVATE)
    (there,) = world.google.changes(None).items
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.lose_answer("google", "delete")
    assert world.event(name) is None
    world.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE)
    told = (there,) if listed == "as it was" else ()
    listing_is_late(
        world.google, lambda delta, token: replace(nothing_new(delta, token), items=told)
    )
    world.run()
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").title == "Call Ada"
    assert world.run().entries == ()


def test_a_late_listing_of_a_withdrawn_copy_is_doubted(world):
    """It tells of our insert; since then we took the copy back, and that is no deletion."""
    name = world.ours("ada", visibility=Visibility.PRIVATE)
    (there,) = world.google.changes(None).items
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.run()
    assert world.event(name) is None
    world.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE)
    ours = replace(there, stamp=world.link("ada").uid)
    listing_is_late(
        world.google, lambda delta, token: replace(nothing_new(delta, token), items=(ours,))
    )
    world.run()
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").title == "Call Ada"
    assert world.run().entries == ()


def test_a_copy_had_back_from_the_bin_is_believed_once_google_says_so(world):
    """It is asked for, as a listing could be late; then it is a person who wants it there."""
    name = world.ours("ada", visibility=Visibility.PRIVATE)
    item = world.google.objects()[name]
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.run()
    world.google.put(name, item)
    world.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE)
    world.run()
    assert world.link("ada").google.presence is Presence.PRESENT
    assert world.crm("ada") == world.event(name)
    assert world.run().entries == ()
