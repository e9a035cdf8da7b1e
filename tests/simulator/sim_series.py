"""What people do with series: make them, and move, rename, cancel, take back instances."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice

from bridge.domain.spans import TimedSpan
from bridge.domain.view import Instance, Schedule, View
from bridge.ical.ordinals import starts
from bridge.sync.instances import pattern_of, plain_instance
from sim_ledger import Story
from sim_world import SimWorld

RULES = ("RRULE:FREQ=DAILY;COUNT=6", "RRULE:FREQ=WEEKLY;COUNT=4", "RRULE:FREQ=DAILY")
_FIRST = 5
_ACTS = ("cancel", "move", "rename", "take back")


def maybe_series(world: SimWorld, story: Story, view: View) -> View:
    """Return the view of a new item, of every other one as a series."""
    if not world.kind.series or world.chance.random() < 0.5:
        return view
    story.series = True
    rule = world.chance.choice(RULES)
    return replace(view, schedule=replace(view.schedule, recurrence=(rule,)))


def with_changed_instance(world: SimWorld, view: View) -> View:
    """Return a series with one of its first instances changed, cancelled or plain again."""
    chance = world.chance
    key = chance.choice(list(islice(starts(pattern_of(view.schedule)), _FIRST)))
    told = dict(view.by_key())
    act = chance.choice(_ACTS)
    if act == "take back":
        told.pop(key, None)
    elif act == "cancel":
        told[key] = None
    else:
        told[key] = _changed(world, told.get(key) or plain_instance(view, key), act)
    instances = tuple(Instance(key=each, view=told[each]) for each in sorted(told))
    return replace(view, instances=instances)


def _changed(world: SimWorld, instance: View, act: str) -> View:
    if act == "rename":
        return replace(instance, title=f"{instance.title} i{world.next_number():04}")
    span = instance.schedule.span
    assert isinstance(span, TimedSpan)
    later = timedelta(minutes=world.next_number())
    return replace(
        instance,
        schedule=Schedule(span=replace(span, start=span.start + later, end=span.end + later)),
    )


def ended(view: View) -> View:
    """Return a series that ends after two instances, as `this and following` leaves it."""
    rules = ("RRULE:FREQ=DAILY;COUNT=2",)
    return replace(view, schedule=replace(view.schedule, recurrence=rules), instances=())
