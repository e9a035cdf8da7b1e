"""When one component happens: its span, and the range it is found in (RFC 4791 section 9.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import assert_never

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import ConversionError
from bridge.ical.recurrence import read_dates, read_periods, upper_bound
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import (
    Duration,
    Moment,
    add_duration,
    day_start,
    read_duration,
    read_moment,
)
from bridge.ical.zones import zone_named

# Length of a to-do whose DTSTART is absent or equals DUE: RFC 5545 knows no DURATION beside DUE.
TODO_LENGTH = "X-CRM-DURATION"
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LONGEST_TODO = timedelta(days=3660)
_EARLIEST = datetime(1, 1, 3, tzinfo=UTC)


def component_span(
    component: ContentComponent, calendar: ContentComponent, *, floating_zone: str
) -> Span | None:
    """Return when one component happens, its instants in UTC; see `spans.span_of`."""
    reader = _Reader(component, calendar, floating_zone)
    if component.name == "VTODO":
        return _todo_span(reader)
    start = reader.moment("DTSTART")
    return None if start is None else _span(start, _event_end(reader, start))


class _Reader:
    """The values of one component, read on demand."""

    def __init__(
        self, component: ContentComponent, calendar: ContentComponent, floating_zone: str
    ) -> None:
        self.component = component
        self.calendar = calendar
        self.floating_zone = floating_zone

    def moment(self, name: str) -> Moment | None:
        """Return the time of the first property of this name, None without one."""
        line = self.component.first(name)
        if line is None:
            return None
        return read_moment(line, self.calendar, floating_zone=self.floating_zone)

    def duration(self, name: str = "DURATION") -> Duration | None:
        line = self.component.first(name)
        return None if line is None else read_duration(line.value, name=name)

    def instant(self, moment: Moment) -> datetime:
        """Where the moment begins; a date begins at midnight of the floating zone."""
        return day_start(moment.day, self.floating_zone) if moment.is_date else moment.instant


def _event_end(reader: _Reader, start: Moment) -> Moment:
    """Return DTEND, else DTSTART and DURATION, else the default (RFC 5545 section 3.6.1)."""
    end = reader.moment("DTEND")
    length = reader.duration()
    if end is None and length is not None and not length.negative:
        end = add_duration(start, length)
    if end is not None and end.is_date == start.is_date and _after(end, start):
        return end
    return add_duration(start, Duration(days=int(start.is_date), exact=timedelta(0)))


def _after(end: Moment, start: Moment) -> bool:
    if end.is_date:
        return end.day > start.day
    return end.instant >= start.instant


def _span(start: Moment, end: Moment) -> Span:
    if isinstance(start.value, datetime) and isinstance(end.value, datetime):
        return TimedSpan(start=start.instant, end=end.instant, zone=start.zone)
    return AllDaySpan(start=start.day, end=end.day)


def _todo_span(reader: _Reader) -> Span | None:
    start, due = reader.moment("DTSTART"), reader.moment("DUE")
    length = reader.duration()
    if due is None and start is not None and length is not None and not length.negative:
        due = add_duration(start, length)
    if due is None:
        return None
    if not isinstance(due.value, datetime):
        first = start.day if start is not None and start.is_date else due.day
        return AllDaySpan(start=min(first, due.day), end=due.day + _DAY)
    if start is not None and not start.is_date and start.instant < due.instant:
        begin = start.instant
    else:
        length_before = todo_length(reader.component) or timedelta(0)
        begin = due.instant - min(length_before, due.instant - _EARLIEST)
    return TimedSpan(start=begin, end=due.instant, zone=due.zone)


def todo_length(component: ContentComponent) -> timedelta | None:
    """Return what X-CRM-DURATION says; None when it is absent or says nothing sane.

    Nobody but us checks this property when a client writes it.
    """
    line = component.first(TODO_LENGTH)
    try:
        length = None if line is None else read_duration(line.value, name=TODO_LENGTH).total
    except ConversionError:
        return None
    sane = length is not None and timedelta(0) <= length <= _LONGEST_TODO
    return length if sane else None


class Shape(Enum):
    """Which row of the tables of RFC 4791 section 9.9 a component with dates is in."""

    SPAN = "VEVENT, VJOURNAL"
    TODO_LENGTH = "VTODO with DTSTART and DURATION"
    TODO_DUE = "VTODO with DTSTART and DUE"
    TODO_BACKWARDS = "VTODO with DUE before DTSTART"
    TODO_START = "VTODO with DTSTART alone"
    TODO_DEADLINE = "VTODO with DUE alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Two moments of a component, both dates or both times, and what they are.

    Attributes:
        start: The earlier one; what the rules of a series count from.
        end: The later one, exclusive for events.
        shape: Of both.
    """

    start: Moment
    end: Moment
    shape: Shape

    @property
    def is_backwards(self) -> bool:
        """Whether the later moment is DTSTART."""
        return self.shape is Shape.TODO_BACKWARDS


def timing_of(
    component: ContentComponent, calendar: ContentComponent, *, floating_zone: str
) -> Timing | None:
    """Return when a component happens as a time range sees it; None for an undated one.

    Raises:
        ConversionError: A value cannot be read.
    """
    reader = _Reader(component, calendar, floating_zone)
    start = reader.moment("DTSTART")
    if component.name == "VTODO":
        return _todo_timing(reader, start)
    if start is None:
        return None
    return Timing(start=start, end=_event_end(reader, start), shape=Shape.SPAN)


def matched_range(shape: Shape, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """Return the half-open range in which an instance is found (RFC 4791 section 9.9).

    Closed and open bounds of the tables become half-open ones by a second, the resolution of
    iCalendar: [a, b) touches the range exactly if the table says so.

    Args:
        shape: Of the instance.
        first: Instant of its earlier moment.
        last: Instant of its later moment.
    """
    match shape:
        case Shape.SPAN | Shape.TODO_START:
            return first, max(last, first + _SECOND)
        case Shape.TODO_LENGTH:
            return min(first, last - _SECOND), last + _SECOND
        case Shape.TODO_DUE:
            return min(first, last - _SECOND), max(last, first + _SECOND)
        case Shape.TODO_BACKWARDS:
            return first - _SECOND, last + _SECOND
        case Shape.TODO_DEADLINE:
            return last - _SECOND, last
        case _:
            assert_never(shape)


def component_range(
    component: ContentComponent, calendar: ContentComponent, *, floating_zone: str
) -> tuple[datetime | None, datetime | None]:
    """Return the half-open range, UTC, of the component and its recurrences.

    Both are None for an undated one, the end alone for an endless one.

    Raises:
        ConversionError: A value cannot be read.
    """
    reader = _Reader(component, calendar, floating_zone)
    timing = timing_of(component, calendar, floating_zone=floating_zone)
    if timing is None:
        return (None, None) if component.name != "VTODO" else _bookkeeping_range(reader)
    begin = reader.instant(timing.start)
    first, last = matched_range(timing.shape, begin, reader.instant(timing.end))
    bound = upper_bound(component, calendar, timing.start, floating_zone=floating_zone)
    earliest = _earliest(reader, timing) + (first - begin)
    if bound is None:
        return earliest, None
    final = bound if isinstance(bound, datetime) else reader.instant(Moment(value=bound))
    by = final.astimezone(UTC) - begin
    # Between two changes of time a length on the clock is longer than it was at the start.
    slack = _DAY if by and timing.start.zone != "UTC" else timedelta(0)
    return earliest, _later(last, by, slack, _longest_period(reader))


def _todo_timing(reader: _Reader, start: Moment | None) -> Timing | None:
    due = reader.moment("DUE")
    if start is None:
        return None if due is None else Timing(start=due, end=due, shape=Shape.TODO_DEADLINE)
    if due is not None:
        return _due_timing(reader, start, due)
    length = reader.duration()
    if length is None:
        return Timing(start=start, end=start, shape=Shape.TODO_START)
    return Timing(start=start, end=add_duration(start, length), shape=Shape.TODO_LENGTH)


def _due_timing(reader: _Reader, start: Moment, due: Moment) -> Timing:
    if start.is_date != due.is_date:
        # One of them is a day: both are read as times, so that they can be compared.
        start, due = (_as_time(reader, moment) for moment in (start, due))
    if reader.instant(due) < reader.instant(start):
        return Timing(start=due, end=start, shape=Shape.TODO_BACKWARDS)
    return Timing(start=start, end=due, shape=Shape.TODO_DUE)


def _as_time(reader: _Reader, moment: Moment) -> Moment:
    if not moment.is_date:
        return moment
    zone = reader.floating_zone
    value = day_start(moment.day, zone).astimezone(zone_named(zone).tz)
    return Moment(value=value, zone=zone, floating=True)


def _later(last: datetime, *by: timedelta) -> datetime | None:
    try:
        return last + sum((max(each, timedelta(0)) for each in by), timedelta(0))
    except OverflowError:
        return None


def _longest_period(reader: _Reader) -> timedelta:
    """RDATE may name instances with lengths of their own."""
    return max(
        (
            length
            for line in reader.component.all("RDATE")
            for _, length in read_periods(line, reader.calendar, reader.floating_zone)
        ),
        default=timedelta(0),
    )


def _earliest(reader: _Reader, timing: Timing) -> datetime:
    """RDATE may name an instance before DTSTART."""
    starts = [
        reader.instant(moment)
        for line in reader.component.all("RDATE")
        for moment in read_dates(line, reader.calendar, reader.floating_zone)
    ]
    return min([reader.instant(timing.start), *starts])


def _bookkeeping_range(reader: _Reader) -> tuple[datetime | None, datetime | None]:
    """A to-do without dates is found by when it was made and when it was completed."""
    created, completed = reader.moment("CREATED"), reader.moment("COMPLETED")
    known = sorted(reader.instant(moment) for moment in (created, completed) if moment is not None)
    if not known:
        return None, None
    if completed is None:
        return known[0], None
    return known[0] - _SECOND, known[-1] + _SECOND
