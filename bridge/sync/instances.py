"""Single instances of a series, as views: plain ones, and names in another schedule's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.view import Instance, Schedule, View
from bridge.ical.ordinals import Pattern, carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A view whose instances are named in the terms of another schedule.

    Attributes:
        view: All else as it was, its own schedule included.
        gone: The changed instances that the other schedule has no more, by their old names.
    """

    view: View
    gone: tuple[Instance, ...] = ()


def plain_instance(view: View, key: str) -> View:
    """Return what the series shows at an original start where nothing deviates."""
    span = _at(key, view.schedule.span)
    return replace(view, schedule=Schedule(span=span), instances=())


def instance_at(view: View, key: str) -> View | None:
    """Return what an instance shows, plain or not; None when it is cancelled."""
    told = view.by_key()
    return told[key] if key in told else plain_instance(view, key)


def carry_over(view: View, schedule: Schedule) -> Carried:
    """Name the instances of a view as another schedule does (design decision 25).

    Those that had not been moved move along with the series; cancelled ones stay cancelled.

    Raises:
        ConversionError: One of the schedules cannot be followed.
    """
    old = view.schedule
    if not view.instances or old == schedule:
        return Carried(view=view)
    keys = carried([each.key for each in view.instances], pattern_of(old), pattern_of(schedule))
    found: dict[str, Instance] = {}
    gone: list[Instance] = []
    for instance in view.instances:
        key = keys[instance.key]
        if key is not None:
            found[key] = Instance(key=key, view=_moved(instance, key, old, schedule))
        elif instance.view is not None:
            gone.append(instance)
    instances = tuple(found[key] for key in sorted(found))
    return Carried(view=replace(view, instances=instances), gone=tuple(gone))


def pattern_of(schedule: Schedule) -> Pattern:
    """Return when a schedule has instances."""
    return Pattern(span=schedule.span, lines=schedule.recurrence)


def without(view: View, keys: Mapping[str, object] | frozenset[str]) -> View:
    """Return the view with these instances plain."""
    return replace(view, instances=tuple(each for each in view.instances if each.key not in keys))


def spelled_out(view: View, keys: Iterable[str], *, schedule: Schedule) -> View:
    """Return the view telling of these instances also where they are plain.

    Args:
        view: Of a series.
        keys: As the schedule names them.
        schedule: Whose names they are; all else of a plain instance is the view's.
    """
    named = replace(view, schedule=schedule)
    told: dict[str, View | None] = {key: plain_instance(named, key) for key in keys}
    told.update(view.by_key())
    return replace(view, instances=tuple(Instance(key=k, view=told[k]) for k in sorted(told)))


def _moved(instance: Instance, key: str, old: Schedule, new: Schedule) -> View | None:
    """Return the instance at its new place; one that had been moved by itself stays there."""
    if instance.view is None:
        return None
    span, before = instance.view.schedule.span, _at(instance.key, old.span)
    after = _at(key, new.span)
    if _start(span) != _start(before):
        return instance.view
    same_kind = isinstance(span, AllDaySpan) == isinstance(after, AllDaySpan)
    if same_kind and _length(span) != _length(before):
        after = _lasting(after, _length(span))
    return replace(instance.view, schedule=Schedule(span=after))


def _at(key: str, span: Span) -> Span:
    """Return the span of an instance that begins at its original start."""
    if isinstance(span, AllDaySpan):
        first = datetime.strptime(key[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        return AllDaySpan(start=first, end=first + timedelta(days=span.days))
    instant = datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    start = instant.astimezone(ZoneInfo(span.zone))
    end = (instant + span.duration).astimezone(ZoneInfo(span.zone))
    return TimedSpan(start=start, end=end, zone=span.zone)


def _start(span: Span) -> object:
    return span.start if isinstance(span, AllDaySpan) else span.start_utc


def _length(span: Span) -> timedelta:
    return span.end - span.start if isinstance(span, AllDaySpan) else span.duration


def _lasting(span: Span, length: timedelta) -> Span:
    if isinstance(span, AllDaySpan):
        return AllDaySpan(start=span.start, end=span.start + length)
    end = (span.start_utc + length).astimezone(ZoneInfo(span.zone))
    return TimedSpan(start=span.start, end=end, zone=span.zone)
