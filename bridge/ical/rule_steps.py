"""How far a recurrence rule is followed: estimated before it is, counted while it is.

Rules are strangers' programs. dateutil follows a rule that never matches to the year 9999, and one
of seconds for ever (threats, rows I01 to I03), so every step it takes is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bridge.errors import InvalidCalendarData

MOST_STEPS = 20_000
# dateutil looks through these lists at every step; no rule that means something has more values.
_MOST_VALUES = 800
# Parts that make a step give several instances, and the shortest step they do it for; for shorter
# ones they only leave instances out (RFC 5545 section 3.3.10).
_EXPANDING = {
    "BYMONTHDAY": "MONTHLY",
    "BYYEARDAY": "YEARLY",
    "BYDAY": "WEEKLY",
    "BYHOUR": "DAILY",
    "BYMINUTE": "HOURLY",
    "BYSECOND": "MINUTELY",
}
_STEP = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
    "MONTHLY": timedelta(days=28),
    "YEARLY": timedelta(days=365),
}
_MARGIN = timedelta(days=2)
_LAST = datetime(9999, 12, 29, tzinfo=UTC)
_SLACK = 100
_CALENDAR_YEARS = 400
_LEAP_DAY = (2, 29)
# In any unit longer than the calendar, and whole days of hours, minutes and seconds.
_BEYOND = 86_400 * 5_184_000


class TooFarToFollow(InvalidCalendarData):
    """The series cannot be followed to the window with bounded work."""


class CountedInterval(int):
    """INTERVAL of a rule: dateutil adds it, or a multiple of it, once for every step.

    After more steps than the way to the window's end has, it becomes so long that the next step
    leads beyond the calendar, where dateutil ends.
    """

    left: int
    passes: bool

    def allow(self, steps: int) -> CountedInterval:
        """Allow so many steps, twice: dateutil may add more than once for one of them."""
        self.passes = steps <= MOST_STEPS
        self.left = 2 * min(steps, MOST_STEPS) + _SLACK
        return self

    def __radd__(self, other: int) -> int:
        """Count a step."""
        return other + self._step()

    def __mul__(self, other: int) -> int:
        """Count a step of weeks."""
        return self._step() * other

    def _step(self) -> int:
        self.left -= 1
        if self.left >= 0:
            return int(self)
        if not self.passes:
            raise TooFarToFollow("the series takes too many steps", property_name="RRULE")
        return int(self) * _BEYOND


def bound_rule(rule: Any, first: date | datetime, end: datetime) -> int:
    """End an endless rule soon after the window and refuse one that takes too long to follow.

    Args:
        rule: icalendar's `vRecur`; gets an UNTIL if it has no end.
        first: What it counts from.
        end: Of the window, aware.

    Returns:
        Steps from `first` to beyond the end.

    Raises:
        TooFarToFollow: Too many steps, instances or values.
    """
    refuse_many_values(values for values in rule.values() if isinstance(values, list))
    for name in rule:
        if name.upper().startswith("BY"):
            rule[name] = list(dict.fromkeys(rule[name]))
    steps = _refuse_long(rule, _as_utc(first), end)
    if not ({"UNTIL", "COUNT"} & {key.upper() for key in rule}):
        rule["UNTIL"] = [_until(first, end)]
    return steps


def refuse_many_values(parts: Iterable[Sequence[object]]) -> None:
    """Refuse a rule one of whose parts has more values than any that means something.

    Raises:
        TooFarToFollow: It has.
    """
    if any(len(values) > _MOST_VALUES for values in parts):
        raise TooFarToFollow("a rule with too many values", property_name="RRULE")


def whole_steps(rule: Any, first: date | datetime, near: datetime) -> timedelta:
    """Return the longest time in whole steps of a rule from its first instance to `near`.

    Zero where steps are counted, or lead beyond `near`. Of months as many are taken as come to
    the same day of another year.
    """
    step = _STEP[str(_one(rule, "FREQ", "")).upper()]
    if "COUNT" in {key.upper() for key in rule}:
        return timedelta(0)
    interval = max(1, int(_one(rule, "INTERVAL", 1)))
    if step > _STEP["WEEKLY"]:
        return _whole_years(first, near, interval)
    stride = step * interval
    if not isinstance(first, datetime) and stride % _STEP["DAILY"]:
        return timedelta(0)
    return max(0, (near - _as_utc(first)) // stride) * stride


def _whole_years(first: date | datetime, near: datetime, interval: int) -> timedelta:
    """Return the time to the same day of a year before `near`, so many times `interval` later.

    Every rule of months or years comes upon it, whatever its parts are: what it gives within a
    year does not depend on where it began. A leap day is the same again after 400 years.
    """
    stride = interval * (_CALENDAR_YEARS if (first.month, first.day) == _LEAP_DAY else 1)
    years = (near.year - 1 - first.year) // stride * stride
    return first.replace(year=first.year + years) - first if years > 0 else timedelta(0)


def _refuse_long(rule: Any, first: datetime, end: datetime) -> int:
    step = _STEP[str(_one(rule, "FREQ", "")).upper()]
    until = min(end, _as_utc(_one(rule, "UNTIL", end)))
    ahead = max(0.0, (until - first) / step / max(1, int(_one(rule, "INTERVAL", 1))))
    instances = ahead
    for name, shortest in _EXPANDING.items():
        if step >= _STEP[shortest]:
            instances *= max(1, len(rule.get(name) or ()))
    count = int(_one(rule, "COUNT", MOST_STEPS + 1))
    if min(instances, count) > MOST_STEPS:
        raise TooFarToFollow("the series takes too many steps", property_name="RRULE")
    return int(min(ahead, MOST_STEPS + 1)) + 1


def _one(rule: Any, name: str, default: Any) -> Any:
    return (rule.get(name) or [default])[0]


def _until(first: date | datetime, end: datetime) -> date | datetime:
    until = min(end, _LAST - _MARGIN) + _MARGIN
    return until if isinstance(first, datetime) else until.date()


def _as_utc(moment: date | datetime) -> datetime:
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
