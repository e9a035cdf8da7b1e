"""Private busy blocks: nothing that an event says at Google is lost to one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance, Visibility
from bridge.sync.blocks import block_of
from bridge.sync.instances import plain_instance
from bridge.sync.memory import Moment
from bridge.sync.model import Changes, Side

HIDE = PrivateEvents.DO_NOT_SYNC
SHOW = PrivateEvents.SAVE_AS_PRIVATE
SECOND = "20260311T090000Z"


@pytest.fixture(params=["plain", "real"])
def choose(world, request):
    """Return what chooses the option for private events, under either lens."""

    def chosen(private_events):
        world.choose(private_events=private_events)
        if request.param == "real":
            world.lens = GoogleLens(settings=world.settings, types=STOCK_TYPES, calendar_zone="UTC")

    chosen(SHOW)
    return chosen


def doctor(world, **fields):
    """Make a private event at Google, and run."""
    told = {"title": "Doctor", "visibility": Visibility.PRIVATE} | fields
    return world.theirs("event", **told)


@pytest.mark.parametrize("moment", Moment)
def test_a_block_of_what_was_edited_here_as_well_is_known_again(world, choose, moment):
    """Otherwise it would count as an edit of the activity, and make the event `Busy` as well."""
    uid = doctor(world)
    world.edit_crm(uid, done=True)
    choose(HIDE)
    world.lose_answer("activities", "update", moment)
    choose(SHOW)
    world.run()
    assert world.crm(uid) == world.event("event")
    assert world.event("event").title == "Doctor"
    assert world.event("event").done
    assert world.run().entries == ()


@pytest.mark.parametrize("hidden", [Visibility.PRIVATE, Visibility.DEFAULT])
def test_a_block_from_after_a_backup_is_no_edit(world, choose, hidden):
    """The database that was put back does not know that there is a block, nor why."""
    uid = doctor(world, location="Clinic", visibility=hidden)
    links, tokens = dict(world.store.held_links), world.store.tokens()
    if hidden is Visibility.DEFAULT:
        world.edit_google("event", visibility=Visibility.PRIVATE)
    choose(HIDE)
    world.run()
    assert world.crm(uid).title == "Busy"
    choose(SHOW)
    world.store.held_links = links
    world.store.commit(Changes(tokens=tokens))
    world.run()
    assert (world.event("event").title, world.event("event").location) == ("Doctor", "Clinic")
    assert world.crm(uid) == world.event("event")
    assert world.run().entries == ()


def test_a_block_whose_links_are_lost_is_no_edit(world, choose):
    """All there is to know is what the event says; nothing of it is given up, nothing told."""
    uid = doctor(world, location="Clinic")
    choose(HIDE)
    world.run()
    choose(SHOW)
    before = world.event("event")
    world.lose_links()
    (entry,) = world.run().entries
    assert (entry.side, entry.detail) == (Side.CALENDAR, "")
    assert world.event("event") == before
    assert world.crm(uid) == before
    assert world.run().entries == ()


def test_a_title_typed_beside_lost_links_is_merged(world, choose):
    """It is no block: the rule for two filled fields holds, and the loser is told."""
    uid = doctor(world)
    world.edit_crm(uid, title="Clinic")
    world.lose_links()
    choose(SHOW)
    (entry,) = world.run().entries
    assert "Clinic" in entry.detail
    assert world.crm(uid).title == "Doctor"


def test_a_block_that_is_moved_moves_its_event(world, choose, schedule):
    """Once the event is seen again; nobody takes the time for one that we had made."""
    uid = doctor(world)
    choose(HIDE)
    world.run()
    world.edit_crm(uid, schedule=schedule(12))
    world.run()
    choose(SHOW)
    world.run()
    assert world.event("event").schedule == schedule(12)
    assert world.event("event").title == "Doctor"


def test_an_activity_of_ones_own_may_be_called_busy(world, choose):
    """Nothing that began here was ever reduced to a block."""
    name = world.ours("ada", visibility=Visibility.PRIVATE)
    shown = block_of(world.crm("ada"))
    world.edit_crm("ada", title=shown.title)
    choose(SHOW)
    world.run()
    assert world.event(name).title == "Busy"
    assert world.crm("ada").title == "Busy"


def test_what_only_looks_like_a_block_is_an_edit(world, choose):
    """The event is nobody's secret: a person may call it Busy."""
    uid = world.theirs("event", title="Doctor")
    shown = block_of(world.crm(uid))
    world.edit_crm(uid, title=shown.title, visibility=shown.visibility)
    choose(SHOW)
    world.run()
    assert world.event("event").title == "Busy"


@pytest.mark.parametrize("done", [True, False])
def test_a_mark_set_at_google_beside_a_block_comes_in_once_it_is_shown(world, choose, done):
    """A private event does not say under this option whether it is done; its base has to."""
    uid = doctor(world)
    world.edit_crm(uid, done=not done)
    world.run()
    world.edit_google("event", done=done)
    choose(HIDE)
    world.run()
    choose(SHOW)
    world.run()
    assert world.crm(uid) == world.event("event")
    assert world.event("event").done is done
    assert world.run().entries == ()


def test_an_instance_that_was_only_cancelled_here_is_cancelled_at_google_later(world, choose):
    """Google never heard of it; the block having it agrees on nothing."""
    schedule = replace(world.view().schedule, recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    uid = doctor(world, schedule=schedule)
    cancelled = (Instance(key=SECOND, view=None),)
    world.edit_crm(uid, instances=cancelled)
    choose(HIDE)
    world.run()
    assert world.crm(uid).instances == cancelled
    choose(SHOW)
    world.run()
    assert world.event("event").instances == cancelled
    assert world.crm(uid) == world.event("event")
    assert world.run().entries == ()


def test_a_block_met_in_place_of_an_insert_without_answer_is_no_edit(world, choose):
    """The database that was put back is from before the answer to the insert."""
    world.at_google("event", title="Doctor", visibility=Visibility.PRIVATE)
    world.lose_answer("activities", "insert")
    links, tokens = dict(world.store.held_links), world.store.tokens()
    world.run()
    choose(HIDE)
    world.run()
    choose(SHOW)
    world.store.held_links = links
    world.store.commit(Changes(tokens=tokens))
    world.run()
    assert world.event("event").title == "Doctor"
    assert world.crm(world.ids.uid("event")) == world.event("event")


def test_an_event_that_is_private_no_more_was_edited_in_nothing_else(world, choose):
    """The option hides what both sides agreed on while it was private."""
    name = world.ours("ada", location="Room 1", visibility=Visibility.PRIVATE)
    world.edit_google(name, visibility=Visibility.DEFAULT)
    world.edit_crm("ada", location="Room 2")
    choose(HIDE)
    world.run()  # the copy is taken back, and with what was changed there it may be there again
    assert world.crm("ada").location == "Room 2"
    world.run()
    assert world.event(name) == world.crm("ada")
    assert world.run().entries == ()


def test_what_gave_way_behind_the_option_is_weighed_once_it_is_seen(world, choose, schedule):
    """A copy was to be taken back, and was not: what Google says beside its time is not agreed."""
    name = world.ours("ada", visibility=Visibility.PRIVATE)
    world.edit_google(name, title="Doctor", schedule=schedule(12))
    world.edit_crm("ada", title="Clinic")
    choose(HIDE)
    world.lose_answer("google", "delete", Moment.BEFORE)
    assert world.crm("ada").schedule == schedule(12)
    choose(SHOW)
    (entry,) = world.run().entries
    assert entry.detail == "title of google not kept: Doctor"
    assert world.event(name) == world.crm("ada")
    assert world.run().entries == ()


def test_what_is_hidden_at_google_takes_no_details_from_the_activity(world, choose):
    """Both copies became private: `Busy` is what the option shows, not what anybody typed."""
    name = world.ours("ada", location="Room 1")
    world.edit_crm("ada", visibility=Visibility.PRIVATE)
    world.edit_google(name, visibility=Visibility.PRIVATE)
    choose(HIDE)
    world.run()
    assert world.event(name) is None
    assert (world.crm("ada").title, world.crm("ada").location) == ("Call Ada", "Room 1")


def test_an_instance_moved_behind_the_option_keeps_its_details(world, choose, schedule):
    """Its time comes in before the copy is taken back."""
    rule = replace(schedule(10), recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    name = world.ours("ada", location="Room 1", schedule=rule, visibility=Visibility.PRIVATE)
    moved = replace(plain_instance(world.event(name), SECOND), schedule=schedule(11, 12))
    world.edit_google(name, instances=(Instance(key=SECOND, view=moved),))
    choose(HIDE)
    world.run()
    assert world.event(name) is None
    assert world.crm("ada").by_key() == {SECOND: moved}


def test_a_block_whose_link_is_lost_says_nothing_of_its_event(world, choose):
    """Connected anew under another option, the activity has what Google has."""
    uid = doctor(world, location="Clinic")
    choose(HIDE)
    world.run()
    world.lose_links()
    world.run()
    assert world.crm(uid).title == "Busy"
    choose(SHOW)
    world.run()
    assert world.event("event").title == "Doctor"
    assert world.crm(uid) == world.event("event")
    assert world.crm(uid).location == "Clinic"
    assert world.run().entries == ()
