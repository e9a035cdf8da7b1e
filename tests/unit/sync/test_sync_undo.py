"""Undo: what a run wrote is taken back where it still stands, and both sides agree afterwards."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from bridge.domain.sync_settings import SyncType
from bridge.domain.view import MergeField
from bridge.errors import ItemRejected, PreconditionFailed
from bridge.sync.hold import HoldAnswer, HoldKind
from bridge.sync.memory import Moment
from bridge.sync.model import UNDONE, JournalState, Presence, Side
from bridge.sync.scope import DIRECTION, GUESTS
from bridge.sync.undo import ALREADY, CHANGED_SINCE, GONE, HELD, THERE_AGAIN, UNSETTLED


def settled(world):
    """Run twice and make sure that nothing is left to do."""
    for _ in range(2):
        report = world.run()
        assert (report.entries, report.stopped_by) == ((), None)


def kept(undoing):
    """Return what is kept, by field."""
    return {each.field: each.reason for step in undoing.steps for each in step.kept}


# Changes.


def test_change_brought_in_from_google_is_taken_back_on_both_sides(world):
    """The calendar's old title counts as an edit there, which Google follows."""
    name = world.ours("u1", title="Call Ada", location="Room 1")
    world.edit_google(name, title="Oops", location="Nowhere")
    report = world.run()
    undone = world.undo(*report.entries)
    assert [(e.side, e.reason) for e in undone.entries] == [
        (Side.CALENDAR, UNDONE),
        (Side.GOOGLE, "changed"),
    ]
    assert (world.crm("u1").title, world.event(name).title) == ("Call Ada", "Call Ada")
    assert world.event(name).location == "Room 1"
    settled(world)


def test_change_carried_to_google_is_taken_back_on_both_sides(world):
    """The direction the run wrote in does not matter."""
    name = world.ours("u1")
    world.edit_crm("u1", description="Secret plans")
    world.undo(*world.run().entries)
    assert (world.crm("u1").description, world.event(name).description) == ("", "")
    settled(world)


def test_field_changed_since_is_kept_and_the_others_are_restored(world):
    """Nobody's later work is lost."""
    name = world.ours("u1", location="Room 1")
    world.edit_google(name, title="Oops", location="Nowhere")
    entries = world.run().entries
    world.edit_crm("u1", location="Room 2")
    undoing = world.undoing(*entries)
    assert undoing.steps[0].fields == (MergeField.TITLE,)
    assert kept(undoing) == {MergeField.LOCATION: CHANGED_SINCE}
    world.undo(*entries)
    assert (world.event(name).title, world.event(name).location) == ("Call Ada", "Room 2")
    settled(world)


def test_news_on_the_other_side_is_kept_although_no_run_has_carried_it(world):
    """The side that was written still holds it, the other one does not any more."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    world.edit_google(name, title="Newer")
    assert kept(world.undoing(*entries)) == {MergeField.TITLE: CHANGED_SINCE}
    world.undo(*entries)
    world.run()
    assert world.crm("u1").title == "Newer"


def test_undoing_twice_does_nothing_the_second_time(world):
    """What is as it was before is left alone."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    world.undo(*entries)
    assert kept(world.undoing(*entries)) == {MergeField.TITLE: ALREADY}
    assert world.undo(*entries).entries == ()


def test_undo_is_itself_taken_back(world):
    """It is a run like any other."""
    name = world.ours("u1")
    world.edit_google(name, title="Right after all")
    undone = world.undo(*world.run().entries)
    world.undo(*undone.entries)
    assert (world.crm("u1").title, world.event(name).title) == ("Right after all",) * 2
    settled(world)


def test_the_loser_of_a_merge_is_restored_alone(world):
    """Of a write that changed more, one field."""
    name = world.ours("u1")
    world.edit_google(name, title="Theirs")
    world.edit_crm("u1", title="Ours", description="Ours too")
    (entry,) = world.run().entries
    assert entry.losers == (MergeField.TITLE,)
    world.undo(entry, fields=frozenset({"title"}))
    for view in (world.crm("u1"), world.event(name)):
        assert (view.title, view.description) == ("Theirs", "Ours too")
    settled(world)


def test_both_sides_of_a_merge_are_taken_back(world):
    """Each side had one field from the other."""
    name = world.ours("u1")
    world.edit_google(name, location="Nowhere")
    world.edit_crm("u1", title="Oops")
    entries = world.run().entries
    assert {entry.side for entry in entries} == set(Side)
    world.undo(*entries)
    for view in (world.crm("u1"), world.event(name)):
        assert (view.title, view.location) == ("Call Ada", "")
    settled(world)


def test_time_of_an_event_with_guests_is_restored_in_the_calendar_and_waits(world, schedule):
    """Guests are never surprised by an undo either: a person is asked, as after any edit."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Oops", schedule=schedule(11))
    entries = world.run().entries
    world.mark_google(name, "ATTENDEE:mailto:eva@example.com")
    world.run()
    assert kept(world.undoing(*entries)) == {MergeField.SCHEDULE: HELD}
    world.undo(*entries)
    assert (world.event(name).title, world.event(name).schedule) == ("Call Ada", schedule(11))
    assert (world.crm("u1").title, world.crm("u1").schedule) == ("Call Ada", schedule(10))
    held = world.link("u1").held
    assert held.kind is HoldKind.CHANGE
    world.store.held_links["u1"] = replace(
        world.link("u1"), held=replace(held, answer=HoldAnswer("without-telling"))
    )
    world.run()
    assert world.event(name).schedule == schedule(10)
    settled(world)


def test_time_of_an_event_with_guests_stays_where_nothing_is_written_to_the_calendar(
    world, schedule
):
    """Of a one-way sync nobody is asked."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    name = world.ours("u1")
    world.edit_crm("u1", schedule=schedule(11))
    entries = world.run().entries
    world.mark_google(name, "ATTENDEE:mailto:eva@example.com")
    world.run()
    assert kept(world.undoing(*entries)) == {MergeField.SCHEDULE: GUESTS}


def test_change_while_the_undo_is_on_its_way_wins(world):
    """The write is conditional; the later edit is kept."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries

    def edit(step):
        if (step.operation, step.moment) == ("update", Moment.BEFORE):
            world.steps.interfere = None
            world.edit_crm("u1", title="Just now")

    world.steps.interfere = edit
    report = world.undo(*entries)
    assert report.entries[0].state is JournalState.OVERTAKEN
    world.run()
    assert (world.crm("u1").title, world.event(name).title) == ("Just now",) * 2


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("number", range(1, 30))
def test_undo_cut_off_anywhere_needs_no_repair(world, moment, number):
    """Either it happened or it did not; later runs converge, and it can be asked for again."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    start = world.steps.count

    def crash(step):
        if step.moment is moment and step.number == start + number:
            raise KeyboardInterrupt

    world.steps.interfere = crash
    with contextlib.suppress(KeyboardInterrupt):
        world.undo(*entries)
    world.steps.interfere = None
    for _ in range(2):
        assert world.run().stopped_by is None
    settled(world)
    assert world.crm("u1").title == world.event(name).title
    world.undo(*entries)
    assert (world.crm("u1").title, world.event(name).title) == ("Call Ada", "Call Ada")
    settled(world)


# Deletions.


def test_deletion_in_the_crm_comes_back_on_both_sides(world):
    """With what only the CRM knew, and under its own id at Google."""
    name = world.ours("u1", "X-CRM-DEAL:7")
    world.delete_crm("u1")
    entries = world.run().entries
    assert world.event(name) is None
    settled(world)
    world.undo(*entries)
    collection, href = world.place("u1")
    assert "X-CRM-DEAL:7" in collection.objects()[href].text
    assert world.event(name).title == "Call Ada"
    settled(world)


def test_deletion_at_google_comes_back_on_both_sides(world):
    """The activity is put again, and its event made under our own id."""
    uid = world.theirs("g1", title="From Google")
    world.google.remove("g1")
    entries = world.run().entries
    assert world.crm(uid) is None
    world.undo(*entries)
    assert world.crm(uid).title == "From Google"
    assert world.event(world.own(uid)).title == "From Google"
    settled(world)


def test_deletion_comes_back_before_any_other_run_has_forgotten_it(world):
    """The link still remembers that both sides deleted it."""
    name = world.ours("u1")
    world.google.remove(name)
    entries = world.run().entries
    world.undo(*entries)
    assert (world.crm("u1").title, world.event(name).title) == ("Call Ada", "Call Ada")
    settled(world)


def test_what_was_made_again_meanwhile_is_left_alone(world):
    """A person was quicker."""
    world.ours("u1")
    world.delete_crm("u1")
    entries = world.run().entries
    world.in_crm("u1", title="Made again")
    world.run()
    assert kept(world.undoing(*entries)) == {None: THERE_AGAIN}
    assert world.undo(*entries).entries == ()


def test_undone_deletions_are_taken_back_again(world):
    """Redo: gone on both sides."""
    name = world.ours("u1")
    world.delete_crm("u1")
    undone = world.undo(*world.run().entries)
    world.undo(*undone.entries)
    assert (world.crm("u1"), world.event(name)) == (None, None)
    settled(world)
    assert world.store.held_links == {}


def test_many_deletions_come_back_in_one_run(world):
    """The disaster it is made for."""
    for number in range(30):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    for number in range(30):
        world.google.remove(world.own(f"u{number}"))
    entries = world.run(confirmed=True).entries
    assert len(world.activities.objects()) == 0
    world.undo(*entries)
    assert (len(world.activities.objects()), len(world.google.objects())) == (30, 30)
    settled(world)


def test_deletions_that_came_back_count_for_no_brake_any_more(world):
    """Only what is still gone does."""
    for number in range(30):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    for number in range(10):
        world.delete_crm(f"u{number}")
    entries = world.run().entries
    since = world.clock.now()
    assert world.store.losses(since)[Side.GOOGLE] == 10
    world.undo(*entries[:9])
    assert world.store.losses(since)[Side.GOOGLE] == 1
    for number in range(10, 19):
        world.delete_crm(f"u{number}")
    assert world.run().done == 9


# Creations.


def test_event_made_at_google_is_taken_back_and_the_activity_stays_alone(world):
    """Until somebody edits it."""
    world.in_crm("u1")
    entries = world.run().entries
    world.undo(*entries)
    assert (world.crm("u1").title, world.event(world.own("u1"))) == ("Call Ada", None)
    assert world.link("u1").withheld == UNDONE
    settled(world)
    world.edit_crm("u1", title="Again")
    world.run()
    assert world.event(world.own("u1")).title == "Again"
    assert world.link("u1").withheld == ""
    settled(world)


def test_activity_made_from_google_is_taken_back_and_the_event_stays(world):
    """What is at Google was never ours to delete."""
    uid = world.at_google("g1")
    entries = world.run().entries
    world.undo(*entries)
    assert (world.crm(uid), world.event("g1").title) == (None, "Call Ada")
    settled(world)
    world.edit_google("g1", title="Again")
    world.run()
    assert world.crm(uid).title == "Again"
    settled(world)


def test_original_deleted_after_its_copy_was_taken_back_is_forgotten(world):
    """Nothing is left of it."""
    world.in_crm("u1")
    world.undo(*world.run().entries)
    world.delete_crm("u1")
    assert world.run().entries == ()
    assert world.store.held_links == {}


@pytest.mark.parametrize("side", list(Side))
def test_creation_taken_back_is_let_out_again(world, side):
    """Undoing the undo makes the copy again, with what people had added to it."""
    if side is Side.GOOGLE:
        world.in_crm("u1", "X-CRM-DEAL:7")
        uid = "u1"
    else:
        uid = world.at_google("g1")
    undone = world.undo(*world.run().entries)
    assert [entry.action for entry in undone.entries] == ["withdraw"]
    assert world.undo(*undone.entries).stopped_by is None
    name = world.own(uid) if side is Side.GOOGLE else "g1"
    assert world.crm(uid) == world.event(name)
    assert world.crm(uid) is not None
    settled(world)


def test_copy_that_somebody_changed_is_not_taken_back(world):
    """Somebody worked on it."""
    name = world.ours("u1")
    entries = tuple(world.store.journal.values())
    world.edit_google(name, location="Room 2")
    world.run()
    assert kept(world.undoing(*entries)) == {None: CHANGED_SINCE}


def test_copy_with_guests_is_not_taken_back(world):
    """A deletion would reach their calendars."""
    name = world.ours("u1")
    entries = tuple(world.store.journal.values())
    world.mark_google(name, "ATTENDEE:mailto:eva@example.com")
    world.run()
    assert kept(world.undoing(*entries)) == {None: GUESTS}
    assert world.undo(*entries).entries == ()


@pytest.mark.parametrize("number", range(1, 24))
def test_creation_taken_back_with_a_crash_anywhere_is_not_made_again(world, number):
    """Or it was not taken back at all, and can be."""
    world.in_crm("u1")
    entries = world.run().entries
    start = world.steps.count

    def crash(step):
        if step.number == start + number:
            raise KeyboardInterrupt

    world.steps.interfere = crash
    with contextlib.suppress(KeyboardInterrupt):
        world.undo(*entries)
    world.steps.interfere = None
    gone = world.own("u1") not in world.google.objects()
    for _ in range(2):
        world.run()
    assert (world.own("u1") not in world.google.objects()) is gone
    settled(world)
    world.undo(*entries)
    assert world.own("u1") not in world.google.objects()
    settled(world)


# One-way, refusals, the brakes.


@pytest.mark.parametrize("source", list(Side))
def test_one_way_change_is_taken_back_on_the_target_only(world, source):
    """It stays apart until the source changes."""
    one_way = {
        Side.CALENDAR: SyncType.CRM_TO_GOOGLE,
        Side.GOOGLE: SyncType.GOOGLE_TO_CRM,
    }
    world.choose(sync_type=one_way[source])
    if source is Side.CALENDAR:
        uid, name = "u1", world.ours("u1")
        change = world.edit_crm
        changed = uid
    else:
        uid, name = world.theirs("g1"), "g1"
        change = world.edit_google
        changed = name
    change(changed, title="Oops")
    world.undo(*world.run().entries)
    views = {Side.CALENDAR: world.crm(uid), Side.GOOGLE: world.event(name)}
    assert (views[source].title, views[source.other].title) == ("Oops", "Call Ada")
    settled(world)
    world.choose(contact_information=True)
    settled(world)
    change(changed, title="Newest")
    world.run()
    assert world.crm(uid).title == world.event(name).title == "Newest"
    settled(world)


@pytest.mark.parametrize("source", list(Side))
def test_one_way_deletion_comes_back_on_the_target_as_its_own(world, source):
    """The source is not written, now or later."""
    world.choose(
        sync_type=SyncType.CRM_TO_GOOGLE if source is Side.CALENDAR else SyncType.GOOGLE_TO_CRM
    )
    if source is Side.CALENDAR:
        uid = "u1"
        world.ours(uid)
        world.delete_crm(uid)
    else:
        uid = world.theirs("g1")
        world.google.remove("g1")
    world.undo(*world.run().entries)
    there = {Side.CALENDAR: world.crm(uid), Side.GOOGLE: world.event(world.own(uid))}
    assert there[source] is None
    assert there[source.other].title == "Call Ada"
    assert world.link(uid).withheld in ("", DIRECTION)
    world.run()
    settled(world)
    assert there[source.other].title == "Call Ada"


def test_write_on_what_is_the_source_now_is_kept(world):
    """A one-way sync never writes there."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    assert kept(world.undoing(*entries)) == {None: DIRECTION}


def test_failed_and_overtaken_writes_are_nothing_to_take_back(world):
    """They did nothing."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Ours")

    def refuse(step):
        if step.operation == "update":
            raise ItemRejected("no", side="google", reason="forbidden")

    world.steps.interfere = refuse
    entries = world.run().entries
    world.steps.interfere = None
    assert entries[0].state is JournalState.FAILED
    assert world.undoing(*entries).steps == ()
    assert world.event(name).title == "Call Ada"


def test_item_that_is_gone_or_has_other_news_is_kept(world):
    """Undo of a change brings nothing back, and waits for what is on its way."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    link = world.link("u1")
    world.store.held_links[link.uid] = replace(
        link,
        calendar=replace(
            link.calendar,
            parts=tuple(
                replace(part, synced=part.seen and "other") for part in link.calendar.parts
            ),
        ),
    )
    assert kept(world.undoing(*entries)) == {None: UNSETTLED}
    world.store.held_links[link.uid] = link
    world.delete_crm("u1")
    assert kept(world.undoing(*entries)) == {None: GONE}
    assert world.link("u1").calendar.presence is Presence.PRESENT


def test_undo_leaves_other_work_for_the_next_run(world):
    """Its entries are about the items concerned, and nothing else."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries
    world.in_crm("u2", title="Another")
    report = world.undo(*entries)
    assert {entry.uid for entry in report.entries} == {"u1"}
    assert world.run().done == 1


def test_what_undo_takes_away_does_not_count_for_the_brakes(world):
    """A person asked for it."""
    for number in range(30):
        world.in_crm(f"u{number}", title=f"Call {number}")
    entries = world.run().entries
    report = world.undo(*entries)
    assert (report.done, report.stopped_by) == (30, None)
    assert sum(entry.losses for entry in report.entries) == 0


def test_refused_undo_is_parked_and_told(world):
    """The other items go on."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    entries = world.run().entries

    def refuse(step):
        if step.operation == "update":
            raise PreconditionFailed("no", side="calendar")

    world.steps.interfere = refuse
    assert world.undo(*entries).entries[0].state is JournalState.OVERTAKEN
    world.steps.interfere = None
    world.run()
    settled(world)
