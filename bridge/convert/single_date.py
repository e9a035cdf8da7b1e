"""One date of a series as an activity of its own, and what a person's edit of it makes of the text.

A date that is done or changed gets an override, made as a copy of the master like calendar programs
do; one that is cancelled is excluded, and its override goes. The rest of the object is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from bridge.convert.lens_changes import floating
from bridge.convert.properties.classification import BusyMapper, PrivateMapper
from bridge.convert.properties.completion import CompletionMapper, is_done
from bridge.convert.properties.mapper import PropertyMapper, Reading, Writing
from bridge.convert.properties.schedule import ScheduleMapper, changes_schedule, raised_sequence
from bridge.convert.properties.texts import DescriptionMapper, LocationMapper
from bridge.convert.series_carried import empty
from bridge.domain.activity import Activity, ActivityType
from bridge.domain.spans import TimedSpan
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, make_line, with_value
from bridge.ical.date_listing import SeriesDate, SeriesDates
from bridge.ical.patch import PropertyChange, copied, patch_members
from bridge.ical.scanner import ContentComponent
from bridge.ical.series import Instance, Time
from bridge.ical.times import (
    ZONE_BESIDE_UTC,
    read_moment,
    utc_line,
    utc_text,
    write_duration,
)

# What a date can have for itself; links, type and participants are those of the series.
_MAPPERS: tuple[PropertyMapper, ...] = (
    CompletionMapper(),
    ScheduleMapper(),
    LocationMapper(),
    DescriptionMapper(),
    BusyMapper(),
    PrivateMapper(),
)
_OF_SERIES = ("RRULE", "RDATE", "EXRULE", "EXDATE")


def date_activity(dates: SeriesDates, one: SeriesDate, series: Activity) -> Activity:
    """Return what a date shows as an activity that does not repeat.

    Args:
        dates: Of the series.
        one: The date.
        series: The activity of the series; what dates cannot have for themselves is taken from it.
    """
    # Of a date without an override the master says all: no long text is written for a look.
    follows = one.member.first("RECURRENCE-ID") is not None
    item, member = _with_override(dates, one, dates.item if follows else dates.rules)
    reading = Reading(
        calendar=item.source(), previous=None, types=(), collection=None, floating_zone=dates.zone
    )
    activity = replace(series, recurrence=(), done=False, done_at=None)
    for mapper in _MAPPERS:
        activity = mapper.read(member, activity, reading)
    # Done belongs to each date: a mark on the master says nothing of it.
    done = one.own and is_done(member)
    return replace(activity, done=done, done_at=activity.done_at if done else None)


def is_changed(dates: SeriesDates, one: SeriesDate, series: Activity) -> bool:
    """Return whether a date shows anything but what its series does, done marks aside."""
    if not one.own:
        return False
    shown = replace(date_activity(dates, one, series), done=False, done_at=None)
    return shown != date_activity(dates, dates.plain(one.key), series)


def with_date(
    dates: SeriesDates, one: SeriesDate, activity: Activity, type_: ActivityType, now: datetime
) -> CalendarObject:
    """Return the object of a series whose date says what an activity says.

    Args:
        dates: Of the series.
        one: The date, one that takes place.
        activity: What `date_activity` told of it, edited.
        type_: The activity's type.
        now: Aware; when it changed.

    Returns:
        The very object where it says so already. An override with nothing of its own goes.
    """
    item, member = _with_override(dates, one, dates.item)
    writing = Writing(
        component=item.component,
        base=member,
        calendar=item.source(),
        type=type_,
        types=(),
        now=now,
    )
    changes = tuple(change for mapper in _MAPPERS for change in mapper.write(activity, writing))
    if not changes:
        return dates.item
    if dates.master.timing.start.floating:
        changes = floating(changes, dates.zone)
    sequence = (raised_sequence(member),) if changes_schedule(changes) else ()
    more = [PropertyChange(name="SEQUENCE", lines=sequence)] if sequence else []
    written = patch_members(item, [(member, [*changes, *more, *_stamps(now)])])
    again = SeriesDates(written, floating_zone=dates.zone)
    return as_series(again, one.key, now) if _is_plain(again, one.key) else written


def without_date(dates: SeriesDates, key: str, now: datetime) -> CalendarObject:
    """Return the object with a date excluded, its overrides gone."""
    excluded = (*dates.master.source.all("EXDATE"), _start(dates, key, "EXDATE"))
    return _rewritten(dates, key, excluded, now)


def as_series(dates: SeriesDates, key: str, now: datetime) -> CalendarObject:
    """Return the object with a date as the rules make it: no override, and not excluded."""
    kept = (_kept(dates, line, key) for line in dates.master.source.all("EXDATE"))
    return _rewritten(dates, key, tuple(line for line in kept if line is not None), now)


def _rewritten(
    dates: SeriesDates, key: str, excluded: Sequence[ContentLine], now: datetime
) -> CalendarObject:
    master = dates.master.source
    changes = list(_stamps(now))
    if tuple(excluded) != tuple(master.all("EXDATE")):
        changes.append(PropertyChange(name="EXDATE", lines=tuple(excluded)))
        changes.append(PropertyChange(name="SEQUENCE", lines=(raised_sequence(master),)))
    return patch_members(dates.item, [(master, changes)], removed=dates.overrides(key))


def _kept(dates: SeriesDates, line: ContentLine, key: str) -> ContentLine | None:
    """Return a line of excluded dates without one of them, None when it was the only one."""
    values = [value for value in line.value.split(",") if value.strip()]
    tzid = line.parameter("TZID")
    kept = [value for value in values if dates.key_of(value, tzid) != key]
    if len(kept) == len(values):
        return line
    return with_value(line, ",".join(kept)) if kept else None


def _is_plain(dates: SeriesDates, key: str) -> bool:
    """Return whether an override says nothing that the series does not."""
    one = dates.at(key)
    if one is None or not one.own or is_done(one.member):
        return False
    original = dates.original(key)
    same = (one.instance.start, one.instance.end) == (original.start, original.end)
    return same and bool(empty([one.member], dates.master.source)) and _lacks_nothing(dates, one)


def _lacks_nothing(dates: SeriesDates, one: SeriesDate) -> bool:
    """Return whether an override has all texts of the master, not only none of its own."""
    left_out = {line.name for line in dates.master.source.lines}
    left_out -= {line.name for line in one.member.lines} | set(_OF_SERIES)
    return not left_out


def _with_override(
    dates: SeriesDates, one: SeriesDate, item: CalendarObject
) -> tuple[CalendarObject, ContentComponent]:
    """Return the object with an override for a date, and that; the very object if it has one.

    Args:
        dates: Of the series.
        one: The date.
        item: Its object, or one that has of it what the date is made from.
    """
    if one.own:
        return item, one.member
    follows = one.member.first("RECURRENCE-ID") is not None
    instance = one.instance if follows else dates.original(one.key)
    source = one.member if follows else item.head()
    changes = (
        PropertyChange(name="RECURRENCE-ID", lines=(_start(dates, one.key, "RECURRENCE-ID"),)),
        *_times(dates, one, instance),
        *(PropertyChange(name=name) for name in _OF_SERIES),
    )
    added = patch_members(item, added=[copied(item, source, changes)])
    return added, added.members()[-1]


def _start(dates: SeriesDates, key: str, name: str) -> ContentLine:
    """Return the original start of a date as a property, in the form of the master's start."""
    master = dates.master.source
    model = master.first("DTSTART") or master.first("DUE")
    assert model is not None  # noqa: S101 (a series has a start)
    return _moment(name, dates.original(key).start, model, dates)


def _times(dates: SeriesDates, one: SeriesDate, instance: Instance) -> tuple[PropertyChange, ...]:
    """Return the times of a date, in the form of the component they are copied into."""
    starts, ends = instance.start, instance.end
    if dates.master.timing.is_backwards:
        starts, ends = ends, starts
    changes = []
    for name, value in (("DTSTART", starts), ("DTEND", ends), ("DUE", ends)):
        model = one.member.first(name)
        if model is not None:
            line = _moment(name, value, model, dates)
            changes.append(PropertyChange(name=name, lines=(line,)))
    timed = isinstance(starts, datetime) and isinstance(ends, datetime)
    if timed and one.member.first("DURATION") is not None and dates.master.periods:
        # RDATE can give a date a length of its own (RFC 5545 section 3.8.5.2).
        length = instance.span(dates.zone, todo=False)
        assert isinstance(length, TimedSpan)  # noqa: S101 (both are times)
        line = make_line("DURATION", write_duration(length.duration))
        changes.append(PropertyChange(name="DURATION", lines=(line,)))
    return tuple(changes)


def _moment(name: str, value: Time, model: ContentLine, dates: SeriesDates) -> ContentLine:
    """Return a date or time in the form of another one: a day, UTC, floating, or in its zone."""
    if not isinstance(value, datetime):
        return make_line(name, _digits(value), {"VALUE": "DATE"})
    like = read_moment(model, dates.item.source(), floating_zone=dates.zone)
    local = value.astimezone(like.value.tzinfo) if isinstance(like.value, datetime) else value
    tzid, beside = model.parameter("TZID"), model.parameter(ZONE_BESIDE_UTC)
    # The second passing of an hour that a clock shows twice cannot be said on that clock.
    if beside or (local.fold and tzid):
        return make_line(name, utc_text(value), {ZONE_BESIDE_UTC: like.zone})
    if model.value.upper().endswith("Z"):
        return utc_line(name, value)
    wall = _digits(local.replace(tzinfo=None, fold=0))
    return make_line(name, wall, {"TZID": tzid} if tzid else None)


def _digits(value: date) -> str:
    return value.isoformat().replace("-", "").replace(":", "")


def _stamps(now: datetime) -> tuple[PropertyChange, ...]:
    return tuple(
        PropertyChange(name=name, lines=(utc_line(name, now.astimezone(UTC)),))
        for name in ("DTSTAMP", "LAST-MODIFIED")
    )
