"""An event as a to-do and back: another component around the same lines.

The CRM may move an activity to the other collection (design decision 17). What a client wrote goes
along: alarms, guests, overrides, properties nobody here knows. Only what the other component
cannot have is left out (RFC 5545 sections 3.6.1 and 3.6.2), and only what it calls by another name
is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bridge.convert import title_mark
from bridge.convert.properties.completion import DONE, is_done
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.component_span import TODO_LENGTH
from bridge.ical.content_line import (
    ContentLine,
    escape_text,
    make_line,
    read_line,
    with_value,
    write_lines,
)
from bridge.ical.patch import Edit, apply_edits
from bridge.ical.scanner import ContentComponent, line_break_of

_EVENT, _TODO = "VEVENT", "VTODO"
_DAY = timedelta(days=1)
_END = re.compile(r"^END[;:]", re.IGNORECASE | re.MULTILINE)
_DATE_DIGITS = 8
_ONLY = {
    _EVENT: frozenset({"TRANSP", DONE}),
    _TODO: frozenset({"COMPLETED", "PERCENT-COMPLETE", TODO_LENGTH, DONE}),
}
_COMPLETED = (make_line("STATUS", "COMPLETED"), make_line("PERCENT-COMPLETE", "100"))


def recast(item: CalendarObject, component: str) -> CalendarObject | None:
    """Return an object as the other component.

    What the master says of time and completion is not looked at closely: an activity is written
    over it afterwards (`activity_to_object`).

    Args:
        item: An event or a to-do.
        component: `VTODO` or `VEVENT`, the other one.

    Returns:
        None when it cannot be said so: a broken line that is left alone in an event, for example,
        is not in a to-do.
    """
    head, line_break = item.head(), line_break_of(item.text)
    edits = []
    for member in item.members():
        further = () if member is head else _done(member)
        edits += [*_borders(item.text, member, component, further, line_break)]
        edits += [*_line_edits(member, line_break)]
    try:
        return CalendarObject.parse(apply_edits(item.text, edits))
    except ConversionError:
        return None


def _borders(
    text: str,
    member: ContentComponent,
    component: str,
    further: tuple[ContentLine, ...],
    line_break: str,
) -> Iterator[Edit]:
    ending = [match.start() for match in _END.finditer(text, member.tail, member.end)][-1]
    yield Edit(start=member.start, end=member.body, text=f"BEGIN:{component}{line_break}")
    yield Edit(start=member.tail, end=member.tail, text=write_lines(further, line_break))
    yield Edit(start=ending, end=member.end, text=f"END:{component}{line_break}")


def _line_edits(member: ContentComponent, line_break: str) -> Iterator[Edit]:
    for line in member.lines:
        new = _recast_line(line, member)
        if new is not line:
            text = "" if new is None else write_lines([new], line_break)
            yield Edit(start=line.start, end=line.end, text=text)


def _recast_line(line: ContentLine, member: ContentComponent) -> ContentLine | None:
    """Return a line as the other component has it, None where it has none."""
    if line.name in _ONLY[member.name]:
        return None
    match line.name:
        case "STATUS":
            return line if line.value.strip().upper() == "CANCELLED" else None
        case "SUMMARY":
            return _retitled(line, member)
        case "DTEND" if member.name == _EVENT:
            return _shifted(_renamed(line, "DUE"), -_DAY)
        case "DUE" if member.name == _TODO:
            return _end_of_event(line, member)
        case _:
            return line


def _end_of_event(due: ContentLine, member: ContentComponent) -> ContentLine | None:
    start = member.first("DTSTART")
    if start is None:
        return _renamed(due, "DTSTART")
    # An event ends after its start or says nothing of its end (RFC 5545 section 3.8.2.2).
    end = _shifted(_renamed(due, "DTEND"), _DAY)
    return None if end.meaning[1:] == start.meaning[1:] else end


def _renamed(line: ContentLine, name: str) -> ContentLine:
    return read_line(name + line.text[len(line.name) :])


def _shifted(line: ContentLine, step: timedelta) -> ContentLine:
    """Move a date, which an event ends before and a to-do is due on; times stay."""
    value = line.value.strip()
    if len(value) != _DATE_DIGITS or not value.isdecimal():
        return line
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:])) + step
    except (ValueError, OverflowError):
        return line
    return with_value(line, f"{day:%Y%m%d}".rjust(_DATE_DIGITS, "0"))


def _retitled(line: ContentLine, member: ContentComponent) -> ContentLine:
    """Return a title with the done mark of an event, which a to-do does not need."""
    marked, title = title_mark.split(line.text_value)
    if member.name == _EVENT:
        wanted = False
    else:
        wanted = is_done(member) and member.first("RECURRENCE-ID") is not None
    if marked == wanted:
        return line
    return with_value(line, escape_text(title_mark.join(done=wanted, title=title)))


def _done(override: ContentComponent) -> tuple[ContentLine, ...]:
    """Return the lines that say of an override what its activity does not say."""
    if not is_done(override):
        return ()
    return _COMPLETED if override.name == _EVENT else (make_line(DONE, "TRUE"),)
