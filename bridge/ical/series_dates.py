"""Excluded and further dates of a series, carried along when the whole series is moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bridge.ical.content_line import read_line
from bridge.ical.recurrence import canonical_texts, read_dates
from bridge.ical.repeat import First
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import Moment, moment_line

_CARRIED = ("EXDATE", "RDATE")
_NOTHING = ContentComponent(
    name="VCALENDAR", lines=(), components=(), start=0, body=0, tail=0, end=0
)


def carried_lines(lines: Sequence[str], old: First, new: First) -> tuple[str, ...]:
    """Return recurrence lines with the dates in EXDATE and RDATE moved like the first one.

    They move on the wall clock, so that an instance that was taken out stays out. Rules, and
    dates with a length of their own, stay as they are.

    Args:
        lines: Of the series before.
        old: Where the series began; times on its own clock.
        new: Where it begins now.

    Raises:
        ConversionError: A line cannot be read.
    """
    if old == new and isinstance(old, datetime) == isinstance(new, datetime):
        return tuple(lines)
    zone = _zone_of(old) or _zone_of(new) or "UTC"
    carried: list[str] = []
    for text in lines:
        line = read_line(text)
        if line.name not in _CARRIED or "/" in line.value:
            carried.append(text)
            continue
        for moment in read_dates(line, _NOTHING, zone):
            value = _moved(moment, old, new)
            carried.append(moment_line(line.name, value, _zone_of(new)).text)
    return canonical_texts(carried)


def _moved(moment: Moment, old: First, new: First) -> First:
    wall = _wall(moment, old) + (_naive(new) - _naive(old))
    if not isinstance(new, datetime):
        return wall.date()
    return wall.replace(tzinfo=new.tzinfo)


def _wall(moment: Moment, old: First) -> datetime:
    if moment.is_date or not isinstance(old, datetime):
        at = old.time() if isinstance(old, datetime) else time()
        return datetime.combine(moment.day, at)
    return moment.instant.astimezone(old.tzinfo).replace(tzinfo=None)


def _naive(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())


def _zone_of(value: First) -> str:
    zone = value.tzinfo if isinstance(value, datetime) else None
    return zone.key if isinstance(zone, ZoneInfo) else ""
