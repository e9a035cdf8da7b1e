"""When a calendar object happens: its span, its recurrence, and the range it can be found in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from bridge.domain.spans import Span
from bridge.ical.busy import Busy, busy_of
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.component_span import component_range, component_span
from bridge.ical.recurrence import RECURRENCE_NAMES, canonical_lines

LONGEST_SHORT = timedelta(days=7)
"""A range up to this long is found by its start alone, bounded on both sides."""


_EARLIEST = datetime(1, 1, 3, tzinfo=UTC)


class Reach(IntEnum):
    """How an object is searched by time; the numbers are stored."""

    UNDATED = 0
    SHORT = 1
    LONG = 2
    SERIES = 3


def is_long(first: datetime, last: datetime | None) -> bool:
    """Return whether a range has an open end or is longer than `LONGEST_SHORT`."""
    return last is None or last - first > LONGEST_SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectIndex:
    """What time-range queries ask of an object (RFC 4791 section 9.9), as a half-open range.

    An object may match a range [a, b) only if `first_utc` < b and `last_utc` > a. For a single
    object that is exact to the second; for a series the range covers all its instances and may
    be wider.

    Attributes:
        first_utc: None for an undated object.
        last_utc: Exclusive; None for an open end and for an undated object.
        recurring: It has a rule, further dates, or overrides.
        summary: SUMMARY of the master.
        all_day: It starts on a date, not at a time.
        transparent: It blocks no time.
        reach: How it is searched.
        busy: Whether a single object blocks its time; of a series each occurrence tells.
    """

    first_utc: datetime | None
    last_utc: datetime | None
    recurring: bool
    summary: str
    all_day: bool
    transparent: bool
    reach: Reach = Reach.UNDATED
    busy: Busy = Busy.FREE


def span_of(item: CalendarObject, *, floating_zone: str) -> Span | None:
    """Return when the object, or the first instance of its series, happens.

    Events follow RFC 5545 section 3.6.1: without an end a date lasts a day and a time has no
    length; an end that is not after the start counts as absent. A to-do's span ends at DUE; its
    length is DUE less DTSTART, else `X-CRM-DURATION`, else zero; an all-day span covers the due
    date. A to-do without DUE is undated.

    Args:
        item: The object.
        floating_zone: IANA name of the zone floating times are read in.

    Raises:
        ConversionError: A value cannot be read.
    """
    return component_span(item.head(), item.source(), floating_zone=floating_zone)


def recurrence_of(item: CalendarObject) -> tuple[str, ...]:
    """Return RRULE, RDATE and EXDATE of the master as canonical content lines."""
    master = item.master_source()
    return () if master is None else canonical_lines(master, item.source())


def is_recurring(item: CalendarObject) -> bool:
    """Return whether the object is a series, or holds a lone override of one."""
    return any(
        line.name in RECURRENCE_NAMES or line.name == "RECURRENCE-ID"
        for component in item.members()
        for line in component.lines
    )


def index_of(item: CalendarObject, *, floating_zone: str) -> ObjectIndex:
    """Return what the store keeps in columns for time-range queries.

    Raises:
        ConversionError: A value cannot be read.
    """
    calendar = item.source()
    ranges = [
        component_range(component, calendar, floating_zone=floating_zone)
        for component in item.members()
    ]
    first, last = _all_of(ranges, item)
    head = item.head()
    start = head.first("DTSTART") or head.first("DUE")
    recurring = is_recurring(item)
    return ObjectIndex(
        first_utc=first,
        last_utc=last,
        recurring=recurring,
        summary=head.text("SUMMARY"),
        all_day=start is not None and "T" not in start.value.upper(),
        transparent=head.value("TRANSP").upper() == "TRANSPARENT",
        reach=_reach(first, last, recurring=recurring and start is not None),
        busy=Busy.FREE if _lacks_length(first, last) else busy_of(head),
    )


def _lacks_length(first: datetime | None, last: datetime | None) -> bool:
    """Return whether a range is the single second that stands for a moment."""
    return first is None or (last is not None and last - first <= timedelta(seconds=1))


def _all_of(
    ranges: list[tuple[datetime | None, datetime | None]], item: CalendarObject
) -> tuple[datetime | None, datetime | None]:
    """Return the range that covers those of all members."""
    dated = [(first, last) for first, last in ranges if first is not None]
    # An undated to-do is found at any time, an undated journal entry at none.
    if not dated or (len(dated) < len(ranges) and item.component != "VJOURNAL"):
        return None, None
    ends = [last for _, last in dated if last is not None]
    if _moves_all_later(item):
        # Where the instances after it lie is not known before they are followed.
        return _EARLIEST, None
    return min(first for first, _ in dated), max(ends) if len(ends) == len(dated) else None


def _moves_all_later(item: CalendarObject) -> bool:
    """Return whether an override of RANGE=THISANDFUTURE stands for further instances."""
    lines = (member.first("RECURRENCE-ID") for member in item.members())
    return any(line is not None and line.parameter("RANGE") for line in lines)


def _reach(first: datetime | None, last: datetime | None, *, recurring: bool) -> Reach:
    if first is None:
        return Reach.UNDATED
    if recurring:
        return Reach.SERIES
    return Reach.LONG if is_long(first, last) else Reach.SHORT
