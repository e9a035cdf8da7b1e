"""The brakes: too much at once stops and asks; what a person confirmed passes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.domain.identifiers import Uid
from bridge.errors import MassDeletionRefused
from bridge.sync.model import Side
from bridge.sync.plan import plan
from bridge.sync.policy import Policy
from bridge.sync.safety import allowed, check


def fill(world, count, *, start=0):
    """Make that many linked activities."""
    for number in range(start, start + count):
        world.in_crm(f"u{number}", title=f"Call {number}")
    assert world.run().stopped_by is None


def drop_in_crm(world, count):
    """Delete that many activities."""
    for number in range(count):
        world.delete_crm(f"u{number}")


@pytest.mark.parametrize(
    ("links", "limit"),
    [(0, 10), (49, 10), (50, 10), (55, 11), (100, 20), (500, 100), (501, 100), (9000, 100)],
)
def test_the_limit_is_a_fifth_but_at_least_ten_and_at_most_a_hundred(links, limit):
    """The formula of the documents."""
    assert allowed(links) == limit


def test_as_many_deletions_as_allowed_pass(world):
    """Ten of twenty is not too much."""
    fill(world, 20)
    drop_in_crm(world, 10)
    assert world.run().done == 10
    assert len(world.google.objects()) == 10


def test_one_deletion_too_many_stops_everything(world):
    """Nothing of the run is carried out, and a confirmation lets it pass."""
    fill(world, 20)
    drop_in_crm(world, 11)
    world.edit_crm("u15", title="Edited")
    report = world.run()
    assert isinstance(report.stopped_by, MassDeletionRefused)
    assert (report.stopped_by.side, report.stopped_by.count, report.stopped_by.limit) == (
        "google",
        11,
        10,
    )
    assert report.entries == ()
    assert world.run().entries == ()
    assert world.run(confirmed=True).done == 12
    assert len(world.google.objects()) == 9


def test_the_brake_holds_in_the_other_direction(world):
    """Deletions at Google do not empty the CRM."""
    fill(world, 20)
    for number in range(11):
        world.google.remove(world.own(f"u{number}"))
    report = world.run()
    assert report.stopped_by.side == "calendar"
    assert len(world.activities.objects()) == 20


def test_withdrawals_count(world):
    """Unticking a type with many items asks, too."""
    fill(world, 20)
    world.choose(outgoing_types=frozenset())
    assert isinstance(world.run().stopped_by, MassDeletionRefused)
    assert len(world.google.objects()) == 20


def test_only_confirmed_items_do_not_count(world):
    """What came on top of a confirmed plan is asked for again."""
    fill(world, 20)
    drop_in_crm(world, 12)
    uids = [Uid(f"u{number}") for number in range(12)]
    assert world.run(confirmed=frozenset(uids[:1])).stopped_by is not None
    assert world.run(confirmed=frozenset(uids[:2])).done == 12


def test_deletions_of_the_last_day_count(world):
    """Slow erosion is stopped as well."""
    fill(world, 20)
    drop_in_crm(world, 4)
    plan_before = world.plan()
    check(plan_before, world.store.links(), earlier={Side.GOOGLE: 6})
    with pytest.raises(MassDeletionRefused) as refused:
        check(plan_before, world.store.links(), earlier={Side.GOOGLE: 7})
    assert refused.value.count == 11
    check(plan_before, world.store.links(), earlier={Side.CALENDAR: 70})


def test_an_emptied_side_stops_although_few_items_are_concerned(world):
    """All of five items gone at once is an accident until a person says otherwise."""
    fill(world, 5)
    drop_in_crm(world, 5)
    report = world.run()
    assert isinstance(report.stopped_by, MassDeletionRefused)
    assert len(world.google.objects()) == 5
    assert world.run(confirmed=True).done == 5


def test_a_nearly_empty_account_can_be_emptied_by_hand(world):
    """Four items are no catastrophe."""
    fill(world, 4)
    drop_in_crm(world, 4)
    assert world.run().done == 4


def test_all_but_one_of_few_items_can_be_deleted(world):
    """A side that still holds something is not emptied."""
    fill(world, 6)
    drop_in_crm(world, 5)
    assert world.run().done == 5


def test_a_suddenly_empty_full_listing_deletes_nothing(world):
    """It is unknown, then asked, and even a definite answer stops at the brake."""
    fill(world, 12)
    names = list(world.google.objects())
    for name in names:
        world.google.remove(name)
    world.google._history.clear()
    world.google.expire_tokens()
    report = world.run()
    assert isinstance(report.stopped_by, MassDeletionRefused)
    assert len(world.activities.objects()) == 12


def test_deletions_on_both_sides_are_no_loss(world):
    """What is gone on both sides is forgotten without a question."""
    fill(world, 12)
    drop_in_crm(world, 12)
    for name in list(world.google.objects()):
        world.google.remove(name)
    assert world.run().stopped_by is None
    assert world.store.held_links == {}


def test_the_brake_looks_at_the_plan_only(world):
    """A plan without losses passes whatever happened before."""
    fill(world, 3)
    quiet = plan(world.store.links(), Policy.of(world.settings), world.lens, world.clock.now())
    check(quiet, world.store.links(), earlier={Side.GOOGLE: 1000})


def test_deletions_in_portions_stop_within_a_day_and_go_on_after_it(world):
    """Sixty and sixty of four hundred: the second portion asks, a confirmed one does not count."""
    fill(world, 400)
    drop_in_crm(world, 60)
    assert world.run().done == 60
    world.clock.advance(timedelta(hours=23))
    drop_portion(world, 60, 120)
    report = world.run()
    assert (report.stopped_by.side, report.stopped_by.count) == ("google", 120)
    assert len(world.google.objects()) == 340
    assert world.run(confirmed=True).done == 60
    drop_portion(world, 120, 121)
    assert world.run().done == 1
    world.clock.advance(timedelta(hours=2))
    drop_portion(world, 121, 150)
    assert world.run().done == 29


def test_losses_of_one_side_do_not_count_on_the_other(world):
    """Each direction has a brake of its own."""
    fill(world, 100)
    drop_in_crm(world, 15)
    assert world.run().done == 15
    for number in range(15, 30):
        world.google.remove(world.own(f"u{number}"))
    assert world.run().done == 15


def drop_portion(world, start, end):
    """Delete the activities with these numbers."""
    for number in range(start, end):
        world.delete_crm(f"u{number}")
