"""When the alarms of an object ring (RFC 5545 section 3.6.6, RFC 4791 section 9.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import FIRST, LAST, follow
from bridge.ical.scanner import ContentComponent
from bridge.ical.series import Instance, Series
from bridge.ical.times import day_start, read_duration, read_moment

_ALARM = "VALARM"
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    """One VALARM of one member.

    Attributes:
        at: The instant it rings first, or None when that depends on the instance.
        after: Time from the start, or the end, of an instance to the first ring.
        of_end: It counts from the end.
        again: Time between two rings.
        times: How often it rings again.
    """

    member: int
    at: datetime | None
    after: timedelta
    of_end: bool
    again: timedelta
    times: int

    @property
    def lasts(self) -> timedelta:
        """Time from the first ring to the last."""
        return self.again * self.times

    def rings(self, first: datetime, start: datetime, end: datetime) -> bool:
        """Return whether any ring, of which one is the first, is in [start, end)."""
        if start <= first < end:
            return True
        if first >= end or not self.times or self.again <= _NONE:
            return False
        steps = -((first - start) // self.again)
        return steps <= self.times and first + self.again * steps < end


def alarm_rings(
    item: CalendarObject, start: datetime, end: datetime, *, floating_zone: str
) -> bool:
    """Return whether any alarm of any instance rings in [start, end).

    A series that is beyond our bounds may do so.

    Args:
        item: The object.
        start: Aware.
        end: Aware.
        floating_zone: IANA name of the zone floating times and days are read in.
    """
    window = max(start, FIRST), min(end, LAST)
    try:
        alarms = list(_alarms(item, floating_zone))
        if any(each.at is not None and each.rings(each.at, *window) for each in alarms):
            return True
        relative = [each for each in alarms if each.at is None]
        return bool(relative) and _any_instance_rings(item, relative, window, floating_zone)
    except (ConversionError, OverflowError):
        return True


def _alarms(item: CalendarObject, floating_zone: str) -> Iterator[_Alarm]:
    calendar = item.source()
    for index, member in enumerate(item.members()):
        for component in member.components:
            trigger = component.first("TRIGGER")
            if component.name != _ALARM or trigger is None:
                continue
            absolute = not trigger.value.strip().upper().lstrip("+-").startswith("P")
            at = None
            if absolute:
                moment = read_moment(trigger, calendar, floating_zone=floating_zone)
                at = day_start(moment.day, floating_zone) if moment.is_date else moment.instant
            again, times = _repeats(component)
            yield _Alarm(
                member=index,
                at=at,
                after=_NONE if absolute else read_duration(trigger.value, name="TRIGGER").total,
                of_end=trigger.parameter("RELATED").upper() == "END",
                again=again,
                times=times,
            )


def _repeats(component: ContentComponent) -> tuple[timedelta, int]:
    length, times = component.first("DURATION"), component.value("REPEAT")
    if length is None or not times.isdecimal():
        return _NONE, 0
    return read_duration(length.value).total, int(times)


def _any_instance_rings(
    item: CalendarObject,
    alarms: list[_Alarm],
    window: tuple[datetime, datetime],
    floating_zone: str,
) -> bool:
    start, end = window
    # Instances that begin or end where an alarm counts from, and a second to either side.
    earliest = start - max(each.after + max(each.lasts, _NONE) for each in alarms)
    latest = end - min(each.after for each in alarms)
    around = earliest - timedelta(seconds=2), latest + timedelta(seconds=2)
    series = Series(item, floating_zone=floating_zone)
    found: Iterator[Instance]
    if any(line.name in ("RRULE", "RDATE") for member in item.members() for line in member.lines):
        found = follow(item, *around, floating_zone=floating_zone)
    else:
        found = (series.made(i, member.timing.start.value) for i, member in series.members.items())
    return any(
        alarm.rings(_counted_from(instance, alarm, floating_zone) + alarm.after, start, end)
        for instance in found
        for alarm in alarms
        if alarm.member == instance.member
    )


def _counted_from(instance: Instance, alarm: _Alarm, floating_zone: str) -> datetime:
    value: date | datetime = instance.end if alarm.of_end else instance.start
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return day_start(value, floating_zone)
