"""Which series a new one at Google goes on from, and what was done of it (features F2).

A person splits a series there; its shortening and the new series come in one listing or in several,
in any order. Once the shortening is carried over, the calendar has no dates behind the split any
more: then the journal still does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from bridge.domain.identifiers import Uid
from bridge.domain.view import Instance, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import Pattern, carried, lines_from, present
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

    Raises:
        ConversionError: One of the two cannot be followed.
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
    now = carried(done, rest, pattern_of(view.schedule)) if done else {}
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
    """Return the latest of the earlier halves that had the instance, else the latest of all."""
    earlier = sorted((half for half in halves if half[0] < split.key), key=lambda half: half[0])
    links = [link for _, link in reversed(earlier)]
    for link in links:
        for version in _versions(link, replaced):
            if _has(version, split.key, lens):
                return _predecessor(link, version, split.key)
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


def _has(item: CalendarObject, key: str, lens: Lens) -> bool:
    try:
        view = lens.calendar_view(item)
        if view is None or not view.schedule.recurrence:
            return False
        return key in present((key,), pattern_of(view.schedule))
    except ConversionError:
        return False


def _predecessor(link: Link, item: CalendarObject, key: str) -> Predecessor:
    there = link.calendar.presence is Presence.PRESENT
    return Predecessor(object=item, key=key, collection=link.calendar.collection if there else "")
