"""The rules of a series in the one form that both sides are compared by, and as text again.

Google rewrites what it stores: parts of rules in its own order, WKST added, dates joined and
sorted. Two spellings of the same rules are one here: parts in a fixed order, defaults and what has
no effect left out, UNTIL and RDATE in UTC, of whole days as dates (RFC 5545 sections 3.3.10 and
3.8.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line, read_line
from bridge.ical.recurrence import canonical_texts, read_dates, read_periods, rule_parts
from bridge.ical.repeat import First
from bridge.ical.rule_keys import check_followed, key_of, start_of
from bridge.ical.rule_steps import TooFarToFollow
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import moment_line

RULE_NAMES = ("RRULE", "RDATE", "EXRULE")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_KNOWN = frozenset({
    "FREQ", "UNTIL", "COUNT", "INTERVAL", "WKST", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO",
    "BYMONTH", "BYSETPOS",
})  # fmt: skip
_FINER_THAN_DAYS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LONGEST = timedelta(days=3660)
# At the edges of the calendar an instance could not be given its length (I05).
_FIRST_YEAR, _LAST_YEAR = 3, 9000
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_NUMBERED_DAY = r"(?:[+-]?[1-9][0-9]?)?(?:MO|TU|WE|TH|FR|SA|SU)"
_FORMS = {
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
    "BYDAY": re.compile(f"{_NUMBERED_DAY}(?:,{_NUMBERED_DAY})*"),
}
_NUMBERS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[+-]?[1-9][0-9]{0,2})*", re.ASCII)


class UnsupportedSeries(ConversionError):
    """A series that Google cannot say.

    Attributes:
        reason: Machine-readable: one of the constants of this module.
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(f"a series that Google cannot say: {reason}", property_name="RRULE")
        self.reason = reason


FREQUENCY = "series-frequency"
"""It repeats more often than daily."""
SEVERAL_RULES = "series-rules"
"""It has more than one RRULE."""
ODD_RULE = "series-rule"
"""Its rule means nothing, or nothing that Google takes."""
ODD_DATES = "series-dates"
"""Further dates of another kind than the series, or of another length."""
UNKNOWN_ZONE = "series-zone"
"""Its time zone is none of the tz database, and keeps no other one's time."""
RANGE = "series-range"
"""An override stands for all later instances too."""
NO_MASTER = "series-without-master"
"""There are only overrides."""
TODO_DAYS = "series-to-do"
"""A to-do that begins on one day, or on one clock, and is due on another."""


def shared_rules(
    component: ContentComponent,
    calendar: ContentComponent,
    *,
    first: First,
    shown: First,
    length: timedelta,
) -> tuple[str, ...]:
    """Return RRULE, RDATE and EXRULE of a master in the shared form.

    Args:
        component: The master.
        calendar: The VCALENDAR around it.
        first: What its rules count from, a time on the clock of the series.
        shown: When Google shows that instance, on the same day.
        length: Of an instance.

    Raises:
        UnsupportedSeries: Google cannot say them.
    """
    if len(component.all("RRULE")) > 1:
        raise UnsupportedSeries(SEVERAL_RULES)
    if length > _LONGEST or not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        raise UnsupportedSeries(ODD_RULE)
    rules = [
        f"{name}:{_shared_rule(line.value, first, shown)}"
        for name in ("RRULE", "EXRULE")
        for line in component.all(name)
    ]
    dates = {
        moved(start, first, shown)
        for line in component.all("RDATE")
        for start in _further_dates(line, calendar, first, length)
    }
    return checked_rules([*rules, *_dates_text(dates)], shown)


def checked_rules(lines: Sequence[str], first: First) -> tuple[str, ...]:
    """Return lines of the shared form in their order.

    Raises:
        UnsupportedSeries: They are not of that form, or mean nothing.
    """
    for line in map(read_line, lines):
        if line.name not in RULE_NAMES:
            raise UnsupportedSeries(ODD_RULE)
        if line.name == "RDATE" and not _are_keys(line.value, first):
            raise UnsupportedSeries(ODD_DATES)
    try:
        ordered = canonical_texts(tuple(lines))
        check_followed(first, ordered)
    except TooFarToFollow as error:
        raise UnsupportedSeries(ODD_RULE) from error
    except ConversionError as error:
        raise UnsupportedSeries(ODD_RULE) from error
    return ordered


def normal_rules(lines: Sequence[str], first: First, length: timedelta) -> tuple[str, ...]:
    """Return lines that anybody wrote in the shared form, for a series of their own.

    Args:
        lines: RRULE, RDATE and EXRULE.
        first: When it begins, a time on its clock.
        length: Of an instance.

    Raises:
        UnsupportedSeries: They have none.
    """
    if not lines:
        return ()
    component = ContentComponent(
        name="VEVENT",
        lines=tuple(read_line(text) for text in lines),
        components=(), start=0, body=0, tail=0, end=0,
    )  # fmt: skip
    if not all(line.name in RULE_NAMES for line in component.lines):
        raise UnsupportedSeries(ODD_RULE)
    try:
        return shared_rules(component, component, first=first, shown=first, length=length)
    except UnsupportedSeries:
        raise
    except ConversionError as error:
        raise UnsupportedSeries(ODD_DATES) from error


def rule_lines(
    rules: Sequence[str], *, first: First, shown: First, floating: bool
) -> dict[str, tuple[ContentLine, ...]]:
    """Return rules of the shared form as lines of a master, by name.

    Args:
        rules: In the shared form.
        first: What they count from in the text, on the clock of the series.
        shown: When Google shows that instance.
        floating: Times are written without a zone.
    """
    lines: dict[str, tuple[ContentLine, ...]] = dict.fromkeys(RULE_NAMES, ())
    for line in map(read_line, rules):
        if line.name == "RDATE":
            starts = [moved(start_of(each), shown, first) for each in line.value.split(",")]
            written = date_lines("RDATE", starts, first, floating=floating)
        else:
            value = _written_rule(line.value, first, shown, floating=floating)
            written = (make_line(line.name, value),)
        lines[line.name] = (*lines[line.name], *written)
    return lines


def date_lines(
    name: str, starts: Sequence[First], first: First, *, floating: bool
) -> tuple[ContentLine, ...]:
    """Return starts as few lines, on the clock of the series.

    Args:
        name: RDATE or EXDATE.
        starts: Dates, or aware times.
        first: An instance of the series, for its clock.
        floating: Times are written without a zone.
    """
    values: dict[str, list[str]] = {}
    for start in starts:
        line = start_line(name, start, first, floating=floating)
        values.setdefault(line.text[: line.colon], []).append(line.value)
    return tuple(read_line(f"{head}:{','.join(each)}") for head, each in values.items())


def start_line(name: str, start: First, first: First, *, floating: bool) -> ContentLine:
    """Return one start as a line, on the clock of the series."""
    line = moment_line(name, start, zone_of(first))
    return without_zone(line) if floating else line


def without_zone(line: ContentLine) -> ContentLine:
    """Return a time on a clock as a floating one; a time that says its zone in UTC stays."""
    return make_line(line.name, line.value) if line.parameter("TZID") else line


def moved(start: First, before: First, after: First) -> First:
    """Return a start moved on the wall clock as far as one instance is from another."""
    if not isinstance(start, datetime):
        return start
    if not isinstance(before, datetime) or not isinstance(after, datetime):
        return start
    step = after.replace(tzinfo=None) - before.replace(tzinfo=None)
    if not step:
        return start
    wall = start.astimezone(before.tzinfo).replace(tzinfo=None) + step
    return wall.replace(tzinfo=after.tzinfo)


def zone_of(first: First) -> str:
    """Return the IANA name of the clock of a series, "" of whole days."""
    if not isinstance(first, datetime):
        return ""
    return getattr(first.tzinfo, "key", "UTC")


def _shared_rule(value: str, first: First, shown: First) -> str:
    parts = {
        name: content.replace("+", "") if name.startswith("BY") else content
        for name, content in rule_parts(value).items()
        if content
    }
    if parts.get("FREQ") not in _FREQUENCIES:
        raise UnsupportedSeries(FREQUENCY)
    _drop_times(parts, first)
    if not parts.keys() <= _KNOWN or {"COUNT", "UNTIL"} <= parts.keys():
        raise UnsupportedSeries(ODD_RULE)
    if not all(_is_fine(name, content) for name, content in parts.items()):
        raise UnsupportedSeries(ODD_RULE)
    if not _has_effect_of_weeks(parts):
        parts.pop("WKST", None)
    if "UNTIL" in parts:
        until = _until(parts["UNTIL"], first)
        parts["UNTIL"] = key_of(moved(until, first, shown))
    return ";".join(f"{name}={content}" for name, content in parts.items())


def _drop_times(parts: dict[str, str], first: First) -> None:
    """Take out the times of a rule, which Google does not take, where they are those of the start.

    Of whole days they mean nothing (RFC 5545 section 3.3.10).
    """
    for name in _FINER_THAN_DAYS:
        content = parts.pop(name, "")
        if not content or not isinstance(first, datetime):
            continue
        values = content.split(",")
        if not all(value.isascii() and value.isdecimal() and len(value) < 3 for value in values):  # noqa: PLR2004 (digits)
            raise UnsupportedSeries(ODD_RULE)
        if {int(value) for value in values} != {getattr(first, name.removeprefix("BY").lower())}:
            raise UnsupportedSeries(FREQUENCY if len(values) > 1 else ODD_RULE)


def has_times(line: ContentLine) -> bool:
    """Return whether a rule says at which time of a day, which the shared form leaves out."""
    return not rule_parts(line.value).keys().isdisjoint(_FINER_THAN_DAYS)


def _is_fine(name: str, content: str) -> bool:
    if name in _FORMS:
        return _FORMS[name].fullmatch(content) is not None
    if name in ("COUNT", "INTERVAL"):
        return content.isascii() and content.isdecimal() and len(content) < 10  # noqa: PLR2004 (digits)
    return not name.startswith("BY") or _NUMBERS.fullmatch(content) is not None


def _has_effect_of_weeks(parts: Mapping[str, str]) -> bool:
    """Return whether it matters on which day weeks begin (RFC 5545 section 3.3.10)."""
    weekly = parts.get("FREQ") == "WEEKLY" and parts.get("INTERVAL", "1") != "1"
    return weekly or "BYWEEKNO" in parts


def _until(text: str, first: First) -> First:
    """Return UNTIL as a day, or an aware time; a day of a timed series counts to its end."""
    match = _UNTIL.fullmatch(text)
    if match is None:
        raise UnsupportedSeries(ODD_RULE)
    try:
        day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date()
        if not isinstance(first, datetime):
            return day
        at = time(23, 59, 59)
        if match[2]:
            at = datetime.strptime(match[2], "%H%M%S").replace(tzinfo=UTC).time()
        zone = UTC if match[3] else first.tzinfo
        return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnsupportedSeries(ODD_RULE) from error


def _further_dates(
    line: ContentLine, calendar: ContentComponent, first: First, length: timedelta
) -> Iterator[First]:
    """Yield the values of one RDATE.

    Raises:
        UnsupportedSeries: One is of another kind than the series, or of another length.
    """
    zone = zone_of(first) or "UTC"
    if any(each != length for _, each in read_periods(line, calendar, zone)):
        raise UnsupportedSeries(ODD_DATES)
    for moment in read_dates(line, calendar, zone):
        kept = _FIRST_YEAR <= moment.day.year <= _LAST_YEAR
        if not kept or moment.is_date == isinstance(first, datetime):
            raise UnsupportedSeries(ODD_DATES)
        yield moment.value


def _dates_text(starts: set[First]) -> list[str]:
    if not starts:
        return []
    keys = sorted(key_of(start) for start in starts)
    days = all(not isinstance(start, datetime) for start in starts)
    return [make_line("RDATE", ",".join(keys), {"VALUE": "DATE"} if days else None).text]


def _are_keys(value: str, first: First) -> bool:
    try:
        starts = [start_of(each) for each in value.split(",")]
    except ConversionError:
        return False
    return all(isinstance(start, datetime) == isinstance(first, datetime) for start in starts)


def _written_rule(value: str, first: First, shown: First, *, floating: bool) -> str:
    parts = dict(rule_parts(value))
    if "UNTIL" not in parts:
        return value
    until = moved(start_of(parts["UNTIL"]), shown, first)
    text = key_of(until)
    if floating and isinstance(until, datetime) and isinstance(first, datetime):
        # UNTIL of a floating series is floating, too (RFC 5545 section 3.3.10).
        text = key_of(until.astimezone(first.tzinfo).replace(tzinfo=UTC)).removesuffix("Z")
    return ";".join(f"{name}={text if name == 'UNTIL' else each}" for name, each in parts.items())
