"""What the simulator found, each told as a story of its own (`tests/simulator`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import SyncToken
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance, Schedule, Visibility
from bridge.errors import (
    CollectionGone,
    ItemRejected,
    LeaseLost,
    NotConnected,
    RateLimited,
    SideUnavailable,
    StoreBusy,
)
from bridge.sync.ingest import ingest
from bridge.sync.instances import plain_instance
from bridge.sync.memory import Moment
from bridge.sync.model import MOST_REPLACED, Changes, Delta, Item, Presence, Side
from bridge.sync.provenance import MOST_ASKED
from bridge.sync.told import Reading


def fail(error):
    """Return an act that fails."""

    def raise_it():
        raise error

    return raise_it


def test_an_activity_moved_there_and_back_between_two_listings_is_not_deleted(world):
    """A listing without a token does not tell that something left: the others are read again."""
    name = world.ours("ada")
    item = world.activities.objects()["ada.ics"]
    world.tasks.put("moved.ics", item)
    world.run()  # in both collections: it waits, and the second one will be read anew
    world.activities.remove("ada.ics")

    def move_back():
        world.tasks.remove("moved.ics")
        world.activities.put("back.ics", item)

    world.at_step("tasks", "changes", Moment.BEFORE, move_back)
    report = world.run()
    assert report.entries == ()
    assert world.event(name) is not None
    assert world.crm("ada") is not None


def test_a_mark_a_person_made_too_does_not_prove_that_our_update_got_through(world):
    """What Google's person wrote is not taken back by a text the update never replaced."""
    name = world.ours("ada", description="Old")
    world.edit_google(name, description="New", done=True)
    world.at_step(
        "activities",
        "update",
        Moment.BEFORE,
        fail(RateLimited("slow", side="calendar")),
    )
    assert isinstance(world.run().stopped_by, RateLimited)
    world.edit_crm("ada", done=True)
    world.run()
    assert world.event(name).description == "New"
    assert world.crm("ada").description == "New"
    assert world.run().entries == ()


def test_a_text_of_ours_still_proves_that_the_update_got_through(world):
    """A person may undo one of several fields right after; the other one tells."""
    name = world.ours("ada", description="Old")
    world.edit_google(name, description="New", title="Other")
    world.at_step(
        "activities",
        "update",
        Moment.AFTER,
        fail(RateLimited("slow", side="calendar")),
    )
    assert isinstance(world.run().stopped_by, RateLimited)
    world.edit_crm("ada", description="Old")
    world.run()
    assert (world.event(name).title, world.event(name).description) == ("Other", "Old")
    assert (world.crm("ada").title, world.crm("ada").description) == ("Other", "Old")


@pytest.mark.parametrize("back", [True, False])
def test_refused_work_that_nobody_wants_any_more_is_not_shown_as_waiting(world, back):
    """A withdrawal Google refused is over once the type is ticked again, or the item left alone."""
    world.ours("ada")
    world.choose(outgoing_types=frozenset({"call"}))
    refusal = ItemRejected("no", side="google", reason="forbidden")
    world.at_step("google", "delete", Moment.BEFORE, fail(refusal))
    assert world.run().parked == 1
    if back:
        world.choose(outgoing_types=frozenset({"meeting", "call"}))
    else:
        world.choose(sync_from=date(2026, 4, 1))
    world.clock.advance(timedelta(days=1))
    assert world.run().entries == ()
    assert world.run().parked == 0
    assert world.link("ada").parked is None


def test_a_deleted_event_stays_deleted_when_its_activity_moves_at_that_moment(world):
    """A DELETE that finds nothing may have come too late for a move, not for a deletion."""
    name = world.ours("ada")
    item = world.activities.objects()["ada.ics"]
    world.google.remove(name)

    def move():
        world.activities.remove("ada.ics")
        world.tasks.put("moved.ics", item)

    world.at_step("activities", "delete", Moment.BEFORE, move)
    world.run()
    world.run()
    assert world.crm("ada") is None
    assert world.event(name) is None
    world.run()
    assert world.store.held_links == {}


def test_an_edit_of_an_activity_that_moves_at_that_moment_beats_the_deletion(world):
    """It is the same item still, and a person's edit beats a delete wherever it happened."""
    name = world.ours("ada")
    world.google.remove(name)

    def move_edited():
        world.edit_crm("ada", title="Edited")
        item = world.activities.objects()["ada.ics"]
        world.activities.remove("ada.ics")
        world.tasks.put("moved.ics", item)

    world.at_step("activities", "delete", Moment.BEFORE, move_edited)
    world.run()
    world.run()
    assert world.crm("ada").title == "Edited"
    assert world.event(name).title == "Edited"


def test_an_activity_deleted_while_its_insert_is_answered_stays_deleted(world):
    """The answer tells what was stored, whatever became of it since."""
    uid = world.at_google("lunch")
    world.at_step("activities", "insert", Moment.AFTER, lambda: world.delete_crm(uid))
    assert world.run().parked == 0
    world.run()
    assert world.crm(uid) is None
    assert world.event("lunch") is None


def test_an_activity_that_only_an_earlier_listing_of_the_run_told_of_is_asked_for(world):
    """The same collection read again as a whole lacks it: it was deleted in between."""
    world.ours("task", where=world.tasks)
    world.delete_crm("task")  # so that the other collection is read again
    world.in_crm("brief")

    def delete_and_expire():
        world.delete_crm("brief")
        world.activities.expire_tokens()

    world.at_step("tasks", "changes", Moment.BEFORE, delete_and_expire)
    world.run()
    assert world.event(world.own("brief")) is None
    world.run()
    assert world.texts() == ({}, {}, {})


def move(world, uid, name):
    """Let the CRM move an activity to the tasks, under another name; return what it is there."""
    collection, old = world.place(uid)
    item = collection.objects()[old]
    collection.remove(old)
    world.tasks.put(name, item)


def test_an_inserted_activity_moved_and_edited_before_we_knew_keeps_the_edit(world, schedule):
    """Nobody else knows its UID: what stands elsewhere is our insert, and the edit is newer."""
    world.at_google("lunch", title="Lunch", schedule=schedule(10, 9))
    world.at_step("activities", "insert", Moment.AFTER, fail(RateLimited("?", side="calendar")))
    assert isinstance(world.run().stopped_by, RateLimited)
    (uid,) = (item.uid for item in world.activities.objects().values())
    world.edit_crm(uid, schedule=schedule(11, 14))
    move(world, uid, "moved.ics")
    world.activities.expire_tokens()  # no listing tells that it left its place
    world.run()
    assert world.crm(uid).schedule == world.event("lunch").schedule == schedule(11, 14)
    assert world.run().entries == ()


def test_an_activity_made_again_and_moved_before_we_knew_keeps_both_edits(world, schedule):
    """It shows what the insert was to bring: it is not the one that was deleted."""
    uid = world.theirs("lunch", title="Lunch", schedule=schedule(10, 9))
    world.edit_google("lunch", title="Late lunch")
    world.delete_crm(uid)
    world.at_step("activities", "insert", Moment.AFTER, fail(RateLimited("?", side="calendar")))
    assert isinstance(world.run().stopped_by, RateLimited)
    world.edit_crm(uid, schedule=schedule(11, 14))
    move(world, uid, "moved.ics")
    world.run()
    for shown in (world.crm(uid), world.event("lunch")):
        assert (shown.title, shown.schedule) == ("Late lunch", schedule(11, 14))
    assert world.run().entries == ()


@pytest.mark.parametrize("listing", ["told", "full"])
def test_an_event_made_again_and_deleted_again_before_we_knew_stays_deleted(world, listing):
    """Its second deletion has another version than the one that the edit in the CRM beat."""
    name = world.ours("ada")
    world.google.remove(name)
    world.edit_crm("ada", title="Call Ada today")
    world.at_step("google", "insert", Moment.AFTER, fail(SideUnavailable("?", side="google")))
    assert isinstance(world.run().stopped_by, SideUnavailable)
    world.google.remove(name)
    if listing == "full":
        world.google.expire_tokens()
    world.run()
    world.run()
    assert world.event(name) is None
    assert world.crm("ada") is None


def test_an_event_whose_making_again_never_got_through_is_made_again(world):
    """A late listing tells once more of the deletion we know: the edit in the CRM still stands."""
    name = world.ours("ada")
    world.google.remove(name)
    world.edit_crm("ada", title="Call Ada today")
    world.at_step("google", "insert", Moment.BEFORE, fail(SideUnavailable("?", side="google")))
    token = world.store.tokens()["google"]
    assert isinstance(world.run().stopped_by, SideUnavailable)
    world.store.commit(Changes(tokens={"google": token}))
    world.run()
    assert world.event(name).title == "Call Ada today"


def test_an_edit_beats_the_deletion_of_a_new_event_however_often_its_insert_fails(world):
    """The second attempt in vain tells no more of a new deletion than the first one."""
    world.in_crm("ada")
    name, gone = world.own("ada"), SideUnavailable("?", side="google")
    world.at_step("google", "insert", Moment.AFTER, fail(gone))
    assert world.run().stopped_by is gone
    world.google.remove(name)
    world.edit_crm("ada", location="Room")
    for _ in range(3):
        world.at_step("google", "insert", Moment.BEFORE, fail(gone))
        assert world.run().stopped_by is gone
    world.run()
    assert (world.event(name).location, world.crm("ada").location) == ("Room", "Room")
    assert world.run().entries == ()


@pytest.mark.parametrize("listing", ["told", "full"])
def test_an_event_made_again_at_the_second_attempt_and_deleted_again_stays_deleted(world, listing):
    """After an attempt in vain it is still known which deletion the next one takes back."""
    name, gone = world.ours("ada"), SideUnavailable("?", side="google")
    world.google.remove(name)
    world.edit_crm("ada", title="Call Ada today")
    for moment in (Moment.BEFORE, Moment.AFTER):
        world.at_step("google", "insert", moment, fail(gone))
        assert world.run().stopped_by is gone
    world.google.remove(name)
    if listing == "full":
        world.google.expire_tokens()
    world.run()
    assert (world.event(name), world.crm("ada")) == (None, None)
    assert world.run().entries == ()


@pytest.mark.parametrize("listing", ["told", "full"])
def test_a_new_event_deleted_before_we_knew_of_it_stays_deleted(world, listing):
    """Where nothing was before, a deletion on record tells that the insert got through."""
    world.in_crm("ada")
    world.at_step("google", "insert", Moment.AFTER, fail(SideUnavailable("?", side="google")))
    assert isinstance(world.run().stopped_by, SideUnavailable)
    world.google.remove(world.own("ada"))
    if listing == "full":
        world.google.expire_tokens()
    world.run()
    assert (world.event(world.own("ada")), world.crm("ada")) == (None, None)
    assert world.run().entries == ()


def test_a_late_listing_of_our_own_withdrawal_deletes_nothing_that_is_made_again(world):
    """A type was unticked and ticked again; the new insert's answer was lost."""
    name = world.ours("ada")
    before, types = world.google.changes(None).token, world.settings.outgoing_types
    world.choose(outgoing_types=frozenset())
    world.run()
    assert world.event(name) is None
    world.choose(outgoing_types=types)
    world.at_step("google", "insert", Moment.BEFORE, fail(SideUnavailable("?", side="google")))
    assert isinstance(world.run().stopped_by, SideUnavailable)
    world.store.commit(Changes(tokens={"google": before}))
    world.run()
    assert (world.event(name).title, world.crm("ada").title) == ("Call Ada", "Call Ada")


def test_a_late_listing_of_our_own_withdrawal_is_doubted_once_the_copy_is_back(world):
    """Whether it was there before only the answer to the insert tells."""
    name, types = world.ours("ada"), world.settings.outgoing_types
    world.choose(outgoing_types=frozenset())
    world.run()
    world.choose(outgoing_types=types)
    world.run()
    late = Delta(items=(), removed=(name,), token=SyncToken("late"))
    folded = ingest(
        [world.link("ada")],
        [Reading(side=Side.GOOGLE, collection="google", delta=late)],
        lens=world.lens,
        uid_for=world.ids.uid,
        now=world.clock.now(),
    )
    assert folded.links["ada"].google.presence is Presence.UNKNOWN


def test_a_deletion_learned_by_asking_is_not_taken_for_a_later_one(world):
    """It was told without a version; that an earlier one had another says nothing of it."""
    name = world.ours("ada")
    world.google.remove(name)
    world.edit_crm("ada", title="Second try")
    world.run()
    world.google.remove(name)
    world.google.expire_tokens()
    world.edit_crm("ada", title="Third try")
    world.at_step("google", "insert", Moment.BEFORE, fail(SideUnavailable("?", side="google")))
    assert isinstance(world.run().stopped_by, SideUnavailable)
    world.run()
    assert world.event(name).title == world.crm("ada").title == "Third try"


def test_an_activity_that_is_back_is_not_deleted_for_its_earlier_deletion(world):
    """Its first insert may have failed; the deletion on record can be that of before."""
    name = world.ours("ada")
    world.delete_crm("ada")
    world.run()
    assert world.event(name) is None
    world.in_crm("ada")
    world.at_step("google", "insert", Moment.BEFORE, fail(SideUnavailable("?", side="google")))
    assert isinstance(world.run().stopped_by, SideUnavailable)
    world.google.expire_tokens()
    world.run()
    assert (world.event(name).title, world.crm("ada").title) == ("Call Ada", "Call Ada")


def test_an_activity_brought_back_is_not_deleted_for_an_event_it_had_unknown_to_us(world):
    """No run ever learned that its first insert had got through; both sides were deleted since."""
    name, gone = world.own("ada"), SideUnavailable("?", side="google")
    world.in_crm("ada")
    world.at_step("google", "insert", Moment.AFTER, fail(gone))
    assert world.run().stopped_by is gone
    world.google.remove(name)
    world.delete_crm("ada")
    world.run()
    assert world.store.held_links == {}
    world.in_crm("ada")
    world.at_step("google", "insert", Moment.BEFORE, fail(gone))
    assert world.run().stopped_by is gone
    world.run()
    assert (world.event(name).title, world.crm("ada").title) == ("Call Ada", "Call Ada")


def test_an_activity_made_again_and_deleted_again_before_we_knew_stays_deleted(world):
    """It was made again under another name, so a deletion of that can only be the second one."""
    uid = world.theirs("lunch", title="Lunch")
    world.delete_crm(uid)
    world.edit_google("lunch", title="Late lunch")
    world.at_step("activities", "insert", Moment.AFTER, fail(RateLimited("?", side="calendar")))
    assert isinstance(world.run().stopped_by, RateLimited)
    world.delete_crm(uid)
    world.run()
    assert world.crm(uid) is None
    assert world.event("lunch") is None


def test_an_activity_met_while_it_was_about_to_be_made_again_takes_nothing_back(world):
    """It was moving, not deleted; what the insert was to carry had never reached it."""
    uid = world.theirs("lunch", title="Lunch")
    world.edit_google("lunch", title="Late lunch")
    collection, name = world.place(uid)
    item = collection.objects()[name]
    collection.remove(name)
    world.at_step("activities", "insert", Moment.BEFORE, fail(RateLimited("slow", side="calendar")))
    assert isinstance(world.run().stopped_by, RateLimited)
    world.tasks.put("moved.ics", item)
    world.run()
    world.run()
    assert world.event("lunch").title == "Late lunch"
    assert world.crm(uid).title == "Late lunch"
    assert world.run().entries == ()
    assert len(world.google.objects()) == 1


def test_a_deletion_told_twice_is_not_taken_for_that_of_the_item_made_again(world):
    """Listings can tell twice what happened between their pages; the edit beat the delete."""
    name = world.ours("ada")
    world.run()
    before = world.store.tokens()
    world.google.remove(name)
    world.edit_crm("ada", title="Edited")
    world.at_step("google", "insert", Moment.BEFORE, fail(RateLimited("slow", side="google")))
    assert isinstance(world.run().stopped_by, RateLimited)
    world.store.commit(Changes(tokens=before))
    world.run()
    world.run()
    assert world.crm("ada").title == "Edited"
    assert world.event(name).title == "Edited"


def test_an_event_made_again_is_known_by_its_stamp_when_the_database_forgot_that(world):
    """Restored to before, the token too old: the listing lacks the one, and has the other."""
    uid = world.theirs("event")
    backup = dict(world.store.held_links)
    world.google.remove("event")
    world.edit_crm(uid, title="Edited")
    world.run()
    world.store.held_links = backup
    world.store.commit(Changes(tokens={"google": None}))
    world.run()
    world.run()
    assert list(world.google.objects()) == [world.own(uid)]
    assert len(world.activities.objects()) == 1
    assert world.event(world.own(uid)).title == world.crm(uid).title == "Edited"
    assert world.run().entries == ()


def test_a_late_listing_of_a_version_we_replaced_ourselves_is_no_persons_edit(world):
    """The side is asked, and says what is there; nothing is taken back."""
    name = world.ours("ada", title="Old")
    world.run()
    before = world.store.tokens()
    old = world.google.objects()[name]
    world.edit_crm("ada", title="New")
    assert world.run().done == 1
    listing = world.google.changes
    etag = next(iter(world.link("ada").google.replaced)).etag

    def late(token):
        delta = listing(token)
        stale = Item(name=name, etag=etag, object=old, stamp="ada")
        return replace(delta, items=(*delta.items, stale))

    world.google.changes = late
    world.store.commit(Changes(tokens=before))
    assert world.run().entries == ()
    world.google.changes = listing
    assert world.run().entries == ()
    assert world.event(name).title == world.crm("ada").title == "New"


def test_a_person_who_goes_back_to_a_version_we_replaced_is_believed(world):
    """Some servers make versions of contents; the answer to a question is up to date."""
    name = world.ours("ada", title="Old")
    old = world.google.objects()[name]
    world.edit_crm("ada", title="New")
    world.run()
    (replaced,) = world.link("ada").google.replaced
    world.google.put(name, old)
    world.google._live[name] = replace(world.google._live[name], etag=replaced.etag)
    world.google._history[-1] = world.google._live[name]
    world.run()
    assert world.event(name).title == world.crm("ada").title == "Old"
    assert world.run().entries == ()


def test_only_so_many_replaced_versions_are_remembered(world):
    """The latest ones; a listing is not late for ever."""
    world.ours("ada", title="0")
    for number in range(1, 12):
        world.edit_crm("ada", title=str(number))
        world.run()
    assert len(world.link("ada").google.replaced) == MOST_REPLACED


def test_an_edit_the_options_hide_waits_although_the_run_that_read_it_was_cut(world):
    """It was read under `Do not sync`, but nothing had been judged under that yet."""

    def choose(private_events):
        world.choose(private_events=private_events)
        world.lens = GoogleLens(settings=world.settings, types=STOCK_TYPES, calendar_zone="UTC")

    choose(PrivateEvents.SAVE_AS_PRIVATE)
    name = world.ours("ada", visibility=Visibility.PRIVATE)
    world.edit_google(name, title="Edited in secret")
    choose(PrivateEvents.DO_NOT_SYNC)
    world.at_step("store", "commit", Moment.AFTER, fail(StoreBusy("locked")))
    assert isinstance(world.run().stopped_by, StoreBusy)
    choose(PrivateEvents.SAVE_AS_PRIVATE)
    assert world.run().done == 1
    assert world.crm("ada") == world.event(name)
    assert world.crm("ada").title == "Edited in secret"


def test_an_event_had_back_from_googles_bin_is_not_deleted_a_second_time(world):
    """Both sides had agreed that it is gone; having it back is a new act of a person."""
    uid = world.theirs("event")
    item = world.google.objects()["event"]
    world.google.remove("event")
    world.run()
    assert world.crm(uid) is None
    world.google.put("event", item)
    world.run()
    assert world.crm(uid) == world.event("event") is not None
    assert world.run().entries == ()


def test_an_edit_that_lost_to_one_that_waits_is_weighed_again_when_that_is_taken_back(world):
    """Its type does not go out: the calendar's title wins, but nobody has told Google so."""
    uid = world.theirs("lunch", title="Lunch")
    world.choose(outgoing_types=frozenset({"call"}))
    world.edit_google("lunch", title="Late lunch")
    world.edit_crm(uid, title="Early lunch")
    assert world.run().entries == ()
    world.edit_crm(uid, title="Lunch")
    world.run()
    world.choose(outgoing_types=frozenset({"meeting"}))
    world.run()
    assert world.crm(uid).title == world.event("lunch").title == "Late lunch"
    assert world.run().entries == ()


def test_an_edit_that_lost_to_one_that_waits_is_told_once_that_goes_out(world):
    """Whose value was not kept can have it back from the history."""
    uid = world.theirs("lunch", title="Lunch")
    world.choose(outgoing_types=frozenset({"call"}))
    world.edit_google("lunch", title="Late lunch")
    world.edit_crm(uid, title="Early lunch")
    world.run()
    world.choose(outgoing_types=frozenset({"meeting"}))
    (entry,) = world.run().entries
    assert world.crm(uid).title == world.event("lunch").title == "Early lunch"
    assert "title of google not kept: Late lunch" in entry.detail


def test_an_edit_that_lost_is_weighed_again_when_a_cut_run_had_not_told_google(world):
    """The calendar got its half of the merge; then its person took back what had won."""
    name = world.ours("ada", title="Call Ada")
    world.edit_google(name, title="Call Ada soon", location="Roof")
    world.edit_crm("ada", title="Call Ada late")
    world.at_step("google", "update", Moment.BEFORE, fail(RateLimited("slow", side="google")))
    assert isinstance(world.run().stopped_by, RateLimited)
    assert world.crm("ada").location == "Roof"
    world.edit_crm("ada", title="Call Ada")
    world.run()
    assert world.crm("ada").title == world.event(name).title == "Call Ada soon"
    assert world.run().entries == ()


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_worker_that_lost_its_lease_adds_no_second_activity(world, forgotten):
    """Its insert was on the way; another one made it, and a person moved it, or links were lost."""
    name = world.ours("ada")
    world.delete_crm("ada")
    world.edit_google(name, title="Edited")  # which brings the activity back
    world.activities.admit = world.store.demand

    def take_over():
        if forgotten:
            world.lose_links()
        world.run()
        ((place, item),) = world.activities.objects().items()
        world.activities.remove(place)
        world.tasks.put("moved.ics", item)
        world.store.lease_lost = True

    world.at_step("activities", "insert", Moment.BEFORE, take_over)
    assert isinstance(world.run().stopped_by, LeaseLost)
    world.store.lease_lost = False
    world.run()
    assert world.run().entries == ()
    assert list(world.tasks.objects()) == ["moved.ics"]
    assert world.activities.objects() == {}
    assert len(world.google.objects()) == 1


@pytest.mark.parametrize("error", [NotConnected("revoked"), CollectionGone("no", side="google")])
def test_an_event_made_beside_a_refused_one_is_known_and_so_is_its_deletion(world, error):
    """The permission ended within a batch; what had got through before was answered."""
    world.in_crm("ada")
    world.in_crm("ben", title="Other")

    def refuse(step):
        if (step.operation, step.subject) == ("insert", world.own("ben")):
            world.steps.interfere = None
            raise error

    world.steps.interfere = refuse
    assert world.run().stopped_by is error
    assert world.link("ada").google.was_synced
    world.google.remove(world.own("ada"))
    world.google.expire_tokens()  # the side tells no more than what is there now
    world.run()
    assert world.crm("ada") is None
    assert world.event(world.own("ada")) is None
    assert world.event(world.own("ben")) is not None


def test_an_event_known_by_its_uid_is_still_googles_after_the_links_were_lost(world):
    """The calendar is read first then, but nothing that a person made at Google is withdrawn."""
    uid = world.theirs("lunch")
    world.lose_links()
    world.run()
    assert world.link(uid).origin is Side.GOOGLE
    world.choose(outgoing_types=frozenset({"call"}))
    assert world.run(confirmed=True).entries == ()
    assert world.event("lunch") is not None


@pytest.mark.parametrize("deleted", [False, True])
def test_an_event_that_a_late_listing_lacks_is_asked_for_before_it_is_made_again(world, deleted):
    """The links were lost; the UID of the activity still tells of which event it was made."""
    uid = world.theirs("lunch", title="Lunch")
    world.lose_links()
    world.google.lag = 1
    if deleted:
        world.google.remove("lunch")
    world.run()
    world.google.lag = 0
    assert world.run().entries == ()
    assert list(world.google.objects()) == [world.own(uid) if deleted else "lunch"]
    assert list(world.store.held_links) == [uid]
    assert world.link(uid).origin is (Side.CALENDAR if deleted else Side.GOOGLE)


def test_activities_of_a_calendar_connected_before_are_not_asked_for(world):
    """So many are no late listing: they go out at once, and cost no question each."""
    for number in range(MOST_ASKED + 1):
        world.at_google(f"event{number}", title=f"{number}")
    world.run()
    world.lose_links()
    for name in list(world.google.objects()):
        world.google.remove(name)
    world.at_step("google", "get", Moment.BEFORE, fail(AssertionError("asked")))
    assert world.run().done == MOST_ASKED + 1


def test_an_instance_others_changed_is_no_proof_that_our_update_of_it_got_through(world):
    """It is changed on both sides, in other words: whose were not kept is told."""
    rules = ("RRULE:FREQ=DAILY;COUNT=4",)
    series = replace(world.view().schedule, recurrence=rules)
    uid = world.theirs("lunch", title="Lunch", schedule=series)

    def renamed(title):
        lunch = world.event("lunch")
        view = replace(plain_instance(lunch, "20260311T090000Z"), title=title)
        return (Instance(key="20260311T090000Z", view=view),)

    world.edit_google("lunch", instances=renamed("Lunch in town"))
    refusal = SideUnavailable("no answer", side="calendar")
    world.at_step("activities", "update", Moment.BEFORE, fail(refusal))
    assert world.run().stopped_by is refusal
    world.edit_crm(uid, instances=renamed("Lunch at home"))
    (entry,) = world.run().entries
    assert world.event("lunch").instances == renamed("Lunch at home")
    assert "of google not kept: Lunch in town" in entry.detail
    assert world.run().entries == ()


def test_an_instance_sent_into_a_moved_series_can_be_taken_back_before_google_moved(world):
    """The run was cut between its two writes; what the calendar got is known by its old name."""
    rules = ("RRULE:FREQ=DAILY;COUNT=4",)
    schedule = world.view().schedule
    name = world.ours("ada", schedule=replace(schedule, recurrence=rules))
    event = world.event(name)
    renamed = replace(plain_instance(event, "20260312T090000Z"), title="Other")
    world.edit_google(name, instances=(Instance(key="20260312T090000Z", view=renamed),))
    span = schedule.span
    hour = timedelta(hours=1)
    later = replace(span, start=span.start + hour, end=span.end + hour)
    world.edit_crm("ada", schedule=replace(schedule, span=later, recurrence=rules))
    world.at_step("google", "update", Moment.BEFORE, fail(RateLimited("slow", side="google")))
    assert isinstance(world.run().stopped_by, RateLimited)
    assert [each.key for each in world.crm("ada").instances] == ["20260312T100000Z"]
    world.edit_crm("ada", instances=())
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.run().entries == ()


def test_an_event_had_back_just_before_it_is_made_again_gets_the_edit_that_beat_its_deletion(world):
    """The insert meets the event as it was; the calendar's edit is still to be told."""
    name = world.ours("ada", title="Call Ada")
    item = world.google.objects()[name]
    world.google.remove(name)
    world.edit_crm("ada", title="Call Ada late")
    world.at_step("google", "insert", Moment.BEFORE, lambda: world.google.put(name, item))
    world.run()
    world.run()
    assert world.crm("ada").title == world.event(name).title == "Call Ada late"
    assert world.run().entries == ()


def test_what_both_sides_changed_in_one_instance_is_agreed_field_by_field(world):
    """The calendar got Google's time of it, and its title waited; then the series was moved."""
    rules = ("RRULE:FREQ=DAILY;COUNT=4",)
    schedule = world.view().schedule
    name = world.ours("ada", schedule=replace(schedule, recurrence=rules))
    plain = plain_instance(world.event(name), "20260312T090000Z")

    def later(span, hours):
        by = timedelta(hours=hours)
        return Schedule(span=replace(span, start=span.start + by, end=span.end + by))

    moved = replace(plain, schedule=later(plain.schedule.span, 1))
    world.edit_google(name, instances=(Instance(key="20260312T090000Z", view=moved),))
    renamed = replace(plain, title="Other")
    world.edit_crm("ada", instances=(Instance(key="20260312T090000Z", view=renamed),))
    world.at_step("google", "update", Moment.BEFORE, fail(RateLimited("slow", side="google")))
    assert isinstance(world.run().stopped_by, RateLimited)
    (both,) = world.crm("ada").instances
    assert both.view == replace(renamed, schedule=moved.schedule)
    series = replace(later(schedule.span, 3), recurrence=rules)
    world.edit_crm("ada", schedule=series, instances=())
    world.run()
    assert world.crm("ada") == world.event(name)
    assert world.run().entries == ()


@pytest.mark.parametrize("lost", [False, True])
def test_who_deletes_an_activity_has_seen_what_it_showed(world, lost):
    """A text that our write brought there counts as seen, also when its answer was lost."""
    world.at_google("event1")
    world.run()
    world.run()
    (uid,) = world.store.held_links
    world.edit_crm(uid, location="Room")
    world.edit_google("event1", description="Text")
    if lost:
        gone = SideUnavailable("no answer", side="calendar", reason="network")
        world.at_step("activities", "update", Moment.AFTER, fail(gone))
        assert world.run().stopped_by is gone
    refusal = ItemRejected("no", side="google", reason="forbiddenForNonOrganizer")
    world.at_step("google", "update", Moment.BEFORE, fail(refusal))
    world.run()
    assert world.crm(uid).description == "Text"
    world.delete_crm(uid)
    world.clock.advance(timedelta(days=1))
    world.run()
    assert world.crm(uid) is None
    assert world.event("event1") is None
    assert world.run().entries == ()


def test_an_instance_moved_here_stays_when_the_event_is_deleted_with_another_change_of_it(world):
    """Who deleted the event had changed that very instance too, but never saw it moved."""
    weekly = Schedule(span=world.view().schedule.span, recurrence=("RRULE:FREQ=WEEKLY;COUNT=4",))
    name = world.ours("ada", schedule=weekly)
    here = world.crm("ada")
    key = "20260310T090000Z"
    plain = plain_instance(here, key)
    span = plain.schedule.span
    later = replace(span, start=span.start + timedelta(hours=1), end=span.end + timedelta(hours=1))
    moved = replace(plain, schedule=Schedule(span=later))
    renamed = replace(plain, title="Other")
    world.edit_google(name, instances=(Instance(key=key, view=renamed),))
    world.edit_crm("ada", instances=(Instance(key=key, view=moved),))
    # The listing tells of the new title; before anything is carried, the event is deleted.
    world.at_step(
        "store",
        "commit",
        Moment.AFTER,
        fail(StoreBusy("the process is stopped for a while")),
    )
    world.run()
    world.google.remove(name)
    world.run()
    assert world.crm("ada").by_key()[key].schedule.span == later


@pytest.mark.parametrize("deleted_again", [False, True])
def test_a_late_listing_of_a_deletion_does_not_undo_that_the_event_is_back(world, deleted_again):
    """An edit here had brought it back; the deletion before that is told after it."""
    name = world.ours("ada")
    world.google.remove(name)
    world.edit_crm("ada", description="Saved")
    world.run()
    world.run()
    assert world.event(name).description == "Saved"
    if deleted_again:
        world.google.remove(name)
    on_time = world.google.changes

    def late(token):
        world.google.changes = on_time
        delta = on_time(token)
        return replace(delta, items=(), removed=(name,))

    world.google.changes = late
    for _ in range(3):
        world.run()
    assert (world.crm("ada") is None) is deleted_again
    assert (world.event(name) is None) is deleted_again
    assert world.run().entries == ()


def test_what_was_not_kept_stays_told_when_the_answer_is_lost(world):
    """The write may have got through: then this entry is all that tells of the value."""
    name = world.ours("ada")
    world.edit_google(name, location="There")
    world.edit_crm("ada", location="Here")
    gone = SideUnavailable("no answer", side="calendar", reason="network")
    world.at_step("activities", "update", Moment.AFTER, fail(gone))
    (entry,) = world.run().entries
    assert entry.detail == "location of calendar not kept: Here\nno answer"


def test_what_a_block_keeps_is_told_once_the_event_is_shown_again(world, schedule):
    """Google never heard of the mark and the new time; the block having them agrees on nothing."""
    uid = world.theirs("event", visibility=Visibility.PRIVATE)
    world.edit_crm(uid, done=True, schedule=schedule(20))
    shown = world.crm(uid)
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.run()
    assert world.crm(uid) == replace(shown, title="Busy")
    assert world.run().entries == ()
    assert world.event("event") != shown
    world.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE)
    world.run()
    assert world.crm(uid) == world.event("event") == shown
    assert world.run().entries == ()


@pytest.mark.parametrize("moment", Moment)
def test_a_block_whose_answer_was_lost_shows_its_event_once_the_option_is_back(world, moment):
    """What both sides agreed on is no more than the block, whether or not it got there."""
    uid = world.theirs("event", title="Doctor", visibility=Visibility.PRIVATE)
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.at_step("activities", "update", moment, fail(RateLimited("?", side="calendar")))
    assert isinstance(world.run().stopped_by, RateLimited)
    world.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE)
    world.run()
    assert world.crm(uid).title == world.event("event").title == "Doctor"
    assert world.run().entries == ()
