"""Holds: nothing that guests would learn of is written before a person said how (decision 28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import SyncType
from bridge.domain.view import Instance, Schedule
from bridge.errors import SideUnavailable
from bridge.sync.actions import Hold
from bridge.sync.hold import HoldAnswer, HoldKind
from bridge.sync.memory import Moment
from bridge.sync.model import Presence

GUEST = "ATTENDEE:mailto:guest@example.com"


def answer(world, uid, word, question=None):
    """Store what a person says, as the store does: only for the wish that was asked about."""
    link = world.link(uid)
    if question in (None, link.held.question):
        world.store.held_links[uid] = replace(link, held=replace(link.held, answer=word))


def held(world):
    """Return the UIDs a dry run tells to wait for an answer."""
    return [action.uid for action in world.plan().actions if isinstance(action, Hold)]


@pytest.fixture
def moved(world, schedule):
    """Return the UID of an activity that was moved while its event has guests."""
    uid = world.theirs("event", GUEST)
    world.edit_crm(uid, schedule=schedule(11))
    world.run()
    return uid


@pytest.fixture
def deleted(world):
    """Return the UID of an activity that was deleted while its event has guests."""
    uid = world.theirs("event", GUEST)
    world.delete_crm(uid)
    world.run()
    return uid


def test_a_new_time_waits_and_nobody_is_mailed(world, moved, schedule):
    """It is told in every plan until somebody answers."""
    assert world.event("event").schedule == schedule(10)
    assert held(world) == [moved]
    assert world.link(moved).held.kind is HoldKind.CHANGE
    world.run()
    assert held(world) == [moved]
    assert world.google.mailed == []


@pytest.mark.parametrize(("word", "mails"), [("tell-guests", ["event"]), ("without-telling", [])])
def test_an_answered_change_is_written_with_mail_only_if_told_so(
    world, moved, schedule, word, mails
):
    """One write, and the hold is over."""
    answer(world, moved, HoldAnswer(word))
    report = world.run()
    assert report.done == 1
    assert [entry.tells_guests for entry in report.entries] == [word == "tell-guests"]
    assert world.event("event").schedule == world.crm(moved).schedule == schedule(11)
    assert world.google.mailed == mails
    assert world.link(moved).held is None
    assert held(world) == []
    assert world.run().entries == ()


def test_a_kept_change_puts_the_calendar_back(world, moved, schedule):
    """Google's time holds, and the title that went on meanwhile stays."""
    world.edit_crm(moved, title="New title")
    world.run()
    answer(world, moved, HoldAnswer.KEEP)
    report = world.run()
    assert [entry.reason for entry in report.entries] == ["kept"]
    assert world.crm(moved).schedule == world.event("event").schedule == schedule(10)
    assert world.crm(moved).title == world.event("event").title == "New title"
    assert world.google.mailed == []
    assert world.link(moved).held is None
    assert world.run().entries == ()


def test_a_person_may_keep_in_a_one_way_sync_too(world, schedule):
    """The word of a person counts more than the direction."""
    name = world.ours("u1")
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    world.mark_google(name, GUEST)
    world.run()
    world.edit_crm("u1", schedule=schedule(11))
    world.run()
    answer(world, "u1", HoldAnswer.KEEP)
    world.run()
    assert world.crm("u1").schedule == world.event(name).schedule == schedule(10)
    assert world.run().entries == ()


def test_a_later_wish_takes_the_place_of_the_one_before(world, moved, schedule):
    """The hold goes on; an answer to the old wish counts for nothing."""
    first = world.link(moved).held
    answer(world, moved, HoldAnswer.TELL)
    world.edit_crm(moved, schedule=schedule(12))
    world.clock.advance(timedelta(hours=1))
    world.run()
    now = world.link(moved).held
    assert (now.since, now.answer) == (first.since, None)
    assert now.question != first.question
    assert world.event("event").schedule == schedule(10)
    assert world.google.mailed == []
    answer(world, moved, HoldAnswer.SILENT)
    world.run()
    assert world.event("event").schedule == schedule(12)


def test_a_hold_survives_other_edits_of_both_sides(world, moved):
    """An answer given before them still counts: the wish is the same."""
    answer(world, moved, HoldAnswer.SILENT)
    world.edit_google("event", description="from Google")
    world.edit_crm(moved, title="New title")
    world.run()
    assert world.event("event") == world.crm(moved)
    assert world.crm(moved).description == "from Google"


def test_a_hold_ends_when_both_sides_agree(world, moved, schedule):
    """Somebody moved the event at Google by hand; a later move is a hold of its own."""
    first = world.link(moved).held
    world.edit_google("event", schedule=schedule(11))
    world.run()
    assert world.link(moved).held is None
    world.clock.advance(timedelta(hours=1))
    world.edit_crm(moved, schedule=schedule(12))
    world.run()
    assert world.link(moved).held.question != first.question


def test_a_hold_ends_when_the_guests_are_gone(world, moved, schedule):
    """Then the new time goes out like any other."""
    item = world.google.objects()["event"]
    world.google.put("event", replace(item, text=item.text.replace(f"{GUEST}\r\n", "")))
    world.run()
    assert world.event("event").schedule == schedule(11)
    assert world.link(moved).held is None


@pytest.mark.parametrize(("word", "mails"), [("tell-guests", ["event"]), ("without-telling", [])])
def test_an_answered_deletion_is_carried_out(world, deleted, word, mails):
    """The event goes, with mail only if told so, and so does the link."""
    assert held(world) == [deleted]
    answer(world, deleted, HoldAnswer(word))
    world.run()
    assert world.event("event") is None
    assert world.google.mailed == mails
    assert deleted not in world.store.held_links


def test_a_kept_deletion_brings_the_activity_back(world, deleted):
    """With what only the CRM knew of it."""
    answer(world, deleted, HoldAnswer.KEEP)
    report = world.run()
    assert [entry.reason for entry in report.entries] == ["kept"]
    assert world.crm(deleted) == world.event("event")
    assert world.link(deleted).held is None
    assert world.run().entries == ()


def test_an_edit_at_google_beats_a_held_deletion(world, deleted):
    """What a person edits stays, as without guests; nothing is to be asked any more."""
    world.edit_google("event", title="Still on")
    world.run()
    assert world.crm(deleted).title == "Still on"
    assert world.link(deleted).held is None


def test_an_answered_withdrawal_takes_our_copy_back(world):
    """Nobody is mailed without a word."""
    name = world.ours("u1")
    world.mark_google(name, GUEST)
    world.choose(outgoing_types=frozenset())
    world.run()
    assert world.link("u1").held.kind is HoldKind.WITHDRAW
    answer(world, "u1", HoldAnswer.SILENT)
    world.run()
    assert world.event(name) is None
    assert world.google.mailed == []
    assert (world.link("u1").held, world.link("u1").withheld) == (None, "type")


def test_a_kept_copy_is_not_asked_about_again(world):
    """Not even after further edits; another reason is another question."""
    name = world.ours("u1")
    world.mark_google(name, GUEST)
    world.choose(outgoing_types=frozenset())
    world.run()
    answer(world, "u1", HoldAnswer.KEEP)
    world.run()
    world.edit_crm("u1", title="New title")
    world.run()
    assert held(world) == []
    assert world.event(name).title == "Call Ada"
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    world.run()
    assert held(world) == ["u1"]


def test_a_lost_answer_of_google_mails_the_guests_once(world, moved, schedule):
    """The next run finds what it wrote and asks for nothing."""
    answer(world, moved, HoldAnswer.TELL)

    def lose(step):
        if (step.operation, step.moment) == ("update", Moment.AFTER):
            raise SideUnavailable("the answer was lost", side="google")

    world.steps.interfere = lose
    assert world.run().done == 0
    world.steps.interfere = None
    world.run()
    assert world.google.mailed == ["event"]
    assert world.event("event").schedule == world.crm(moved).schedule == schedule(11)
    assert world.link(moved).held is None
    assert world.link(moved).google.presence is Presence.PRESENT


KEY = "20260311T090000Z"


def daily(schedule):
    """Return a schedule that is repeated each day."""
    return replace(schedule, recurrence=("RRULE:FREQ=DAILY;COUNT=4",))


def days(first, last):
    """Return whole days in March 2026, `last` exclusive."""
    return Schedule(span=AllDaySpan(start=date(2026, 3, first), end=date(2026, 3, last)))


@pytest.mark.parametrize("what", ["cancelled", "moved", "moved again", "of days"])
def test_whatever_kind_of_time_it_is_it_waits_and_goes_out_once_answered(world, schedule, what):
    """A cancelled or moved instance, one that had been moved before, and days."""
    before = {"schedule": days(10, 11) if what == "of days" else daily(schedule(10))}
    moved = [Instance(key=KEY, view=world.view(schedule=schedule(11, 15 + n))) for n in range(2)]
    if what == "moved again":
        before["instances"] = (moved[0],)
    after = {
        "cancelled": {"instances": (Instance(key=KEY),)},
        "moved": {"instances": (moved[0],)},
        "moved again": {"instances": (moved[1],)},
        "of days": {"schedule": days(12, 14)},
    }[what]
    uid = world.theirs("event", GUEST, **before)
    shown = world.event("event")
    world.edit_crm(uid, **after)
    world.run()
    assert (held(world), world.event("event")) == ([uid], shown)
    first = world.link(uid).held
    world.run()
    assert world.link(uid).held == first
    answer(world, uid, HoldAnswer.SILENT)
    world.run()
    assert world.event("event") == replace(shown, **after) == world.crm(uid)
    assert world.run().entries == ()


def done_at(world, key, hour=9):
    """Return an instance that was done, in this hour of its day."""
    start = datetime.strptime(key, "%Y%m%dT%H%M%S%z").replace(hour=hour)
    span = TimedSpan(start=start, end=start + timedelta(hours=1))
    return Instance(key=key, view=world.view(done=True, schedule=Schedule(span=span)))


def test_a_date_of_a_series_that_was_done_waits_for_nobody(world, schedule):
    """Guests hear of times; a mark goes out like that of a single event."""
    uid = world.theirs("event", GUEST, schedule=daily(schedule(10)))
    world.edit_crm(uid, instances=(done_at(world, KEY),))
    world.run()
    assert held(world) == []
    assert world.event("event") == world.crm(uid)
    assert world.event("event").by_key()[KEY].done
    assert world.run().entries == ()


@pytest.mark.parametrize("word", [HoldAnswer.SILENT, HoldAnswer.KEEP])
def test_a_date_that_was_done_goes_out_beside_one_that_waits(world, schedule, word):
    """Whatever a person says to the other one, and though the done one had been moved, too."""
    uid = world.theirs("event", GUEST, schedule=daily(schedule(10)))
    other = "20260312T090000Z"
    mine = (done_at(world, KEY), done_at(world, other, hour=15))
    world.edit_crm(uid, instances=mine)
    world.run()
    assert held(world) == [uid]
    assert world.event("event").instances == mine[:1]
    answer(world, uid, word)
    world.run()
    assert world.event("event") == world.crm(uid)
    assert world.event("event").instances == (mine if word is HoldAnswer.SILENT else mine[:1])
    assert world.run().entries == ()


@pytest.mark.parametrize("what", ["another", "another time", "of days"])
def test_an_answer_to_one_wish_is_none_to_another(world, schedule, what):
    """Whether it is another instance, another time of the same one, or other days."""
    whole = what == "of days"
    moved = Instance(key=KEY, view=world.view(schedule=schedule(11, 15)))
    later = Instance(key=KEY, view=world.view(schedule=schedule(11, 16)))
    wishes = {
        "another": (
            {"instances": (moved,)},
            {"instances": (moved, Instance(key="20260312T090000Z"))},
        ),
        "another time": ({"instances": (moved,)}, {"instances": (later,)}),
        "of days": ({"schedule": days(12, 14)}, {"schedule": days(12, 15)}),
    }[what]
    uid = world.theirs("event", GUEST, schedule=days(10, 11) if whole else daily(schedule(10)))
    shown = world.event("event")
    world.edit_crm(uid, **wishes[0])
    world.run()
    answer(world, uid, HoldAnswer.SILENT)
    world.edit_crm(uid, **wishes[1])
    world.run()
    assert (held(world), world.event("event")) == ([uid], shown)
