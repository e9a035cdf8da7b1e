"""`start` and `end` of a Google event: `date`, or `dateTime` with an IANA `timeZone`.

Answers give the offset of the zone they were asked in; the instant and `timeZone` count, never
the text (Google: Calendars & events).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import ConversionError
from bridge.ical.times import Moment
from bridge.ical.zones import is_iana, zone_named

_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 2, 9998
# A day less at either end: an instant is within those years on every clock.
_FIRST_DAY, _LAST_DAY = date(_FIRST_YEAR, 1, 2), date(_LAST_YEAR, 12, 30)


def read_span(event: Mapping[str, Any], calendar_zone: str) -> Span:
    """Return when the event happens; a missing end is the shortest one there is.

    Raises:
        ConversionError: No start, or a time that cannot be read, of two kinds, or turned round.
    """
    start = _moment(event, "start", calendar_zone)
    if start is None:
        raise ConversionError("an event without a start", property_name="start")
    end = _moment(event, "end", calendar_zone) or start
    if end.is_date != start.is_date:
        raise ConversionError("start and end of two kinds", property_name="end")
    if isinstance(start.value, datetime) and isinstance(end.value, datetime):
        if end.value < start.value:
            raise ConversionError("it ends before it starts", property_name="end")
        return TimedSpan(start=start.value, end=end.value, zone=start.zone)
    if end.day < start.day:
        raise ConversionError("it ends before it starts", property_name="end")
    return AllDaySpan(start=start.day, end=max(end.day, start.day + _DAY))


def original_start(event: Mapping[str, Any], calendar_zone: str) -> Moment:
    """Return which instance of its series an exception is.

    Raises:
        ConversionError: It does not say, or not in a way that can be read.
    """
    moment = _moment(event, "originalStartTime", calendar_zone)
    if moment is None:
        raise ConversionError("an exception of no instance", property_name="originalStartTime")
    return moment


def can_be_written(start: datetime, length: timedelta) -> bool:
    """Return whether an event from this instant on could be read again by `read_span`."""
    first = start.astimezone(UTC).date()
    return _FIRST_DAY <= first <= _LAST_DAY and length <= _LAST_DAY - first


def written_times(span: Span) -> dict[str, dict[str, str]]:
    """Return `start` and `end` as Google takes them."""
    if isinstance(span, AllDaySpan):
        return {"start": {"date": span.start.isoformat()}, "end": {"date": span.end.isoformat()}}
    return {"start": _written(span.start, span.zone), "end": _written(span.end, span.zone)}


def _written(at: datetime, zone: str) -> dict[str, str]:
    local = at.astimezone(zone_named(zone).tz)
    offset = local.utcoffset() or timedelta(0)
    if offset.total_seconds() % 60:
        # RFC 3339 knows offsets of whole minutes; local mean times are written in UTC.
        local = at.astimezone(UTC)
    return {"dateTime": local.isoformat(timespec="seconds"), "timeZone": zone}


def _moment(event: Mapping[str, Any], field: str, calendar_zone: str) -> Moment | None:
    part = event.get(field)
    if not part:
        return None
    if not isinstance(part, Mapping):
        raise ConversionError("not a date or time", property_name=field)
    try:
        return _read(part, field, calendar_zone)
    except (ValueError, OverflowError, TypeError) as error:
        raise ConversionError("not a date or time", property_name=field) from error


def _read(part: Mapping[str, Any], field: str, calendar_zone: str) -> Moment | None:
    if part.get("dateTime") is not None:
        zone = part.get("timeZone") or calendar_zone
        if not isinstance(zone, str) or not (zone == "UTC" or is_iana(zone)):
            raise ConversionError(f"unknown time zone: {str(zone)[:80]}", property_name=field)
        named = zone_named(zone)
        at = datetime.fromisoformat(part["dateTime"])
        wall = at.replace(tzinfo=named.tz) if at.tzinfo is None else at
        return _checked(Moment(value=_local(wall, named.tz), zone=named.name), field)
    if part.get("date") is not None:
        return _checked(Moment(value=date.fromisoformat(part["date"])), field)
    return None


def _local(at: datetime, tz: tzinfo) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0).astimezone(tz)


def _checked(moment: Moment, field: str) -> Moment:
    if not _FIRST_YEAR <= moment.day.year <= _LAST_YEAR:
        raise ConversionError("a date at the edge of the calendar", property_name=field)
    return moment
