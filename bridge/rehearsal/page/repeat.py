"""How often an event repeats: the few choices of the form, and rules of one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from bridge.rehearsal.events.times import read_date, zone_of

CHOICES = {
    "": "Does not repeat",
    "DAILY": "Every day",
    "WEEKLY;BYDAY=MO,TU,WE,TH,FR": "Every weekday (Monday to Friday)",
    "WEEKLY": "Every week",
    "WEEKLY;INTERVAL=2": "Every two weeks",
    "MONTHLY": "Every month on this day",
    "YEARLY": "Every year",
    "own": "Own rule",
}
_UNTIL = re.compile(r";UNTIL=(\d{8})(T\d{6}Z?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """What the form says of repeating.

    Attributes:
        choice: Key of `CHOICES`.
        until: Last day as yyyy-mm-dd, "" for no end; counts with every choice but the own rule.
        rule: Recurrence lines, one below the other; counts with the own rule only.
    """

    choice: str = ""
    until: str = ""
    rule: str = ""


def repeat_of(lines: list[str], *, zone: str) -> Repeat:
    """Return what the form shows for recurrence lines.

    Args:
        lines: Of the series, [] for an event that does not repeat.
        zone: Zone of the series' start, "" for days.
    """
    if not lines:
        return Repeat()
    text = "\n".join(lines)
    parts = lines[0].removeprefix("RRULE:FREQ=").replace(";WKST=MO", "")
    found = _UNTIL.search(parts)
    choice = _UNTIL.sub("", parts)
    if len(lines) > 1 or choice not in CHOICES or not choice:
        return Repeat(choice="own", rule=text)
    return Repeat(choice=choice, until=_last_day(found, zone) if found else "")


def lines_of(repeat: Repeat, *, zone: str) -> list[str]:
    """Return the recurrence lines of what the form says.

    Args:
        repeat: What it says.
        zone: Zone of the start, "" for days.

    Raises:
        GoogleError: 400 for a last day that cannot be read.
    """
    if repeat.choice == "own":
        return [_with_name(line.strip()) for line in repeat.rule.splitlines() if line.strip()]
    if not repeat.choice:
        return []
    until = f";UNTIL={_end_of(repeat.until, zone)}" if repeat.until else ""
    return [f"RRULE:FREQ={repeat.choice}{until}"]


def _with_name(line: str) -> str:
    return line if ":" in line else f"RRULE:{line}"


def _last_day(found: re.Match[str], zone: str) -> str:
    text = found[1] + (found[2] or "T000000").rstrip("Z")
    moment = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    if found[2] and zone:
        moment = moment.astimezone(zone_of(zone))
    return moment.date().isoformat()


def _end_of(text: str, zone: str) -> str:
    day: date = read_date(text, what="end")
    if not zone:
        return f"{day:%Y%m%d}"
    end = datetime.combine(day, time(23, 59, 59), tzinfo=zone_of(zone))
    return f"{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"
