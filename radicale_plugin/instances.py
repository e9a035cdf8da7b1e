"""Instances of a series in a window, by recurring-ical-events; vobject is never asked.

Work is bounded: an endless rule is ended at the window before it is followed, and one that would
take too many steps to get there is not followed at all (threats, rows I01, I02, X15).
"""

from __future__ import annotations

from collections.abc import Sequence
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

_MOST_STEPS = 150_000
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


def instances(item: CalendarObject, start: datetime, end: datetime) -> Sequence[Component]:
    """Return the instances that overlap the half-open window, in order.

    Args:
        item: Of any component; a single object has at most one instance.
        start: Aware.
        end: Aware.

    Raises:
        TooFarToFollow: Following its rules would take too long, or cannot be done.
    """
    start, end = max(start, _FIRST), min(end, _LAST)
    if start >= end:
        return ()
    try:
        calendar = item.calendar()
        for component in calendar.walk(item.component):
            _bound(component, end)
        found = recurring_ical_events.of(calendar, components=[item.component])
        return list(found.between(start, end))
    except ConversionError:
        raise
    except _REFUSALS as error:
        raise TooFarToFollow("the series cannot be followed", uid=item.uid) from error


def occurs(item: CalendarObject, start: datetime, end: datetime) -> bool:
    """Return whether any instance overlaps the window; a series beyond our bounds does."""
    try:
        return bool(instances(item, start, end))
    except ConversionError:
        return True


def expanded(item: CalendarObject, window: Expansion, *, most: int) -> str | None:
    """Return the instances in the window as one calendar (RFC 4791 section 9.6.5).

    Times are in UTC and there are no rules left. A series beyond our bounds comes back as it is.

    Args:
        item: The object.
        window: When.
        most: The most instances that are given.

    Returns:
        iCalendar text, None when nothing of it is in the window.

    Raises:
        Refusal: There are more instances than that.
    """
    try:
        found = instances(item, window.start, window.end)
    except ConversionError:
        return item.text
    if not found:
        return None
    if len(found) > most:
        raise Refusal(
            f"more than {most} instances",
            status=client.FORBIDDEN,
            condition="D:number-of-matches-within-limits",
        )
    recurring = any("RRULE" in line.name or "RDATE" in line.name for line in item.head().lines)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODID)
    for component in found:
        calendar.add_component(_in_utc(component, keep_id=recurring or len(item.members()) > 1))
    text: str = calendar.to_ical(sorted=False).decode("utf-8")
    return text


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
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    interval = max(1, int((rule.get("INTERVAL") or [1])[0]))
    count = int((rule.get("COUNT") or [_MOST_STEPS + 1])[0])
    steps = (end - first) / _STEP.get(frequency, _STEP["DAILY"]) / interval
    if min(steps, count) > _MOST_STEPS:
        raise TooFarToFollow("the series takes too many steps", property_name="RRULE")


def _until(first: date | datetime, end: datetime) -> date | datetime:
    until = min(end, _LAST - _MARGIN) + _MARGIN
    if not isinstance(first, datetime):
        return until.date()
    return until if first.tzinfo is not None else until.replace(tzinfo=None)


def _as_utc(moment: date | datetime) -> datetime:
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
