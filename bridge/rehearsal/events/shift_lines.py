"""The recurrence lines of a series that is moved to another day or clock time as a whole.

A person who drags the Tuesday of a weekly series to Wednesday means every Wednesday. Rules that
name several days of a month are left as they are: nobody can tell what moving them means.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from bridge.rehearsal.events.cut_lines import date_line, moment_of
from bridge.rehearsal.events.times import utc_text, zone_of
from bridge.rehearsal.events.wall_clock import wall_clock
from bridge.rehearsal.google_error import Json

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NTH = re.compile(r"(-?\d)(MO|TU|WE|TH|FR|SA|SU)")


def shifted_lines(lines: list[str], *, before: Json, after: Json) -> list[str]:
    """Return recurrence lines moved by as much as a start moved.

    Args:
        lines: Lines of the series.
        before: Stored start of an instance before the move.
        after: Stored start of the same instance after it, perhaps of the other kind or zone.
    """
    if before == after:
        return list(lines)
    return [
        _shifted_rule(line, before, after)
        if "RULE:" in line
        else _shifted_dates(line, before, after)
        for line in lines
    ]


def _shifted_dates(line: str, before: Json, after: Json) -> str:
    head, _, values = line.partition(":")
    step = wall_clock(after) - wall_clock(before)
    walls = [wall_clock(moment_of(text, head, before)) + step for text in values.split(",")]
    return date_line(head.partition(";")[0], walls, like=after)


def _shifted_rule(line: str, before: Json, after: Json) -> str:
    name, _, text = line.partition(":")
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    if "UNTIL" in parts:
        parts["UNTIL"] = _shifted_until(parts["UNTIL"], before, after)
    old, new = wall_clock(before).date(), wall_clock(after).date()
    if old != new:
        parts |= _moved_days(parts, old, new)
    return f"{name}:" + ";".join(f"{key}={value}" for key, value in parts.items())


def _shifted_until(text: str, before: Json, after: Json) -> str:
    if "T" in text:
        zone = zone_of(before["timeZone"]) if "timeZone" in before else UTC
        moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        wall = moment.astimezone(zone).replace(tzinfo=UTC)
    else:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        wall = datetime.combine(day, time.min, tzinfo=UTC)
    wall += wall_clock(after) - wall_clock(before)
    if "date" in after:
        return f"{wall:%Y%m%d}"
    moment = wall.replace(tzinfo=zone_of(after["timeZone"]))
    return re.sub("[-:]", "", utc_text(moment))


def _moved_days(parts: dict[str, str], old: date, new: date) -> dict[str, str]:
    days = parts.get("BYDAY", "").split(",")
    moved = {}
    if parts["FREQ"] == "WEEKLY" and all(day in _WEEKDAYS for day in days):
        step = (new - old).days
        numbers = sorted((_WEEKDAYS.index(day) + step) % 7 for day in days)
        moved["BYDAY"] = ",".join(_WEEKDAYS[number] for number in numbers)
    nth = _NTH.fullmatch(parts.get("BYDAY", ""))
    if nth:
        moved["BYDAY"] = _nth_day(new, from_end=nth[1] == "-1")
    if parts.get("BYMONTHDAY") == str(old.day):
        moved["BYMONTHDAY"] = str(new.day)
    if parts.get("BYMONTH") == str(old.month):
        moved["BYMONTH"] = str(new.month)
    return moved


def _nth_day(day: date, *, from_end: bool) -> str:
    is_last = day + timedelta(days=7) > day.replace(day=monthrange(day.year, day.month)[1])
    number = -1 if from_end and is_last else (day.day - 1) // 7 + 1
    return f"{number}{_WEEKDAYS[day.weekday()]}"
