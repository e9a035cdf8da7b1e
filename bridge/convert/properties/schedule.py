"""When: DTSTART, DTEND, DURATION, DUE, X-CRM-DURATION and the recurrence lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bridge.convert.properties.mapper import Reading, Writing, edited
from bridge.domain.activity import Activity
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import ConversionError
from bridge.ical.component_span import TODO_LENGTH, component_span
from bridge.ical.content_line import ContentLine, make_line, read_line
from bridge.ical.patch import PropertyChange
from bridge.ical.recurrence import RECURRENCE_NAMES, canonical_lines, canonical_texts
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import moment_line, write_duration

SCHEDULE_NAMES = frozenset({"DTSTART", "DTEND", "DURATION", "DUE", TODO_LENGTH, *RECURRENCE_NAMES})
_DAY = timedelta(days=1)


class ScheduleMapper:
    """`Activity.span` and `recurrence`."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write times and recurrence, each only where it differs.

        Raises:
            ConversionError: A zone or a recurrence line that means nothing.
        """
        recurrence = canonical_texts(activity.recurrence)
        changes = _recurrence_changes(recurrence, writing)
        if writing.base is not None and _same_span(activity.span, writing):
            return changes
        if writing.component == "VTODO":
            times = todo_times(activity.span, writing.base, start_needed=bool(recurrence))
        elif activity.span is None:
            raise ConversionError("an event without a date", property_name="DTSTART")
        else:
            times = event_times(activity.span, writing.base)
        return (*times, *changes)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read times and recurrence.

        Raises:
            ConversionError: An event without a start, or a value that cannot be read.
        """
        zone = reading.floating_zone
        span = component_span(component, reading.calendar, floating_zone=zone)
        if span is None and component.name == "VEVENT":
            raise ConversionError("an event without a start", property_name="DTSTART")
        recurrence = canonical_lines(component, reading.calendar)
        if component.first("RECURRENCE-ID") is not None:
            recurrence = ()
        if recurrence == _canonical(activity.recurrence):
            recurrence = activity.recurrence
        return edited(activity, span=span, recurrence=recurrence)


def event_times(span: Span, base: ContentComponent | None) -> tuple[PropertyChange, ...]:
    """Return the changes that give an event this span, in the form the base already uses."""
    if isinstance(span, AllDaySpan):
        start, end = _date("DTSTART", span.start), _date("DTEND", span.end)
        return _set(base, {"DTSTART": start, "DTEND": end, "DURATION": None})
    start = moment_line("DTSTART", span.start, span.zone)
    if base is not None and base.first("DURATION") and not base.first("DTEND"):
        length = make_line("DURATION", write_duration(span.duration))
        return _set(base, {"DTSTART": start, "DURATION": length})
    # RFC 5545 section 3.8.2.2: DTEND is later than DTSTART; without it the event has no length.
    ends = moment_line("DTEND", span.end, span.zone) if span.duration else None
    return _set(base, {"DTSTART": start, "DTEND": ends, "DURATION": None})


def todo_times(
    span: Span | None, base: ContentComponent | None, *, start_needed: bool = False
) -> tuple[PropertyChange, ...]:
    """Return the changes that give a to-do a span that ends at DUE."""
    if span is None:
        return _set(base, dict.fromkeys(("DTSTART", "DUE", "DURATION", TODO_LENGTH)))
    has_start = start_needed or (base is not None and base.first("DTSTART") is not None)
    if isinstance(span, AllDaySpan):
        start = _date("DTSTART", span.start) if has_start or span.days > 1 else None
        due = _date("DUE", span.end - _DAY)
        return _set(base, {"DTSTART": start, "DUE": due, "DURATION": None, TODO_LENGTH: None})
    due = moment_line("DUE", span.end, span.zone)
    start, length = None, _length_line(span.duration)
    if _starts_before_due(base) and span.duration:
        start, length = moment_line("DTSTART", span.start, span.zone), None
    elif has_start:
        start = moment_line("DTSTART", span.end, span.zone)
    return _set(base, {"DTSTART": start, "DUE": due, "DURATION": None, TODO_LENGTH: length})


def todo_due_times(
    due: TimedSpan, base: ContentComponent | None, *, start_needed: bool = False
) -> tuple[PropertyChange, ...]:
    """Return the changes for a to-do that others see from its DUE on (contract, section 6)."""
    span = TimedSpan(start=due.start_utc - due.duration, end=due.start, zone=due.zone)
    changes = todo_times(span, base, start_needed=start_needed)
    if due.duration:
        return changes
    # No length at all must be said: without a word it is half an hour.
    none = PropertyChange(name=TODO_LENGTH, lines=(make_line(TODO_LENGTH, "PT0S"),))
    return (*(change for change in changes if change.name != TODO_LENGTH), none)


def raised_sequence(base: ContentComponent) -> ContentLine:
    """Return SEQUENCE one higher (RFC 5545 section 3.8.7.4)."""
    value = base.value("SEQUENCE")
    number = int(value) if value.isdecimal() and len(value) < 10 else 0  # noqa: PLR2004 (digits)
    return make_line("SEQUENCE", str(number + 1))


def changes_schedule(changes: Sequence[PropertyChange]) -> bool:
    """Return whether any of the changes moves the item."""
    return any(change.name in SCHEDULE_NAMES for change in changes)


def _same_span(span: Span | None, writing: Writing) -> bool:
    if writing.base is None or writing.calendar is None:
        return False
    zone = span.zone if isinstance(span, TimedSpan) else "UTC"
    return component_span(writing.base, writing.calendar, floating_zone=zone) == _whole(span)


def _whole(span: Span | None) -> Span | None:
    """Take off what calendars do not carry, parts of seconds, and count in UTC.

    Times of two zones never compare equal in an hour that a clock shows twice (PEP 495).
    """
    if not isinstance(span, TimedSpan):
        return span
    start, end = span.start_utc.replace(microsecond=0), span.end_utc.replace(microsecond=0)
    return replace(span, start=start, end=end)


def _recurrence_changes(wanted: tuple[str, ...], writing: Writing) -> tuple[PropertyChange, ...]:
    if writing.base is None or writing.calendar is None:
        old: tuple[str, ...] = ()
    else:
        old = canonical_lines(writing.base, writing.calendar)
    lines = {name: tuple(t for t in wanted if _name(t) == name) for name in RECURRENCE_NAMES}
    return tuple(
        PropertyChange(name=name, lines=tuple(read_line(text) for text in texts))
        for name, texts in lines.items()
        if texts != tuple(t for t in old if _name(t) == name)
    )


def _name(text: str) -> str:
    return read_line(text).name


def _canonical(lines: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return canonical_texts(lines)
    except ConversionError:
        # The CRM's own lines make no sense: the object's take their place.
        return lines


def _set(
    base: ContentComponent | None, lines: dict[str, ContentLine | None]
) -> tuple[PropertyChange, ...]:
    return tuple(
        PropertyChange(name=name, lines=() if line is None else (line,))
        for name, line in lines.items()
        if line is not None or (base is not None and base.first(name) is not None)
    )


def _date(name: str, day: date) -> ContentLine:
    return moment_line(name, day, "")


def _length_line(length: timedelta) -> ContentLine | None:
    return make_line(TODO_LENGTH, write_duration(length)) if length else None


def _starts_before_due(base: ContentComponent | None) -> bool:
    if base is None:
        return False
    start, due = base.first("DTSTART"), base.first("DUE")
    if start is None or due is None:
        return start is not None and base.first("DURATION") is not None
    return (start.parameters, start.value) != (due.parameters, due.value)
