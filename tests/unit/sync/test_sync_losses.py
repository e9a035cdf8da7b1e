"""What a write takes away short of deleting: single dates, texts, half of a series."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.domain.view import Instance
from bridge.errors import MassDeletionRefused
from bridge.sync.losses import NO_LOSS, Loss, loss_between

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def series(world, schedule):
    """Return a maker of views of a series from 10 March 2026."""

    def make(rule="RRULE:FREQ=DAILY", *cancelled, **fields):
        when = replace(schedule(10), recurrence=(rule,))
        instances = tuple(Instance(key=key) for key in sorted(cancelled))
        return world.view(**({"schedule": when, "instances": instances} | fields))

    return make


def days(first, count):
    """Return the keys of that many days in March 2026."""
    return [f"202603{first + number}T090000Z" for number in range(count)]


def test_cancelled_instances_are_counted_once_each(series):
    """Those that were cancelled before do not count again; one that comes back is no loss."""
    before, after = (
        series("RRULE:FREQ=DAILY", *days(20, 2)),
        series("RRULE:FREQ=DAILY", *days(21, 3)),
    )
    assert loss_between(before, after, NOW) == Loss(cancelled=2)
    assert loss_between(after, series(), NOW) == NO_LOSS


def test_cancelled_instances_that_move_along_are_no_loss(series, schedule):
    """They have other names, and are as many."""
    moved = replace(schedule(10, 10), recurrence=("RRULE:FREQ=DAILY",))
    after = series(schedule=moved, instances=(Instance(key="20260320T100000Z"),))
    assert loss_between(series("RRULE:FREQ=DAILY", *days(20, 1)), after, NOW) == NO_LOSS


@pytest.mark.parametrize(
    ("before", "after", "emptied"),
    [
        ({"title": "A", "description": "B"}, {"title": "", "description": ""}, True),
        ({"title": "A"}, {"title": ""}, True),
        ({"title": "A", "description": "B"}, {"title": "", "description": "B"}, False),
        ({"title": "", "location": "Brno"}, {"title": "", "location": ""}, False),
    ],
)
def test_an_item_is_emptied_when_neither_title_nor_text_is_left(world, before, after, emptied):
    """A place alone is no content."""
    loss = loss_between(world.view(**before), world.view(**after), NOW)
    assert loss.emptied is emptied
    assert loss.count == int(emptied)


@pytest.mark.parametrize(
    ("before", "after", "halved"),
    [
        ("FREQ=DAILY", "FREQ=DAILY;COUNT=10", True),
        ("FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", False),
        ("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", True),
        ("FREQ=DAILY;COUNT=20", "FREQ=DAILY;COUNT=13", False),
        ("FREQ=DAILY;COUNT=20", "FREQ=DAILY;COUNT=12", True),
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=1", False),
        ("FREQ=WEEKLY", "FREQ=DAILY", False),
        ("FREQ=SECONDLY", "FREQ=DAILY", False),
    ],
)
def test_a_series_is_halved_by_what_it_still_had_before_it(series, before, after, halved):
    """Past instances are no loss; a rule nobody can count is none either."""
    loss = loss_between(series(f"RRULE:{before}"), series(f"RRULE:{after}"), NOW)
    assert loss.halved is halved


def test_a_series_of_days_is_counted_from_today(series, schedule, world):
    """A single event instead of a series is the loss of all but one."""
    assert loss_between(series(), world.view(schedule=schedule(10)), NOW).halved


def cancel(world, name, keys):
    """Cancel instances of a series at Google."""
    item = world.google.objects()[name]
    view = world.lens.google_view(item)
    instances = tuple(Instance(key=key) for key in keys)
    world.google.put(name, world.lens.put_google(replace(view, instances=instances), item))


def test_too_many_cancelled_instances_stop_the_run_and_ask(world, schedule):
    """As many deletions would."""
    name = world.ours("u1", schedule=replace(schedule(10), recurrence=("RRULE:FREQ=DAILY",)))
    cancel(world, name, days(11, 11))
    report = world.run()
    assert isinstance(report.stopped_by, MassDeletionRefused)
    assert (report.stopped_by.side, report.stopped_by.count) == ("calendar", 11)
    assert world.crm("u1").instances == ()
    assert world.run(confirmed=True).done == 1
    assert len(world.crm("u1").instances) == 11


def test_as_many_cancelled_instances_as_allowed_pass(world, schedule):
    """Ten need no question."""
    name = world.ours("u1", schedule=replace(schedule(10), recurrence=("RRULE:FREQ=DAILY",)))
    cancel(world, name, days(11, 10))
    assert world.run().done == 1


def test_many_emptied_items_stop_the_run_and_ask(world):
    """A program that lost all texts does not get to spread that."""
    for number in range(12):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    for number in range(11):
        world.edit_crm(f"u{number}", title="")
    assert isinstance(world.run().stopped_by, MassDeletionRefused)
