"""Reading both sides: echoes, moves, full listings, unknown and unreadable items."""

from __future__ import annotations

import pytest

from bridge.domain.identifiers import Uid
from bridge.errors import SideUnavailable
from bridge.sync.actions import Ask, Skip
from bridge.sync.memory import Moment
from bridge.sync.model import Presence, Side
from bridge.sync.plan import plan
from bridge.sync.policy import Policy


def fail_at(place, operation, error, moment=Moment.BEFORE):
    """Return an interference that raises at every such step."""

    def interfere(step):
        if (step.place, step.operation, step.moment) == (place, operation, moment):
            raise error

    return interfere


def forget_history(collection, name):
    """Make a side lose an item without a tombstone, as after a purge."""
    collection.remove(name)
    collection._history = [event for event in collection._history if event.name != name]
    collection.expire_tokens()


def test_the_echo_of_our_own_write_writes_nothing(world):
    """What a run wrote comes back in the next one and ends there."""
    world.in_crm("u1")
    world.at_google("event", title="Theirs")
    assert world.run().done == 2
    assert world.run().entries == ()


def test_an_idle_run_commits_nothing(world):
    """Nothing new, nothing stored."""
    world.ours("u1")
    world.run()
    before = world.store.commits
    world.run()
    assert world.store.commits == before


def test_a_new_version_with_an_equal_view_is_recorded_as_agreed(world):
    """A reminder or a colour is that side's own business."""
    name = world.ours("u1")
    world.mark_google(name, "X-COLOUR:7")
    world.mark_crm("u1", "X-REMINDER:10")
    assert world.run().entries == ()
    link = world.link("u1")
    assert link.google.settled
    assert link.calendar.settled
    assert "X-COLOUR:7" in link.google.object.text


def test_properties_only_one_side_knows_survive_an_edit_of_the_other(world):
    """The written object is the one that is there, with the changed fields."""
    name = world.ours("u1", "X-ONLY-CRM:1")
    world.mark_google(name, "X-ONLY-GOOGLE:1")
    world.edit_google(name, title="Edited")
    world.run()
    collection, place = world.place("u1")
    assert "X-ONLY-CRM:1" in collection.objects()[place].text
    assert "X-ONLY-GOOGLE" not in collection.objects()[place].text


def test_tokens_are_stored_with_what_they_brought(world):
    """A run that dies before the commit of its reading reads the same again."""
    world.in_crm("u1")
    world.steps.interfere = fail_at("store", "commit", SideUnavailable("cut", side="calendar"))
    world.run()
    world.steps.interfere = None
    assert world.store.tokens() == {}
    assert world.store.held_links == {}
    world.run()
    assert world.event(world.own("u1")) is not None


def test_an_item_that_moves_between_calendar_collections_stays_the_same_item(world):
    """A delete here and an add there is a move, not a delete."""
    name = world.ours("u1")
    item = world.activities.objects()["u1.ics"]
    world.tasks.put("elsewhere.ics", item)
    world.activities.remove("u1.ics")
    assert world.run().entries == ()
    assert world.link("u1").calendar.collection == "tasks"
    assert world.event(name) is not None
    world.edit_google(name, title="Edited after")
    world.run()
    assert world.crm("u1").title == "Edited after"


def test_a_move_that_happens_between_two_listings_is_a_move(world):
    """The other collections are read again after a delta with removals."""
    name = world.ours("u1")
    item = world.activities.objects()["u1.ics"]

    def interfere(step):
        if (step.place, step.operation, step.moment) == ("tasks", "changes", Moment.BEFORE):
            world.steps.interfere = None
            world.tasks.put("elsewhere.ics", item)
            world.activities.remove("u1.ics")

    world.steps.interfere = interfere
    assert world.run().entries == ()
    assert world.run().entries == ()
    assert world.event(name) is not None
    assert world.link("u1").calendar.collection == "tasks"


def test_an_item_moved_behind_the_readers_back_is_not_deleted(world):
    """Moved into a collection that had been read, out of one that was read after."""
    world.in_crm("u1", where=world.tasks)
    world.run()
    name = world.own("u1")
    item = world.tasks.objects()["u1.ics"]

    def interfere(step):
        if (step.place, step.operation, step.moment) == ("activities", "changes", Moment.AFTER):
            world.steps.interfere = None
            world.activities.put("moved.ics", item)
            world.tasks.remove("u1.ics")

    world.steps.interfere = interfere
    assert world.run().entries == ()
    assert world.event(name) is not None
    assert world.link("u1").calendar.collection == "activities"


def test_a_half_done_move_waits(world):
    """While a UID is in two collections nothing is written, and nothing is lost after it."""
    name = world.ours("u1")
    world.tasks.put("copy.ics", world.activities.objects()["u1.ics"])
    world.edit_google(name, title="Edited meanwhile")
    assert Skip(uid=Uid("u1"), reason="moving") in world.plan().actions
    assert world.run().entries == ()
    assert world.run().entries == ()
    world.activities.remove("u1.ics")
    world.run()
    assert world.crm("u1").title == "Edited meanwhile"
    assert world.run().entries == ()


def test_a_name_that_holds_another_uid_is_a_delete_and_an_add(world):
    """The old item goes, the new one comes."""
    old = world.ours("u1")
    item = world.activities.objects()["u1.ics"]
    other = type(item)(
        uid=Uid("u2"), component="VEVENT", text=item.text.replace("UID:u1", "UID:u2")
    )
    world.activities.put("u1.ics", other)
    world.run()
    assert world.event(old) is None
    assert world.event(world.own("u2")) is not None


def test_what_a_full_listing_lacks_is_unknown_until_asked(world):
    """The plan asks, and nothing else happens to the item before the answer."""
    world.ours("u1")
    world.google.lag = 1
    world.google.expire_tokens()
    world.steps.interfere = fail_at("google", "get", SideUnavailable("503", side="google"))
    report = world.run()
    assert isinstance(report.stopped_by, SideUnavailable)
    assert report.unknown == 1
    assert world.link("u1").google.presence is Presence.UNKNOWN
    assert world.crm("u1") is not None
    world.steps.interfere = None
    report = world.run()
    assert (report.unknown, report.entries) == (0, ())
    assert world.link("u1").google.presence is Presence.PRESENT


def test_the_plan_of_an_unknown_item_is_to_ask(world):
    """An item that is not there any more is only removed by a definite answer."""
    name = world.ours("u1")
    world.run()
    forget_history(world.google, name)
    world.steps.interfere = fail_at("google", "get", SideUnavailable("503", side="google"))
    world.run()
    world.steps.interfere = None
    actions = plan(
        world.store.links(), Policy.of(world.settings), world.lens, world.clock.now()
    ).actions
    assert actions == (Ask(uid=Uid("u1"), side=Side.GOOGLE, collection="google", name=name),)
    world.run()
    assert world.crm("u1") is None


def test_an_unknown_calendar_item_found_elsewhere_is_a_move(world):
    """A full listing of one collection lacks it because it went to the other."""
    name = world.ours("u1")
    item = world.activities.objects()["u1.ics"]
    forget_history(world.activities, "u1.ics")
    world.tasks.put("there.ics", item)
    assert world.run().entries == ()
    assert world.event(name) is not None


def test_an_unreadable_event_is_parked_and_the_others_go_on(world):
    """It is shown, blocks nobody, and is tried again in a newer version only."""
    world.google.unreadable.add("odd")
    uid = world.at_google("odd")
    world.at_google("fine")
    report = world.run()
    assert report.parked == 1
    assert world.crm(world.ids.uid("fine")) is not None
    assert world.run().entries == ()
    world.google.unreadable.clear()
    assert world.run().entries == ()
    world.edit_google("odd", title="Readable now")
    world.run()
    assert world.crm(uid).title == "Readable now"
    assert world.run().parked == 0


def test_an_unreadable_activity_gives_way_to_what_it_becomes(world):
    """Its UID is not known before; the placeholder is forgotten then."""
    world.activities.unreadable.add("u1.ics")
    world.in_crm("u1")
    assert world.run().parked == 1
    world.activities.unreadable.clear()
    world.edit_crm("u1", title="Readable now")
    assert world.run().parked == 0
    assert set(world.store.held_links) == {"u1"}
    assert world.event(world.own("u1")).title == "Readable now"


def test_a_linked_event_that_becomes_unreadable_is_left_alone(world):
    """Edits of the other side wait; nothing is overwritten blindly."""
    name = world.ours("u1")
    world.google.unreadable.add(name)
    world.edit_google(name, title="Odd")
    world.edit_crm("u1", title="Mine")
    report = world.run()
    assert (report.parked, report.entries) == (1, ())
    world.edit_crm("u1", location="Room 1")
    assert world.run().entries == ()
    world.google.unreadable.clear()
    world.edit_google(name, description="Fine again")
    world.run()
    assert world.event(name).description == "Fine again"
    assert world.crm("u1").location == world.event(name).location == "Room 1"


def test_a_dry_run_changes_nothing_durable(world):
    """It lists, and commits neither tokens nor links."""
    world.in_crm("u1")
    world.at_google("event", title="Theirs")
    before = world.texts()
    assert len(list(world.plan().writes())) == 2
    assert world.texts() == before
    assert (world.store.commits, world.store.tokens(), world.store.held_links) == (0, {}, {})
    assert world.run().done == 2


def test_a_dry_run_tells_each_time_what_is_left_alone(world):
    """Also of what was judged in an earlier run, which a run does not even look at any more."""
    world.in_crm("u1", "X-UNSUPPORTED:series-frequency")
    world.ours("u2")
    world.google.unreadable.add("u3")
    world.at_google("u3")
    for _ in range(2):
        world.run()
        told = {skip.uid: skip.reason for skip in world.plan().actions}
        assert told.pop("u1") == "series-frequency"
        assert list(told.values()) == ["unreadable"]


def test_a_lost_links_table_is_matched_again_without_a_copy(world, new_world):
    """Our stamp and the UID we derive from Google's name tie everything together again."""
    world.ours("u1")
    world.theirs("event", title="Theirs")
    empty = new_world().store
    empty._steps = world.steps
    world.store = empty
    before = world.texts()
    assert world.run().entries == ()
    assert world.texts() == before
    assert len(world.store.held_links) == 2


@pytest.mark.parametrize("place", ["activities", "tasks", "google"])
def test_a_side_that_cannot_be_listed_ends_the_run_without_a_trace(world, place):
    """Nothing is known then, so nothing is stored or written."""
    world.in_crm("u1")
    world.steps.interfere = fail_at(place, "changes", SideUnavailable("503", side="google"))
    report = world.run()
    assert isinstance(report.stopped_by, SideUnavailable)
    assert (world.store.commits, world.google.objects()) == (0, {})
