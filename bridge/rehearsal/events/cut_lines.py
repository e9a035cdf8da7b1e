"""The recurrence lines of the two halves of a series that is cut at one of its instances.

Source: Google, "Recurring events" (modifying all following instances); RFC 5545 section 3.3.10.
COUNT counts instances whether or not they were cancelled, so the first half ends by UNTIL and the
second half keeps what remains of the count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile

from bridge.rehearsal.events.recurrence import is_off_rule, occurrences
from bridge.rehearsal.events.times import seconds_of, zone_of
from bridge.rehearsal.events.wall_clock import wall_clock
from bridge.rehearsal.google_error import Json

# Of longer series than this only the beginning is counted.
_MOST_COUNTED = 20_000
_COUNT = re.compile(r"COUNT=(\d+)")
_END = re.compile(r";(?:COUNT|UNTIL)=[^;]+")
_ZONE = re.compile(r";TZID=([^;]+)")


def lines_before(series: Json, start: Json, *, calendar_zone: str, by_day: bool) -> list[str]:
    """Return the lines of the half that ends before an instance.

    Args:
        series: Stored body of the series.
        start: Stored original start of the instance that is the first one left out.
        calendar_zone: Zone in which days begin.
        by_day: Whether UNTIL is the end of the day before instead of the second before.
    """
    instant = seconds_of(start, calendar_zone=calendar_zone)
    until = f";UNTIL={_until(start, by_day=by_day)}"
    kept = []
    for line in series["recurrence"]:
        if line.startswith("RRULE"):
            goes_on = _goes_on(series, line, instant, calendar_zone)
            kept.append(_END.sub("", line) + until if goes_on else line)
        elif line.startswith("EXRULE"):
            kept.append(line)
        else:
            kept += _dates(series, line, calendar_zone, latest=instant - 1)
    return kept if _repeats(kept) else [*kept, _date_line(series["start"])]


def lines_from(series: Json, start: Json, *, calendar_zone: str) -> list[str]:
    """Return the lines of the half that begins with an instance.

    Args:
        series: Stored body of the series.
        start: Stored original start of that instance.
        calendar_zone: Zone in which days begin.
    """
    instant = seconds_of(start, calendar_zone=calendar_zone)
    kept = []
    for line in series["recurrence"]:
        if line.startswith("EXRULE"):
            kept.append(line)
        elif line.startswith("RRULE"):
            if _goes_on(series, line, instant, calendar_zone):
                kept.append(_rest_of(series, line, start, calendar_zone))
        else:
            kept += _dates(series, line, calendar_zone, earliest=instant)
    return kept if _repeats(kept) else [*kept, _date_line(start)]


def _repeats(lines: list[str]) -> bool:
    return any(line.startswith(("RRULE", "RDATE")) for line in lines)


def _alone(series: Json, line: str, zone: str) -> Iterator[int]:
    """Yield when the instances of one rule start, other lines not regarded."""
    alone = {"start": series["start"], "end": series["end"], "recurrence": [line]}
    return (each.instant for each in occurrences(alone, calendar_zone=zone))


def _goes_on(series: Json, line: str, instant: int, zone: str) -> bool:
    return any(each >= instant for each in _alone(series, line, zone))


def _rest_of(series: Json, line: str, start: Json, zone: str) -> str:
    """Return a rule as it goes on from an instance, which need not be one of its own."""
    instant = seconds_of(start, calendar_zone=zone)
    is_own = instant in takewhile(lambda each: each <= instant, _alone(series, line, zone))
    whole = line if is_own else line + _implied(line, wall_clock(series["start"]))
    found = _COUNT.search(whole)
    if found is None:
        return whole
    # A start that the rule does not produce uses up one of the count.
    rest = _rest_of_count(int(found[1]), _alone(series, line, zone), instant)
    rest += is_off_rule(start, whole)
    return whole.replace(found[0], f"COUNT={rest}")


def _rest_of_count(count: int, starts: Iterator[int], instant: int) -> int:
    if count <= _MOST_COUNTED:
        return sum(1 for each in starts if each >= instant)
    return count - sum(1 for _ in takewhile(lambda each: each < instant, starts))


def _implied(line: str, start: datetime) -> str:
    """Return the parts a rule takes from its start, to be said where it gets another one."""
    if ";BY" in line:
        return ""
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[start.weekday()]
    by_frequency = {
        "WEEKLY": f";BYDAY={weekday}",
        "MONTHLY": f";BYMONTHDAY={start.day}",
        "YEARLY": f";BYMONTH={start.month};BYMONTHDAY={start.day}",
    }
    frequency = line.partition("FREQ=")[2].partition(";")[0]
    return by_frequency.get(frequency, "")


def _until(start: Json, *, by_day: bool) -> str:
    if "date" in start:
        return f"{date.fromisoformat(start['date']) - timedelta(days=1):%Y%m%d}"
    moment = datetime.fromisoformat(start["dateTime"])
    if by_day:
        zone = zone_of(start["timeZone"])
        moment = datetime.combine(moment.astimezone(zone).date(), time.min, tzinfo=zone)
    return f"{moment.astimezone(UTC) - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"


def _dates(
    series: Json,
    line: str,
    zone: str,
    *,
    earliest: float = float("-inf"),
    latest: float = float("inf"),
) -> list[str]:
    """Return a line of dates with those between two instants, or nothing when there are none."""
    head, _, values = line.partition(":")
    instants = {
        text: seconds_of(moment_of(text, head, series["start"]), calendar_zone=zone)
        for text in values.split(",")
    }
    kept = [text for text, instant in instants.items() if earliest <= instant <= latest]
    return [f"{head}:{','.join(kept)}"] if kept else []


def moment_of(text: str, head: str, start: Json) -> Json:
    """Return a value of an EXDATE or RDATE line as a stored time of the series' kind.

    Args:
        text: The value, such as `20260310T090000Z`.
        head: Name and parameters of its line.
        start: Stored start of the series, which lends what the value leaves open.
    """
    day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    if "date" in start:
        return {"date": day.isoformat()}
    named = _ZONE.search(head)
    zone = UTC if text.endswith("Z") else zone_of(named[1] if named else start["timeZone"])
    clock = time.fromisoformat(text[9:15]) if "T" in text else wall_clock(start).time()
    if "T" not in text:
        zone = zone_of(start["timeZone"])
    moment = datetime.combine(day, clock, tzinfo=zone)
    return {"dateTime": moment.astimezone(UTC).isoformat(), "timeZone": start["timeZone"]}


def _date_line(start: Json) -> str:
    # A series of one instance stays a series; nothing but its own start repeats.
    return date_line("RDATE", [wall_clock(start)], like=start)


def date_line(name: str, walls: list[datetime], *, like: Json) -> str:
    """Return an RDATE or EXDATE line of wall-clock times, of the kind and zone of a start."""
    if "date" in like:
        return f"{name};VALUE=DATE:" + ",".join(f"{each:%Y%m%d}" for each in walls)
    return f"{name};TZID={like['timeZone']}:" + ",".join(f"{each:%Y%m%dT%H%M%S}" for each in walls)
