"""The instances of a series that are kept beside its text, in a window that moves with time.

At most 2,000 of an object are kept. The window reaches from two years ago to in three years; of
a dense series it is as much shorter, around now, as its instances need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import FIRST, LAST, Instance, follow
from bridge.ical.spans import ObjectIndex, Reach

MOST = 2_000
"""Instances kept of one object."""
PAST = timedelta(days=731)
FUTURE = timedelta(days=1096)
_LARGEST_SHARE = 512
# A window is extended when this part of its future has passed: once in thirty days, or sooner.
_EXTENDED_AFTER = 36
_TIMES = (
    "DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS",
    "TRANSP", "SEQUENCE",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is kept of the instances of one object.

    Every instance found in [`since`, `until`) is in `instances`.

    Attributes:
        since: Aware; `FIRST` when there are none before.
        until: Aware; `LAST` when there are none after. Not after `since` when none is known.
        instances: At most `MOST`.
        extend_at: When it is worth looking again; None for never.
    """

    since: datetime
    until: datetime
    instances: Sequence[Instance]
    extend_at: datetime | None


NOTHING = Known(since=LAST, until=FIRST, instances=(), extend_at=None)
"""Of a series that is not followed: whoever asks for a range has to look at its text."""


def known_of(
    item: CalendarObject, index: ObjectIndex, *, now: datetime, floating_zone: str
) -> Known | None:
    """Return what to keep of an object; None for one that is no series.

    Args:
        item: The object.
        index: Of the object.
        now: Aware; the window lies around it.
        floating_zone: IANA name of the zone floating times and days are read in.
    """
    if index.reach is not Reach.SERIES or index.first_utc is None:
        return None
    share = 1
    while share <= _LARGEST_SHARE:
        since, until = now - PAST / share, now + FUTURE / share
        found = follow(item, since, until, floating_zone=floating_zone, first_piece=until - since)
        share *= 2
        try:
            kept = tuple(islice(found, MOST + 1))
        except ConversionError:
            continue
        if len(kept) <= MOST:
            return _known(index, since, until, kept, now)
        # Shorter windows that would hold as many are not tried.
        filled = kept[-1].first_utc - kept[0].first_utc
        while share <= _LARGEST_SHARE and (PAST + FUTURE) / share > filled:
            share *= 2
    return NOTHING


def same_times(one: CalendarObject, other: CalendarObject) -> bool:
    """Return whether two texts of an object have the same instances, told by their lines."""
    return _times(one) == _times(other) and _zones(one) == _zones(other)


def _known(
    index: ObjectIndex, since: datetime, until: datetime, kept: Sequence[Instance], now: datetime
) -> Known:
    assert index.first_utc is not None  # noqa: S101 (the caller looked)
    ended = index.last_utc is not None and index.last_utc <= until
    return Known(
        since=FIRST if index.first_utc >= since else since,
        until=LAST if ended else until,
        instances=kept,
        extend_at=None if ended else now + (until - now) / _EXTENDED_AFTER,
    )


def _times(item: CalendarObject) -> list[list[tuple[str, str]]]:
    return [
        [(line.name, line.text) for line in member.lines if line.name in _TIMES]
        for member in item.members()
    ]


def _zones(item: CalendarObject) -> list[str]:
    # A zone that only the text defines may mean other instants under the same name.
    zones = (part for part in item.source().components if part.name == "VTIMEZONE")
    return [item.text[part.start : part.end] for part in zones]
