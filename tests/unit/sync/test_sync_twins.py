"""One UID in two calendar collections for good: one of them counts, and nothing comes twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.domain.identifiers import Uid
from bridge.errors import SideUnavailable
from bridge.sync.actions import Skip
from bridge.sync.memory import Moment
from bridge.sync.model import Presence
from bridge.sync.twins import MOVE_TAKES


def copied(world, uid="u1"):
    """Let a client copy an activity to the tasks by PUT; return its name there."""
    world.tasks.put("copy.ics", world.activities.objects()[f"{uid}.ics"])
    return "copy.ics"


def in_two(world, uid="u1"):
    """Make an activity that is in two calendars for longer than any move takes."""
    name = world.ours(uid)
    copied(world, uid)
    assert world.run().entries == ()
    world.clock.advance(MOVE_TAKES)
    return name


def title_of(world, collection, name):
    """Return the title of one of the two."""
    return world.lens.calendar_view(collection.objects()[name]).title


def edit(world, collection, name, **fields):
    """Let a person change one of the two."""
    world._edit(collection, name, fields)


def settled(world):
    """Whether nothing is left to do."""
    return world.run().entries == () and world.run().entries == ()


def test_what_is_in_two_calendars_for_good_is_synced_by_the_first(world):
    """Edits of the linked one go out, Google's come in, and the other one stays as it is."""
    name = in_two(world)
    edit(world, world.activities, "u1.ics", location="Room 1")
    world.edit_google(name, title="Edited there")
    world.run()
    assert world.event(name).location == "Room 1"
    assert title_of(world, world.activities, "u1.ics") == "Edited there"
    assert title_of(world, world.tasks, "copy.ics") == "Call Ada"
    assert settled(world)
    assert len(world.google.objects()) == 1


def test_plan_tells_of_it_every_time(world):
    """First as of a move, then as of something that a person has to clear up."""
    in_two(world)
    world.clock.advance(timedelta(seconds=-1))
    assert Skip(uid=Uid("u1"), reason="moving") in world.plan().actions
    world.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        world.run()
        assert world.plan().actions == (Skip(uid=Uid("u1"), reason="in-two-calendars"),)


def test_run_that_meets_the_twin_after_it_began_waits_as_well(world):
    """Clocks go on while the calendars are read."""
    name = world.ours("u1")
    copied(world)
    world.edit_google(name, title="Edited there")

    def interfere(step):
        if (step.operation, step.moment) == ("changes", Moment.BEFORE):
            world.clock.advance(timedelta(seconds=1))

    world.steps.interfere = interfere
    assert world.run().entries == ()


def test_new_activity_in_two_calendars_comes_to_google_once(world):
    """Neither of them was ever synced before."""
    world.in_crm("u1")
    copied(world)
    assert world.run().entries == ()
    world.clock.advance(MOVE_TAKES)
    world.run()
    assert list(world.google.objects()) == [world.own("u1")]
    assert settled(world)


def test_edit_of_the_one_that_does_not_count_goes_nowhere(world):
    """It is told of, and looked at when the other one goes."""
    name = in_two(world)
    edit(world, world.tasks, "copy.ics", title="Only here")
    assert world.run().entries == ()
    assert world.event(name).title == "Call Ada"


def test_deleting_the_one_that_does_not_count_ends_it(world):
    """Nothing is written, and nobody is told of two calendars any more."""
    name = in_two(world)
    world.tasks.remove("copy.ics")
    assert world.run().entries == ()
    assert world.plan().actions == ()
    world.edit_google(name, title="Edited there")
    world.run()
    assert world.crm("u1").title == "Edited there"


def test_deleting_the_first_is_a_move_to_the_second(world):
    """The event stays, and the second is synced from then on."""
    name = in_two(world)
    world.activities.remove("u1.ics")
    assert world.run().entries == ()
    assert (world.link("u1").calendar.collection, world.link("u1").twins) == ("tasks", ())
    world.edit_google(name, title="Edited after")
    world.run()
    assert world.crm("u1").title == "Edited after"
    assert settled(world)


def test_what_a_person_changed_in_the_second_goes_out_once_it_counts(world):
    """It is an edit like any other, made before the move ended."""
    name = in_two(world)
    edit(world, world.tasks, "copy.ics", title="Edited there")
    world.run()
    world.activities.remove("u1.ics")
    world.run()
    assert world.event(name).title == "Edited there"
    assert settled(world)


@pytest.mark.parametrize("by_google", [True, False])
def test_late_end_of_a_move_takes_nothing_back(world, by_google):
    """The second never had what was changed at Google, or in the first, since it was made."""
    name = in_two(world)
    if by_google:
        world.edit_google(name, title="Edited since")
    else:
        edit(world, world.activities, "u1.ics", title="Edited since")
    world.run()
    world.activities.remove("u1.ics")
    world.run()
    assert world.event(name).title == "Edited since"
    assert title_of(world, world.tasks, "copy.ics") == "Edited since"
    assert settled(world)


def test_late_end_of_a_move_merges_field_by_field(world):
    """What was changed in the second stays, besides what the first was changed to."""
    name = in_two(world)
    world.edit_google(name, location="Room 1")
    edit(world, world.tasks, "copy.ics", title="Edited here")
    world.run()
    world.activities.remove("u1.ics")
    world.run()
    both = (world.event(name), world.crm("u1"))
    assert [(view.title, view.location) for view in both] == [("Edited here", "Room 1")] * 2
    assert settled(world)


def test_deletion_at_google_takes_both(world):
    """One item was deleted, and it does not come back by its twin."""
    name = in_two(world)
    world.edit_google(name, location="Room 1")
    world.run()
    world.google.remove(name)
    for _ in range(3):
        world.run()
    assert (world.activities.objects(), world.tasks.objects()) == ({}, {})
    assert world.google.objects() == {}
    assert world.store.held_links == {}


def test_edited_twin_beats_the_deletion_at_google(world):
    """An edit beats a delete, wherever it was made."""
    name = in_two(world)
    edit(world, world.tasks, "copy.ics", title="Still wanted")
    world.run()
    world.google.remove(name)
    for _ in range(3):
        world.run()
    assert [world.lens.google_view(item).title for item in world.google.objects().values()] == [
        "Still wanted"
    ]
    assert world.activities.objects() == {}
    assert settled(world)


def test_both_deleted_at_once_is_a_deletion(world):
    """The twin is not waited for."""
    name = in_two(world)
    world.activities.remove("u1.ics")
    world.tasks.remove("copy.ics")
    world.run()
    assert world.event(name) is None
    assert settled(world)


def test_first_deleted_and_then_the_second_is_a_deletion(world):
    """Also when the second goes just before it is asked for."""
    name = in_two(world)
    world.activities.remove("u1.ics")

    def interfere(step):
        if (step.place, step.operation, step.moment) == ("tasks", "get", Moment.BEFORE):
            world.steps.interfere = None
            world.tasks.remove("copy.ics")

    world.steps.interfere = interfere
    world.run()
    world.run()
    assert world.event(name) is None
    assert settled(world)


def test_run_that_dies_before_the_twin_was_asked_for_is_taken_up(world):
    """No answer is no removal."""
    name = in_two(world)
    world.activities.remove("u1.ics")

    def interfere(step):
        if (step.place, step.operation, step.moment) == ("tasks", "get", Moment.BEFORE):
            raise SideUnavailable("503", side="calendar")

    world.steps.interfere = interfere
    assert world.run().unknown == 1
    world.steps.interfere = None
    assert world.run().entries == ()
    assert world.event(name) is not None
    assert world.link("u1").calendar.presence is Presence.PRESENT


def test_full_listing_that_lacks_the_twin_has_it_asked_for(world):
    """A late listing is not believed, and a twin that is gone is forgotten."""
    in_two(world)
    world.tasks.lag = 1
    world.tasks.expire_tokens()
    assert world.run().entries == ()
    assert [twin.name for twin in world.link("u1").twins] == ["copy.ics"]
    world.tasks.lag = 0
    world.tasks._live.clear()
    world.tasks._history.clear()
    world.tasks.expire_tokens()
    assert world.run().entries == ()
    assert world.link("u1").twins == ()


def test_twin_whose_name_holds_another_item_is_none_any_more(world):
    """The other item is synced as its own."""
    in_two(world)
    world.in_crm("u2", title="Another")
    item = world.activities.objects()["u2.ics"]
    world.activities.remove("u2.ics")
    world.tasks.put("copy.ics", item)
    world.run()
    assert world.link("u1").twins == ()
    assert world.event(world.own("u2")).title == "Another"
    assert settled(world)


def test_comparison_in_full_finds_no_difference(world):
    """The twin is known; one that changed unnoticed is mended."""
    in_two(world)
    assert world.run(compared=True).proof.differences == 0
    world.clock.advance(timedelta(days=1))
    assert world.run(compared=True).proof.differences == 0
    edit(world, world.tasks, "copy.ics", title="Unnoticed")
    world.tasks._history[:-1] = [world.tasks._history[-1]] * (len(world.tasks._history) - 1)
    world.run(compared=True)
    assert world.link("u1").twins[0].seen == world.tasks._live["copy.ics"].etag


def test_twin_of_a_colliding_name_is_no_second_event(world):
    """Losing the links makes one event of the two, by stamp and UID."""
    name = in_two(world)
    world.store.held_links.clear()
    world.store._tokens.clear()
    world.run()
    world.clock.advance(MOVE_TAKES)
    world.run()
    assert list(world.google.objects()) == [name]
    assert settled(world)


def test_what_a_lost_write_was_to_say_is_nothing_that_the_twin_lacks(world):
    """The twin is a copy from before it: what Google says since is carried to it."""
    name = world.ours("u1")
    world.edit_google(name, location="Room 1")
    world.lose_answer("activities", "update", Moment.BEFORE)
    copied(world)
    world.lose_answer("activities", "get", Moment.BEFORE)
    edit(world, world.activities, "u1.ics", done=True)
    world.run()
    world.activities.remove("u1.ics")
    world.clock.advance(MOVE_TAKES)
    world.run()
    assert world.event(name).location == world.crm("u1").location == "Room 1"
    assert settled(world)


def test_what_a_lost_merge_said_is_agreed_with_the_twin_that_says_it(world):
    """The twin is a copy from after it: what both sides agreed on is no edit of anybody."""
    name = world.ours("u1")
    world.edit_google(name, location="Room 1", description="Notes")
    world.edit_crm("u1", location="Room 2")
    world.lose_answer("activities", "update")
    copied(world)
    on_time = world.activities.changes
    world.activities.changes = lambda token: replace(on_time(token), items=(), token=token)
    world.lose_answer("activities", "get", Moment.BEFORE)
    world.activities.changes = on_time
    edit(world, world.activities, "u1.ics", done=True)
    world.run()
    world.activities.remove("u1.ics")
    world.edit_google(name, location="Room 3")
    world.clock.advance(MOVE_TAKES)
    report = world.run()
    assert [entry.detail for entry in report.entries if entry.detail] == []
    assert world.event(name).location == world.crm("u1").location == "Room 3"
    assert settled(world)


def test_twin_that_went_with_the_linked_one_is_no_heir(world):
    """Copied, changed, and moved for good: the second copy has what came in since the first."""
    name = world.ours("u1")
    copied(world)
    world.run()
    world.clock.advance(MOVE_TAKES)
    world.edit_google(name, location="Room 1")
    world.run()
    world.tasks.remove("copy.ics")
    world.tasks.put("again.ics", world.activities.objects()["u1.ics"])
    world.activities.remove("u1.ics")
    edit(world, world.tasks, "again.ics", location="Room 2")
    (entry,) = world.run().entries
    assert entry.detail == ""
    assert world.event(name).location == world.crm("u1").location == "Room 2"
    assert settled(world)
