"""What people do with series: make them, and move, rename, cancel, take back instances."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice

from bridge.domain.spans import TimedSpan
from bridge.domain.view import Instance, Schedule, View
from bridge.ical.ordinals import starts
from bridge.sync.instances import pattern_of, plain_instance
from sim_instances import Typed
from sim_ledger import Story
from sim_strand import Broken
from sim_world import SimWorld

RULES = ("RRULE:FREQ=DAILY;COUNT=6", "RRULE:FREQ=WEEKLY;COUNT=4", "RRULE:FREQ=DAILY")
TYPED, CANCELLED = "judged: typed into instances", "judged: instances cancelled"
_FIRST = 5
_ACTS = ("cancel", "move", "rename", "take back")


def maybe_series(world: SimWorld, story: Story, view: View) -> View:
    """Return the view of a new item, of every other one as a series."""
    if not world.kind.series or world.chance.random() < 0.5:
        return view
    story.series = True
    rule = world.chance.choice(RULES)
    return replace(view, schedule=replace(view.schedule, recurrence=(rule,)))


def any_instance(world: SimWorld, view: View) -> str:
    """Return the name of one of the first instances of a series."""
    return world.chance.choice(list(islice(starts(pattern_of(view.schedule)), _FIRST)))


def with_changed_instance(world: SimWorld, view: View, *, key: str = "") -> View:
    """Return a series with an instance changed, cancelled or plain again; "" for any."""
    chance = world.chance
    key = key or any_instance(world, view)
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


def splittable(view: View) -> list[str]:
    """Return the dates but the first of a series whose rule counts them: it can be split there.

    Nobody finds a cancelled one to begin with.
    """
    (*_, rule) = view.schedule.recurrence
    if "COUNT=" not in rule or len(view.schedule.recurrence) != 1:
        return []
    told = view.by_key()
    later = list(starts(pattern_of(view.schedule)))[1:]
    return [key for key in later if told.get(key, view) is not None]


def ended(view: View) -> View:
    """Return a series that ends after two instances, as `this and following` leaves it."""
    rules = ("RRULE:FREQ=DAILY;COUNT=2",)
    return replace(view, schedule=replace(view.schedule, recurrence=rules), instances=())


def check_instances(world: SimWorld, story: Story, final: View | None) -> None:
    """Check what became of the instances of a series, None when it is gone.

    Every text and time typed into one is there, or the history says that it was not kept; what was
    cancelled stays cancelled.
    """
    known = story.instances
    world.fired[TYPED] += len(known.typed - known.let_go)
    for typed in sorted(known.must_stand(final)):
        if not (
            world.history.tells_of_instance(typed) or _is_in_history(world, story, typed, final)
        ):
            raise Broken(f"an edit of an instance of item{story.number} is lost: {typed}")
    if final is None or not final.schedule.recurrence or story.loose or story.unsure:
        return
    for key in known.stay_cancelled():
        world.fired[CANCELLED] += 1
        if final.by_key().get(key, final) is not None:
            raise Broken(f"a cancelled instance of item{story.number} is back: {key}")


def _is_in_history(world: SimWorld, story: Story, typed: Typed, final: View | None) -> bool:
    """Whether it stood in what was overwritten, where that may happen at all."""
    excused = story.loose or world.was_late or story.unsure or story.reduced
    # At Google a series can be deleted between two of its parts.
    excused = excused or (final is None and world.kind.rehearsal)
    if not (excused or world.history.withdrew(story)):
        return False
    _, value = typed
    return world.history.has_text(value)
