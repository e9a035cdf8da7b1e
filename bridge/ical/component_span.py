"""When one component happens: its span, and the range it is found in (RFC 4791 section 9.9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import ConversionError
from bridge.ical.recurrence import read_dates, upper_bound
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import (
    Duration,
    Moment,
    add_duration,
    day_start,
    read_duration,
    read_moment,
)

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


def component_range(
    component: ContentComponent, calendar: ContentComponent, *, floating_zone: str
) -> tuple[datetime | None, datetime | None]:
    """Return the half-open range, UTC, of the component and its recurrences.

    Both are None for an undated one, the end alone for an endless one.

    Raises:
        ConversionError: A value cannot be read.
    """
    reader = _Reader(component, calendar, floating_zone)
    first, last = _TODO_OR_EVENT[component.name](reader)
    start = reader.moment("DTSTART") or reader.moment("DUE")
    if first is None or last is None or start is None:
        return first, last
    bound = upper_bound(component, calendar, start, floating_zone=floating_zone)
    if bound is None:
        return _earliest(reader, first), None
    begins = reader.instant(Moment(value=bound)) if not isinstance(bound, datetime) else bound
    return _earliest(reader, first), _later(last, begins.astimezone(UTC) - reader.instant(start))


def _later(last: datetime, by: timedelta) -> datetime | None:
    try:
        return last + max(by, timedelta(0))
    except OverflowError:
        return None


def _earliest(reader: _Reader, first: datetime) -> datetime:
    """RDATE may name an instance before DTSTART."""
    starts = [
        reader.instant(moment)
        for line in reader.component.all("RDATE")
        for moment in read_dates(line, reader.calendar, reader.floating_zone)
    ]
    return min([first, *starts])


def _event_range(reader: _Reader) -> tuple[datetime | None, datetime | None]:
    """RFC 4791 section 9.9, table of VEVENT; VJOURNAL has no end but its day or second."""
    start = reader.moment("DTSTART")
    if start is None:
        return None, None
    first = reader.instant(start)
    last = reader.instant(_event_end(reader, start))
    return first, max(last, first + _SECOND)


def _todo_range(reader: _Reader) -> tuple[datetime | None, datetime | None]:
    """RFC 4791 section 9.9, table of VTODO, its closed ends widened by a second."""
    start, due, length = reader.moment("DTSTART"), reader.moment("DUE"), reader.duration()
    if start is not None:
        first = reader.instant(start)
        if due is not None:
            return min(first, reader.instant(due)), max(reader.instant(due), first + _SECOND)
        if length is not None:
            return first, reader.instant(add_duration(start, length)) + _SECOND
        return first, first + _SECOND
    if due is not None:
        return reader.instant(due) - _SECOND, reader.instant(due)
    return _bookkeeping_range(reader)


def _bookkeeping_range(reader: _Reader) -> tuple[datetime | None, datetime | None]:
    """A to-do without dates is found by when it was made and when it was completed."""
    created, completed = reader.moment("CREATED"), reader.moment("COMPLETED")
    known = sorted(reader.instant(moment) for moment in (created, completed) if moment is not None)
    if not known:
        return None, None
    if completed is None:
        return known[0], None
    return known[0] - _SECOND, known[-1] + _SECOND


_TODO_OR_EVENT = {"VEVENT": _event_range, "VJOURNAL": _event_range, "VTODO": _todo_range}
