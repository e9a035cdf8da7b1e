"""Writes in one go: what is committed when, what one of them does to the others, and how many."""

from __future__ import annotations

import contextlib

import pytest

from bridge.errors import (
    CollectionGone,
    ItemRejected,
    LeaseLost,
    NotConnected,
    PreconditionFailed,
    RateLimited,
    SideUnavailable,
)
from bridge.sync.memory import Moment
from bridge.sync.model import JournalState, Presence, Side
from bridge.sync.requests import Partly

DONE, INTENDED = JournalState.DONE, JournalState.INTENDED


class Killed(BaseException):
    """The process died here."""


def recorded(world):
    """Write down every step of a run; return the list they come to."""
    seen = []
    world.steps.interfere = lambda step: seen.append(f"{step.place} {step.operation}")
    return seen


def failing(world, *, when, error):
    """Raise at the steps that are meant."""

    def interfere(step):
        if when(step):
            raise error

    world.steps.interfere = interfere


def before(operation, subject=""):
    """Return whether a step is the one before such a call."""

    def matches(step):
        wanted = (step.operation, step.moment) == (operation, Moment.BEFORE)
        return wanted and step.subject == subject

    return matches


def many(world, count, title="Number {}"):
    """Make activities in the CRM."""
    for number in range(count):
        world.in_crm(f"u{number:03}", title=title.format(number))


def states(report):
    """Return how many entries are in each state."""
    return {state: sum(entry.state is state for entry in report.entries) for state in JournalState}


def test_sixty_new_activities_are_two_batches_and_four_commits(world):
    """The intents of a batch are one commit, its outcomes another."""
    many(world, 60)
    seen = recorded(world)
    report = world.run()
    assert report.done == 60
    assert seen.count("google write") == 2 * 2
    # One commit of what was read, and two for each batch; every step is passed twice.
    assert seen.count("store commit") == 2 * (1 + 4)


def test_all_intents_of_a_batch_are_stored_before_its_first_write(world):
    """Whichever of them gets through, the journal knows of it."""
    many(world, 3)
    stored = []

    def interfere(step):
        if step.operation == "insert":
            stored.append([entry.state for entry in world.store.journal.values()])

    world.steps.interfere = interfere
    world.run()
    assert stored == [[INTENDED] * 3] * 6


def test_one_refused_item_of_a_batch_waits_and_the_others_are_done(world):
    """A refusal is the answer of one, not of all."""
    many(world, 5)
    refusal = ItemRejected("no", side="google", reason="forbidden")
    failing(world, when=before("insert", world.own("u002")), error=refusal)
    report = world.run()
    assert (report.done, report.parked, report.stopped_by) == (4, 1, None)
    assert world.link("u002").parked.reason == "forbidden"


@pytest.mark.parametrize(
    "error",
    [RateLimited("slow", side="google"), SideUnavailable("cut", side="google")],
)
def test_a_pause_asked_for_by_one_part_stops_the_run_after_the_others_are_stored(world, error):
    """Of that one nobody knows; it stays intended, and the next batch is not sent."""
    many(world, 60)
    failing(world, when=before("insert", world.own("u002")), error=error)
    report = world.run()
    assert report.stopped_by is error
    assert states(report)[DONE] == 49
    assert states(report)[INTENDED] == 1
    assert world.link("u002").google.being_inserted
    world.steps.interfere = None
    assert world.run().done == 11
    assert len(world.google.objects()) == 60


def test_in_the_calendar_a_pause_asked_for_ends_what_was_written_down_together(world):
    """Those after it were not sent; all of them are asked for, and then done."""
    for number in range(5):
        world.at_google(f"event{number}", title=f"Theirs {number}")
    third = world.activities.name_for(world.ids.uid("event2"))
    error = RateLimited("slow", side="calendar")
    failing(world, when=before("insert", third), error=error)
    report = world.run()
    assert report.stopped_by is error
    assert (states(report)[DONE], states(report)[INTENDED]) == (2, 3)
    assert len(world.activities.objects()) == 2
    world.steps.interfere = None
    assert world.run().done == 3
    assert len(world.activities.objects()) == 5
    assert world.run().entries == ()


@pytest.mark.parametrize("moment", list(Moment))
def test_a_batch_without_an_answer_stays_intended_as_a_whole(world, moment):
    """Everything or nothing may have got through: the side is asked."""
    many(world, 5)
    error = SideUnavailable("cut", side="google")
    failing(world, when=lambda s: (s.operation, s.moment) == ("write", moment), error=error)
    report = world.run()
    assert states(report)[INTENDED] == 5
    assert len(world.google.objects()) == (5 if moment is Moment.AFTER else 0)
    world.steps.interfere = None
    world.run()
    assert len(world.google.objects()) == 5
    assert world.run().entries == ()


@pytest.mark.parametrize("error", [CollectionGone("gone", side="google"), NotConnected("revoked")])
def test_of_a_batch_cut_off_by_a_lost_calendar_nobody_knows_what_got_through(world, error):
    """Some of it may have; only a single write that was refused like this was surely not made."""
    many(world, 3)
    failing(world, when=before("write"), error=error)
    report = world.run()
    assert report.stopped_by is error
    assert states(report)[INTENDED] == 3


def test_a_calendar_that_is_gone_for_one_part_ends_the_run(world):
    """That one was answered: it was not written."""
    many(world, 3)
    error = CollectionGone("gone", side="google")
    failing(world, when=before("insert", world.own("u001")), error=error)
    report = world.run()
    assert report.stopped_by is error
    assert states(report)[JournalState.FAILED] == 1
    assert states(report)[DONE] == 2


def test_the_process_may_die_between_any_two_writes_of_a_batch(new_world):
    """There is one event for every activity in the end, wherever it was."""
    for number in range(1, 9):
        world = new_world()
        many(world, 4)
        passed = []

        def interfere(step, passed=passed, number=number):
            if step.operation == "insert":
                passed.append(step)
                if len(passed) == number:
                    raise Killed

        world.steps.interfere = interfere
        with contextlib.suppress(Killed):
            world.run()
        world.steps.interfere = None
        world.run()
        assert len(world.google.objects()) == 4
        assert world.run().entries == ()


def test_a_taken_name_in_a_batch_costs_only_that_item_a_second_request(world):
    """It goes on alone, under the name of its next generation."""
    world.google.burnt.add(world.own("u001"))
    many(world, 3)
    seen = recorded(world)
    assert world.run().done == 3
    assert seen.count("google insert") == 1 * 2 + 2 * 2 + 1
    assert world.link("u001").generation == 1
    assert world.event(world.own("u001", 1)) is not None


def test_a_fault_of_ours_in_a_batch_parks_only_the_item_that_has_it(world):
    """The batch is taken apart; what of it got through before is not made twice."""
    many(world, 4)
    failing(world, when=before("insert", world.own("u002")), error=RuntimeError("odd"))
    report = world.run()
    assert (report.done, report.parked) == (3, 1)
    assert world.link("u002").parked.reason == "error"
    assert len(world.google.objects()) == 3


def test_an_odd_item_and_then_a_lost_answer_stop_the_run(world):
    """Taken apart, a batch ends where a single write would."""
    many(world, 3)
    error = SideUnavailable("cut", side="google")

    def interfere(step):
        if (step.operation, step.moment) == ("insert", Moment.BEFORE):
            if step.subject == world.own("u001"):
                raise RuntimeError("odd")
            if step.subject == world.own("u002"):
                raise error

    world.steps.interfere = interfere
    report = world.run()
    assert report.stopped_by is error
    assert [entry.state for entry in report.entries] == [DONE, JournalState.FAILED, INTENDED]


def test_a_lease_found_lost_before_a_request_parks_nothing(world):
    """Another runner looks at what was intended."""
    many(world, 3)
    failing(world, when=before("insert", world.own("u001")), error=LeaseLost("gone"))
    report = world.run()
    assert isinstance(report.stopped_by, LeaseLost)
    assert report.parked == 0
    stored = [entry.state for entry in world.store.journal.values()]
    assert stored == [INTENDED] * 3


def test_merges_write_the_calendar_first_and_google_in_one_batch(world):
    """The second write of each waits for its first, not for those of the others."""
    names = [world.ours(f"u{number}", title="Old") for number in range(3)]
    for number, name in enumerate(names):
        world.edit_crm(f"u{number}", title=f"Mine {number}")
        world.edit_google(name, location="Theirs")
    seen = recorded(world)
    assert world.run().done == 6
    assert seen.count("google write") == 2
    assert max(n for n, step in enumerate(seen) if step == "activities write") < min(
        n for n, step in enumerate(seen) if step == "google write"
    )
    world.steps.interfere = None
    for number, name in enumerate(names):
        assert world.crm(f"u{number}") == world.event(name)


def test_the_merge_whose_first_write_was_overtaken_takes_no_part_in_the_second(world):
    """The others go on."""
    names = [world.ours(f"u{number}", title="Old") for number in range(3)]
    for number, name in enumerate(names):
        world.edit_crm(f"u{number}", title="Mine")
        world.edit_google(name, location="Theirs")
    raced = []

    def interfere(step):
        if step.operation == "update" and step.subject == "u1.ics" and not raced:
            raced.append(step)
            world.edit_crm("u1", description="Racing")

    world.steps.interfere = interfere
    report = world.run()
    world.steps.interfere = None
    assert states(report)[JournalState.OVERTAKEN] == 1
    assert [world.event(name).title for name in names] == ["Mine", "Old", "Mine"]
    assert world.link("u1").calendar.presence is Presence.UNKNOWN
    world.run()
    assert world.crm("u1") == world.event(names[1])


def test_deletions_are_in_no_batch_with_creations(world):
    """What is taken away goes last, even to the same calendar."""
    world.ours("old")
    world.delete_crm("old")
    many(world, 2)
    seen = recorded(world)
    world.run()
    steps = [step for step in seen if step.startswith("google")]
    assert steps.count("google write") == 2 * 2
    assert steps.index("google delete") > max(
        n for n, step in enumerate(steps) if step == "google insert"
    )


def test_one_run_writes_only_so_much_to_google_and_tells_what_it_left(world):
    """The rest is done by the next run; what needs no request to Google is done at once."""
    many(world, 10)
    uid = world.at_google("event", title="Theirs")
    report = world.run(most_to_google=4)
    assert (report.done, report.put_off, report.stopped_by) == (5, 6, None)
    assert report.summary()["put_off"] == 6
    assert world.crm(uid) is not None
    assert world.run(most_to_google=4).put_off == 2
    assert world.run(most_to_google=4).put_off == 0
    assert len(world.google.objects()) == 11
    assert world.run(most_to_google=4).entries == ()


def test_deletions_are_put_off_before_anything_else(world):
    """They stand last in the plan, and nothing overtakes what was put off."""
    world.ours("old", title="Old")
    world.delete_crm("old")
    many(world, 3)
    report = world.run(most_to_google=2)
    assert [entry.action for entry in report.entries] == ["create", "create"]
    assert report.put_off == 2
    assert [entry.side for entry in world.run().entries] == [Side.GOOGLE, Side.GOOGLE]


@pytest.mark.parametrize(
    "error",
    [
        NotConnected("revoked"),
        SideUnavailable("cut", side="google"),
        PreconditionFailed("changed", side="google"),
        ItemRejected("no", side="google", reason="invalid"),
    ],
)
def test_a_write_of_which_a_part_got_through_is_neither_done_nor_failed(world, monkeypatch, error):
    """Whatever stopped it is told beside; only what concerns the whole side ends the run."""
    many(world, 2)
    write = world.google.write

    def cut(requests):
        return [*write(requests[:1]), Partly(error=error)]

    monkeypatch.setattr(world.google, "write", cut)
    report = world.run()
    told = {entry.state: entry for entry in report.entries}
    assert told.keys() == {DONE, INTENDED}
    assert told[INTENDED].detail == str(error)
    stops = isinstance(error, NotConnected | SideUnavailable)
    assert report.stopped_by is (error if stops else None)
