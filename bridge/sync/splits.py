"""Which series a new one at Google goes on from (features F2); what of it: `bridge.sync.going_on`.

A person splits a series there; its shortening and the new series come in one listing or in several,
in any order. Once the shortening is carried over, the calendar has no dates behind the split any
more: then the journal still does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan
from bridge.domain.view import Schedule
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import present
from bridge.ical.rule_keys import key_of, start_of
from bridge.ical.split_off import Predecessor, SplitOff
from bridge.sync.instances import pattern_of
from bridge.sync.model import Link, Presence
from bridge.sync.ports import Lens


@dataclass(frozen=True, slots=True, kw_only=True)
class _Half:
    """One half of a series that is in the calendar, or was, and the instance it begins at."""

    key: str
    link: Link
    object: CalendarObject


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
    halves: dict[str, list[_Half]] = defaultdict(list)
    for split, link in named:
        if link.calendar.object is not None:
            known = split or SplitOff(series=link.google.name, key="")
            half = _Half(key=known.key, link=link, object=link.calendar.object)
            halves[known.series].append(half)
    found = {
        uid: _latest(split, halves[split.series], lens, replaced) for uid, split in new.items()
    }
    return {uid: before for uid, before in found.items() if before is not None}


def _is_new(link: Link) -> bool:
    there = link.google.presence is Presence.PRESENT
    return there and link.calendar.object is None and not link.calendar.was_synced


def _latest(
    split: SplitOff,
    halves: Iterable[_Half],
    lens: Lens,
    replaced: Callable[[Uid], Iterable[CalendarObject]],
) -> Predecessor | None:
    """Return the latest of the earlier halves that had the instance, else the latest of all.

    Halves that are not in the calendar yet, as all come in one listing, may have moved the series:
    an instance on the same day is the one then.
    """
    earlier = [half for half in halves if half.key < split.key]
    earlier.sort(key=lambda half: half.key, reverse=True)
    for find in (_same, _of_its_day):
        for half in earlier:
            for version in _versions(half, replaced):
                if key := find(version, split.key, lens):
                    return _predecessor(half, version, key)
    return _predecessor(earlier[0], earlier[0].object, "") if earlier else None


def _versions(
    half: _Half, replaced: Callable[[Uid], Iterable[CalendarObject]]
) -> Iterator[CalendarObject]:
    """Yield the calendar object as it is, as it was agreed, and as it was before, latest first."""
    yield half.object
    if half.link.calendar.base is not None:
        yield half.link.calendar.base
    yield from replaced(half.link.uid)


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
    return key in present((key,), pattern_of(schedule))


def _predecessor(half: _Half, item: CalendarObject, key: str) -> Predecessor:
    state = half.link.calendar
    there = state.presence is Presence.PRESENT
    return Predecessor(
        object=item,
        key=key,
        collection=state.collection if there else "",
        agreed=state.base if item is half.object else None,
    )
