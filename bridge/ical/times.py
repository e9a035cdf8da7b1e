"""Date, time and duration values of content lines (RFC 5545 sections 3.3.4 to 3.3.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line
from bridge.ical.scanner import ContentComponent
from bridge.ical.zones import UTC_ZONE, Zone, iana_name, resolve, zone_named

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z?)", re.IGNORECASE | re.ASCII)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.IGNORECASE | re.ASCII,
)
# Zone of a time that had to be written in UTC; programs that do not know it read plain UTC.
ZONE_BESIDE_UTC = "X-CRM-TZID"
_LEAP = 60
_LONGEST_REMEMBERED = 16  # characters, of a time in UTC
# Dates at the very edge cannot be carried into every zone, nor be given a length (I05).
_FIRST_DAY, _LAST_DAY = date(1, 2, 1), date(9999, 11, 30)
_LAST_END = date(9999, 12, 15)
_FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)
_LAST_INSTANT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A DATE, or a DATE-TIME as an instant with the zone it was written in.

    Attributes:
        value: A date, or an aware datetime.
        zone: IANA name for times; "" for dates.
        floating: The text named no zone; the reader's was taken.
    """

    value: date | datetime
    zone: str = ""
    floating: bool = False

    @property
    def is_date(self) -> bool:
        """Whether it is a whole day."""
        return not isinstance(self.value, datetime)

    @property
    def day(self) -> date:
        """The day it falls on, on its own wall clock."""
        return self.value.date() if isinstance(self.value, datetime) else self.value

    @property
    def instant(self) -> datetime:
        """The instant in UTC.

        Raises:
            ConversionError: It is a date.
        """
        if not isinstance(self.value, datetime):
            raise ConversionError("a date where a time is needed")
        return self.value.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length: nominal days, which keep the wall clock, and an exact rest."""

    days: int
    exact: timedelta

    @property
    def total(self) -> timedelta:
        """The length with days of 24 hours."""
        return timedelta(days=self.days) + self.exact

    @property
    def negative(self) -> bool:
        """Whether it goes backwards."""
        return self.total < timedelta(0)


def read_moment(line: ContentLine, calendar: ContentComponent, *, floating_zone: str) -> Moment:
    """Read the value of DTSTART and its like.

    Raises:
        ConversionError: No date or time, outside the years 1 to 9999, or of an unknown zone.
    """
    moment = read_value(
        line.value, line.parameter("TZID"), calendar, floating_zone=floating_zone, name=line.name
    )
    told = line.parameter(ZONE_BESIDE_UTC) if moment.zone == "UTC" else ""
    beside = iana_name(told) if told else None
    if beside is None or not isinstance(moment.value, datetime):
        return moment
    return Moment(value=moment.value.astimezone(zone_named(beside).tz), zone=beside)


def read_value(
    value: str, tzid: str, calendar: ContentComponent, *, floating_zone: str, name: str = ""
) -> Moment:
    """Read one date or time value; `tzid` is the TZID parameter or ""."""
    plain = value.strip()
    # Most values depend on no VTIMEZONE, and are read several times in one request.
    known = iana_name(tzid) if tzid else floating_zone
    try:
        if known is not None and len(plain) <= _LONGEST_REMEMBERED:
            moment = _in_zone(plain, known, floating=not tzid)
        else:
            moment = _in_calendar(plain, tzid, calendar, floating_zone)
    except (ValueError, OverflowError) as error:
        raise ConversionError("a date that does not exist", property_name=name) from error
    if moment is None:
        raise ConversionError("neither a date nor a time", property_name=name)
    return _within(moment, name)


def _within(moment: Moment, name: str) -> Moment:
    if not _FIRST_DAY <= moment.day <= _LAST_DAY:
        raise ConversionError("a date at the edge of the calendar", property_name=name)
    return moment


# What such a value means never changes while the program runs.
@lru_cache(maxsize=4096)
def _in_zone(plain: str, zone: str, *, floating: bool) -> Moment | None:
    """Return the moment of a value in the zone of this name; None for neither date nor time."""
    if (day := _DATE.fullmatch(plain)) is not None:
        return Moment(value=date(*(int(part) for part in day.groups())))
    match = _TIME.fullmatch(plain)
    if match is None:
        return None
    named = UTC_ZONE if match[7] else zone_named(zone)
    return _moment(_wall(match), named, floating=floating and not match[7])


def _in_calendar(
    plain: str, tzid: str, calendar: ContentComponent, floating_zone: str
) -> Moment | None:
    """Return the moment of a value whose zone the calendar may have to tell."""
    match = _TIME.fullmatch(plain)
    if match is None or match[7] or not tzid:
        return _in_zone.__wrapped__(plain, floating_zone, floating=not tzid)
    wall = _wall(match)
    return _moment(wall, resolve(tzid, calendar, prefer=floating_zone, at=wall), floating=False)


def _wall(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    # 23:59:60 of a leap second becomes :59; any other 60 is clamped alike (I06).
    return datetime(year, month, day, hour, minute, second - (second == _LEAP))  # noqa: DTZ001 (wall time until its zone is known)


def _moment(wall: datetime, zone: Zone, *, floating: bool) -> Moment:
    moment = wall.replace(tzinfo=zone.tz)
    moment.astimezone(UTC)  # raises where the instant leaves the calendar
    if not zone.exact:
        moment = moment.astimezone(zone_named(zone.name).tz)
    return Moment(value=moment, zone=zone.name, floating=floating)


def read_duration(value: str, *, name: str = "DURATION") -> Duration:
    """Read a DURATION value.

    Raises:
        ConversionError: It is malformed or too long.
    """
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()[1:]):
        raise ConversionError("not a duration", property_name=name)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    try:
        exact = timedelta(hours=hours, minutes=minutes, seconds=seconds) * sign
        length = Duration(days=sign * (weeks * 7 + days), exact=exact)
        _ = length.total
    except OverflowError as error:
        raise ConversionError("a duration too long", property_name=name) from error
    return length


def write_duration(length: timedelta) -> str:
    """Write an exact length, zero or more, in hours, minutes and seconds."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n]
    return "PT" + ("".join(parts) or "0S")


def add_duration(moment: Moment, length: Duration) -> Moment:
    """Return the moment later by the length: days on the wall clock, the rest exact.

    Raises:
        ConversionError: It leaves the years 1 to 9999 (I05).
    """
    try:
        later = _added(moment, length)
    except OverflowError as error:
        raise ConversionError("a time after the year 9999", property_name="DURATION") from error
    if later.day > _LAST_END:
        raise ConversionError("a time after the year 9999", property_name="DURATION")
    return later


def _added(moment: Moment, length: Duration) -> Moment:
    if not isinstance(moment.value, datetime):
        return Moment(value=moment.value + timedelta(days=length.total.days))
    # Adding to a time on the wall clock forgets which of two equal hours it was (PEP 495).
    wall = moment.value + timedelta(days=length.days) if length.days else moment.value
    instant = wall.astimezone(UTC) + length.exact
    return Moment(value=instant.astimezone(moment.value.tzinfo), zone=moment.zone)


def day_start(day: date, zone: str) -> datetime:
    """Return the instant, in UTC, at which a day begins in a zone, clamped to what exists."""
    tz: Zone = zone_named(zone)
    try:
        return datetime(day.year, day.month, day.day, tzinfo=tz.tz).astimezone(UTC)
    except OverflowError:
        return _FIRST_INSTANT if day.year == 1 else _LAST_INSTANT


def moment_line(name: str, value: date | datetime, zone: str) -> ContentLine:
    """Write a date, a UTC time, or a time in a named zone.

    The second passing of an hour that a clock shows twice cannot be written on that clock: it
    goes out in UTC with the zone beside it.

    Raises:
        ConversionError: The zone is no IANA name.
    """
    if not isinstance(value, datetime):
        return make_line(name, value.isoformat().replace("-", ""), {"VALUE": "DATE"})
    if zone == "UTC":
        return utc_line(name, value)
    tz = zone_named(zone).tz
    wall = value.astimezone(tz).replace(microsecond=0, tzinfo=None, fold=0)
    if wall.replace(tzinfo=tz).astimezone(UTC) != value.astimezone(UTC).replace(microsecond=0):
        return make_line(name, utc_text(value), {ZONE_BESIDE_UTC: zone})
    return make_line(name, wall.isoformat().replace("-", "").replace(":", ""), {"TZID": zone})


def utc_line(name: str, value: datetime) -> ContentLine:
    """Write an instant in UTC, to the second."""
    return make_line(name, utc_text(value))


def utc_text(value: datetime) -> str:
    """Return the iCalendar form of an instant in UTC."""
    plain = value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return plain.isoformat().replace("-", "").replace(":", "") + "Z"
