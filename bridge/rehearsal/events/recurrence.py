"""Expanding a series to its instances.

Source: RFC 5545 sections 3.3.10 and 3.8.5; Google, "Recurring events". A series is expanded in the
zone of its start, so that the wall-clock time stays over a change to summer time. The start is an
instance even where the rule does not produce it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import islice

from dateutil.rrule import rrule, rrulestr

from bridge.rehearsal.events.recurrence_lines import parsed_line, refused_rule
from bridge.rehearsal.events.times import YEARS, seconds_of, stored_instant, utc_text, zone_of
from bridge.rehearsal.google_error import Json

ENDLESS = 2**53
_END_OF_TIME = datetime(YEARS.stop, 1, 1, tzinfo=UTC)
# Longer counts and distances than these are not worked out but taken as endless.
_MOST_WORKED_OUT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One instance as the series has it.

    Attributes:
        start: Start in the stored form of `times`.
        end: End in the stored form.
        instant: Start in seconds since 1970.
    """

    start: Json
    end: Json
    instant: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    rules: list[rrule] = field(default_factory=list)
    excluding_rules: list[rrule] = field(default_factory=list)
    dates: list[datetime] = field(default_factory=list)
    excluded: frozenset[datetime] = frozenset()


def checked(event: Json) -> None:
    """Refuse a series whose lines cannot be expanded.

    Raises:
        GoogleError: 400 "Invalid recurrence rule.".
    """
    _lines(event)


def occurrences(event: Json, *, calendar_zone: str) -> Iterator[Occurrence]:
    """Yield the instances of a stored series in order of their start, exceptions not regarded.

    The iterator may be endless.
    """
    start = _first(event)
    lines = _lines(event)
    length = _length(event)
    sources: list[Iterator[datetime]] = [iter([start]), iter(sorted(lines.dates))]
    sources += [iter(rule) for rule in lines.rules]
    excluded = _Excluded(lines)
    last: datetime | None = None
    for moment in merge(*sources):
        if moment == last:
            continue
        last = moment
        if moment in excluded:
            continue
        if moment.year not in YEARS or (_END_OF_TIME - moment) < length:
            return
        yield _occurrence(event, moment, length, calendar_zone)


class _Excluded:
    """The moments a series leaves out, asked for in order of time.

    Each excluding rule is walked along once; asking dateutil anew would begin at its start.
    """

    def __init__(self, lines: _Lines) -> None:
        self._dates = lines.excluded
        self._coming = merge(*(iter(rule) for rule in lines.excluding_rules))
        self._next = next(self._coming, None)

    def __contains__(self, moment: datetime) -> bool:
        while self._next is not None and self._next < moment:
            self._next = next(self._coming, None)
        return moment in self._dates or moment == self._next


def find_occurrence(event: Json, instant: int, *, calendar_zone: str) -> Occurrence | None:
    """Return the instance that starts at an instant (seconds since 1970), or None.

    Instances far beyond those that Google expands are not found.
    """
    found = occurrences(event, calendar_zone=calendar_zone)
    for occurrence in islice(found, _MOST_WORKED_OUT):
        if occurrence.instant >= instant:
            return occurrence if occurrence.instant == instant else None
    return None


def is_off_rule(start: Json, line: str) -> bool:
    """Return whether a rule does not produce the start it is given, which counts all the same."""
    first = _first({"start": start})
    _, _, value = parsed_line(line)
    return next(iter(_rule_of(value, first)), None) != first


def last_end(event: Json, *, calendar_zone: str) -> int:
    """Return when the last instance ends, in seconds since 1970, or `ENDLESS`."""
    bounded = all(
        "COUNT=" in line or "UNTIL=" in line for line in event["recurrence"] if "RRULE:" in line
    )
    if not bounded:
        return ENDLESS
    found = list(islice(occurrences(event, calendar_zone=calendar_zone), _MOST_WORKED_OUT + 1))
    if len(found) > _MOST_WORKED_OUT:
        return ENDLESS
    own_end = seconds_of(event["end"], calendar_zone=calendar_zone)
    ends = [seconds_of(each.end, calendar_zone=calendar_zone) for each in found]
    return max(ends, default=own_end)


def meets(event: Json, after: int | None, before: int | None, *, calendar_zone: str) -> bool:
    """Return whether an instance ends after one bound and starts before the other.

    Both bounds are in seconds since 1970, or None.
    """
    for number, each in enumerate(occurrences(event, calendar_zone=calendar_zone)):
        if before is not None and each.instant >= before:
            return False
        if after is None or seconds_of(each.end, calendar_zone=calendar_zone) > after:
            return True
        if number > _MOST_WORKED_OUT:
            return True
    return False


def _first(event: Json) -> datetime:
    start = event["start"]
    if "date" in start:
        return datetime.combine(date.fromisoformat(start["date"]), time.min, tzinfo=UTC)
    return stored_instant(start["dateTime"]).astimezone(zone_of(start["timeZone"]))


def _length(event: Json) -> timedelta:
    start, end = event["start"], event["end"]
    if "date" in start:
        return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
    return stored_instant(end["dateTime"]) - stored_instant(start["dateTime"])


def _occurrence(event: Json, moment: datetime, length: timedelta, zone: str) -> Occurrence:
    if "date" in event["start"]:
        begin: Json = {"date": moment.date().isoformat()}
        end: Json = {"date": (moment.date() + length).isoformat()}
    else:
        name = event["start"]["timeZone"]
        instant = moment.astimezone(UTC)
        begin = {"dateTime": utc_text(instant), "timeZone": name}
        end = {"dateTime": utc_text(instant + length), "timeZone": name}
    return Occurrence(start=begin, end=end, instant=seconds_of(begin, calendar_zone=zone))


def _lines(event: Json) -> _Lines:
    start = _first(event)
    parsed = [parsed_line(line) for line in event["recurrence"]]
    by_name = {
        name: [_rule_of(value, start) for each, _, value in parsed if each == name]
        for name in ("RRULE", "EXRULE")
    }
    return _Lines(
        rules=[_counting_start(rule, start) for rule in by_name["RRULE"]],
        excluding_rules=by_name["EXRULE"],
        dates=_moments("RDATE", parsed, start),
        excluded=frozenset(_moments("EXDATE", parsed, start)),
    )


def _rule_of(text: str, start: datetime) -> rrule:
    try:
        found = rrulestr(_with_until_in_utc(text, start), dtstart=start)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise refused_rule() from error
    if not isinstance(found, rrule):
        raise refused_rule()
    return found


def _counting_start(rule: rrule, start: datetime) -> rrule:
    """Return a rule whose COUNT has been used up by one where it does not produce the start.

    The start is the first instance and counts (RFC 5545 section 3.3.10); dateutil counts what the
    rule produces only.
    """
    count = rule._count  # type: ignore[attr-defined]  # noqa: SLF001 - it has no public name
    if count is None or next(iter(rule), None) == start:
        return rule
    return rule.replace(count=count - 1)


def _with_until_in_utc(text: str, start: datetime) -> str:
    # dateutil wants an aware UNTIL beside an aware start; a date means the whole of that day there.
    def instant(found: re.Match[str]) -> str:
        """Return an UNTIL as dateutil wants it."""
        day, clock_time, utc = found.groups()
        # "Until the end of time" is taken back to a year that every zone can tell.
        year = min(max(int(day[:4]), YEARS.start), YEARS.stop - 1)
        text = f"{year:04d}{day[4:]}{clock_time or 'T235959'}"
        zone = UTC if utc else start.tzinfo
        moment = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        return "UNTIL=" + re.sub("[-:]", "", utc_text(moment))

    return re.sub(r"UNTIL=(\d{8})(T\d{6})?(Z)?", instant, text)


def _moments(name: str, parsed: list[tuple[str, str, str]], start: datetime) -> list[datetime]:
    found = []
    for each, parameters, value in parsed:
        if each == name:
            zone = re.search(r";TZID=([^;:]+)", parameters)
            found += [_moment(text, zone[1] if zone else "", start) for text in value.split(",")]
    return found


def _moment(text: str, zone: str, start: datetime) -> datetime:
    if int(text[:4]) not in YEARS:
        raise refused_rule()
    try:
        if "T" not in text:
            day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
            return datetime.combine(day, start.timetz())
        moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise refused_rule() from error
    if not text.endswith("Z"):
        moment = moment.replace(tzinfo=zone_of(zone) if zone else start.tzinfo)
    return moment.astimezone(start.tzinfo)
