"""How a series repeats, as far as a person chooses it in a form.

Most series are one plain rule: every so many days, weeks, months or years, for ever, up to a day,
or so many times. What says more than that is left as it is by whoever edits only plain rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bridge.domain.message import DayText, Message
from bridge.errors import InvalidInput
from bridge.ical.content_line import read_line
from bridge.ical.recurrence import canonical_texts, rule_parts

LARGEST_INTERVAL = 999
LARGEST_COUNT = 1000
_DAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PLAIN_PARTS = frozenset({"FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST"})
_MOST_DIGITS = 4

First = date | datetime
"""Where a series begins: a day, or an aware time on the series' own clock."""


class Frequency(StrEnum):
    """The unit of `Repeat.interval`; values are those of FREQ (RFC 5545 section 3.3.10)."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One plain rule.

    Attributes:
        interval: Every so many units, 1 or more.
        weekdays: Of a weekly one, Monday is 0; empty for the weekday of the first instance.
        until: Last day on which an instance may begin; None without one.
        count: How many instances in all; None without such an end. Never beside `until`.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: frozenset[int] = frozenset()
    until: date | None = None
    count: int | None = None


def repeat_of(lines: Sequence[str], first: First) -> Repeat | None:
    """Return the plain rule that recurrence lines say; None when they say anything else.

    Excluded dates do not count: they are no rule.

    Args:
        lines: Of the series.
        first: Where it begins.
    """
    read = [read_line(text) for text in lines]
    rules = [line for line in read if line.name != "EXDATE"]
    if len(rules) != 1 or rules[0].name != "RRULE":
        return None
    parts = rule_parts(rules[0].value)
    interval, count = _number(parts, "INTERVAL", 1), _number(parts, "COUNT", None)
    weekdays = _weekdays(parts, first, interval)
    known = parts.get("FREQ") in set(Frequency)
    if weekdays is None or not known or interval is None or ("COUNT" in parts and count is None):
        return None
    try:
        until = _last_day(parts["UNTIL"], first) if "UNTIL" in parts else None
    except ValueError:
        return None
    return Repeat(
        frequency=Frequency(parts["FREQ"]),
        interval=interval,
        weekdays=weekdays,
        until=until,
        count=count,
    )


def rule_line(repeat: Repeat, first: First) -> str:
    """Return the RRULE of a series that begins at `first`, in canonical form.

    Raises:
        InvalidInput: It would not begin with its first instance, or ends before it.
    """
    own_day = first.weekday()
    if repeat.weekdays and own_day not in repeat.weekdays:
        day = DayText(f"{first:%A}", first, "weekday_name")
        raise InvalidInput(
            Message(
                "the first date is a %(day)s, which is not one of the days of the series", day=day
            ),
            field="weekdays",
            hint=Message("choose %(day)s as well, or another date", day=day),
        )
    parts = [f"FREQ={repeat.frequency}", f"INTERVAL={repeat.interval}"]
    if repeat.until is not None:
        parts.append(f"UNTIL={_until_text(repeat.until, first)}")
    elif repeat.count is not None:
        parts.append(f"COUNT={repeat.count}")
    if repeat.weekdays and repeat.frequency is Frequency.WEEKLY:
        parts.append("BYDAY=" + ",".join(_DAY_NAMES[day] for day in sorted(repeat.weekdays)))
    return canonical_texts(["RRULE:" + ";".join(parts)])[0]


def _until_text(until: date, first: First) -> str:
    """Return UNTIL: a date for days, else the end of that day on the series' clock, in UTC."""
    if until < _day(first):
        raise InvalidInput("the series would end before it begins", field="until")
    if not isinstance(first, datetime):
        return f"{until:%Y%m%d}"
    end = datetime.combine(until, time(23, 59, 59), tzinfo=first.tzinfo)
    return f"{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _last_day(text: str, first: First) -> date:
    """Return the last day that UNTIL leaves to instances that begin at the time of `first`."""
    if "T" not in text or not isinstance(first, datetime):
        return datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    wall = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    local = wall.astimezone(first.tzinfo) if text.endswith("Z") else wall
    reached = local.time() >= first.time().replace(microsecond=0)
    return local.date() if reached else local.date() - timedelta(days=1)


def _weekdays(
    parts: Mapping[str, str], first: First, interval: int | None
) -> frozenset[int] | None:
    """Return the chosen weekdays, none for those of the first date; None for no plain rule."""
    others = {name: parts[name] for name in parts.keys() - _PLAIN_PARTS}
    weekly = parts.get("FREQ") == Frequency.WEEKLY
    if weekly and interval != 1 and parts.get("WKST", "MO") != "MO":
        return None
    if weekly and others.keys() == {"BYDAY"}:
        named = others["BYDAY"].split(",")
        if not set(named) <= set(_DAY_NAMES):
            return None
        days = frozenset(_DAY_NAMES.index(name) for name in named)
        return frozenset() if days == {first.weekday()} else days
    return frozenset() if others == _said_by_start(parts, others, first) else None


def _said_by_start(
    parts: Mapping[str, str], others: Mapping[str, str], first: First
) -> Mapping[str, str]:
    """Return those BY parts that only repeat what the first date says."""
    own = {"BYMONTHDAY": str(first.day)}
    if parts.get("FREQ") == Frequency.YEARLY:
        own["BYMONTH"] = str(first.month)
        if "BYMONTH" not in others and others:
            return {}
    elif parts.get("FREQ") != Frequency.MONTHLY:
        return {}
    return {name: own[name] for name in others if name in own}


def _number(parts: Mapping[str, str], name: str, default: int | None) -> int | None:
    text = parts.get(name)
    if text is None:
        return default
    sane = text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS and int(text) > 0
    return int(text) if sane else None


def _day(first: First) -> date:
    return first.date() if isinstance(first, datetime) else first
