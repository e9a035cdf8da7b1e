"""How the recurrence ids and excluded dates in the text of a series relate to keys.

A key is the original start as Google shows it. In the text of an event that is what RECURRENCE-ID
and EXDATE say. A to-do is shown from its DUE on while its rules count from DTSTART: its keys are as
much later than its recurrence ids (contract, section 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.convert.series_rule import (
    NO_MASTER,
    RANGE,
    TODO_DAYS,
    UNKNOWN_ZONE,
    UnsupportedSeries,
    date_lines,
    moved,
    rule_lines,
    shared_rules,
    start_line,
    zone_of,
)
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.view import Schedule
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, with_value
from bridge.ical.recurrence import read_dates
from bridge.ical.repeat import First
from bridge.ical.rule_keys import key_of, keys_had, start_of
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import Moment, read_moment, read_value
from bridge.ical.zones import iana_name, present_name, resolve, zone_named

_RECURRENCE = ("RRULE", "RDATE", "EXRULE")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFrame:
    """The clock of a series, where it begins, and its rules.

    Attributes:
        first: Start of the first instance as the rules of the text count from it: a date, or an
            aware time on the clock of the series.
        shown: When Google shows that instance.
        floating: The text names no zone.
        rules: RRULE, RDATE and EXRULE in the shared form.
    """

    first: First
    shown: First
    floating: bool
    rules: tuple[str, ...]

    @property
    def zone(self) -> str:
        """IANA name of the clock, "" of whole days."""
        return zone_of(self.first)

    def key(self, moment: Moment) -> str:
        """Return the key of a recurrence id or excluded date.

        A day in a series of times, and a time in one of days, count as the instance of that day.
        """
        if not isinstance(self.first, datetime):
            return key_of(moment.day)
        # A time that the clock skips is moved as it stands there, so that it can be moved back.
        start = moment.value
        if moment.is_date:
            start = datetime.combine(moment.day, self.first.timetz())
        return key_of(moved(start, self.first, self.shown))

    def start(self, key: str) -> First:
        """Return the recurrence id of a key as the text says it: a date, or an aware time."""
        return moved(start_of(key), self.shown, self.first)

    def keys_had(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those of the keys that are instances before any are taken out."""
        return keys_had(self.shown, self.rules, frozenset(keys))

    def recurrence_id(self, key: str) -> ContentLine:
        """Return the RECURRENCE-ID of an instance."""
        return start_line("RECURRENCE-ID", self.start(key), self.first, floating=self.floating)

    def excluded(self, keys: Sequence[str]) -> tuple[ContentLine, ...]:
        """Return the EXDATE lines that take these instances out."""
        starts = [self.start(key) for key in keys]
        return date_lines("EXDATE", starts, self.first, floating=self.floating)

    def new_lines(self) -> list[ContentLine]:
        """Return the rules as lines of a new master."""
        return [line for lines in self.rule_lines().values() for line in lines]

    def rule_lines(self) -> dict[str, tuple[ContentLine, ...]]:
        """Return the rules as the text has them, by the names of the properties."""
        return rule_lines(self.rules, first=self.first, shown=self.shown, floating=self.floating)


def is_series(component: ContentComponent | None) -> bool:
    """Return whether a master has rules or further dates."""
    return component is not None and any(component.first(name) for name in _RECURRENCE)


def frame_of(item: CalendarObject, span: Span, *, zone: str) -> SeriesFrame | None:
    """Return the frame of a series; None for a single item.

    Args:
        item: From either side.
        span: When Google shows its master.
        zone: IANA name of the zone floating times are read in.

    Raises:
        UnsupportedSeries: Google cannot say it.
        ConversionError: A value cannot be read.
    """
    check_members(item)
    master, calendar = item.head(), item.source()
    if not is_series(master):
        return None
    frame = frame_with((), item, span, zone=zone)
    length = length_of(span)
    rules = shared_rules(master, calendar, first=frame.first, shown=frame.shown, length=length)
    return replace(frame, rules=rules)


def frame_with(
    rules: tuple[str, ...], item: CalendarObject, span: Span, *, zone: str
) -> SeriesFrame:
    """Return the frame that an object has with these rules in place of its own.

    Raises:
        UnsupportedSeries: Google cannot say its clock.
        ConversionError: A value cannot be read.
    """
    master, calendar = item.head(), item.source()
    line = master.first("DTSTART") or master.first("DUE")
    assert line is not None  # noqa: S101 (it has a span)
    _check_zone(line, calendar, zone)
    anchor = read_moment(line, calendar, floating_zone=zone)
    shown = shown_start(span)
    first = _on_clock(anchor, shown)
    return SeriesFrame(first=first, shown=shown, floating=anchor.floating, rules=rules)


def frame_of_schedule(schedule: Schedule) -> SeriesFrame:
    """Return the frame of a series that is new, with its rules as they stand."""
    shown = shown_start(schedule.span)
    return SeriesFrame(first=shown, shown=shown, floating=False, rules=schedule.recurrence)


def shown_start(span: Span) -> First:
    """Return where a span begins: a date, or a time on its own clock."""
    if isinstance(span, AllDaySpan):
        return span.start
    return span.start.astimezone(zone_named(span.zone).tz)


def check_members(item: CalendarObject) -> None:
    """Look whether the overrides of an object are some that Google knows.

    Raises:
        UnsupportedSeries: There is no master, or one stands for all later instances.
    """
    if item.master_source() is None:
        raise UnsupportedSeries(NO_MASTER)
    ids = (member.first("RECURRENCE-ID") for member in item.members())
    if any(line is not None and line.parameter("RANGE") for line in ids):
        raise UnsupportedSeries(RANGE)


def overrides(item: CalendarObject, frame: SeriesFrame) -> dict[str, tuple[ContentComponent, ...]]:
    """Return the overrides by the keys of their instances, that which counts first.

    Of two with one key the higher SEQUENCE counts, then the first (as the server expands them).
    """
    found: dict[str, list[ContentComponent]] = {}
    calendar = item.source()
    for member in item.members():
        line = member.first("RECURRENCE-ID")
        if line is not None:
            moment = read_moment(line, calendar, floating_zone=frame.zone or "UTC")
            found.setdefault(frame.key(moment), []).append(member)
    return {key: tuple(sorted(each, key=_by_sequence)) for key, each in found.items()}


def is_of_kind(override: ContentComponent, frame: SeriesFrame) -> bool:
    """Return whether an override is named by a time in a series of times, by a day in one of days.

    One that is not was made before the series became what it is.
    """
    return ("T" in override.value("RECURRENCE-ID").upper()) == isinstance(frame.first, datetime)


def excluded_keys(item: CalendarObject, frame: SeriesFrame) -> frozenset[str]:
    """Return the keys that EXDATE takes out, whether the rules have them or not."""
    master, calendar = item.head(), item.source()
    return frozenset(
        frame.key(moment)
        for line in master.all("EXDATE")
        for moment in read_dates(line, calendar, frame.zone or "UTC")
    )


def dates_without(
    item: CalendarObject, frame: SeriesFrame, keys: frozenset[str], *, name: str
) -> tuple[ContentLine, ...]:
    """Return the EXDATE or RDATE lines of the master without the values of these keys."""
    calendar = item.source()
    return tuple(
        kept
        for line in item.head().all(name)
        if (kept := _line_without(line, calendar, frame, keys)) is not None
    )


def _line_without(
    line: ContentLine, calendar: ContentComponent, frame: SeriesFrame, keys: frozenset[str]
) -> ContentLine | None:
    tzid, zone = line.parameter("TZID"), frame.zone or "UTC"
    values = [value for value in line.value.split(",") if value.strip()]
    kept = [
        value
        for value in values
        if frame.key(read_value(value.partition("/")[0], tzid, calendar, floating_zone=zone))
        not in keys
    ]
    if len(kept) == len(values):
        return line
    return with_value(line, ",".join(kept)) if kept else None


def _on_clock(anchor: Moment, shown: First) -> First:
    """Return what the rules count from, on the clock of the series."""
    if anchor.is_date:
        if isinstance(shown, datetime) or anchor.day != shown:
            raise UnsupportedSeries(TODO_DAYS)
        return shown
    if not isinstance(shown, datetime) or present_name(anchor.zone) != zone_of(shown):
        raise UnsupportedSeries(TODO_DAYS)
    first = anchor.instant.astimezone(shown.tzinfo)
    if first.date() != shown.date():
        raise UnsupportedSeries(TODO_DAYS)
    return first


def length_of(span: Span) -> timedelta:
    """Return how long a span is, days of 24 hours."""
    return span.duration if isinstance(span, TimedSpan) else timedelta(days=span.days)


def _check_zone(line: ContentLine, calendar: ContentComponent, zone: str) -> None:
    """Raise for a zone that no name of the tz database gives back in all years."""
    tzid = line.parameter("TZID")
    if not tzid or iana_name(tzid) is not None or "T" not in line.value.upper():
        return
    at = read_moment(line, calendar, floating_zone=zone).value
    assert isinstance(at, datetime)  # noqa: S101 (it has a time)
    if not resolve(tzid, calendar, prefer=zone, at=at.replace(tzinfo=None)).exact:
        raise UnsupportedSeries(UNKNOWN_ZONE)


def _by_sequence(component: ContentComponent) -> int:
    value = component.value("SEQUENCE")
    sane = value.isascii() and value.isdigit() and len(value) < 12  # noqa: PLR2004 (digits)
    return -(int(value) if sane else -1)
