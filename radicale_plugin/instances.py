"""Instances of a series in a window, by recurring-ical-events; vobject is never asked.

Work is bounded: an endless rule is ended at the window before it is followed, and one that would
take too many steps to get there is not followed at all (threats, rows I01, I02, X15).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from http import client
from typing import Any

import recurring_ical_events  # type: ignore[import-untyped]  # it ships no types
from icalendar import Calendar, Component
from icalendar.prop import vDatetime
from recurring_ical_events import errors as recurring_errors

from bridge.errors import ConversionError, InvalidCalendarData
from bridge.ical.calendar_object import CalendarObject
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import Expansion

_MOST_STEPS = 20_000
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
_FIRST_WINDOW = timedelta(days=64)
_FIRST = datetime(1, 1, 3, tzinfo=UTC)
_LAST = datetime(9999, 12, 29, tzinfo=UTC)
_PRODID = "-//crmdav//expanded//EN"
_MOMENTS = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
# What recurring-ical-events and dateutil raise for series that only look well-formed.
_REFUSALS = (
    recurring_errors.BadRuleStringFormat,
    ValueError,
    TypeError,
    OverflowError,
    AttributeError,
    LookupError,
)


class TooFarToFollow(InvalidCalendarData):
    """The series cannot be followed to the window with bounded work."""


class Budget:
    """How many instances one request may still look at."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    def spend(self) -> None:
        """Take one.

        Raises:
            Refusal: There is none left.
        """
        self._left -= 1
        if self._left < 0:
            raise Refusal(
                f"more than {self._most} instances",
                status=client.FORBIDDEN,
                condition="D:number-of-matches-within-limits",
            )


def instances(
    item: CalendarObject, start: datetime, end: datetime, *, budget: Budget
) -> Sequence[Component]:
    """Return the instances that overlap the half-open window, in order.

    Args:
        item: Of any component; a single object has at most one instance.
        start: Aware.
        end: Aware.
        budget: One is spent for each instance.

    Raises:
        TooFarToFollow: Following its rules would take too long, or cannot be done.
        Refusal: The budget is spent.
    """
    found = []
    for component in _followed(item, start, end):
        budget.spend()
        found.append(component)
    return found


def occurs(item: CalendarObject, start: datetime, end: datetime) -> bool:
    """Return whether any instance overlaps the window; a series beyond our bounds does."""
    try:
        return next(_followed(item, start, end), None) is not None
    except ConversionError:
        return True


def expanded(item: CalendarObject, window: Expansion, *, budget: Budget) -> str | None:
    """Return the instances in the window as one calendar (RFC 4791 section 9.6.5).

    Times are in UTC and there are no rules left. A series beyond our bounds comes back as it is.

    Args:
        item: The object.
        window: When.
        budget: One is spent for each instance.

    Returns:
        iCalendar text, None when nothing of it is in the window.

    Raises:
        Refusal: The budget is spent.
    """
    try:
        found = instances(item, window.start, window.end, budget=budget)
    except ConversionError:
        return item.text
    if not found:
        return None
    recurring = any(line.name in ("RRULE", "RDATE") for line in item.head().lines)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODID)
    for component in found:
        calendar.add_component(_in_utc(component, keep_id=recurring or len(item.members()) > 1))
    text: str = calendar.to_ical(sorted=False).decode("utf-8")
    return text


def _followed(item: CalendarObject, start: datetime, end: datetime) -> Iterator[Component]:
    """Yield the instances in windows that grow, so that whoever has seen enough can stop."""
    seen = set()
    try:
        for begin, finish in _windows(max(start, _FIRST), min(end, _LAST)):
            for found in _query(item, finish).between(begin, finish):
                # An instance that overlaps the border of two windows is in both.
                key = (found.get("RECURRENCE-ID") or found.get("DTSTART") or found["DUE"]).to_ical()
                if key not in seen:
                    seen.add(key)
                    yield found
    except ConversionError:
        raise
    except _REFUSALS as error:
        raise TooFarToFollow("the series cannot be followed", uid=item.uid) from error


def _windows(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    length = _FIRST_WINDOW
    while start < end:
        finish = start + length if end - start > length else end
        yield start, finish
        start, length = finish, length * 2


def _query(item: CalendarObject, end: datetime) -> Any:
    """Return the series as something that can be asked up to the end."""
    calendar = item.calendar()
    for component in calendar.walk(item.component):
        _bound(component, end)
    return recurring_ical_events.of(calendar, components=[item.component])


def _in_utc(component: Component, *, keep_id: bool) -> Component:
    for name in _MOMENTS:
        value = component.get(name)
        moment = getattr(value, "dt", None)
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            component[name] = vDatetime(moment.astimezone(UTC))
    if not keep_id:
        component.pop("RECURRENCE-ID", None)
    return component


def _bound(component: Component, end: datetime) -> None:
    """End the rules of a component soon after the window, and refuse those too long to follow."""
    first = getattr(component.get("DTSTART") or component.get("DUE"), "dt", None)
    for name in ("RRULE", "EXRULE"):
        rules = component.get(name)
        for rule in rules if isinstance(rules, list) else [rules] if rules else []:
            if first is None:
                raise TooFarToFollow("a rule without a start", property_name=name)
            _refuse_long(rule, _as_utc(first), end)
            if not ({"UNTIL", "COUNT"} & {key.upper() for key in rule}):
                rule["UNTIL"] = [_until(first, end)]


def _refuse_long(rule: Any, first: datetime, end: datetime) -> None:
    """Refuse a rule with too many steps, or instances, between its start and the end."""
    step = _STEP[str(_one(rule, "FREQ", "")).upper()]
    until = min(end, _as_utc(_one(rule, "UNTIL", end)))
    steps = (until - first) / step / max(1, int(_one(rule, "INTERVAL", 1)))
    for name, shortest in _EXPANDING.items():
        if step >= _STEP[shortest]:
            steps *= max(1, len(rule.get(name) or ()))
    count = int(_one(rule, "COUNT", _MOST_STEPS + 1))
    if min(steps, count) > _MOST_STEPS:
        raise TooFarToFollow("the series takes too many steps", property_name="RRULE")


def _one(rule: Any, name: str, default: Any) -> Any:
    return (rule.get(name) or [default])[0]


def _until(first: date | datetime, end: datetime) -> date | datetime:
    until = min(end, _LAST - _MARGIN) + _MARGIN
    if not isinstance(first, datetime):
        return until.date()
    return until if first.tzinfo is not None else until.replace(tzinfo=None)


def _as_utc(moment: date | datetime) -> datetime:
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
