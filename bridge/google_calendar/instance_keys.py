"""How Google names the instances of a series.

The key of an instance is its original start: `20260310T090000Z` in UTC, `20260310` in a series of
whole days. Google ends the ids of instances so (Google: Recurring events).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from bridge.errors import ConversionError
from bridge.google_calendar.listing import Event
from bridge.ical.split_off import SplitOff
from bridge.ical.zones import is_iana, zone_named

_SPLIT = re.compile(r"(.+?)(?:_R\d{8}(?:T\d{6})?)*_R(\d{8}(?:T\d{6})?)", re.ASCII)
_FACTS = ("summary", "description", "location", "transparency", "visibility")
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)


def key_of(event: Event, *, zone: str) -> str:
    """Return the key of an instance.

    Args:
        event: With `originalStartTime`.
        zone: IANA name of the calendar's zone, for a time that names none.

    Raises:
        ConversionError: It has no original start that can be read.
    """
    original = event.get("originalStartTime")
    try:
        if isinstance(original, Mapping) and original.get("dateTime") is not None:
            return _time_key(original, zone)
        if isinstance(original, Mapping) and original.get("date") is not None:
            return f"{date.fromisoformat(original['date']):%Y%m%d}".zfill(8)
    except (ValueError, TypeError, OverflowError, ConversionError) as error:
        raise _unreadable() from error
    raise _unreadable()


def original_start(key: str) -> str:
    """Return the original start of a key as Google's parameters take it, RFC 3339 or a date."""
    if (day := _DAY.fullmatch(key)) is not None:
        return "-".join(day.groups())
    if (time := _TIME.fullmatch(key)) is not None:
        return "{}-{}-{}T{}:{}:{}Z".format(*time.groups())
    raise ConversionError(f"no original start: {key[:40]}", property_name="originalStartTime")


def instance_id(master_id: str, key: str) -> str | None:
    """Return the id of an instance; None where it does not follow from the series' own id.

    A series that was split off (`this and following`) has `_R` in its id and its instances do not.
    """
    return None if _SPLIT.fullmatch(master_id) else f"{master_id}_{key}"


def split_off(master_id: str) -> SplitOff | None:
    """Return what a series was split off, by its id: `<first>_R<original start>`, in UTC.

    A split of a split names the first of them.
    """
    found = _SPLIT.fullmatch(master_id)
    if found is None:
        return None
    series, at = found.groups()
    return SplitOff(series=series, key=f"{at}Z" if "T" in at else at)


def is_plain(event: Event, master: Event) -> bool:
    """Whether an instance is what its series makes of it, as far as we would write it.

    Google tells it like an exception; only what it says shows the difference.
    """
    return (
        event.get("status") != "cancelled"
        and all((event.get(name) or "") == (master.get(name) or "") for name in _FACTS)
        and _instant(event, "start") == _instant(event, "originalStartTime")
        and bool(_lengths(event) & _lengths(master))
    )


def _lengths(event: Event) -> set[object]:
    """Return how long an event is, by the clock and in truth; they differ over a change of clocks.

    Which of them instances have alike, Google does not say.
    """
    start, end = _instant(event, "start"), _instant(event, "end")
    if start is None or end is None:
        return {None}
    zone = _zone(event)
    return {end - start, _wall(end, zone) - _wall(start, zone)}


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(zone_named(zone).tz).replace(tzinfo=None)


def _zone(event: Event) -> str:
    start = event.get("start")
    zone = start.get("timeZone") if isinstance(start, Mapping) else None
    return zone if isinstance(zone, str) and (zone == "UTC" or is_iana(zone)) else "UTC"


def _instant(event: Event, field: str) -> datetime | None:
    """Return a time of an answer, which always has its offset; a date as its midnight."""
    part = event.get(field)
    told = part.get("dateTime") or part.get("date") if isinstance(part, Mapping) else None
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _time_key(original: Mapping[str, object], zone: str) -> str:
    at = datetime.fromisoformat(str(original["dateTime"]))
    if at.tzinfo is None:
        named = original.get("timeZone")
        at = at.replace(tzinfo=zone_named(named if isinstance(named, str) else zone).tz)
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}".zfill(16)


def _unreadable() -> ConversionError:
    return ConversionError("no original start", property_name="originalStartTime")
