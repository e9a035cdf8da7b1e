"""Instances of a series in a window, by recurring-ical-events; vobject is never asked.

Work is bounded: an endless rule is ended at the window before it is followed, every step of a rule
is counted, and one that would take too many steps is not followed at all (threats, rows I01, I02,
X15). The library sees the times of the members only, as `bridge.ical.series` read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import recurring_ical_events  # type: ignore[import-untyped]  # it ships no types
from icalendar import Calendar, Event
from icalendar.prop import vDDDLists, vDDDTypes, vRecur
from recurring_ical_events import errors as recurring_errors

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.recurrence import read_dates
from bridge.ical.rule_steps import CountedInterval, TooFarToFollow, bound_rule, whole_steps
from bridge.ical.series import Instance, Member, Series, Time

__all__ = ["Budget", "Instance", "TooFarToFollow", "follow", "instances", "occurs"]

FIRST = datetime(1, 1, 3, tzinfo=UTC)
"""The earliest instant that a window is followed from."""
LAST = datetime(9999, 12, 29, tzinfo=UTC)
"""The latest instant that a window is followed to."""
_MARGIN = timedelta(days=2)
_FIRST_PIECE = timedelta(days=64)
# What recurring-ical-events and dateutil raise for series that only look well-formed.
_REFUSALS = (
    recurring_errors.BadRuleStringFormat,
    ValueError,
    TypeError,
    OverflowError,
    AttributeError,
    LookupError,
)


class Budget(Protocol):
    """How many instances one request may still look at."""

    def spend(self) -> None:
        """Take one; raise when there is none left."""
        ...


def instances(
    item: CalendarObject,
    start: datetime,
    end: datetime,
    *,
    floating_zone: str = "UTC",
    budget: Budget | None = None,
) -> Sequence[Instance]:
    """Return the instances found in the half-open window, in order.

    Args:
        item: Of any component; a single object has at most one instance, an undated one none.
        start: Aware.
        end: Aware.
        floating_zone: IANA name of the zone floating times and days are read in.
        budget: One is spent for each instance.

    Raises:
        TooFarToFollow: Following its rules would take too long, or cannot be done.
        ConversionError: A value cannot be read.
    """
    found = []
    for instance in follow(item, start, end, floating_zone=floating_zone):
        if budget is not None:
            budget.spend()
        found.append(instance)
    return sorted(found, key=lambda each: (each.first_utc, each.recurrence_id))


def occurs(
    item: CalendarObject, start: datetime, end: datetime, *, floating_zone: str = "UTC"
) -> bool:
    """Return whether any instance is found in the window; a series beyond our bounds is."""
    try:
        found = follow(item, start, end, floating_zone=floating_zone)
        return next(iter(found), None) is not None
    except ConversionError:
        return True


def follow(
    item: CalendarObject,
    start: datetime,
    end: datetime,
    *,
    floating_zone: str,
    first_piece: timedelta = _FIRST_PIECE,
) -> Iterator[Instance]:
    """Yield the instances found in the window, each once, not quite in order.

    The window is walked in pieces that grow, so that whoever has seen enough can stop early.

    Args:
        item: Of any component.
        start: Aware.
        end: Aware.
        floating_zone: IANA name of the zone floating times and days are read in.
        first_piece: Length of the first piece; whoever wants all takes the whole window.

    Raises:
        TooFarToFollow: Following its rules would take too long, or cannot be done; what was
            yielded before is right.
        ConversionError: A value cannot be read.
    """
    seen = set()
    try:
        series = Series(item, floating_zone=floating_zone)
        for begin, finish in _pieces(max(start, FIRST), min(end, LAST), first_piece):
            for instance in _between(item, series, begin, finish):
                # An instance that overlaps the border of two windows is in both.
                if instance.recurrence_id in seen:
                    continue
                seen.add(instance.recurrence_id)
                if instance.first_utc < end and instance.last_utc > start:
                    yield instance
    except ConversionError:
        raise
    except _REFUSALS as error:
        raise TooFarToFollow("the series cannot be followed", uid=item.uid) from error


def _pieces(
    start: datetime, end: datetime, length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        finish = start + length if end - start > length else end
        yield start, finish
        start, length = finish, length * 2


def _between(
    item: CalendarObject, series: Series, start: datetime, end: datetime
) -> Iterator[Instance]:
    """Yield the instances that lie in a window, and some just outside of it."""
    calendar, steps = _times_only(item, series, (start, end))
    query = recurring_ical_events.of(calendar, components=["VEVENT"])
    for followed in query.series:
        # The first is no rule but the set of single dates; overrides alone have no rules.
        for rule in getattr(followed.recurrence, "rrules", ())[1:]:
            rule._interval = CountedInterval(rule._interval).allow(steps)  # noqa: SLF001 (the one number that dateutil asks at every step)
        for occurrence in followed.between(max(start, FIRST) - _MARGIN / 2, end + _MARGIN / 2):
            instance = _instance(series, occurrence.start, occurrence.recurrence_ids)
            if instance is not None and instance.first_utc < end and instance.last_utc > start:
                yield instance


def _instance(series: Series, start: Time, ids: Sequence[datetime]) -> Instance | None:
    index = series.master if not ids else series.override_at(ids[0])
    if index is None:
        return None
    if isinstance(start, datetime) and start.tzinfo is None:
        raise TooFarToFollow("days and times in one series")
    return series.made(index, start)


def _times_only(
    item: CalendarObject, series: Series, window: tuple[datetime, datetime]
) -> tuple[Calendar, int]:
    """Return the members' times as a calendar, and how many steps lead beyond the end."""
    calendar, most = Calendar(), 1
    for member in series.members.values():
        event = Event()
        event["UID"] = "series"
        event["SEQUENCE"] = member.sequence
        event["DTSTART"] = vDDDTypes(member.timing.start.value)
        event["DTEND"] = vDDDTypes(member.timing.end.value)
        if member.recurrence_id is not None:
            event["RECURRENCE-ID"] = vDDDTypes(series.original_of(member))
            if member.all_later:
                event["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
        else:
            most = _add_rules(event, item, series, window)
        calendar.add_component(event)
    return calendar, most


def _add_rules(
    event: Event, item: CalendarObject, series: Series, window: tuple[datetime, datetime]
) -> int:
    """Give the master its rules and dates; return how many steps lead beyond the window."""
    assert series.master is not None  # noqa: S101 (the caller has it in hand)
    member, most = series.members[series.master], 1
    rules = [vRecur.from_ical(line.value) for line in member.source.all("RRULE")]
    first = member.timing.start.value
    if len(rules) == 1 and not series.moves_later:
        first = _begin_near(event, rules[0], member, window[0])
    # Instances that were moved back come from the time after the window.
    end = min(window[1] + series.moved_back, LAST)
    for rule in rules:
        _read_until(rule, member)
        most = max(most, bound_rule(rule, first, end))
    if rules:
        event["RRULE"] = rules
    calendar = item.source()
    for name in ("RDATE", "EXDATE"):
        dates = [
            moment.value
            for line in member.source.all(name)
            for moment in read_dates(line, calendar, series.zone)
        ]
        if dates:
            event[name] = vDDDLists(dates)
    return most


def _begin_near(event: Event, rule: vRecur, member: Member, start: datetime) -> Time:
    """Let a rule count from shortly before the window, so that an old series costs no more.

    The new start is one that the rule's steps come upon; should it be no instance itself, it
    does no harm outside of the window.
    """
    first, last = member.timing.start.value, member.timing.end.value
    ahead = whole_steps(rule, first, start - abs(member.length) - 2 * _MARGIN)
    if ahead:
        event["DTSTART"] = vDDDTypes(first + ahead)
        event["DTEND"] = vDDDTypes(last + ahead)
    return first + ahead


def _read_until(rule: vRecur, member: Member) -> None:
    """Read a floating UNTIL of a floating series on the reader's clock, as the series is."""
    start = member.timing.start
    until = (rule.get("UNTIL") or [None])[0]
    naive = isinstance(until, datetime) and until.tzinfo is None
    if naive and start.floating and isinstance(start.value, datetime):
        rule["UNTIL"] = [until.replace(tzinfo=start.value.tzinfo).astimezone(UTC)]
