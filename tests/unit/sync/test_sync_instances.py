"""Single instances of a series: carried into another schedule, and merged where sides differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import SyncType
from bridge.domain.view import Instance, InstanceField, MergeField, Schedule, View
from bridge.sync.instance_rules import winner_of
from bridge.sync.instances import carry_over, plain_instance
from bridge.sync.losses import NO_LOSS, loss_between
from bridge.sync.merge import WINNERS
from bridge.sync.model import Changes, Side

RULE = ("RRULE:FREQ=DAILY;COUNT=4",)
KEYS = [f"202603{day}T090000Z" for day in range(10, 14)]


def timed(day, hour=9, *, minutes=60, rules=()):
    """Return a schedule in March 2026, UTC."""
    start = datetime(2026, 3, day, hour, tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(minutes=minutes))
    return Schedule(span=span, recurrence=rules)


def days(first, last, *, rules=()):
    """Return a schedule of whole days in March 2026, `last` exclusive."""
    span = AllDaySpan(start=date(2026, 3, first), end=date(2026, 3, last))
    return Schedule(span=span, recurrence=rules)


def series(schedule, **instances):
    """Return the view of a series with these instances, by `k` and their keys."""
    told = tuple(Instance(key=key[1:], view=view) for key, view in sorted(instances.items()))
    return View(title="Call Ada", schedule=schedule, instances=told)


def only(carried):
    """Return the one instance that was carried over."""
    (instance,) = carried.view.instances
    return instance


def test_a_renamed_instance_moves_along_with_its_series():
    """It had not been moved by itself."""
    renamed = View(title="Other", schedule=timed(11))
    view = series(timed(10, rules=RULE), k20260311T090000Z=renamed)
    found = only(carry_over(view, timed(10, 12, rules=RULE)))
    assert found.key == "20260311T120000Z"
    assert found.view == replace(renamed, schedule=timed(11, 12))


def test_an_instance_moved_by_itself_stays_where_it_was_put():
    """Under its new name."""
    moved = View(title="Call Ada", schedule=timed(11, 15))
    view = series(timed(10, rules=RULE), k20260311T090000Z=moved)
    found = only(carry_over(view, timed(10, 12, rules=RULE)))
    assert (found.key, found.view) == ("20260311T120000Z", moved)


def test_a_longer_instance_stays_longer_when_it_moves_along():
    """Its length is its own."""
    longer = View(title="Call Ada", schedule=timed(11, minutes=150))
    view = series(timed(10, rules=RULE), k20260311T090000Z=longer)
    found = only(carry_over(view, timed(10, 12, rules=RULE)))
    assert found.view.schedule == timed(11, 12, minutes=150)


def test_a_longer_instance_of_days_stays_longer_when_it_moves_along():
    """The same in days."""
    longer = View(title="Trip", schedule=days(11, 14))
    view = series(days(10, 11, rules=RULE), k20260311=longer)
    found = only(carry_over(view, days(12, 13, rules=RULE)))
    assert (found.key, found.view.schedule) == ("20260313", days(13, 16))


def test_a_series_that_becomes_one_of_days_gives_its_instances_days():
    """A length in minutes means nothing there."""
    longer = View(title="Call Ada", schedule=timed(11, minutes=150))
    view = series(timed(10, rules=RULE), k20260311T090000Z=longer)
    found = only(carry_over(view, days(10, 11, rules=RULE)))
    assert (found.key, found.view.schedule) == ("20260311", days(11, 12))


def test_what_the_new_schedule_has_no_more_is_told_unless_it_was_cancelled():
    """A changed instance is a loss, a cancelled one is not."""
    changed = View(title="Other", schedule=timed(13))
    view = series(timed(10, rules=RULE), k20260312T090000Z=None, k20260313T090000Z=changed)
    carried = carry_over(view, timed(10, rules=("RRULE:FREQ=DAILY;COUNT=2",)))
    assert carried.view.instances == ()
    assert [instance.view for instance in carried.gone] == [changed]


def test_a_cancelled_instance_stays_cancelled():
    """By its number in the series."""
    view = series(timed(10, rules=RULE), k20260312T090000Z=None)
    assert only(carry_over(view, timed(10, 12, rules=RULE))) == Instance(key="20260312T120000Z")


def test_nothing_is_lost_between_equal_views():
    """Whenever that is."""
    view = series(timed(10, rules=RULE))
    assert loss_between(view, view, datetime(2026, 3, 1, tzinfo=UTC)) == NO_LOSS


# Merged.


def instance(number, **fields):
    """Return an instance of the daily series, an hour later than the rule says."""
    told = {"title": "Call Ada", "schedule": timed(10 + number, 10)} | fields
    return Instance(key=KEYS[number], view=View(**told))


@pytest.fixture
def name(world):
    """Return the name at Google of a daily series that is on both sides."""
    return world.ours("u1", schedule=timed(10, rules=RULE))


def both(world, name, here, there):
    """Change the instances on both sides, and run until nothing is left to be done."""
    world.edit_crm("u1", instances=here)
    world.edit_google(name, instances=there)
    world.run()
    assert world.run().entries == ()
    assert world.crm("u1") == world.event(name)
    return world.crm("u1").instances


def test_an_edited_instance_beats_a_cancelled_one_on_either_side(world, name):
    """As an edit beats a delete."""
    edited = instance(1, title="Edited")
    assert both(world, name, (edited,), (Instance(key=KEYS[1]),)) == (edited,)


def test_an_instance_cancelled_here_and_edited_there_is_edited(world, name):
    """The mirror image."""
    edited = instance(1, title="Edited")
    assert both(world, name, (Instance(key=KEYS[1]),), (edited,)) == (edited,)


def test_a_mark_on_an_instance_does_not_beat_its_cancellation(world, name):
    """Only what beats a delete does."""
    marked = Instance(key=KEYS[1], view=View(title="Call Ada", schedule=timed(11), done=True))
    cancelled = Instance(key=KEYS[1])
    assert both(world, name, (marked,), (cancelled,)) == (cancelled,)


def test_two_edits_of_one_instance_merge_by_the_table(world, name):
    """Title from the CRM, place from Google, and the time of Google."""
    world.edit_crm("u1", instances=(instance(1),))
    world.run()
    here = instance(1, title="Here", location="Here")
    there = instance(1, title="There", location="There", schedule=timed(11, 16))
    (found,) = both(world, name, (here,), (there,))
    assert found.view == replace(there.view, title="Here")


def test_links_lost_the_instances_of_both_sides_are_put_together(world, name):
    """Without a base, what only one side tells of is taken from it; told by both, Google's."""
    world.edit_crm("u1", instances=(instance(1), instance(2, title="Here")))
    world.edit_google(name, instances=(instance(2, title="There"), Instance(key=KEYS[3])))
    world.store.held_links.clear()
    world.store.commit(Changes(tokens=dict.fromkeys(world.store.tokens())))
    world.run()
    assert world.crm("u1") == world.event(name)
    assert world.crm("u1").by_key() == {
        KEYS[1]: instance(1).view,
        KEYS[2]: instance(2, title="There").view,
        KEYS[3]: None,
    }


@pytest.mark.parametrize("source", list(Side))
def test_links_lost_one_way_the_source_has_all_its_instances(source, world, name):
    """And the target no others."""
    outward = source is Side.CALENDAR
    world.edit_crm("u1", instances=(instance(1), instance(2, title="Here")))
    world.edit_google(name, instances=(instance(2, title="There"), Instance(key=KEYS[3])))
    world.store.held_links.clear()
    world.store.commit(Changes(tokens=dict.fromkeys(world.store.tokens())))
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE if outward else SyncType.GOOGLE_TO_CRM)
    wanted = (world.crm("u1") if outward else world.event(name)).instances
    world.run()
    assert world.crm("u1").instances == world.event(name).instances == wanted


def test_an_instance_taken_back_here_and_cancelled_there_is_cancelled_there(world, name):
    """Nobody edited it: the schedule's winner holds."""
    world.edit_crm("u1", instances=(instance(1, title="Edited"),))
    world.run()
    assert both(world, name, (), (Instance(key=KEYS[1]),)) == (Instance(key=KEYS[1]),)


def test_a_cancelled_instance_that_comes_back_changed_beats_its_cancellation(world, name):
    """Where both sides had agreed that it was cancelled, only one has news."""
    world.edit_crm("u1", instances=(Instance(key=KEYS[1]),))
    world.run()
    back = instance(1, title="Back")
    assert both(world, name, (back,), (Instance(key=KEYS[1]),)) == (back,)


def test_a_cancelled_instance_that_comes_back_on_both_sides_merges_by_the_table(world, name):
    """Title of the CRM, place of Google; both say that it is there."""
    world.edit_crm("u1", instances=(Instance(key=KEYS[1]),))
    world.run()
    here, there = instance(1, title="Here"), instance(1, title="There", location="There")
    (found,) = both(world, name, (here,), (there,))
    assert (found.view.title, found.view.location) == ("Here", "There")


@pytest.mark.parametrize("cancelled", list(Side))
def test_an_instance_one_side_cancelled_and_the_other_brought_back_is_there(sides, cancelled):
    """Bringing it back is an edit, and an edit beats a cancellation."""
    key = "20260310T090000Z"
    series = replace(
        sides.view,
        schedule=replace(sides.view.schedule, recurrence=("RRULE:FREQ=DAILY;COUNT=3",)),
    )
    off = replace(series, instances=(Instance(key=key),))
    shown = replace(plain_instance(series, key), title="On again")
    on = replace(series, instances=(Instance(key=key, view=shown),))
    gone, back = sides.side(off, on), sides.side(on, off)
    both = {"calendar": gone, "google": back}
    if cancelled is Side.GOOGLE:
        both = {"calendar": back, "google": gone}
    winner = winner_of(InstanceField(key=key), sides.sight(**both), table=WINNERS, source=None)
    assert winner == (cancelled.other, cancelled)


KEY = "20260310T090000Z"


@pytest.fixture
def with_date(sides):
    """Return a function that makes a series whose first date shows these fields."""

    def make(**fields):
        rule = replace(sides.view.schedule, recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
        series = replace(sides.view, schedule=rule)
        if not fields:
            return series
        date = replace(plain_instance(series, KEY), **fields)
        return replace(series, instances=(Instance(key=KEY, view=date),))

    return make


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", ["title", "location", "done"])
def test_a_field_of_an_instance_that_one_side_changed_is_that_sides(sides, with_date, side, name):
    """Whatever the other one changed of the same instance, and whoever wins such a field."""
    value = True if name == "done" else "Ours"
    agreed = with_date(description="Agreed")
    here = sides.side(with_date(description="Agreed", **{name: value}), agreed)
    there = sides.side(with_date(description="Theirs"), agreed)
    both = {side.value: here, side.other.value: there}
    field = InstanceField(key=KEY, field=MergeField(name))
    assert winner_of(field, sides.sight(**both), table=WINNERS, source=None) == (side, None)


@pytest.mark.parametrize("without", list(Side))
@pytest.mark.parametrize("teller", list(Side))
def test_an_instance_of_what_was_never_agreed_on_is_taken_from_whom_tells_of_it(
    sides, with_date, without, teller
):
    """It is enough that one side knows of no agreement; of two that tell, Google's is kept."""
    told, plain, field = with_date(title="Other"), with_date(), InstanceField(key=KEY)
    bases = {without: None, without.other: told}

    def winner(here, there):
        both = {
            Side.CALENDAR.value: sides.side(here, bases[Side.CALENDAR]),
            Side.GOOGLE.value: sides.side(there, bases[Side.GOOGLE]),
        }
        return winner_of(field, sides.sight(**both), table=WINNERS, source=None)

    alone = (told, plain) if teller is Side.CALENDAR else (plain, told)
    assert winner(*alone) == (teller, None)
    assert winner(told, with_date(title="Third")) == (Side.GOOGLE, Side.CALENDAR)
