"""What a plan says besides what it does: whose item, why, and what the link knows then.

These words are what people read on the plan page, what the journal keeps, and what tells the next
run that nothing is left to be judged.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bridge.domain.identifiers import ETag, Uid
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.domain.view import MergeField, Visibility
from bridge.errors import ConversionError, MassDeletionRefused
from bridge.sync.actions import (
    Create,
    Delete,
    Hold,
    Merge,
    PutBack,
    Record,
    Reduce,
    Skip,
    Update,
    Withdraw,
    writes_of,
)
from bridge.sync.merge import mirror
from bridge.sync.model import PUT_BACK, Parked, Side
from bridge.sync.parking import TRY_AGAIN_AFTER, UNCONVERTIBLE
from bridge.sync.plan import MOST_PUT_BACKS
from bridge.sync.policy import Policy
from bridge.sync.safety import allowed, check
from bridge.sync.sight import look

ATTENDEE = "ATTENDEE:mailto:guest@example.org"
U1 = Uid("u1")


def fingerprint(world):
    """Return the fingerprint of the present policy."""
    return Policy.of(world.settings).fingerprint


def only(world, kind):
    """Return the one planned action of this kind."""
    (found,) = [action for action in world.plan().actions if isinstance(action, kind)]
    return found


def work(world):
    """Return what the plan would do or record."""
    return [action for action in world.plan().actions if not isinstance(action, Skip)]


def watch(world, monkeypatch):
    """Return the list that gets the UID of whatever the lens is asked for in the calendar."""
    looked, shown = [], world.lens.calendar_view
    monkeypatch.setattr(
        world.lens, "calendar_view", lambda item: looked.append(item.uid) or shown(item)
    )
    return looked


def refuse(world, monkeypatch, *, when):
    """Let the lens refuse objects that contain a text."""
    shown = world.lens.calendar_view

    def view(item):
        if when in item.text:
            raise ConversionError("odd date", uid=item.uid)
        return shown(item)

    monkeypatch.setattr(world.lens, "calendar_view", view)


# Writes.


def test_a_create_says_whose_it_is_and_that_it_was_added(world):
    """And under which policy it was judged once it got through."""
    world.in_crm("u1")
    found = only(world, Create)
    assert (found.uid, found.reason, found.after.judged) == (U1, "added", fingerprint(world))


def test_an_update_says_that_something_changed(world):
    """Whatever it was."""
    world.ours("u1")
    world.edit_crm("u1", title="New")
    found = only(world, Update)
    assert (found.uid, found.side, found.reason) == (U1, Side.GOOGLE, "changed")
    assert found.after.judged == fingerprint(world)


def test_a_delete_says_that_the_other_side_removed_it(world):
    """The reason is the journal's."""
    name = world.ours("u1")
    world.google.remove(name)
    found = only(world, Delete)
    assert (found.uid, found.side, found.reason) == (U1, Side.CALENDAR, "removed")


def test_a_create_over_a_removed_item_says_what_beat_the_delete(world):
    """The edit of the other side."""
    name = world.ours("u1")
    world.edit_google(name, title="Edited")
    world.delete_crm("u1")
    found = only(world, Create)
    assert (found.side, found.reason) == (Side.CALENDAR, "changed")


def test_edits_of_both_sides_are_one_merge_of_that_item(world):
    """Two writes in a row; only the last one says that all is judged."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Here")
    world.edit_google(name, location="There")
    found = only(world, Merge)
    assert found.uid == U1
    assert [write.side for write in found.writes] == [Side.CALENDAR, Side.GOOGLE]
    assert [write.after.judged for write in found.writes] == ["", fingerprint(world)]


# Records.


def test_what_agrees_already_is_recorded_as_agreed_and_judged(world):
    """The next run does not even look at it."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Same")
    world.edit_google(name, title="Same")
    found = only(world, Record)
    assert (found.uid, found.reason) == (U1, "agreed")
    world.run()
    link = world.link("u1")
    assert (link.judged, link.withheld, link.parked) == (fingerprint(world), "", None)
    assert link.calendar.settled
    assert link.google.settled


def test_versions_without_a_change_are_settled_on_both_sides(world):
    """An etag that moved by itself is no work, and none is left."""
    name = world.ours("u1")
    world.activities.put("u1.ics", world.activities.objects()["u1.ics"])
    world.google.put(name, world.google.objects()[name])
    assert not isinstance(world.plan().actions[0], Update)
    assert world.run().entries == ()
    link = world.link("u1")
    assert (link.calendar.settled, link.google.settled) == (True, True)
    assert (link.withheld, link.judged) == ("", fingerprint(world))


def test_what_is_left_alone_is_skipped_and_judged(world):
    """With the reason, in the plan and on the link."""
    world.at_google("event", "X-EVENT-TYPE:birthday")
    uid = world.ids.uid("event")
    assert only(world, Skip) == Skip(uid=uid, reason="event-type")
    assert only(world, Record).reason == "event-type"
    world.run()
    link = world.link(uid)
    assert (link.withheld, link.judged) == ("event-type", fingerprint(world))
    assert not any(isinstance(action, Record) for action in world.plan().actions)


def test_a_part_that_is_held_for_guests_is_said_beside_what_goes_on(world, schedule):
    """The title goes to Google, the time waits for a person."""
    name = world.ours("u1")
    world.mark_google(name, ATTENDEE)
    world.run()
    world.edit_crm("u1", title="New", schedule=schedule(12))
    assert only(world, Hold).uid == U1
    found = only(world, Update)
    assert found.after.withheld == "guests"
    assert world.lens.google_view(found.item) == world.view("New")


def test_without_guests_a_new_time_goes_out(world, schedule):
    """Nothing is held without a reason."""
    name = world.ours("u1")
    world.edit_crm("u1", schedule=schedule(12))
    world.run()
    assert world.event(name).schedule == schedule(12)
    assert world.link("u1").withheld == ""


# Withdrawing and reducing.


def test_a_withdrawal_says_why_and_under_which_policy(world):
    """Nothing else is done with an item nobody changed."""
    world.ours("u1")
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    (found,) = [action for action in world.plan().actions if writes_of(action)]
    assert isinstance(found, Withdraw)
    assert (found.uid, found.reason, found.judged) == (U1, "switched-off", fingerprint(world))


def test_a_withdrawal_first_brings_in_what_changed_at_google_and_sends_nothing_out(world):
    """The edit made here stays here: the copy is going."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Only here")
    world.edit_google(name, location="Room 1")
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    found = only(world, Merge)
    assert found.uid == U1
    first, last = found.writes
    assert (first.side, first.after.judged) == (Side.CALENDAR, "")
    assert isinstance(last, Withdraw)
    world.run()
    assert world.crm("u1") == world.view("Only here", location="Room 1")
    assert world.event(name) is None


def test_a_withdrawal_one_way_brings_nothing_in(world):
    """The calendar is not written in that direction."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    name = world.ours("u1")
    world.edit_google(name, location="Room 1")
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    (found,) = [action for action in world.plan().actions if writes_of(action)]
    assert isinstance(found, Withdraw)
    world.run()
    assert world.crm("u1").location == ""


def test_a_withdrawal_of_what_only_a_client_edited_is_nothing_but_that(world):
    """What changed here alone is no news from Google."""
    world.ours("u1")
    world.edit_crm("u1", title="Only here")
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    (found,) = [action for action in world.plan().actions if writes_of(action)]
    assert isinstance(found, Withdraw)


def test_a_reduction_says_whose_it_is_and_is_done_once(world):
    """What turned private at Google leaves a busy block here."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    uid = world.theirs("event", title="Doctor")
    world.edit_google("event", visibility=Visibility.PRIVATE)
    found = only(world, Reduce)
    assert (found.uid, found.write.uid) == (uid, uid)
    assert (found.write.after.withheld, found.write.after.judged) == ("private", fingerprint(world))
    world.run()
    assert world.crm(uid).title == "Busy"
    assert work(world) == []


def test_what_is_a_block_already_is_only_recorded_as_withheld(world):
    """A client had blanked it in the meantime: nothing to write."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    uid = world.theirs("event", title="Doctor")
    world.edit_google("event", visibility=Visibility.PRIVATE)
    world.edit_crm(uid, title="Busy", visibility=Visibility.PRIVATE)
    assert world.run().entries == ()
    assert world.link(uid).withheld == "private"
    assert world.link(uid).judged == fingerprint(world)


def test_what_cannot_be_shown_here_is_not_reduced_either(world):
    """A client took its date away: there is no time a block could stand at."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    uid = world.theirs("event", title="Doctor")
    world.edit_google("event", visibility=Visibility.PRIVATE)
    place, name = world.place(uid)
    item = place.objects()[name]
    lines = [line for line in item.text.split("\r\n") if not line.startswith(("DTSTART", "DTEND"))]
    place.put(name, replace(item, text="\r\n".join(lines)))
    assert only(world, Skip) == Skip(uid=uid, reason="private")
    assert world.run().entries == ()


def test_deleted_here_and_turned_private_there_nothing_is_reduced(world):
    """What is not here any more needs no block."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    uid = world.theirs("event", title="Doctor")
    world.edit_google("event", visibility=Visibility.PRIVATE, title="Surgeon")
    world.delete_crm(uid)
    assert only(world, Skip) == Skip(uid=uid, reason="private")
    assert world.run().entries == ()


# One-way.


def test_a_put_back_says_so_and_counts(world):
    """Once for each time our copy was changed."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    name = world.ours("u1")
    world.edit_google(name, title="Edited")
    found = only(world, PutBack)
    assert (found.uid, found.write.reason, found.write.after.put_backs) == (U1, PUT_BACK, 1)


def test_after_two_put_backs_the_link_is_parked_with_words_for_people(world):
    """It names the side, the version it holds for, and how often it was tried."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    name = world.ours("u1")
    for number in range(MOST_PUT_BACKS):
        world.edit_google(name, title=f"Edit {number}")
        world.run()
    world.edit_google(name, title="The last one")
    found = only(world, Record)
    assert (found.uid, found.reason) == (U1, PUT_BACK)
    assert found.link.parked == Parked(
        side=Side.GOOGLE,
        version=world.link("u1").calendar.seen,
        reason=PUT_BACK,
        message="Our copy was changed again after it had been put back twice; it is left as it is.",
        attempts=MOST_PUT_BACKS,
    )


@pytest.mark.parametrize("source", list(Side))
def test_a_mirror_shows_all_of_the_source_and_names_what_the_target_loses(source, world):
    """Only values a person changed on the target are losers."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Mine", location="Room 1")
    world.edit_google(name, title="Theirs", description="Theirs too")
    world.plan()
    world.run()  # merges; the sight below is made from what stood before
    link = world.link("u1")
    base = world.lens.put_calendar(world.view(), link.calendar.object)
    here = world.lens.put_calendar(world.view("Mine", location="Room 1"), base)
    there = world.lens.put_google(
        world.view("Theirs", description="Theirs too", location=""), link.google.object
    )
    stale = replace(
        link,
        calendar=replace(link.calendar.agreed_on(base), object=here),
        google=replace(
            link.google.agreed_on(world.lens.put_google(world.view(), link.google.object)),
            object=there,
        ),
    )
    merged = mirror(look(stale, world.lens), source)
    fields = {MergeField.TITLE, MergeField.LOCATION, MergeField.DESCRIPTION}
    if source is Side.CALENDAR:
        assert (merged.outgoing, merged.incoming) == (fields, frozenset())
        lost = [("description", "Theirs too"), ("title", "Theirs")]
    else:
        assert (merged.outgoing, merged.incoming) == (frozenset(), fields)
        lost = [("location", "Room 1"), ("title", "Mine")]
    assert [(loser.field.value, loser.value) for loser in merged.losers] == lost
    assert {loser.side for loser in merged.losers} == {source.other}


# Parking.


@pytest.mark.parametrize("where", ["new", "linked"])
def test_an_item_that_cannot_be_read_is_parked_with_its_side_version_and_time(
    where, world, monkeypatch
):
    """It is tried again after a while, and attempts are counted."""
    if where == "linked":
        world.ours("u1")
        world.mark_crm("u1", "X-ODD:1")
    else:
        world.in_crm("u1", "X-ODD:1")
    refuse(world, monkeypatch, when="X-ODD:1")
    now = world.clock.now()
    found = only(world, Record)
    assert (found.uid, found.reason) == (U1, UNCONVERTIBLE)
    world.run()
    link = world.link("u1")
    assert link.parked == Parked(
        side=Side.GOOGLE,
        version=link.calendar.seen,
        reason=UNCONVERTIBLE,
        message="odd date",
        retry_at=now + TRY_AGAIN_AFTER,
        attempts=1,
    )
    assert world.run().parked == 1
    assert world.link("u1").parked.attempts == 1
    for attempts in (2, 3):
        world.clock.advance(TRY_AGAIN_AFTER)
        world.run()
        assert world.link("u1").parked.attempts == attempts


def test_what_cannot_be_made_for_the_other_side_is_parked_with_its_own_words(world, monkeypatch):
    """The item can be read, but not written."""

    def refuse_new(item):
        raise ConversionError("no room at Google", uid=item.uid)

    monkeypatch.setattr(world.lens, "new_for_google", refuse_new)
    world.in_crm("u1")
    world.run()
    parked = world.link("u1").parked
    assert (parked.side, parked.message) == (Side.GOOGLE, "no room at Google")
    assert parked.retry_at == world.clock.now() + TRY_AGAIN_AFTER


def test_an_adoption_that_cannot_be_read_is_parked_and_the_others_go_on(world, monkeypatch):
    """Both halves are joined first; the joined link waits."""
    uid = Uid("same@example.org")
    world.in_crm(uid)
    world.google.put("event", world.activities.objects()[f"{uid}.ics"])
    world.mark_crm(uid, "X-ODD:1")
    world.in_crm("u2", title="Another")
    refuse(world, monkeypatch, when="X-ODD:1")
    world.run()
    assert world.link(uid).parked.message == "odd date"
    assert world.event(world.own("u2")) == world.crm("u2")


# At rest.


def test_an_item_at_rest_is_not_even_looked_at(world, monkeypatch):
    """What both sides agreed on under this policy costs nothing."""
    world.ours("u1")
    world.run()
    looked = watch(world, monkeypatch)
    assert work(world) == []
    assert looked == []
    world.choose(sync_from=date(2026, 3, 2))
    world.plan()
    assert U1 in looked


def test_a_withheld_item_is_at_rest_until_it_or_the_policy_changes(world, monkeypatch):
    """Being out of scope costs nothing either."""
    world.in_crm("u1", "X-CRM-SYNC:FALSE")
    world.run()
    looked = watch(world, monkeypatch)
    assert work(world) == []
    assert looked == []


def test_an_unsettled_item_is_looked_at_although_the_policy_is_the_same(world):
    """A link judged before a version was read is no link at rest."""
    name = world.ours("u1")
    link = world.link("u1")
    part = replace(link.google.parts[0], synced=ETag("older"))
    world.store.held_links[U1] = replace(
        link, google=replace(link.google, parts=(part,), base=world.google.objects()[name])
    )
    world.run()
    assert world.link("u1").google.settled


# The brakes, in words.


def test_the_refusal_says_how_many_of_how_many_and_where(world):
    """Only items that were on both sides count as linked."""
    for number in range(20):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    world.at_google("elsewhere", "X-EVENT-TYPE:birthday")
    for number in range(11):
        world.delete_crm(f"u{number}")
    stopped = world.run().stopped_by
    assert "delete 11 of 20 linked items at Google" in str(stopped)
    assert (stopped.side, stopped.count, stopped.limit) == ("google", 11, 10)


def test_a_side_that_lost_everything_is_named(world):
    """Count and limit tell that no number of losses is small enough."""
    for number in range(6):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    for number in range(6):
        world.delete_crm(f"u{number}")
    with pytest.raises(MassDeletionRefused) as refused:
        # What is read decides: the stored links know nothing of it yet.
        raise world.run().stopped_by
    assert "all 6 linked items are gone in the CRM" in str(refused.value)
    assert (refused.value.side, refused.value.count, refused.value.limit) == ("google", 6, 0)


def test_reductions_count_like_deletions(world):
    """Emptying the CRM's texts is a loss as well."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    for number in range(12):
        world.at_google(f"event{number}", title=f"Secret {number}")
    world.run()
    for number in range(11):
        world.edit_google(f"event{number}", visibility=Visibility.PRIVATE)
    stopped = world.run().stopped_by
    assert isinstance(stopped, MassDeletionRefused)
    assert (stopped.side, stopped.count) == ("calendar", 11)


def test_half_linked_items_are_no_links_to_the_brake(world):
    """A limit is a share of what is on both sides."""
    for number in range(60):
        world.at_google(f"kept{number}", "X-EVENT-TYPE:birthday", title=f"Birthday {number}")
    for number in range(20):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    for number in range(11):
        world.delete_crm(f"u{number}")
    stopped = world.run().stopped_by
    assert (stopped.count, stopped.limit) == (11, allowed(20))
    check(world.plan(), world.store.links(), confirmed=[Uid(f"u{number}") for number in range(11)])


# Scope.


@pytest.mark.parametrize(
    ("sync_type", "withheld"),
    [
        (SyncType.TWO_WAY, "window"),
        (SyncType.CRM_TO_GOOGLE, ""),
        (SyncType.GOOGLE_TO_CRM, "window"),
    ],
)
def test_the_window_asks_the_side_whose_time_would_hold(sync_type, withheld, world, schedule):
    """Google's in both directions, the source's in one; an item moved on both sides."""
    name = world.ours("u1")
    world.choose(sync_type=sync_type)
    world.run()
    world.edit_google(name, schedule=schedule(10, month=2))
    world.edit_crm("u1", schedule=schedule(20))
    world.run()
    assert world.link("u1").withheld == withheld


def test_the_window_asks_google_of_what_never_agreed(world, schedule):
    """Google's time is the one that would be kept."""
    uid = Uid("same@example.org")
    world.in_crm(uid, title="Same")
    item = world.activities.objects()[f"{uid}.ics"]
    early = world.lens.put_google(world.view("Same", schedule=schedule(1, month=2)), item)
    world.google.put("event", early)
    world.run()
    assert world.link(uid).withheld == "window"


def test_what_is_only_here_is_judged_by_its_own_time(world, schedule):
    """Nobody else has one."""
    world.in_crm("early", schedule=schedule(1, month=2))
    world.in_crm("late", schedule=schedule(20))
    world.run()
    assert world.link("early").withheld == "window"
    assert world.event(world.own("late")) is not None


def test_a_retry_waits_for_its_time(world):
    """To the moment."""
    world.ours("u1")
    world.edit_crm("u1", title="Later")
    link = world.link("u1")
    at = world.clock.now() + timedelta(minutes=5)
    parked = Parked(
        side=Side.GOOGLE, version=link.calendar.seen, reason="quota", message="", retry_at=at
    )
    world.run()
    waiting = replace(world.link("u1"), parked=parked, judged="")
    changed = replace(
        waiting.google,
        parts=(replace(waiting.google.parts[0], synced=ETag("older")),),
        base=world.lens.put_google(world.view(), waiting.google.object),
    )
    world.store.held_links[U1] = replace(waiting, google=changed)
    assert work(world) == []
    world.clock.advance(timedelta(minutes=5))
    assert work(world) != []
