"""One-way: the target follows, what happens to our copy there is put back, twice at most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.sync_settings import SyncType
from bridge.domain.view import Instance, Visibility
from bridge.errors import MassDeletionRefused
from bridge.sync.actions import PutBack
from bridge.sync.model import Side


@pytest.fixture
def outward(world):
    """Return a world that syncs from the CRM to Google only."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    return world


@pytest.fixture
def inward(world):
    """Return a world that syncs from Google to the CRM only."""
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    return world


def reasons(report):
    """Return the withheld counts of a report."""
    return {entry.reason: entry.count for entry in report.withheld}


def test_outward_brings_nothing_in(outward):
    """Events people make at Google stay there, whatever happens to them."""
    outward.at_google("event")
    assert reasons(outward.run()) == {"direction": 1}
    outward.edit_google("event", title="Edited")
    outward.run()
    assert outward.activities.objects() == {}
    assert outward.event("event").title == "Edited"


def test_inward_sends_nothing_out(inward):
    """Activities stay in the CRM."""
    inward.in_crm("u1")
    assert reasons(inward.run()) == {"direction": 1}
    assert inward.google.objects() == {}


def test_outward_puts_an_edit_of_our_copy_back(outward):
    """Google's copy shows the CRM's activity again, all of it."""
    name = outward.ours("u1")
    outward.edit_google(name, title="Edited", location="Room 1")
    assert any(isinstance(action, PutBack) for action in outward.plan().actions)
    (entry,) = outward.run().entries
    assert (entry.action, entry.side) == ("put-back", Side.GOOGLE)
    assert "Edited" in entry.before
    assert outward.event(name) == outward.crm("u1") == outward.view()
    assert outward.run().entries == ()


def test_outward_puts_a_deleted_copy_back(outward):
    """It is there again, and the activity was never touched."""
    name = outward.ours("u1")
    outward.google.remove(name)
    (entry,) = outward.run().entries
    assert entry.action == "put-back"
    assert outward.event(name) == outward.view()


def test_our_copy_is_put_back_twice_per_version_and_then_parked(outward):
    """A person who insists is not fought; a new version of the activity starts again."""
    name = outward.ours("u1")
    for title in ("once", "twice"):
        outward.edit_google(name, title=title)
        assert outward.run().done == 1
    outward.edit_google(name, title="thrice")
    report = outward.run()
    assert (report.entries, report.parked) == ((), 1)
    outward.edit_google(name, title="again")
    assert outward.run().entries == ()
    assert outward.event(name).title == "again"
    outward.edit_crm("u1", location="Room 1")
    assert outward.run().parked == 0
    assert outward.event(name) == outward.crm("u1")
    outward.edit_google(name, title="once more")
    assert outward.run().done == 1


def test_an_edit_in_the_crm_overwrites_what_happened_to_our_copy(outward):
    """The loser is in the history."""
    name = outward.ours("u1")
    outward.edit_google(name, title="Theirs", location="Theirs")
    outward.edit_crm("u1", title="Mine")
    (entry,) = outward.run().entries
    assert outward.event(name) == outward.view("Mine")
    assert "title of google not kept: Theirs" in entry.detail
    assert "location of google not kept: Theirs" in entry.detail


def test_a_delete_in_the_crm_deletes_our_copy_edited_or_not(outward):
    """The target follows its source."""
    name = outward.ours("u1")
    outward.edit_google(name, title="Edited")
    outward.delete_crm("u1")
    outward.run()
    assert outward.event(name) is None


def test_inward_puts_an_edit_of_the_activity_back(inward):
    """The mirror image: the CRM's copy of an event follows the event."""
    uid = inward.theirs("event")
    inward.edit_crm(uid, title="Edited")
    (entry,) = inward.run().entries
    assert (entry.action, entry.side) == ("put-back", Side.CALENDAR)
    assert inward.crm(uid) == inward.event("event")


def test_inward_puts_a_deleted_activity_back(inward):
    """With what only the CRM knew of it."""
    uid = inward.theirs("event")
    inward.mark_crm(uid, "X-ONLY-CRM:1")
    inward.run()
    inward.delete_crm(uid)
    inward.run()
    collection, name = inward.place(uid)
    assert "X-ONLY-CRM:1" in collection.objects()[name].text


OWN_HERE = {"done": True, "visibility": Visibility.PRIVATE}


@pytest.mark.parametrize(("field", "value"), OWN_HERE.items())
def test_inward_leaves_what_the_crm_says_for_itself(inward, field, value):
    """Done is done, though the meeting is followed from Google; later edits there come in."""
    uid = inward.theirs("event")
    inward.edit_crm(uid, **{field: value})
    report = inward.run()
    assert (report.entries, reasons(report)) == ((), {"direction": 1})
    inward.edit_google("event", title="Theirs")
    inward.run()
    assert inward.crm(uid) == replace(inward.event("event"), **{field: value})
    assert inward.event("event") == inward.view("Theirs")
    assert inward.run().entries == ()
    inward.choose(sync_type=SyncType.TWO_WAY)
    inward.run()
    assert inward.event("event") == inward.crm(uid)


def test_inward_puts_back_all_else_that_was_edited_beside_it(inward):
    """What is done stays done."""
    uid = inward.theirs("event")
    inward.edit_crm(uid, title="Mine", done=True)
    (entry,) = inward.run().entries
    assert entry.action == "put-back"
    assert inward.crm(uid) == inward.view(done=True)
    assert inward.run().entries == ()


def test_inward_takes_what_google_changes_of_it(inward):
    """The side that is followed has the last word."""
    uid = inward.theirs("event")
    inward.edit_crm(uid, visibility=Visibility.PRIVATE, done=True)
    inward.run()
    inward.edit_google("event", visibility=Visibility.PUBLIC)
    inward.run()
    assert inward.crm(uid) == replace(inward.event("event"), done=True)


def test_inward_leaves_a_date_of_a_series_that_was_done(inward, schedule):
    """It follows its series in all else, and stays done."""
    daily = replace(schedule(10), recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    key = "20260311T090000Z"
    uid = inward.theirs("event", schedule=daily)
    date_done = Instance(key=key, view=inward.view(schedule=schedule(11), done=True))
    inward.edit_crm(uid, instances=(date_done,))
    assert inward.run().entries == ()
    inward.edit_google("event", title="Theirs")
    inward.run()
    told = inward.crm(uid).by_key()[key]
    assert (told.title, told.done) == ("Theirs", True)
    assert inward.event("event").instances == ()
    assert inward.run().entries == ()


def test_inward_puts_back_a_date_that_was_cancelled_or_retitled(inward, schedule):
    """That is of the event, and not the CRM's own."""
    daily = replace(schedule(10), recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    uid = inward.theirs("event", schedule=daily)
    retitled = inward.view("Mine", schedule=schedule(11), done=True)
    inward.edit_crm(
        uid,
        instances=(
            Instance(key="20260311T090000Z", view=retitled),
            Instance(key="20260312T090000Z"),
        ),
    )
    (entry,) = inward.run().entries
    assert entry.action == "put-back"
    assert inward.crm(uid) == inward.event("event")


def test_inward_deletes_what_google_deleted(inward):
    """A delete comes in, too."""
    uid = inward.theirs("event")
    inward.google.remove("event")
    inward.run()
    assert inward.crm(uid) is None


def test_after_a_switch_to_outward_events_of_google_are_left_to_google(world):
    """Only our copies are put back; edits in the CRM still go out, field by field."""
    uid = world.theirs("event")
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    world.edit_google("event", location="Theirs")
    assert world.run().entries == ()
    world.edit_crm(uid, title="Mine")
    world.run()
    assert (world.event("event").title, world.event("event").location) == ("Mine", "Theirs")
    assert world.crm(uid).location == ""
    world.choose(sync_type=SyncType.TWO_WAY)
    world.run()
    assert world.crm(uid) == world.event("event")
    assert world.crm(uid).location == "Theirs"


def test_after_a_switch_to_inward_our_activities_are_left_to_the_crm(world):
    """Edits in the CRM wait; edits at Google come in."""
    name = world.ours("u1")
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    world.edit_crm("u1", title="Mine")
    assert world.run().entries == ()
    world.edit_google(name, location="Theirs")
    world.run()
    assert (world.crm("u1").title, world.crm("u1").location) == ("Mine", "Theirs")
    world.choose(sync_type=SyncType.TWO_WAY)
    world.run()
    assert world.event(name) == world.crm("u1")


def test_an_emptied_target_stops_instead_of_being_refilled(outward):
    """Somebody cleared the calendar: ask before filling it again."""
    for number in range(6):
        outward.in_crm(f"u{number}", title=f"Call {number}")
    outward.run()
    for name in list(outward.google.objects()):
        outward.google.remove(name)
    assert isinstance(outward.run().stopped_by, MassDeletionRefused)
    assert outward.google.objects() == {}
    assert outward.run(confirmed=True).done == 6


def test_outward_does_not_withdraw_less_than_two_way(outward):
    """An unticked type takes our copy back in this direction as well."""
    name = outward.ours("u1")
    outward.choose(outgoing_types=frozenset())
    outward.run()
    assert outward.event(name) is None
    assert outward.crm("u1") is not None


def test_inward_withdraws_nothing_from_google(world):
    """A direction that never writes to Google does not delete there either."""
    name = world.ours("u1")
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM, outgoing_types=frozenset())
    assert world.run().entries == ()
    assert world.event(name) is not None


def test_adoption_in_one_way_follows_the_source(outward):
    """Equal items are linked, and the target shows what the source says."""
    outward.in_crm("u1", location="Room CRM")
    outward.at_google("event", location="Room Google")
    outward.run()
    assert outward.event("event").location == outward.crm("u1").location == "Room CRM"
    assert len(outward.google.objects()) == 1


def test_an_adopted_event_loses_nothing_that_only_it_has(outward):
    """A person made it at Google: an activity without a text takes its text away no more."""
    outward.in_crm("u1", location="Room")
    outward.at_google("event", description="Agenda")
    outward.run()
    assert outward.event("event") == outward.view(location="Room", description="Agenda")
    assert outward.run().entries == ()
    outward.edit_crm("u1", location="Room 2")
    outward.run()
    assert outward.event("event") == outward.view(location="Room 2", description="Agenda")
    outward.choose(sync_type=SyncType.TWO_WAY)
    outward.run()
    assert outward.crm("u1") == outward.event("event")


def test_an_activity_that_follows_an_equal_event_tells_what_it_lost(inward):
    """It shows what its event shows; its own text is in the history."""
    inward.in_crm("u1", description="Mine")
    inward.at_google("event")
    (entry,) = inward.run().entries
    assert inward.crm("u1") == inward.event("event")
    assert "description of calendar not kept: Mine" in entry.detail


def test_a_put_back_never_moves_an_event_with_guests(outward, schedule):
    """The time stays as it is there; only the other fields are put back."""
    name = outward.ours("u1")
    outward.mark_google(name, "ATTENDEE:mailto:guest@example.com")
    outward.edit_google(name, schedule=schedule(12), title="Edited")
    report = outward.run()
    assert reasons(report) == {"guests": 1}
    assert outward.event(name).title == "Call Ada"
    assert outward.event(name).schedule == schedule(12)
    assert outward.run().entries == ()


def _insisted(outward, *, delete=False):
    """Let a person change our copy until it is left as it is; return its name."""
    name = outward.ours("u1")
    for title in ("once", "twice", "thrice"):
        outward.edit_google(name, title=title)
        outward.run()
    if delete:
        outward.google.remove(name)
        outward.run()
    assert outward.link("u1").parked is not None
    return name


def test_an_edit_that_was_left_at_google_counts_once_the_sync_is_two_way(outward):
    """What outward would have fought is an edit like any other now; both sides agree again."""
    name = _insisted(outward)
    outward.choose(sync_type=SyncType.TWO_WAY)
    report = outward.run()
    assert (report.done, report.parked) == (1, 0)
    assert outward.crm("u1") == outward.event(name)
    assert outward.crm("u1").title == "thrice"
    assert outward.run().entries == ()


def test_a_copy_deleted_while_that_meant_nothing_deletes_no_activity_later(outward):
    """The choice of a direction takes nothing away from the CRM."""
    _insisted(outward, delete=True)
    outward.choose(sync_type=SyncType.TWO_WAY)
    assert outward.run().entries == ()
    assert outward.crm("u1") == outward.view()
    assert [skip.reason for skip in outward.plan().actions] == ["put-back"]
