"""Which instance of a series is which after the series as a whole was changed.

An instance is named by its original start for life. When somebody moves the whole series, or gives
it another rule, the names of what deviates in single instances have to follow: by ordinal in the
rule and among the single dates, each before excluded dates are taken off, so that neither a further
date nor a cancelled instance shifts the others (design decision 25).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from bridge.domain.spans import AllDaySpan, Span
from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, read_line, with_value
from bridge.ical.recurrence import read_dates, rule_parts
from bridge.ical.rule_keys import key_of, keys_had
from bridge.ical.rule_steps import MOST_STEPS, CountedInterval, TooFarToFollow, refuse_many_values
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import Moment, read_value

_NOTHING = ContentComponent(
    name="VCALENDAR", lines=(), components=(), start=0, body=0, tail=0, end=0
)
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """When a series has instances.

    Attributes:
        span: Of its first instance.
        lines: RRULE, RDATE and EXRULE content lines; EXDATE is no part of it.
    """

    span: Span
    lines: Sequence[str]


def starts(pattern: Pattern) -> Iterator[str]:
    """Yield the original starts of a series, in order; endless where the series is.

    Each is written as names of instances are: `20260310T090000Z` in UTC, `20260310` of days.

    Raises:
        TooFarToFollow: Its rules take too many steps, or cannot be followed.
        ConversionError: A line cannot be read.
    """
    clock = _Clock(pattern.span)
    last = ""
    for key in merge(clock.rule(pattern), clock.dates(pattern)):
        if key != last:
            yield key
        last = key


def present(keys: Collection[str], pattern: Pattern) -> frozenset[str]:
    """Return those of the keys that are original starts of the series.

    Raises:
        ConversionError: A line cannot be read.
    """
    span = pattern.span
    first = span.start if isinstance(span, AllDaySpan) else span.local_start
    return keys_had(first, tuple(pattern.lines), frozenset(keys))


def lines_from(lines: Sequence[str], key: str) -> tuple[str, ...]:
    """Return the lines of a series that begins at one of its instances: no date is before it.

    A rule that ends after a number of instances stays as it is, so it has more of them then.

    Args:
        lines: RRULE, EXRULE, and RDATE in keys.
        key: Original start of the instance.
    """
    return tuple(kept for line in map(read_line, lines) if (kept := _from(line, key)))


def carried(keys: Collection[str], old: Pattern, new: Pattern) -> Mapping[str, str | None]:
    """Return the original starts, in the new series, of instances named by the old one.

    Where the series still begins at the same time on the same clock, an instance that it still has
    keeps its name: a further weekday, or an earlier end, shifts nothing. Where the beginning moved
    they go by ordinal.

    Args:
        keys: Original starts in the old series.
        old: The series before.
        new: The series now.

    Returns:
        For each key another one, or None when there is no such instance any more.

    Raises:
        TooFarToFollow: The rules of one of them take too many steps, or cannot be followed.
        ConversionError: A line cannot be read.
    """
    if not new.lines:
        return dict.fromkeys(keys)
    if _begins(old) == _begins(new):
        kept = present(keys, new)
        return {key: key if key in kept else None for key in keys}
    return _by_ordinal(keys, old, new)


def _from(line: ContentLine, key: str) -> str:
    if line.name != "RDATE":
        return line.text
    values = [value for value in line.value.split(",") if value.strip() >= key]
    return with_value(line, ",".join(values)).text if values else ""


def _by_ordinal(keys: Collection[str], old: Pattern, new: Pattern) -> dict[str, str | None]:
    before, after = _Clock(old.span), _Clock(new.span)
    ordinals = _ordinals(keys, before.rule(old))
    most = max(ordinals.values(), default=-1) + 1
    by_rule = list(islice(after.rule(new), most))
    old_dates, new_dates = before.dates(old), after.dates(new)
    moved: dict[str, str | None] = {}
    for key in keys:
        if key in ordinals:
            moved[key] = _at(by_rule, ordinals[key])
        else:
            moved[key] = _at(new_dates, old_dates.index(key)) if key in old_dates else None
    return moved


def _ordinals(keys: Collection[str], series: Iterator[str]) -> dict[str, int]:
    wanted = set(keys)
    latest = max(wanted, default="")
    found = {}
    for ordinal, key in enumerate(series):
        if key in wanted:
            found[key] = ordinal
        if key >= latest:
            break
    return found


def _at(keys: Sequence[str], ordinal: int) -> str | None:
    return keys[ordinal] if ordinal < len(keys) else None


def _begins(pattern: Pattern) -> tuple[object, ...]:
    clock = _Clock(pattern.span)
    return clock.first, clock.zone.key if clock.timed else ""


class _Clock:
    """The wall clock a series is counted on; its walls are naive, days at midnight."""

    def __init__(self, span: Span) -> None:
        self.timed = not isinstance(span, AllDaySpan)
        if isinstance(span, AllDaySpan):
            self.zone = ZoneInfo("UTC")
            self.first = datetime.combine(span.start, time())
        else:
            self.zone = ZoneInfo(span.zone)
            self.first = span.local_start.replace(tzinfo=None, fold=0, microsecond=0)

    def rule(self, pattern: Pattern) -> Iterator[str]:
        """Yield the keys of the instances its rules give, the first one always among them."""
        found = rruleset()
        found.rdate(self.first)
        try:
            for line in map(read_line, pattern.lines):
                if line.name == "RRULE":
                    found.rrule(self._followed(line))
                elif line.name == "EXRULE":
                    found.exrule(self._followed(line))
            for number, wall in enumerate(found):
                if number > MOST_STEPS:
                    raise TooFarToFollow("the series is too long", property_name="RRULE")
                yield self._key(wall)
        except ConversionError:
            raise
        except (ValueError, TypeError, OverflowError, AttributeError, LookupError) as error:
            raise TooFarToFollow("the series cannot be followed", property_name="RRULE") from error

    def dates(self, pattern: Pattern) -> list[str]:
        """Return the keys of its single dates, in order; one with a length counts by its start."""
        lines = [line for line in map(read_line, pattern.lines) if line.name == "RDATE"]
        moments = (moment for line in lines for moment in read_dates(line, _NOTHING, self.zone.key))
        return sorted({self._key_of(moment) for moment in moments})

    def _key(self, wall: datetime) -> str:
        """Return the name of the instance that begins at a wall time.

        A time the clock skips is read with the offset before the gap, one it shows twice is the
        first (RFC 5545 section 3.3.5).
        """
        return key_of(wall.replace(tzinfo=self.zone) if self.timed else wall.date())

    def _key_of(self, moment: Moment) -> str:
        if self.timed and not moment.is_date:
            return key_of(moment.instant)
        return self._key(datetime.combine(moment.day, self.first.time()))

    def _followed(self, line: ContentLine) -> rrule:
        parts = dict(rule_parts(line.value))
        refuse_many_values(value.split(",") for value in parts.values())
        if "UNTIL" in parts:
            until = self._until(parts["UNTIL"])
            parts["UNTIL"] = until.isoformat(timespec="seconds").replace("-", "").replace(":", "")
        text = ";".join(f"{name}={value}" for name, value in parts.items() if value)
        made = rrulestr(text, dtstart=self.first)
        assert isinstance(made, rrule)  # noqa: S101 - of one rule without dates
        made._interval = CountedInterval(made._interval).allow(MOST_STEPS + 1)  # type: ignore[attr-defined] # noqa: SLF001 (the one number that dateutil asks at every step)
        return made

    def _until(self, text: str) -> datetime:
        if "T" not in text:
            last = _END_OF_DAY if self.timed else time()
            return datetime.combine(_day(text), last)
        moment = read_value(text, "", _NOTHING, floating_zone=self.zone.key)
        return moment.instant.astimezone(self.zone).replace(tzinfo=None)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
