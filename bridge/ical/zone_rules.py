"""What a VTIMEZONE of a text's own says: its offset at a wall time (RFC 5545 section 3.6.5).

Its rules are strangers' programs (threats, row I18). They are not followed but worked out, a month
of a year at a time, for as many years as anybody plans for, and once for each definition.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from bridge.errors import ConversionError
from bridge.ical.scanner import ContentComponent

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""Rules are worked out within these years; times after them keep the hours of the last one."""
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
_LOCAL = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})")
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = frozenset({"FREQ", "INTERVAL", "WKST", "UNTIL", "COUNT", "BYMONTH", "BYDAY", "BYMONTHDAY"})
_MOST_RULES = 100  # of one definition; of the longest real ones a quarter
_MOST_ONSETS = 10_000  # of one definition; clocks are put forward and back twice a year
_LONGEST_RULE = 200  # characters
_DAY = timedelta(days=1)


def offset_at(definition: ContentComponent, wall: datetime) -> timedelta:
    """Return a VTIMEZONE's offset from UTC at a wall time: that of the latest onset before it.

    Raises:
        ConversionError: It has no rules or too many, or an offset in them means nothing.
    """
    table = _table(definition)
    if wall.year > LAST_YEAR:
        wall = wall.replace(year=LAST_YEAR, day=min(wall.day, 28))
    return table.offsets[bisect_right(table.onsets, wall)]


def parse_offset(value: str) -> timedelta:
    """Read a UTC offset (RFC 5545 section 3.3.14).

    Raises:
        ConversionError: It is malformed or a day or longer (I18).
    """
    match = _OFFSET.fullmatch(value.strip())
    if match is None:
        raise ConversionError("not a UTC offset", property_name="TZOFFSETTO")
    hours, minutes, seconds = int(match[2]), int(match[3]), int(match[4] or 0)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= _DAY:
        raise ConversionError("a UTC offset of a day or more", property_name="TZOFFSETTO")
    return -offset if match[1] == "-" else offset


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Onsets in their order, and the offsets before, between and after them: one more."""

    onsets: tuple[datetime, ...]
    offsets: tuple[timedelta, ...]


# A definition never changes, and each time of a text asks its own a dozen times.
@lru_cache(maxsize=32)
def _table(definition: ContentComponent) -> _Table:
    if sum(each.first("RRULE") is not None for each in definition.components) > _MOST_RULES:
        raise ConversionError("a time zone with too many rules", property_name="TZID")
    found: dict[datetime, timedelta] = {}
    before: tuple[datetime, timedelta] | None = None
    for observance in definition.components:
        start = _local(observance.value("DTSTART"))
        if start is None:
            continue
        earlier = parse_offset(observance.value("TZOFFSETFROM"))
        if before is None or start < before[0]:
            before = (start, earlier)
        later = parse_offset(observance.value("TZOFFSETTO"))
        room = _MOST_ONSETS - len(found)
        found |= dict.fromkeys(islice(_onsets(observance, start, earlier), room), later)
    if before is None:
        raise ConversionError("a time zone without rules", property_name="TZID")
    onsets = sorted(found)
    return _Table(onsets=tuple(onsets), offsets=(before[1], *(found[each] for each in onsets)))


def _onsets(
    observance: ContentComponent, start: datetime, offset_from: timedelta
) -> Iterator[datetime]:
    yield start
    for line in observance.all("RDATE"):
        yield from (found for each in line.value.split(",") if (found := _local(each)) is not None)
    text = observance.value("RRULE").upper()
    parts = dict(part.partition("=")[::2] for part in text.split(";") if part)
    known = len(text) <= _LONGEST_RULE and parts.keys() <= _PARTS
    # Any other rule than those of real zones counts as its start.
    if not known or parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1":
        return
    until = _local(parts.get("UNTIL", ""))
    if until is not None and parts["UNTIL"].endswith("Z"):
        until = min(until, datetime.max - _DAY) + offset_from  # noqa: DTZ901 (wall time)
    count = parts.get("COUNT", "")
    most = int(count) if count.isdecimal() and len(count) < 5 else None  # noqa: PLR2004 (digits)
    for found in islice(_by_rule(parts, start), most):
        if until is not None and found > until:
            return
        yield found


def _by_rule(parts: dict[str, str], start: datetime) -> Iterator[datetime]:
    """Yield what a yearly rule comes to, in order."""
    months = _numbers(parts.get("BYMONTH", ""), 1, 12) or [start.month]
    days = frozenset(_numbers(parts.get("BYMONTHDAY", ""), -31, 31))
    weekdays = frozenset(
        (int(match[1] or 0), _WEEKDAYS.index(match[2]))
        for match in map(_BY_DAY.fullmatch, parts.get("BYDAY", "").split(","))
        if match is not None
    )
    if not days and not weekdays:
        days = frozenset({start.day})
    for year in range(max(start.year, FIRST_YEAR), LAST_YEAR + 1):
        for month in months:
            for day in _days_of(year, month, days, weekdays):
                found = start.replace(year=year, month=month, day=day)
                if found >= start:
                    yield found


def _days_of(
    year: int, month: int, days: frozenset[int], weekdays: frozenset[tuple[int, int]]
) -> Iterator[int]:
    """Yield the days of a month that are among the days and the weekdays; none of them is any."""
    first, length = calendar.monthrange(year, month)
    for day in range(1, length + 1):
        if days and day not in days and day - length - 1 not in days:
            continue
        weekday = (first + day - 1) % 7
        nth, nth_last = (day + 6) // 7, -((length - day + 7) // 7)
        if not weekdays or any((n, weekday) in weekdays for n in (0, nth, nth_last)):
            yield day


def _numbers(text: str, least: int, most: int) -> list[int]:
    found = {int(each) for each in text.split(",") if re.fullmatch(r"[+-]?[0-9]{1,2}", each)}
    return sorted(number for number in found if least <= number <= most)


def _local(value: str) -> datetime | None:
    match = _LOCAL.match(value.strip())
    try:
        return datetime(*(int(part) for part in match.groups())) if match else None  # type: ignore[arg-type]  # noqa: DTZ001 (six parts of a wall time)
    except ValueError:
        return None
