"""The scope: nothing is deleted because it left it, and it goes on from where it was."""

from __future__ import annotations

from datetime import date

import pytest

from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.domain.view import Visibility
from bridge.sync.actions import Hold, Withdraw
from bridge.sync.model import Side


def reasons(report):
    """Return the withheld counts of a report."""
    return {entry.reason: entry.count for entry in report.withheld}


def withdrawals(world):
    """Return the reasons of the withdrawals a dry run plans."""
    return [write.reason for write in world.plan().writes() if isinstance(write, Withdraw)]


def test_an_event_moved_to_before_sync_from_deletes_nothing(world, schedule):
    """The activity keeps its old date, and both go on when the event comes back."""
    name = world.ours("u1")
    world.edit_google(name, schedule=schedule(10, month=2))
    before = world.texts()
    assert reasons(world.run()) == {"window": 1}
    assert world.texts() == before
    world.edit_google(name, schedule=schedule(15))
    assert reasons(world.run()) == {}
    assert world.crm("u1").schedule == schedule(15)


def test_an_activity_moved_to_before_sync_from_deletes_nothing(world, schedule):
    """The same from the CRM's side."""
    name = world.ours("u1")
    world.edit_crm("u1", schedule=schedule(10, month=2))
    before = world.texts()
    assert reasons(world.run()) == {"window": 1}
    assert world.texts() == before
    assert world.event(name).schedule == schedule(10)


def test_a_past_item_moved_into_the_window_comes_into_scope(world, schedule):
    """What counts is where the item will be."""
    uid = world.theirs("past", schedule=schedule(10, month=2))
    assert world.crm(uid) is None
    world.edit_google("past", schedule=schedule(10))
    world.run()
    assert world.crm(uid).schedule == schedule(10)


def test_a_past_item_deleted_on_one_side_stays_on_the_other(world):
    """The window never deletes, linked or not."""
    name = world.ours("u1")
    world.choose(sync_from=date(2026, 4, 1))
    world.run()
    world.delete_crm("u1")
    assert reasons(world.run()) == {"window": 1}
    assert world.event(name) is not None


def test_a_later_sync_from_deletes_nothing_and_an_earlier_one_goes_on(world):
    """Options may be changed to and fro; edits made in between are carried then."""
    name = world.ours("u1")
    uid = world.theirs("event", title="Theirs")
    before = world.texts()
    world.choose(sync_from=date(2027, 1, 1))
    assert reasons(world.run()) == {"window": 2}
    assert world.texts() == before
    world.edit_google(name, title="Edited meanwhile")
    world.edit_crm(uid, location="Meanwhile too")
    assert world.run().entries == ()
    world.choose(sync_from=date(2026, 3, 1))
    world.run()
    assert world.crm("u1").title == "Edited meanwhile"
    assert world.event("event").location == "Meanwhile too"


def test_the_window_counts_the_last_day_itself(world):
    """An item that ends on the first day of the window is in it."""
    world.choose(sync_from=date(2026, 3, 10))
    world.in_crm("u1")
    assert reasons(world.run()) == {}
    world.choose(sync_from=date(2026, 3, 11))
    assert reasons(world.run()) == {"window": 1}


def test_an_unticked_type_withdraws_our_copy_and_deletes_nothing_in_the_crm(world):
    """The plan says so, and once the type is ticked again the copy is back."""
    name = world.ours("u1", "X-CRM-ACTIVITY-TYPE:call")
    world.choose(outgoing_types=frozenset({"meeting"}))
    assert withdrawals(world) == ["type"]
    (entry,) = world.run().entries
    assert (entry.action, entry.side, entry.after) == ("withdraw", Side.GOOGLE, None)
    assert world.event(name) is None
    assert world.crm("u1") is not None
    assert world.run().entries == ()
    world.choose(outgoing_types=frozenset({"meeting", "call"}))
    world.run()
    assert world.event(name) == world.crm("u1")
    assert world.run().entries == ()


@pytest.mark.parametrize("guests", [False, True])
def test_a_copy_deleted_at_google_that_was_to_be_withdrawn_takes_no_activity_along(world, guests):
    """It is gone as it was to be; the type ticked again, the copy is back and nothing is lost."""
    name = world.ours("u1")
    if guests:
        world.mark_google(name, "ATTENDEE:mailto:guest@example.com")
        world.run()
    world.choose(outgoing_types=frozenset())
    if guests:
        assert reasons(world.run()) == {"guests": 1}
    world.google.remove(name)
    assert reasons(world.run()) == {"type": 1}
    assert world.run().entries == ()
    world.choose(outgoing_types=frozenset({"meeting"}))
    world.run()
    assert world.crm("u1") == world.view()
    assert len(world.google.objects()) == 1


def test_an_activity_that_becomes_of_an_unticked_type_is_withdrawn(world):
    """A changed type counts although the view is the same."""
    name = world.ours("u1")
    world.mark_crm("u1", "X-CRM-ACTIVITY-TYPE:lunch")
    assert reasons(world.run()) == {"type": 1}
    assert world.event(name) is None
    assert world.crm("u1") is not None


def test_what_a_person_changed_at_google_is_brought_in_before_the_copy_is_withdrawn(world):
    """A withdrawal loses no edit."""
    name = world.ours("u1")
    world.edit_google(name, location="Room 9")
    world.choose(outgoing_types=frozenset({"call"}))
    world.run()
    assert world.event(name) is None
    assert world.crm("u1").location == "Room 9"
    assert world.run().entries == ()


def test_an_unticked_type_of_an_event_from_google_lets_changes_in_and_none_out(world):
    """Nothing of it is deleted on either side, and edits in the CRM wait."""
    uid = world.theirs("event")
    world.choose(outgoing_types=frozenset({"call"}))
    world.edit_google("event", location="Room 1")
    world.edit_crm(uid, title="Mine")
    report = world.run()
    assert [entry.side for entry in report.entries] == [Side.CALENDAR]
    assert reasons(report) == {"type": 1}
    assert (world.crm(uid).title, world.crm(uid).location) == ("Mine", "Room 1")
    assert world.event("event").title == "Call Ada"
    assert world.run().entries == ()
    world.choose(outgoing_types=frozenset({"meeting"}))
    world.run()
    assert world.event("event") == world.crm(uid)
    assert world.event("event").title == "Mine"


def test_a_delete_in_the_crm_of_an_unticked_type_from_google_stays_unwritten(world):
    """Changes of the calendar side are not written, its deletes neither."""
    uid = world.theirs("event")
    world.choose(outgoing_types=frozenset({"call"}))
    world.delete_crm(uid)
    assert world.run().entries == ()
    assert world.event("event") is not None


def test_a_delete_at_google_of_an_unticked_type_from_google_comes_in(world):
    """It is a change from Google, not a matter of scope."""
    uid = world.theirs("event")
    world.choose(outgoing_types=frozenset({"call"}))
    world.google.remove("event")
    world.run()
    assert world.crm(uid) is None


def test_a_new_activity_of_an_unticked_type_is_not_sent(world):
    """It stays where it is, with the reason."""
    world.in_crm("u1", "X-CRM-ACTIVITY-TYPE:lunch")
    assert reasons(world.run()) == {"type": 1}
    assert world.google.objects() == {}


def test_an_item_switched_off_is_withdrawn_and_switched_on_again_returns(world):
    """`X-CRM-SYNC:FALSE` takes one item out; nothing happens to the activity."""
    name = world.ours("u1")
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    assert withdrawals(world) == ["switched-off"]
    assert reasons(world.run()) == {"switched-off": 1}
    assert world.event(name) is None
    world.edit_crm("u1", title="Edited while out")
    assert world.run().entries == ()
    collection, place = world.place("u1")
    item = collection.objects()[place]
    collection.put(
        place,
        type(item)(
            uid=item.uid,
            component=item.component,
            text=item.text.replace("X-CRM-SYNC:FALSE\r\n", ""),
        ),
    )
    world.run()
    assert world.event(name).title == "Edited while out"


def test_an_event_from_google_switched_off_here_stays_there(world):
    """Only our own copies are withdrawn."""
    uid = world.theirs("event")
    world.mark_crm(uid, "X-CRM-SYNC:FALSE")
    before = world.texts()
    assert reasons(world.run()) == {"switched-off": 1}
    assert world.texts() == before


def test_an_event_turned_private_under_do_not_sync_leaves_a_busy_block(world, schedule):
    """Its details go, nothing is deleted, and what is private afterwards stays at Google."""
    uid = world.theirs("event", title="Doctor", description="secret", location="Clinic")
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.edit_google("event", visibility=Visibility.PRIVATE, title="Doctor again")
    (entry,) = world.run().entries
    assert (entry.action, entry.reason) == ("update", "private")
    assert world.crm(uid) == world.view("Busy", visibility=Visibility.PRIVATE)
    world.edit_google("event", title="More secrets", schedule=schedule(20))
    assert world.run().entries == ()
    world.edit_google("event", visibility=Visibility.DEFAULT)
    world.run()
    assert world.crm(uid) == world.event("event")
    assert world.crm(uid).title == "More secrets"
    assert world.crm(uid).description == "secret"
    assert world.run().entries == ()


def test_what_was_edited_while_it_was_hidden_comes_in_once_it_is_shown(world):
    """The options hid the edit from the comparison; it is not agreed on because of that."""

    def choose(private_events):
        world.choose(private_events=private_events)
        world.lens = GoogleLens(settings=world.settings, types=STOCK_TYPES, calendar_zone="UTC")

    choose(PrivateEvents.SAVE_AS_PRIVATE)
    uid = world.theirs("event", title="Open")
    world.edit_google("event", visibility=Visibility.PRIVATE)
    choose(PrivateEvents.DO_NOT_SYNC)
    world.run()
    assert world.crm(uid).title == "Busy"
    choose(PrivateEvents.SAVE_AS_PRIVATE)
    world.edit_google("event", title="Edited in secret", description="Details")
    choose(PrivateEvents.DO_NOT_SYNC)
    assert world.run().entries == ()
    choose(PrivateEvents.SAVE_AS_PRIVATE)
    assert world.run().done == 1
    assert world.crm(uid) == world.event("event")
    assert world.crm(uid).title == "Edited in secret"
    assert world.run().entries == ()


def test_a_busy_block_is_made_once_and_then_the_crms_own(world):
    """What a person makes of the block stays, and does not go to Google."""
    uid = world.theirs("event", visibility=Visibility.PRIVATE)
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    world.run()
    world.edit_crm(uid, title="My words")
    assert world.run().entries == ()
    assert world.crm(uid).title == "My words"
    assert world.event("event").title == "Call Ada"


def test_a_private_event_never_comes_in_under_do_not_sync(world):
    """A new private event stays at Google."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    uid = world.theirs("event", visibility=Visibility.CONFIDENTIAL)
    assert world.crm(uid) is None
    assert world.link(uid).withheld == "private"


def test_an_activity_made_private_under_do_not_sync_is_withdrawn(world):
    """Its copy at Google goes, the activity stays."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    name = world.ours("u1")
    world.edit_crm("u1", visibility=Visibility.PRIVATE)
    assert withdrawals(world) == ["private"]
    assert reasons(world.run()) == {"private": 1}
    assert world.event(name) is None
    assert world.crm("u1") is not None


def test_our_copy_made_private_at_google_under_do_not_sync_stays_on_both_sides(world):
    """The user hid it there; nothing is taken away and nothing comes in."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    name = world.ours("u1")
    world.edit_google(name, visibility=Visibility.PRIVATE, title="Hidden")
    before = world.texts()
    assert reasons(world.run()) == {"private": 1}
    assert world.texts() == before


@pytest.mark.parametrize("choice", [PrivateEvents.SAVE_AS_PRIVATE, PrivateEvents.SAVE_AS_PUBLIC])
def test_private_events_sync_under_the_other_choices(world, choice):
    """How they are shown is the lens's business."""
    world.choose(private_events=choice)
    uid = world.theirs("event", visibility=Visibility.PRIVATE)
    assert world.crm(uid) is not None


def test_special_events_stay_at_google(world):
    """Birthdays and the like are left alone."""
    uid = world.theirs("event", "X-EVENT-TYPE:birthday")
    assert world.crm(uid) is None
    assert world.link(uid).withheld == "event-type"


def test_an_item_google_cannot_say_all_of_stays_on_both_sides(world):
    """It is neither updated nor deleted anywhere; half of it would be a lie."""
    name = world.ours("u1")
    world.mark_crm("u1", "X-UNSUPPORTED:series-frequency")
    world.edit_google(name, title="Edited")
    before = world.texts()
    assert reasons(world.run()) == {"series-frequency": 1}
    world.delete_crm("u1")
    world.run()
    assert world.texts()[2] == before[2]


def test_an_undated_activity_is_not_at_google(world):
    """Without a date there is nothing to show; the copy is withdrawn, the activity stays."""
    name = world.ours("u1")
    collection, place = world.place("u1")
    item = collection.objects()[place]
    lines = [line for line in item.text.split("\r\n") if not line.startswith(("DTSTART", "DTEND"))]
    collection.put(place, type(item)(uid=item.uid, component="VTODO", text="\r\n".join(lines)))
    assert reasons(world.run()) == {"undated": 1}
    assert world.event(name) is None
    assert world.place("u1") is not None


def test_changes_of_an_event_one_may_only_read_come_in_and_none_go_out(world):
    """What Google would refuse is not even tried."""
    uid = world.theirs("event", "X-READ-ONLY:TRUE")
    world.edit_google("event", location="Room 2")
    world.edit_crm(uid, title="Mine")
    report = world.run()
    assert [entry.side for entry in report.entries] == [Side.CALENDAR]
    assert world.crm(uid).location == "Room 2"
    assert reasons(report) == {"read-only": 1}


def test_a_new_time_is_never_written_to_an_event_with_guests(world, schedule):
    """Only the time is held; the title goes on, and Google's own new time ends the hold."""
    uid = world.theirs("event", "ATTENDEE:mailto:guest@example.com")
    world.edit_crm(uid, schedule=schedule(11), title="New title")
    report = world.run()
    assert reasons(report) == {"guests": 1}
    assert world.event("event").title == "New title"
    assert world.event("event").schedule == schedule(10)
    assert world.crm(uid).schedule == schedule(11)
    assert world.run().entries == ()
    world.edit_google("event", schedule=schedule(12))
    assert reasons(world.run()) == {}
    assert world.crm(uid).schedule == world.event("event").schedule == schedule(12)


def test_an_event_with_guests_is_never_deleted_by_a_delete_in_the_crm(world):
    """The delete is held, and shown."""
    uid = world.theirs("event", "ATTENDEE:mailto:guest@example.com")
    world.delete_crm(uid)
    assert any(isinstance(found, Hold) and found.uid == uid for found in world.plan().actions)
    assert reasons(world.run()) == {"guests": 1}
    assert world.event("event") is not None
    assert world.run().entries == ()


def test_our_copy_with_guests_is_not_withdrawn(world):
    """Somebody invited people there; taking it away would cancel their meeting."""
    name = world.ours("u1")
    world.mark_google(name, "ATTENDEE:mailto:guest@example.com")
    world.choose(outgoing_types=frozenset())
    assert reasons(world.run()) == {"guests": 1}
    assert world.event(name) is not None


def test_a_full_listing_after_an_expired_token_deletes_nothing(world):
    """Everything is matched again, on both sides, and nothing is written."""
    world.ours("u1")
    world.theirs("event", title="Theirs")
    before = world.texts()
    for side in (world.activities, world.tasks, world.google):
        side.expire_tokens()
    assert world.run().entries == ()
    assert world.texts() == before


def test_nothing_of_a_withheld_item_is_written_in_one_way_either(world):
    """A direction does not widen the scope."""
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    uid = world.theirs("event", "X-EVENT-TYPE:focusTime")
    assert world.crm(uid) is None


def test_an_event_type_that_was_switched_on_comes_in_read_only(world):
    """Google's changes follow; what is changed here is put back, and is said so."""
    uid = world.theirs("event", "X-EVENT-TYPE:focusTime")
    assert world.crm(uid) is None
    world.choose(event_types=frozenset({"default", "focusTime"}))
    world.run()
    assert world.crm(uid) == world.event("event")
    world.edit_google("event", title="Deep work")
    world.run()
    assert world.crm(uid).title == "Deep work"
    world.edit_crm(uid, title="Shallow work")
    report = world.run()
    assert {entry.side for entry in report.entries} == {Side.CALENDAR}
    assert world.crm(uid).title == "Deep work"
    assert reasons(report) == {"read-only": 1}
    world.choose(event_types=frozenset({"default"}))
    before = world.texts()
    assert reasons(world.run()) == {"event-type": 1}
    assert world.texts() == before
