"""Proof of sync: what listings by token lost is found and mended; no late listing is believed."""

from __future__ import annotations

import pytest

from bridge.domain.sync_settings import SyncType
from bridge.errors import ConversionError, SideUnavailable
from bridge.sync.memory import Moment


def lose_news(world, collection):
    """Make a listing by token tell nothing of what happened until now."""
    world.store._tokens[collection.id] = collection.changes(None).token


def operations(world, **options):
    """Return the report of a run, and which calls it made of which collection."""
    made = []

    def note(step):
        if step.moment is Moment.BEFORE and step.place != "store":
            made.append((step.operation, step.place))

    world.steps.interfere = note
    report = world.run(**options)
    world.steps.interfere = None
    return report, sorted(made)


def settled(world):
    """Make sure that nothing is left to do, and nothing differs."""
    report = world.run(compared=True)
    assert (report.entries, report.proof.differences, report.stopped_by) == ((), 0, None)


def test_sides_that_agree_are_told_so_for_one_more_listing_each(world):
    """No item is asked for, and the next run goes on from the same tokens."""
    for number in range(3):
        world.ours(f"u{number}", title=f"Call {number}")
    world.run()
    _, usual = operations(world)
    tokens = dict(world.store.tokens())
    report, made = operations(world, compared=True)
    assert (report.proof.compared, report.proof.differences, report.proof.unlike) == (3, 0, 0)
    more = [("changes", place) for place in ("activities", "tasks", "google")]
    assert made == sorted([*usual, *more])
    assert world.store.tokens() == tokens
    assert world.run().proof is None


@pytest.mark.parametrize("where", ["crm", "google"])
def test_change_that_no_listing_told_of_is_found_and_carried_over(world, where):
    """Like any news; nothing else is touched."""
    name = world.ours("u1")
    world.ours("u2", title="Another")
    if where == "crm":
        world.edit_crm("u1", title="Lost")
        lose_news(world, world.activities)
    else:
        world.edit_google(name, title="Lost")
        lose_news(world, world.google)
    assert world.run().entries == ()
    report = world.run(compared=True)
    assert (report.proof.differences, report.done) == (1, 1)
    assert world.crm("u1").title == world.event(name).title == "Lost"
    settled(world)


@pytest.mark.parametrize("where", ["crm", "google"])
def test_deletion_and_creation_that_no_listing_told_of_are_found(world, where):
    """A deletion only after the side was asked for the item."""
    name = world.ours("u1")
    if where == "crm":
        world.delete_crm("u1")
        world.in_crm("u2", title="New")
        lose_news(world, world.activities)
    else:
        world.google.remove(name)
        world.at_google("g2", title="New")
        lose_news(world, world.google)
    assert world.run().entries == ()
    report, made = operations(world, compared=True)
    assert (report.proof.differences, report.done) == (2, 2)
    assert ("get", "activities" if where == "crm" else "google") in made
    assert (world.crm("u1"), world.event(name)) == (None, None)
    settled(world)


def test_late_full_listing_is_not_believed(world):
    """What it lacks is asked for, and found to be as it was known."""
    name = world.ours("u1")
    world.edit_google(name, title="Edited")
    world.run()
    world.google.lag = 2
    report = world.run(compared=True)
    assert (report.proof.differences, report.entries) == (0, ())
    assert world.crm("u1").title == "Edited"


def test_news_between_the_listings_are_no_difference(world):
    """They came by token, as they should."""
    name = world.ours("u1")
    world.run()

    def edit(step):
        if (step.operation, step.place, step.moment) == ("changes", "google", Moment.AFTER):
            world.steps.interfere = None
            world.edit_google(name, title="Just now")

    world.steps.interfere = edit
    report = world.run(compared=True)
    assert (report.proof.differences, report.done) == (0, 1)
    assert world.crm("u1").title == "Just now"


def test_items_left_apart_on_purpose_are_counted_as_unlike(world):
    """An undo on the target of a one-way sync is no drift."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    world.ours("u1")
    world.edit_crm("u1", title="Newer")
    world.undo(*world.run().entries)
    report = world.run(compared=True)
    assert (report.proof.differences, report.proof.unlike, report.entries) == (0, 1, ())


def test_item_on_its_way_between_two_calendars_is_no_difference(world):
    """Clients PUT, then DELETE."""
    world.ours("u1")
    item = world.activities.objects()["u1.ics"]
    world.tasks.put("u1.ics", item)
    report = world.run(compared=True)
    assert (report.proof.differences, report.done) == (0, 0)
    world.activities.remove("u1.ics")
    world.run()
    settled(world)


def test_comparison_that_gets_no_answer_proves_nothing(world):
    """The run ends, and what was known stays known."""
    world.ours("u1")

    def fail(step):
        if step.operation == "changes" and step.place == "google":
            raise SideUnavailable("no answer", side="google")

    world.steps.interfere = fail
    report = world.run(compared=True)
    world.steps.interfere = None
    assert report.proof is None
    assert isinstance(report.stopped_by, SideUnavailable)
    settled(world)


def test_many_lost_deletions_still_meet_the_brakes(world):
    """Mending is a run like any other."""
    for number in range(20):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    for number in range(15):
        world.google.remove(world.own(f"u{number}"))
    lose_news(world, world.google)
    report = world.run(compared=True)
    assert report.proof.differences == 15
    assert report.stopped_by.side == "calendar"
    assert len(world.activities.objects()) == 20


def test_an_event_that_cannot_be_read_is_compared_by_its_version(world):
    """Known as it is, it differs in nothing; it is no item that both sides agree on."""
    world.at_google("event")
    world.google.unreadable.add("event")
    world.run()
    report = world.run(compared=True)
    assert (report.proof.compared, report.proof.differences, report.proof.unlike) == (1, 0, 0)


def test_what_became_unreadable_counts_for_nothing_that_is_unlike(world, monkeypatch):
    """A lens that cannot read it does not say that it shows something else."""
    world.ours("u1")

    def refuse(item):
        raise ConversionError("odd date", uid=item.uid)

    world.run()
    monkeypatch.setattr(world.lens, "google_view", refuse)
    assert world.run(compared=True).proof.unlike == 0
