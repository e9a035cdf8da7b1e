"""Recurrence as data: rules checked, lines in one canonical form, and how far a series reaches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line, read_line
from bridge.ical.limits import DEFAULT_LIMITS, Limits
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import Moment, read_duration, read_value
from bridge.ical.zones import resolve

RECURRENCE_NAMES = ("RRULE", "RDATE", "EXRULE", "EXDATE")
_PART_ORDER = (
    "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY",
    "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
)  # fmt: skip
_DEFAULTS = {"INTERVAL": "1", "WKST": "MO"}
# The longest that one step of a rule without BY parts can take: a 31st skips a month, and
# 29 February waits up to eight years.
_LONGEST_STEP = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
    "MONTHLY": timedelta(days=62),
    "YEARLY": timedelta(days=8 * 366),
}
_NOTHING = ContentComponent(
    name="VCALENDAR", lines=(), components=(), start=0, body=0, tail=0, end=0
)
_PERIOD = re.compile(r"\d{8}T\d{6}Z?/(\d{8}T\d{6}Z?|\+?P[0-9DTHMSW]+)", re.ASCII)
_WALL = re.compile(r"\d{8}T\d{6}", re.ASCII)


def rule_parts(value: str) -> Mapping[str, str]:
    """Split a rule into its parts, names and values in upper case."""
    parts = {}
    for piece in value.strip().upper().split(";"):
        name, _, content = piece.partition("=")
        if name:
            parts[name.strip()] = content.strip()
    return parts


def check_rule(line: ContentLine, limits: Limits) -> None:
    """Refuse a rule that no reader can follow (I03).

    Raises:
        ConversionError: FREQ missing or unknown, or INTERVAL or COUNT not a sane number.
    """
    parts = rule_parts(line.value)
    if parts.get("FREQ", "") not in _LONGEST_STEP:
        raise ConversionError("a rule without a known FREQ", property_name=line.name)
    for name in ("INTERVAL", "COUNT"):
        value = parts.get(name, "1")
        # The length is looked at first: int() of a million digits is slow, and refused anyway.
        if not (value.isdecimal() and len(value) < 12 and 1 <= int(value) <= limits.max_count):  # noqa: PLR2004 (digits)
            raise ConversionError(f"{name} out of range", property_name=line.name)


def check_period(value: str, name: str) -> None:
    """Refuse a period that is not of times: programs read it and then fail to write it (I20).

    Raises:
        ConversionError: Not a time, a slash, and a time or a duration.
    """
    if _PERIOD.fullmatch(value.strip().upper()) is None:
        raise ConversionError("not a period of times", property_name=name)


def canonical_lines(component: ContentComponent, calendar: ContentComponent) -> tuple[str, ...]:
    """Return the recurrence lines in a canonical order and form.

    Parts of rules are ordered and defaults left out; dates are sorted, one line for each zone,
    zones by IANA name. Equal for texts that differ only in how they were written.
    """
    if not any(component.first(name) for name in RECURRENCE_NAMES):
        return ()
    rules = {
        f"{line.name}:{_canonical_rule(line.value)}"
        for line in component.lines
        if line.name in ("RRULE", "EXRULE")
    }
    dates: dict[tuple[str, str, str], set[str]] = {}
    for line in component.lines:
        if line.name in ("RDATE", "EXDATE"):
            for key, value in _canonical_dates(line, calendar):
                dates.setdefault(key, set()).add(value)
    written = [
        make_line(name, ",".join(sorted(values)), {parameter: content} if parameter else None).text
        for (name, parameter, content), values in dates.items()
    ]
    order = {name: index for index, name in enumerate(RECURRENCE_NAMES)}
    return tuple(
        sorted([*rules, *written], key=lambda text: (order[re.split("[:;]", text)[0]], text))
    )


def canonical_texts(lines: Sequence[str]) -> tuple[str, ...]:
    """Return recurrence lines given as text in the canonical order and form.

    Raises:
        ConversionError: A line is no RRULE, RDATE, EXRULE or EXDATE that can be read.
    """
    if not lines:
        return ()
    read = tuple(read_line(text) for text in lines)
    for line in read:
        if line.name not in RECURRENCE_NAMES:
            raise ConversionError("no recurrence line", property_name=line.name or "RRULE")
        if line.name in ("RRULE", "EXRULE"):
            check_rule(line, DEFAULT_LIMITS)
        else:
            read_dates(line, _NOTHING, "UTC")
    return canonical_lines(replace(_NOTHING, lines=read), _NOTHING)


def upper_bound(
    component: ContentComponent, calendar: ContentComponent, first: Moment, *, floating_zone: str
) -> date | datetime | None:
    """Return a date or instant that no instance of the series starts after; None when endless.

    It may lie later than the last instance, never earlier: rules are not expanded here.
    """
    bounds: list[date | datetime] = [first.value]
    for line in component.lines:
        if line.name == "RRULE":
            bound = _rule_bound(line, first, calendar, floating_zone)
            if bound is None:
                return None
            bounds.append(bound)
        elif line.name == "RDATE":
            bounds.extend(moment.value for moment in read_dates(line, calendar, floating_zone))
    return max(bounds, key=_sort_key)


def read_dates(
    line: ContentLine, calendar: ContentComponent, floating_zone: str
) -> tuple[Moment, ...]:
    """Read the values of RDATE or EXDATE; a PERIOD counts by its start.

    Raises:
        ConversionError: A value is no date or time.
    """
    tzid = line.parameter("TZID")
    return tuple(
        read_value(
            value.partition("/")[0], tzid, calendar, floating_zone=floating_zone, name=line.name
        )
        for value in line.value.split(",")
        if value.strip()
    )


def read_periods(
    line: ContentLine, calendar: ContentComponent, floating_zone: str
) -> tuple[tuple[Moment, timedelta], ...]:
    """Read the values of RDATE that have a length of their own: their starts and lengths.

    A length that nobody can read, or a negative one, counts as none.

    Raises:
        ConversionError: A start is no time.
    """
    tzid = line.parameter("TZID")
    found = []
    for value in line.value.split(","):
        begin, slash, rest = value.strip().upper().partition("/")
        if slash:
            start = read_value(begin, tzid, calendar, floating_zone=floating_zone, name=line.name)
            found.append((start, _period_length(start, rest, tzid, calendar, floating_zone)))
    return tuple(found)


def _period_length(
    start: Moment, rest: str, tzid: str, calendar: ContentComponent, floating_zone: str
) -> timedelta:
    try:
        if rest.lstrip("+").startswith("P"):
            return max(read_duration(rest, name="RDATE").total, timedelta(0))
        end = read_value(rest, tzid, calendar, floating_zone=floating_zone, name="RDATE")
        return max(end.instant - start.instant, timedelta(0))
    except ConversionError:
        return timedelta(0)


def _sort_key(value: date | datetime) -> tuple[int, int, float]:
    if isinstance(value, datetime):
        return value.year, value.timetuple().tm_yday, value.timestamp() % 86400
    return value.year, value.timetuple().tm_yday, 86400.0


def _rule_bound(
    line: ContentLine, first: Moment, calendar: ContentComponent, floating_zone: str
) -> date | datetime | None:
    parts = rule_parts(line.value)
    step = _LONGEST_STEP.get(parts.get("FREQ", ""))
    try:
        if "UNTIL" in parts:
            until = read_value(parts["UNTIL"], "", calendar, floating_zone=floating_zone)
            # UNTIL as a date, or in local time, includes instances of that whole day anywhere.
            return until.value + timedelta(days=2)
        plain = not any(name.startswith("BY") for name in parts)
        weekly = parts.get("FREQ") == "WEEKLY" and not {"BYSETPOS", "BYMONTH"} & parts.keys()
        if "COUNT" in parts and step is not None and (plain or weekly):
            steps = int(parts["COUNT"]) * int(parts.get("INTERVAL", "1"))
            return first.value + step * steps
    except (OverflowError, ValueError, ConversionError):
        return None
    return None


def _canonical_rule(value: str) -> str:
    parts = {k: v for k, v in rule_parts(value).items() if v and _DEFAULTS.get(k) != v}
    known = [name for name in _PART_ORDER if name in parts]
    others = sorted(parts.keys() - set(known))
    return ";".join(f"{name}={_canonical_list(name, parts[name])}" for name in [*known, *others])


def _canonical_list(name: str, value: str) -> str:
    if not name.startswith("BY") or "," not in value:
        return value
    return ",".join(sorted({piece.strip() for piece in value.split(",")}))


def _canonical_dates(
    line: ContentLine, calendar: ContentComponent
) -> list[tuple[tuple[str, str, str], str]]:
    """Return for each value its line's key (name, parameter, its content) and its form."""
    tzid = line.parameter("TZID")
    found = []
    for raw in line.value.split(","):
        value = raw.strip().upper()
        if not value:
            continue
        if "/" in value:
            key = (line.name, "VALUE", "PERIOD")
        elif "T" not in value:
            key = (line.name, "VALUE", "DATE")
        elif tzid and _WALL.fullmatch(value):
            moment = read_value(value, tzid, calendar, floating_zone="UTC", name=line.name)
            zone = resolve(tzid, calendar, prefer="UTC", at=_wall(moment))
            key = (line.name, "", "") if zone.name == "UTC" else (line.name, "TZID", zone.name)
            value = _in_zone(moment, zone.name)
        else:
            key = (line.name, "", "")
        found.append((key, value))
    return found


def _wall(moment: Moment) -> datetime:
    assert isinstance(moment.value, datetime)  # noqa: S101 (the caller matched a time)
    return moment.value.replace(tzinfo=None)


def _in_zone(moment: Moment, zone: str) -> str:
    suffix = "Z" if zone == "UTC" else ""
    return _wall(moment).isoformat(timespec="seconds").replace("-", "").replace(":", "") + suffix
