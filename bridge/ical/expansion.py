"""Calendar data as a REPORT wants it: instances in place of a series, or fewer overrides.

Texts are put together from the object's own lines; nothing is parsed but the lines that tell
times (RFC 4791 sections 9.6.5 and 9.6.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import Budget, instances
from bridge.ical.plain_event import plain_event_in_utc
from bridge.ical.scanner import ContentComponent, with_crlf
from bridge.ical.series import Instance, Series, Time
from bridge.ical.times import utc_text

PRODUCT = "-//crmdav//expanded//EN"
_OPENING = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n"
_CLOSING = "END:VCALENDAR\r\n"
_OF_SERIES = frozenset({"RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"})
_OF_TIME = frozenset({"DTSTART", "DTEND", "DUE", "DURATION"})


def expanded(
    item: CalendarObject,
    window: tuple[datetime, datetime],
    occurrences: Sequence[str] | None,
    budget: Budget,
    *,
    floating_zone: str = "UTC",
) -> str | None:
    """Return the instances in the window as one calendar (RFC 4791 section 9.6.5).

    Times with a zone are in UTC, floating ones and days stay as they are; there are no rules left.
    A series beyond our bounds comes back as it is.

    Args:
        item: The object.
        window: Start and end, aware, half-open.
        occurrences: Recurrence ids of the instances known to be in the window; with None the
            series is followed.
        budget: One is spent for each instance.
        floating_zone: IANA name of the zone floating times and days are read in.

    Returns:
        iCalendar text, None when nothing of it is in the window.
    """
    try:
        series = Series(item, floating_zone=floating_zone)
        if occurrences is None:
            found = instances(item, *window, floating_zone=floating_zone, budget=budget)
        else:
            found = _known(series, occurrences, budget)
    except ConversionError:
        return item.text
    if not found:
        return None
    writer = _Writer(item, series, keep_id=_recurs(item))
    return _OPENING + "".join(writer.written(instance) for instance in found) + _CLOSING


def single_in_utc(
    item: CalendarObject,
    *,
    floating_zone: str = "UTC",
    record: tuple[datetime, datetime | None] | None = None,
) -> str:
    """Return a single object as `expanded` would, without asking whether it is in any window.

    Args:
        item: The object.
        floating_zone: IANA name of the zone floating times and days are read in.
        record: When it begins and ends as `index_of` found it, if that is known.
    """
    if record is not None:
        plain = plain_event_in_utc(item.text, *record)
        if plain is not None:
            return f"{_OPENING}{plain}{_CLOSING}"
    try:
        series = Series(item, floating_zone=floating_zone)
    except ConversionError:
        return item.text
    writer = _Writer(item, series, keep_id=False)
    written = [
        writer.written(series.made(index, member.timing.start.value))
        for index, member in series.members.items()
    ]
    return _OPENING + "".join(written) + _CLOSING if written else item.text


def limited(
    item: CalendarObject, window: tuple[datetime, datetime], *, floating_zone: str = "UTC"
) -> str:
    """Return the object without the overrides that do not concern the window (section 9.6.6).

    An override concerns it by its present or by its original time, or if it stands for all later
    instances. An object of overrides only keeps them all.
    """
    try:
        series = Series(item, floating_zone=floating_zone)
    except ConversionError:
        return item.text
    if series.master is None:
        return item.text
    kept, offset = [], 0
    for index, source in enumerate(item.members()):
        if not _concerns(series, index, window):
            kept.append(item.text[offset : source.start])
            offset = source.end
    return "".join([*kept, item.text[offset:]])


def _recurs(item: CalendarObject) -> bool:
    names = {line.name for member in item.members() for line in member.lines}
    return not names.isdisjoint({"RRULE", "RDATE", "RECURRENCE-ID"})


def _known(series: Series, ids: Sequence[str], budget: Budget) -> list[Instance]:
    found = []
    for each in ids:
        instance = series.instance(each)
        if instance is not None:
            budget.spend()
            found.append(instance)
    return sorted(found, key=lambda each: (each.first_utc, each.recurrence_id))


def _concerns(series: Series, index: int, window: tuple[datetime, datetime]) -> bool:
    member = series.members.get(index)
    if member is None or member.recurrence_id is None or member.all_later:
        return True
    start, end = window
    own = series.made(index, member.timing.start.value)
    if own.first_utc < end and own.last_utc > start:
        return True
    original = series.original(member)
    return original is not None and original.first_utc < end and original.last_utc > start


class _Writer:
    """Writes instances of one object; what they share of a component is put together once."""

    def __init__(self, item: CalendarObject, series: Series, *, keep_id: bool) -> None:
        self._item = item
        self._members = item.members()
        self._series = series
        self._keep_id = keep_id
        self._rest: dict[int, str] = {}

    def written(self, instance: Instance) -> str:
        """Return an instance as a component of its own."""
        index = instance.member
        if index not in self._rest:
            self._rest[index] = self._shared(self._members[index])
        name = self._members[index].name
        times = "".join(self._times(instance))
        return f"BEGIN:{name}\r\n{times}{self._rest[index]}END:{name}\r\n"

    def _times(self, instance: Instance) -> list[str]:
        member = self._series.members[instance.member]
        names = {line.name for line in member.source.lines} & _OF_TIME
        floating = member.timing.start.floating
        lines = []
        if self._keep_id:
            lines.append(_id_line(instance.recurrence_id))
        starts, ends = instance.start, instance.end
        if member.timing.is_backwards:
            starts, ends = ends, starts
        if "DTSTART" in names:
            lines.append(_moment_line("DTSTART", starts, floating=floating))
        end_name = "DUE" if member.source.name == "VTODO" else "DTEND"
        if names - {"DTSTART"} or (ends != starts and end_name == "DTEND" and member.periods):
            lines.append(_moment_line(end_name, ends, floating=floating))
        return lines

    def _shared(self, member: ContentComponent) -> str:
        """Return all of a component but its BEGIN, END and what tells when it happens."""
        text = self._item.text
        pieces = [
            text[line.start : line.end]
            for line in member.lines
            if line.name not in _OF_SERIES and line.name not in _OF_TIME
        ]
        pieces += [text[part.start : part.end] for part in member.components]
        return with_crlf("".join(pieces))


def _id_line(recurrence_id: str) -> str:
    if "T" not in recurrence_id:
        return f"RECURRENCE-ID;VALUE=DATE:{recurrence_id}\r\n"
    return f"RECURRENCE-ID:{recurrence_id}\r\n"


def _moment_line(name: str, value: Time, *, floating: bool) -> str:
    if not isinstance(value, datetime):
        return f"{name};VALUE=DATE:{value.isoformat().replace('-', '')}\r\n"
    if floating:
        return f"{name}:{utc_text(value.replace(tzinfo=UTC)).removesuffix('Z')}\r\n"
    return f"{name}:{utc_text(value)}\r\n"
