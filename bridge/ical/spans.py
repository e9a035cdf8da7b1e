"""When a calendar object happens: its span, its recurrence, and the range it can be found in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.recurrence import RECURRENCE_NAMES, canonical_lines, read_dates, upper_bound
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
    """

    first_utc: datetime | None
    last_utc: datetime | None
    recurring: bool
    summary: str
    all_day: bool
    transparent: bool


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


def component_span(
    component: ContentComponent, calendar: ContentComponent, *, floating_zone: str
) -> Span | None:
    """Return when one component happens; see `span_of`."""
    reader = _Reader(component, calendar, floating_zone)
    if component.name == "VTODO":
        return _todo_span(reader)
    start = reader.moment("DTSTART")
    return None if start is None else _span(start, _event_end(reader, start))


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
    ranges = [_range(component, item, floating_zone) for component in item.members()]
    firsts = [first for first, _ in ranges if first is not None]
    ends = [last for first, last in ranges if first is not None]
    known = [last for last in ends if last is not None]
    head = item.head()
    start = head.first("DTSTART") or head.first("DUE")
    return ObjectIndex(
        first_utc=min(firsts) if len(firsts) == len(ranges) else None,
        last_utc=max(known) if known and len(known) == len(ranges) else None,
        recurring=is_recurring(item),
        summary=head.text("SUMMARY"),
        all_day=start is not None and "T" not in start.value.upper(),
        transparent=head.value("TRANSP").upper() == "TRANSPARENT",
    )


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
        return TimedSpan(start=start.value, end=end.value, zone=start.zone)
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
        return AllDaySpan(start=min(first, due.day), end=_next_day(due.day))
    if start is not None and not start.is_date and start.instant < due.instant:
        begin = start.instant.astimezone(due.value.tzinfo)
    else:
        begin = _earlier(due.value, reader.duration(TODO_LENGTH))
    return TimedSpan(start=begin, end=due.value, zone=due.zone)


def _earlier(due: datetime, length: Duration | None) -> datetime:
    if length is None or length.negative:
        return due
    try:
        return (due.astimezone(UTC) - length.total).astimezone(due.tzinfo)
    except OverflowError as error:
        raise ConversionError("a length before the year 1", property_name=TODO_LENGTH) from error


def _next_day(day: date) -> date:
    try:
        return day + _DAY
    except OverflowError as error:
        raise ConversionError("a day after the year 9999", property_name="DUE") from error


def _range(
    component: ContentComponent, item: CalendarObject, floating_zone: str
) -> tuple[datetime | None, datetime | None]:
    reader = _Reader(component, item.source(), floating_zone)
    first, last = _TODO_OR_EVENT[component.name](reader)
    start = reader.moment("DTSTART") or reader.moment("DUE")
    if first is None or last is None or start is None:
        return first, last
    bound = upper_bound(component, item.source(), start, floating_zone=floating_zone)
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
