"""Adoption: which unlinked items of both sides are the same one (design decisions 26 and 27).

Never a guess. Our own valid stamp, and the UID we derive from Google's name, tie items together
while they are read in (`bridge.sync.ingest`). Here are the two other rules: an equal UID, and equal
start, end and title with exactly one candidate on each side, never of private items nor of series.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan, Span
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Link, Presence, Side, SideState
from bridge.sync.scope import is_private
from bridge.sync.sight import Change, SideSight, Sight

UID = "uid"
LOOK_ALIKE = "look-alike"

Pair = tuple[Uid, str]
"""UID of the calendar's item and name of Google's."""

_TitleOf = Callable[[SideSight], str]
_T = TypeVar("_T")
_K = TypeVar("_K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Two links found to be one item.

    Attributes:
        calendar: The link of the calendar's item; its UID stays.
        google: The link of Google's item; it ends.
        rule: `uid` or `look-alike`.
    """

    calendar: Link
    google: Link
    rule: str

    @property
    def pair(self) -> Pair:
        """What stands for the two, whatever becomes of their links."""
        return self.calendar.uid, self.google.google.name

    @property
    def joined(self) -> Link:
        """The one link; it counts as Google's, so that nothing a person made there is withdrawn."""
        return replace(
            self.calendar,
            google=self.google.google,
            origin=Side.GOOGLE,
            generation=max(self.calendar.generation, self.google.generation),
            withheld="",
            judged="",
            parked=None,
        )


def same_uid(links: Iterable[Link]) -> list[Adoption]:
    """Return the pairs whose UID is equal on both sides, neither of them ever linked.

    A UID is the organizer's: where both sides name one, it has to be the same.
    """
    held = list(links)
    calendar = {link.uid: link for link in held if _only_on(link, Side.CALENDAR)}
    google = _alone(
        (item.uid, link)
        for link in held
        if _only_on(link, Side.GOOGLE) and (item := link.google.object) is not None
    )
    return [
        Adoption(calendar=calendar[uid], google=google[uid], rule=UID)
        for uid in google
        if uid in calendar and _same_organizer(calendar[uid], google[uid])
    ]


def look_alikes(sights: Iterable[Sight]) -> list[Adoption]:
    """Return the pairs equal in start, end and title, alone with that on each side.

    What a template would add to the title is none of it: nobody typed that at Google.

    Args:
        sights: Of items in scope only.
    """
    held = list(sights)
    found = _alike(held, _shown_title)
    taken = partners(found)
    return found + _alike([sight for sight in held if sight.link.uid not in taken], _subject)


def partners(adoptions: Iterable[Adoption]) -> set[Uid]:
    """Return the items that the adoptions are about, on either side."""
    return {link.uid for found in adoptions for link in (found.calendar, found.google)}


def _alike(sights: list[Sight], title_of: _TitleOf) -> list[Adoption]:
    calendar = _by_looks(sights, Side.CALENDAR, title_of)
    google = _by_looks(sights, Side.GOOGLE, _shown_title)
    return [
        Adoption(calendar=calendar[looks].link, google=google[looks].link, rule=LOOK_ALIKE)
        for looks in calendar
        if looks in google
    ]


def _by_looks(
    sights: list[Sight], side: Side, title_of: _TitleOf
) -> dict[tuple[object, ...], Sight]:
    return _alone(
        (looks, sight)
        for sight in sights
        if sight.side(side).change is Change.ADDED
        and sight.side(side.other).change is Change.ABSENT
        and (looks := _looks(sight.side(side), title_of)) is not None
    )


def _looks(side: SideSight, title_of: _TitleOf) -> tuple[object, ...] | None:
    view, title = side.view, title_of(side)
    if view is None or not title or view.schedule.recurrence or is_private(view):
        return None
    return (title, *_ends(view.schedule.span))


def _shown_title(side: SideSight) -> str:
    return "" if side.view is None else side.view.title


def _subject(side: SideSight) -> str:
    return "" if side.facts is None else side.facts.subject


def _ends(span: Span) -> tuple[object, object]:
    if isinstance(span, AllDaySpan):
        return span.start, span.end
    return span.start_utc, span.end_utc


def _only_on(link: Link, side: Side) -> bool:
    here, there = link.side(side), link.side(side.other)
    return here.presence is Presence.PRESENT and not here.was_synced and _never_there(there)


def _never_there(state: SideState) -> bool:
    return state.presence is Presence.ABSENT and not state.was_synced


def _same_organizer(one: Link, other: Link) -> bool:
    named = {_organizer(one.calendar.object), _organizer(other.google.object)} - {""}
    return len(named) < 2  # noqa: PLR2004 - two different ones


def _organizer(item: CalendarObject | None) -> str:
    if item is None:
        return ""
    try:
        return item.head().value("ORGANIZER").strip().casefold().removeprefix("mailto:")
    except ConversionError:
        return ""  # what cannot be read is parked by whoever looks at it


def _alone(pairs: Iterable[tuple[_K, _T]]) -> dict[_K, _T]:
    """Keep the entries whose key occurs once."""
    grouped: dict[_K, list[_T]] = defaultdict(list)
    for key, entry in pairs:
        grouped[key].append(entry)
    return {key: entries[0] for key, entries in grouped.items() if len(entries) == 1}
