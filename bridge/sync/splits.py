"""Which series a new one at Google goes on from, and what was done of it (features F2).

A person splits a series there; its shortening and the new series come in one listing or in several,
in any order. Once the shortening is carried over, the calendar has no dates behind the split any
more: then the journal still does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan
from bridge.domain.view import Instance, Schedule, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import Pattern, carried, lines_from, present
from bridge.ical.rule_keys import key_of, start_of
from bridge.ical.split_off import Predecessor, SplitOff
from bridge.sync.instances import pattern_of, plain_instance
from bridge.sync.model import Link, Presence
from bridge.sync.ports import Lens


def predecessors(
    links: Iterable[Link],
    fingerprint: str,
    *,
    lens: Lens,
    split_off: Callable[[str], SplitOff | None],
    replaced: Callable[[Uid], Iterable[CalendarObject]],
) -> Mapping[Uid, Predecessor]:
    """Return what the series go on from that were split off and are not in the calendar yet.

    Args:
        links: Every link of the connection.
        fingerprint: Of the present policy; what was judged under it is not made.
        lens: Made for the same settings.
        split_off: Tells from the name of an item at Google what it was split off.
        replaced: Returns what our writes to the calendar replaced of an item, the latest first.
    """
    named = [(split_off(link.google.name), link) for link in links if link.google.name]
    new = {
        link.uid: split
        for split, link in named
        if split is not None and link.judged != fingerprint and _is_new(link)
    }
    if not new:
        return {}
    # All halves of one series, each with the instance it begins at.
    halves: dict[str, list[tuple[str, Link]]] = defaultdict(list)
    for split, link in named:
        if link.calendar.object is not None:
            known = split or SplitOff(series=link.google.name, key="")
            halves[known.series].append((known.key, link))
    found = {
        uid: _latest(split, halves[split.series], lens, replaced) for uid, split in new.items()
    }
    return {uid: before for uid, before in found.items() if before is not None}


def with_marks(view: View, before: Predecessor, lens: Lens) -> View:
    """Return the view of a new series with what was done of its dates when the old one had them.

    Google tells that only where it took the exceptions along and their titles were not changed.
    """
    old = lens.calendar_view(before.object)
    if old is None or not before.key:
        return view
    done = [each.key for each in old.instances if each.view is not None and each.view.done]
    done = [key for key in done if key >= before.key]
    if not view.schedule.recurrence:
        return replace(view, done=True) if before.key in done else view
    rest = Pattern(
        span=plain_instance(old, before.key).schedule.span,
        lines=lines_from(old.schedule.recurrence, before.key),
    )
    try:
        now = carried(done, rest, pattern_of(view.schedule)) if done else {}
    except ConversionError:
        return view  # too far to follow: nothing can be told of its dates
    told = dict(view.by_key())
    for key in filter(None, now.values()):
        shown = told.get(key, plain_instance(view, key))
        told[key] = shown and replace(shown, done=True)
    return replace(view, instances=tuple(Instance(key=key, view=told[key]) for key in sorted(told)))


def _is_new(link: Link) -> bool:
    there = link.google.presence is Presence.PRESENT
    return there and link.calendar.object is None and not link.calendar.was_synced


def _latest(
    split: SplitOff,
    halves: Iterable[tuple[str, Link]],
    lens: Lens,
    replaced: Callable[[Uid], Iterable[CalendarObject]],
) -> Predecessor | None:
    """Return the latest of the earlier halves that had the instance, else the latest of all.

    Halves that are not in the calendar yet, as all come in one listing, may have moved the series:
    an instance on the same day is the one then.
    """
    earlier = sorted((half for half in halves if half[0] < split.key), key=lambda half: half[0])
    links = [link for _, link in reversed(earlier)]
    for find in (_same, _of_its_day):
        for link in links:
            for version in _versions(link, replaced):
                key = find(version, split.key, lens)
                if key:
                    return _predecessor(link, version, key)
    for link in links:
        if link.calendar.object is not None:
            return _predecessor(link, link.calendar.object, "")
    return None


def _versions(
    link: Link, replaced: Callable[[Uid], Iterable[CalendarObject]]
) -> Iterator[CalendarObject]:
    if link.calendar.object is not None:
        yield link.calendar.object
    yield from replaced(link.uid)


def _same(item: CalendarObject, key: str, lens: Lens) -> str:
    """Return the key if the item has this instance, else ""."""
    schedule = _schedule(item, lens)
    return key if schedule is not None and _has(schedule, key) else ""


def _of_its_day(item: CalendarObject, key: str, lens: Lens) -> str:
    """Return the key of the item's instance on the day of another one, "" without one."""
    schedule = _schedule(item, lens)
    if schedule is None or isinstance(schedule.span, AllDaySpan):
        return ""
    zone, clock = ZoneInfo(schedule.span.zone), schedule.span.local_start.time()
    try:
        start = start_of(key)
    except ConversionError:
        return ""  # an id that only looks like that of a split
    if not isinstance(start, datetime):
        return ""
    found = key_of(datetime.combine(start.astimezone(zone).date(), clock, zone))
    return found if _has(schedule, found) else ""


def _schedule(item: CalendarObject, lens: Lens) -> Schedule | None:
    """Return the schedule of a series, None of what is none or cannot be read."""
    try:
        view = lens.calendar_view(item)
    except ConversionError:
        return None
    return view.schedule if view is not None and view.schedule.recurrence else None


def _has(schedule: Schedule, key: str) -> bool:
    try:
        return key in present((key,), pattern_of(schedule))
    except ConversionError:
        return False


def _predecessor(link: Link, item: CalendarObject, key: str) -> Predecessor:
    there = link.calendar.presence is Presence.PRESENT
    return Predecessor(object=item, key=key, collection=link.calendar.collection if there else "")
