"""Carrying out: journal, preconditions, refusals, lost answers, and what ends a run."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.domain.identifiers import ETag, Uid
from bridge.errors import (
    CollectionGone,
    ConversionError,
    ItemRejected,
    LeaseLost,
    NotConnected,
    RateLimited,
    SideUnavailable,
    StoreBusy,
)
from bridge.sync.execute import Executor
from bridge.sync.memory import Moment
from bridge.sync.model import JournalState, Presence, Side
from bridge.sync.plan import plan
from bridge.sync.reading import read

WRITES = ("insert", "update", "delete")


def once(world, place, operation, happening, moment=Moment.BEFORE):
    """Let something happen at the first such step only."""

    def interfere(step):
        if (step.place, step.operation, step.moment) == (place, operation, moment):
            world.steps.interfere = None
            happening()

    world.steps.interfere = interfere


def raising(error):
    """Return a happening that raises."""

    def happening():
        raise error

    return happening


def always(world, place, operation, error):
    """Let every such call fail before it does anything."""

    def interfere(step):
        if (step.place, step.operation) == (place, operation) and step.moment is Moment.BEFORE:
            raise error

    world.steps.interfere = interfere


def states(report):
    """Return the states of a report's entries."""
    return [entry.state for entry in report.entries]


def test_every_write_is_stored_as_intended_before_it_is_made(world):
    """The journal knows of a write before the side does, and of its outcome after."""
    seen = []

    def interfere(step):
        if step.operation in WRITES:
            seen.append((step.moment, [entry.state for entry in world.store.journal.values()]))

    world.in_crm("u1")
    world.steps.interfere = interfere
    world.run()
    assert seen == [
        (Moment.BEFORE, [JournalState.INTENDED]),
        (Moment.AFTER, [JournalState.INTENDED]),
    ]
    (entry,) = world.store.journal.values()
    assert (entry.state, entry.action, entry.side) == (JournalState.DONE, "create", Side.GOOGLE)


def test_the_journal_tells_before_and_after(world):
    """Enough to undo every write."""
    name = world.ours("u1")
    old = world.google.objects()[name].text
    world.edit_crm("u1", title="New")
    (entry,) = world.run().entries
    assert (entry.before, entry.after) == (old, world.google.objects()[name].text)
    world.delete_crm("u1")
    (entry,) = world.run().entries
    assert (entry.action, entry.after) == ("delete", None)
    assert "SUMMARY:New" in entry.before


def test_a_racing_edit_is_overtaken_and_merged_in_the_next_run(world):
    """The precondition fails, nothing is overwritten, nothing is lost."""
    name = world.ours("u1")
    world.edit_crm("u1", title="From CRM")
    once(world, "google", "update", lambda: world.edit_google(name, location="Meanwhile"))
    report = world.run()
    assert states(report) == [JournalState.OVERTAKEN]
    assert world.event(name).title == "Call Ada"
    world.run()
    assert world.crm("u1") == world.event(name)
    assert (world.crm("u1").title, world.crm("u1").location) == ("From CRM", "Meanwhile")


def test_a_racing_edit_beats_our_delete(world):
    """The edit came after the delete, and before it was carried."""
    name = world.ours("u1")
    world.delete_crm("u1")
    once(world, "google", "delete", lambda: world.edit_google(name, title="Still needed"))
    assert states(world.run()) == [JournalState.OVERTAKEN]
    world.run()
    assert world.crm("u1").title == "Still needed"


def test_a_version_that_no_listing_tells_of_is_asked_for(world):
    """After a failed precondition the item is looked at, whatever the listing says."""
    name = world.ours("u1")
    world.edit_crm("u1", title="From CRM")
    once(world, "google", "update", lambda: world.edit_google(name, location="Meanwhile"))
    world.run()
    assert world.link("u1").google.presence is Presence.UNKNOWN
    world.google.lag = 1
    world.run()
    assert world.event(name).title == "From CRM"
    assert world.crm("u1").location == "Meanwhile"


def test_an_update_of_a_deleted_item_makes_it_anew_because_it_was_edited(world):
    """Deleted at Google during the run, edited in the CRM: the edit wins."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Edited")
    once(world, "google", "update", lambda: world.google.remove(name))
    assert states(world.run()) == [JournalState.OVERTAKEN]
    assert world.link("u1").google.presence is Presence.REMOVED
    world.run()
    assert world.event(name).title == "Edited"


def test_deleting_what_is_gone_is_success(world):
    """Both deleted it; nobody is told of an error."""
    name = world.ours("u1")
    world.delete_crm("u1")
    once(world, "google", "delete", lambda: world.google.remove(name))
    assert states(world.run()) == [JournalState.DONE]
    assert world.store.held_links == {}


def test_a_refused_item_is_parked_and_the_others_go_on(world):
    """It waits longer every time, and costs no request until then."""
    world.in_crm("bad")
    refused = world.own("bad")

    def interfere(step):
        if step.subject == refused and step.moment is Moment.BEFORE:
            raise ItemRejected("no", side="google", reason="forbidden")

    world.steps.interfere = interfere
    world.in_crm("good", title="Other")
    report = world.run()
    assert (report.parked, report.done) == (1, 1)
    parked = world.link("bad").parked
    assert (parked.side, parked.reason, parked.attempts) == (Side.GOOGLE, "forbidden", 1)
    first_pause = parked.retry_at - world.clock.now()
    assert world.run().entries == ()
    world.clock.advance(first_pause)
    assert states(world.run()) == [JournalState.FAILED]
    parked = world.link("bad").parked
    assert parked.attempts == 2
    assert parked.retry_at - world.clock.now() > first_pause
    world.steps.interfere = None
    world.clock.advance(timedelta(days=1))
    assert world.run().done == 1
    assert world.link("bad").parked is None


@pytest.mark.parametrize("side", ["crm", "google"])
def test_a_newer_version_of_a_parked_item_is_tried_at_once(world, side):
    """Whoever changed it, the work may be another now."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Refused")
    always(world, "google", "update", ItemRejected("no", side="google"))
    assert world.run().parked == 1
    world.steps.interfere = None
    if side == "crm":
        world.edit_crm("u1", title="Accepted")
    else:
        world.edit_google(name, location="Room 1")
    assert world.run().parked == 0
    assert world.crm("u1") == world.event(name)


def test_an_unexpected_error_parks_the_item_with_a_traceback_in_the_log(world, caplog):
    """One odd item must not stop the others, and must not be silent."""
    world.in_crm("u1")
    world.in_crm("u2", title="Other")
    odd = world.own("u1")

    def interfere(step):
        if step.subject == odd and step.moment is Moment.BEFORE:
            raise RuntimeError("odd")

    world.steps.interfere = interfere
    with caplog.at_level(logging.ERROR):
        report = world.run()
    assert (report.parked, report.done) == (1, 1)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "Call Ada" not in record.getMessage()


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize(
    "error", [SideUnavailable("cut", side="google"), RateLimited("slow", side="google")]
)
def test_a_lost_answer_ends_the_run_and_costs_no_second_event(world, error, moment):
    """Whether it got through or not, there is one event in the end."""
    world.in_crm("u1")
    world.in_crm("u2", title="Other")
    once(world, "google", "insert", raising(error), moment)
    report = world.run()
    assert report.stopped_by is error
    assert states(report) == [JournalState.INTENDED, JournalState.DONE]
    world.run()
    assert len(world.google.objects()) == 2
    assert world.run().entries == ()


def test_an_edit_after_a_lost_answer_is_an_edit(world):
    """What was to be agreed is stored before the call, so the edit has a base."""
    uid = world.at_google("event")
    once(
        world,
        "activities",
        "insert",
        raising(SideUnavailable("cut", side="calendar")),
        Moment.AFTER,
    )
    world.run()
    world.edit_crm(uid, title="Edited here")
    world.run()
    assert world.event("event").title == world.crm(uid).title == "Edited here"


def test_a_delete_after_a_lost_answer_is_a_delete(world):
    """The activity was there, and somebody deleted it."""
    uid = world.at_google("event")
    once(
        world,
        "activities",
        "insert",
        raising(SideUnavailable("cut", side="calendar")),
        Moment.AFTER,
    )
    world.run()
    world.delete_crm(uid)
    world.run()
    assert world.event("event") is None


def test_an_insert_that_never_got_through_is_made_again_although_the_source_changed(world):
    """The newest version is sent."""
    world.in_crm("u1")
    once(world, "google", "insert", raising(SideUnavailable("cut", side="google")))
    world.run()
    world.edit_crm("u1", title="Newer")
    world.run()
    assert world.event(world.own("u1")).title == "Newer"


def test_an_insert_that_never_got_through_ends_with_its_source(world):
    """Nothing is left behind."""
    world.in_crm("u1")
    once(world, "google", "insert", raising(SideUnavailable("cut", side="google")))
    world.run()
    world.delete_crm("u1")
    world.run()
    assert (world.store.held_links, world.google.objects()) == ({}, {})


def test_a_repeated_insert_that_meets_an_edited_copy_brings_the_edit_in(world):
    """The listing was late, the insert says yes, and the answer is not what we sent."""
    world.in_crm("u1")
    once(world, "google", "insert", raising(SideUnavailable("cut", side="google")), Moment.AFTER)
    world.run()
    world.edit_google(world.own("u1"), location="Room 1")
    world.google.lag = 2
    world.run()
    world.google.lag = 0
    world.run()
    assert world.crm("u1").location == "Room 1"
    assert world.run().entries == ()


@pytest.mark.parametrize("moment", list(Moment))
def test_a_lost_answer_to_an_update_or_a_delete_is_found_out(world, moment):
    """The next run looks, and writes only what is missing."""
    name = world.ours("u1")
    gone = world.ours("u2", title="Other")
    world.edit_crm("u1", title="Edited")
    once(world, "google", "update", raising(SideUnavailable("cut", side="google")), moment)
    world.run()
    world.delete_crm("u2")
    once(world, "google", "delete", raising(SideUnavailable("cut", side="google")), moment)
    world.run()
    world.steps.interfere = None
    world.run()
    assert world.event(name).title == "Edited"
    assert world.event(gone) is None
    assert world.run().entries == ()


def test_a_burnt_name_is_passed_over(world):
    """An id that can never be had again costs a generation, not the item."""
    world.google.burnt.update({world.own("u1"), world.own("u1", 1)})
    world.in_crm("u1")
    world.run()
    assert world.event(world.own("u1", 2)) is not None
    assert world.link("u1").generation == 2
    assert world.run().entries == ()


def test_when_all_generations_tried_are_burnt_the_item_is_parked(world):
    """Three names in one run are enough."""
    world.google.burnt.update({world.own("u1", generation) for generation in range(3)})
    world.in_crm("u1")
    report = world.run()
    assert (report.parked, report.entries[0].state) == (1, JournalState.FAILED)
    assert world.link("u1").parked.reason == "burnt"


@pytest.mark.parametrize("unlisted", [False, True])
def test_a_name_held_by_something_else_is_passed_over(world, unlisted):
    """It is not ours, so it is neither adopted nor overwritten."""
    world.google.put(world.own("u1"), world.lens.new_for_google(_plain(world, "other")))
    world.in_crm("u1", title="Ours")
    if unlisted:
        world.google.lag = 1
    world.run()
    assert world.event(world.own("u1", 1)).title == "Ours"
    assert world.event(world.own("u1")).title == "Call Ada"
    names = [link.google.name for link in world.store.held_links.values()]
    assert len(names) == len(set(names))


def _plain(world, uid):
    world.in_crm(uid)
    collection, name = world.place(uid)
    item = collection.objects()[name]
    collection.remove(name)
    return item


@pytest.mark.parametrize("error", [CollectionGone("gone", side="google"), NotConnected("revoked")])
def test_a_lost_calendar_or_grant_ends_the_run_and_deletes_nothing(world, error):
    """The caller pauses the connection; the work is still there afterwards."""
    world.in_crm("u1")
    once(world, "google", "insert", raising(error))
    report = world.run()
    assert report.stopped_by is error
    assert states(report) == [JournalState.FAILED]
    world.run()
    assert world.event(world.own("u1")) is not None


def test_a_lost_lease_ends_the_run_before_the_next_write(world):
    """Another runner took over: nothing more is sent."""
    world.in_crm("u1")
    world.in_crm("u2", title="Other")

    def lose():
        world.store.lease_lost = True

    world.google.at_once = 1
    once(world, "google", "insert", lose, Moment.AFTER)
    report = world.run()
    assert isinstance(report.stopped_by, LeaseLost)
    assert len(world.google.objects()) == 1
    world.store.lease_lost = False
    world.run()
    assert len(world.google.objects()) == 2
    assert world.run().entries == ()


def test_a_busy_store_ends_the_run(world):
    """A commit that was refused is not worked around."""
    world.in_crm("u1")
    once(world, "store", "commit", raising(StoreBusy("locked")))
    assert isinstance(world.run().stopped_by, StoreBusy)
    assert world.google.objects() == {}


def test_the_second_write_of_a_merge_waits_for_the_first(world):
    """If the calendar refuses Google's half, Google does not get ours on top of nothing."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Mine")
    world.edit_google(name, location="Theirs")
    once(world, "activities", "update", lambda: world.edit_crm("u1", description="Racing"))
    report = world.run()
    assert states(report) == [JournalState.OVERTAKEN]
    assert world.event(name).title == "Call Ada"
    world.run()
    assert world.crm("u1") == world.event(name)
    assert world.crm("u1") == world.view("Mine", location="Theirs", description="Racing")


def test_half_a_merge_is_continued(world):
    """Google's half came in, our half could not be sent: it still counts as ours."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Mine")
    world.edit_google(name, location="Theirs")
    once(world, "google", "update", raising(SideUnavailable("cut", side="google")))
    world.run()
    assert world.crm("u1").location == "Theirs"
    (entry,) = world.run().entries
    assert entry.side is Side.GOOGLE
    assert world.event(name) == world.view("Mine", location="Theirs")


def test_an_activity_for_a_calendar_that_is_not_synced_is_parked(world):
    """It is not put somewhere else."""
    world.lens.collection = "elsewhere"
    uid = world.theirs("event")
    assert world.link(uid).parked.reason == "not-synced"
    assert world.crm(uid) is None


def test_what_is_taken_away_goes_last(world):
    """A run that stops half-way has rather too much than too little."""
    world.ours("a-old")
    world.delete_crm("a-old")
    world.in_crm("z-new", title="New")
    assert [entry.action for entry in world.run().entries] == ["create", "delete"]


def test_the_report_counts_by_side_action_and_state(world):
    """A caller can print it as it is."""
    world.in_crm("u1")
    world.in_crm("u2", "X-CRM-SYNC:FALSE", title="Out")
    world.at_google("event", title="Theirs")
    report = world.run()
    assert report.summary() | {"started_at": "", "ended_at": ""} == {
        "run_id": "run-1",
        "started_at": "",
        "ended_at": "",
        "links": 3,
        "writes": {"calendar": {"create": 1}, "google": {"create": 1}},
        "parked": 0,
        "unknown": 0,
        "withheld": {"switched-off": 1},
        "put_off": 0,
        "proof": None,
        "stopped_by": None,
        "message": "",
    }


def test_a_delete_after_a_lost_answer_to_an_update_is_a_delete(world):
    """Our own update does not count as a person's edit that beats the delete."""
    uid = world.theirs("event")
    world.edit_google("event", title="Edited there")
    cut = raising(SideUnavailable("cut", side="calendar"))
    once(world, "activities", "update", cut, Moment.AFTER)
    world.run()
    assert world.crm(uid).title == "Edited there"
    world.google.remove("event")
    world.run()
    assert world.crm(uid) is None


def test_an_edit_after_a_lost_answer_to_an_update_is_no_conflict(world):
    """It was made on top of what we had written, so it holds whatever the table says."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Ours", location="Room 1")
    once(world, "google", "update", raising(SideUnavailable("cut", side="google")), Moment.AFTER)
    world.run()
    world.edit_google(name, title="Theirs, later")
    world.run()
    assert world.crm("u1") == world.event(name) == world.view("Theirs, later", location="Room 1")


def test_an_edit_beside_an_update_that_never_got_through_is_merged(world):
    """The base is what was there before."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Ours")
    once(world, "google", "update", raising(SideUnavailable("cut", side="google")))
    world.run()
    world.edit_google(name, location="Theirs")
    world.run()
    assert world.crm("u1") == world.event(name) == world.view("Ours", location="Theirs")


@pytest.mark.parametrize("moment", list(Moment))
def test_an_update_whose_answer_was_lost_is_asked_for(world, moment):
    """Nothing is planned before the side told which version it has."""
    name = world.ours("u1")
    world.edit_crm("u1", title="Edited")
    once(world, "google", "update", raising(SideUnavailable("cut", side="google")), moment)
    world.run()
    assert world.link("u1").google.presence is Presence.UNKNOWN
    world.google.lag = 1
    world.run()
    assert world.event(name).title == "Edited"
    assert world.link("u1").google.presence is Presence.PRESENT


def test_a_withdrawal_whose_answer_was_lost_is_not_taken_for_a_persons_delete(world):
    """Ticked again, the type brings the copy back instead of deleting the activity."""
    name = world.ours("u1")
    world.choose(outgoing_types=frozenset())
    once(world, "google", "delete", raising(SideUnavailable("cut", side="google")), Moment.AFTER)
    world.run()
    assert world.run().entries == ()
    world.choose(outgoing_types=frozenset({"meeting"}))
    world.run()
    assert world.crm("u1") == world.event(name)
    assert world.crm("u1") is not None


def test_a_withdrawal_that_never_got_through_is_made_again(world):
    """What must not be at Google is not left there."""
    name = world.ours("u1")
    world.choose(outgoing_types=frozenset())
    once(world, "google", "delete", raising(SideUnavailable("cut", side="google")))
    world.run()
    assert world.run().done == 1
    assert world.event(name) is None


def test_an_item_the_lens_cannot_convert_is_parked_and_tried_again(world, monkeypatch):
    """Other options may help; until then it costs nothing and stops nobody."""
    make = world.lens.new_for_calendar

    def refuse(item, *, uid, before=None):
        raise ConversionError("the type for incoming events does not exist", uid=uid)

    monkeypatch.setattr(world.lens, "new_for_calendar", refuse)
    uid = world.at_google("event")
    world.in_crm("u1", title="Other")
    report = world.run()
    assert (report.parked, report.done) == (1, 1)
    assert world.link(uid).parked.reason == "unconvertible"
    monkeypatch.setattr(world.lens, "new_for_calendar", make)
    assert world.run().entries == ()
    world.clock.advance(timedelta(hours=6))
    world.run()
    assert world.crm(uid) is not None
    assert world.run().parked == 0


@pytest.mark.parametrize("names", [("u1",), ("u1", "u2")])
def test_what_changed_since_it_was_planned_is_not_sent(world, names):
    """It is told as overtaken, and planned anew; what did not change goes on."""
    for name in names:
        world.ours(name, title=f"Call {name}")
    for name in names:
        world.edit_crm(name, title="Edited")
    session = world._session()
    known = read(session)
    planned = plan(known.links.values(), session.policy, session.lens, world.clock.now())
    news = {Uid("u1"): with_news(known.links[Uid("u1")])}
    executor = Executor(session, {**known.links, **news})
    executor.carry_out(planned)
    told = {entry.uid: entry.state for entry in executor.entries}
    others = dict.fromkeys(names[1:], JournalState.DONE)
    assert told == {"u1": JournalState.OVERTAKEN, **others}
    assert world.event(world.own("u1")).title == "Call u1"
    world.run()
    assert world.event(world.own("u1")).title == "Edited"


def with_news(link):
    """Return the link as if another version had been seen here meanwhile."""
    (part,) = link.calendar.parts
    newer = replace(part, seen=ETag("newer"))
    return replace(link, calendar=replace(link.calendar, parts=(newer,)))


def test_a_refusal_of_a_whole_batch_parks_each_of_its_items(world, monkeypatch):
    """No answer for each of them; none of them blocks the others for good."""

    def refuse(requests):
        raise ItemRejected("no", side="google", reason="forbidden")

    world.in_crm("u1")
    world.in_crm("u2", title="Other")
    with monkeypatch.context() as patched:
        patched.setattr(world.google, "write", refuse)
        report = world.run()
    assert report.parked == 2
    assert {entry.state for entry in report.entries} == {JournalState.FAILED}


def test_what_comes_in_arrives_while_google_takes_no_more_writes(world):
    """Calendar usage limits last for hours: reading goes on, and nothing is dropped."""
    for number in range(3):
        world.in_crm(f"u{number}", title=f"Call {number}")
    uid = world.at_google("theirs", title="Talk")
    limit = RateLimited("limit", side="google", reason="quotaExceeded")
    once(world, "google", "insert", raising(limit))
    report = world.run()
    assert report.stopped_by is limit
    assert world.crm(uid).title == "Talk"
    assert len(world.google.objects()) <= 3, "no more was sent than the batch under way"
    world.run()
    assert len(world.google.objects()) == 4
    assert world.run().entries == ()
