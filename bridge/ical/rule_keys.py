"""Which original starts the rules and further dates of a series have, EXDATE aside.

A key names an instance by its original start: `20260310T090000Z` in UTC, `20260310` in a series of
whole days. Rules are followed on the wall clock of the series, as far as the keys reach and never
for longer than `rule_steps` allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar.prop import vRecur

from bridge.errors import ConversionError
from bridge.ical.content_line import read_line
from bridge.ical.repeat import First
from bridge.ical.rule_steps import CountedInterval, TooFarToFollow, bound_rule, whole_steps
from bridge.ical.times import utc_text
from bridge.ical.zones import zone_named

_MARGIN = timedelta(days=2)
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 3, 9000
_DAY_FORM, _TIME_FORM = "%Y%m%d", "%Y%m%dT%H%M%SZ"
_DATE_DIGITS = 8
# What icalendar and dateutil raise for rules that only look well-formed.
_REFUSALS = (ValueError, TypeError, OverflowError, AttributeError, LookupError)


def key_of(start: First) -> str:
    """Return the key of the instance with this original start; a time is aware."""
    if isinstance(start, datetime):
        return utc_text(start)
    return f"{start:%Y%m%d}".zfill(_DATE_DIGITS)


def start_of(key: str) -> First:
    """Return the original start a key names, a time in UTC.

    Raises:
        ConversionError: It is no key.
    """
    try:
        if len(key) == _DATE_DIGITS:
            return datetime.strptime(key, _DAY_FORM).replace(tzinfo=UTC).date()
        return datetime.strptime(key, _TIME_FORM).replace(tzinfo=UTC)
    except ValueError as error:
        raise ConversionError(f"no original start: {key[:40]}") from error


def keys_had(first: First, lines: tuple[str, ...], keys: frozenset[str]) -> frozenset[str]:
    """Return those of the keys that are instances of a series before any are taken out.

    Args:
        first: Its first start; a time on the clock of the series.
        lines: RRULE, RDATE and EXRULE; UNTIL and RDATE in UTC, of whole days as dates.
        keys: Those asked for; what is no key, or too far away to be followed to, is none.
    """
    if not keys or not lines:
        return frozenset()
    try:
        return _had(first, lines, keys)
    except TooFarToFollow:
        ordered = sorted(keys)
        half = len(ordered) // 2
        parts = (ordered[:half], ordered[half:]) if half else ()
        return frozenset().union(*(keys_had(first, lines, frozenset(part)) for part in parts))


def check_followed(first: First, lines: tuple[str, ...]) -> None:
    """Look whether the rules of a series mean something.

    Raises:
        TooFarToFollow: They do not.
    """
    _had(first, lines, frozenset({key_of(first)}))


def _had(first: First, lines: tuple[str, ...], keys: frozenset[str]) -> frozenset[str]:
    # Aware times of two zones are equal when they are one instant: the zone is told apart.
    return _keys_had(key_of(first), _wall(first), _zone_of(first), lines, keys)


@lru_cache(maxsize=1024)
def _keys_had(
    first: str, wall: datetime, zone: str, lines: tuple[str, ...], keys: frozenset[str]
) -> frozenset[str]:
    tz = zone_named(zone).tz if zone else None
    starts = [start for key in keys if (start := _start_or_none(key)) is not None]
    walls = [_on_clock(each, tz) for each in starts if isinstance(each, datetime) == bool(zone)]
    if not walls:
        return frozenset()
    had, taken = {first}, set[str]()
    for line in map(read_line, lines):
        if line.name == "RDATE":
            had.update(value.strip() for value in line.value.split(","))
        elif line.name == "EXRULE":
            taken.update(_rule_keys(line.value, wall, tz, walls))
        else:
            had.update(_rule_keys(line.value, wall, tz, walls))
    return keys & (had - taken)


def _rule_keys(
    value: str, first: datetime, tz: tzinfo | None, asked: Sequence[datetime]
) -> Iterator[str]:
    """Yield the keys that a rule has on the days asked for, and around them."""
    days = {(wall + step).date() for wall in asked for step in (-_DAY, timedelta(0), _DAY)}
    try:
        for wall in _followed(value, first, tz, min(asked) - _MARGIN, max(asked) + _MARGIN):
            if wall.date() in days:
                yield key_of(wall.date() if tz is None else wall.replace(tzinfo=tz))
    except TooFarToFollow:
        raise
    except _REFUSALS as error:
        raise TooFarToFollow("the rule cannot be followed", property_name="RRULE") from error


def _followed(
    value: str, first: datetime, tz: tzinfo | None, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield the starts of a rule on its wall clock, from one time to another and some before."""
    rule = vRecur.from_ical(value)
    rule["UNTIL"] = [_on_clock(each, tz) for each in rule.get("UNTIL", ())]
    if not rule["UNTIL"]:
        del rule["UNTIL"]
    begin = first + whole_steps(rule, first, (since - _MARGIN).replace(tzinfo=UTC))
    steps = bound_rule(rule, begin, until.replace(tzinfo=UTC))
    if "UNTIL" in rule:
        rule["UNTIL"] = [_wall(rule["UNTIL"][0])]
    followed: Any = rrulestr(rule.to_ical().decode(), dtstart=begin)
    followed._interval = CountedInterval(followed._interval).allow(steps)  # noqa: SLF001 (the one number that dateutil asks at every step)
    yield from takewhile(lambda wall: wall <= until, followed)


def _on_clock(until: First, tz: tzinfo | None) -> datetime:
    aware = isinstance(until, datetime) and until.tzinfo is not None
    return _wall(until.astimezone(tz) if aware and isinstance(until, datetime) and tz else until)


def _start_or_none(key: str) -> First | None:
    """Return a key's start; none for what is no key, or at the edge of the calendar (I05)."""
    try:
        start = start_of(key)
    except ConversionError:
        return None
    return start if _FIRST_YEAR <= start.year <= _LAST_YEAR else None


def _wall(value: First) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, fold=0)
    return datetime.combine(value, time())


def _zone_of(first: First) -> str:
    """Return the name of the clock, "" of whole days."""
    if not isinstance(first, datetime):
        return ""
    return first.tzinfo.key if isinstance(first.tzinfo, ZoneInfo) else "UTC"
