"""Time zone identifiers of calendar texts, mapped to IANA names, and VTIMEZONEs for them.

A TZID is what the text's author called the zone. The tz database's own definition is taken
wherever the identifier can be recognised; a VTIMEZONE is only asked when nothing else helps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrulestr
from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine
from bridge.ical.outlook_zones import zone_in_words
from bridge.ical.scanner import ContentComponent

_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
_LOCAL = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})")
_UTC_NAMES = frozenset({"UTC", "Z", "GMT", "ETC/UTC", "ETC/GMT", "ZULU", "UNIVERSAL", "UCT"})
_RENAMED = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Louisville": "America/Kentucky/Louisville",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
}
_DAY = timedelta(days=1)
_LONGEST_REMEMBERED = 100  # characters; longer ones are nobody's names


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A zone that times can be read in.

    Attributes:
        name: IANA name, the nearest one when `exact` is False.
        tz: Turns wall time into instants; differs from the name's zone only when not exact.
        exact: Whether `name` alone gives the same instants.
    """

    name: str
    tz: tzinfo
    exact: bool = True


UTC_ZONE = Zone(name="UTC", tz=UTC)


def is_iana(name: str) -> bool:
    """Return whether the tz database has this very name."""
    return name in _names().values()


# What a name stands for never changes while the program runs.
@lru_cache(maxsize=1024)
def zone_named(name: str) -> Zone:
    """Return the zone of an IANA name.

    Raises:
        ConversionError: The tz database has no such name.
    """
    found = iana_name(name)
    if found is None:
        raise ConversionError(f"unknown time zone: {name}", property_name="TZID")
    return UTC_ZONE if found == "UTC" else Zone(name=found, tz=ZoneInfo(found))


def iana_name(tzid: str) -> str | None:
    """Return the IANA name an identifier stands for, or None.

    Understands tz database names in any case, globally unique identifiers that end in one
    (RFC 5545 section 3.2.19), and the names of Windows. Never opens a file by the identifier.
    """
    return _iana_name(tzid) if len(tzid) <= _LONGEST_REMEMBERED else _found_name(tzid)


def _found_name(tzid: str) -> str | None:
    plain = tzid.strip().strip('"').strip()
    if plain.upper() in _UTC_NAMES:
        return "UTC"
    windows = WINDOWS_TO_OLSON.get(plain)
    if windows is not None:
        return windows
    segments = plain.strip("/").split("/")
    for length in (3, 2, 1):
        # `/a/b/GMT` may be anybody's own; a lone last segment counts only when it is all.
        if length > len(segments) or (length == 1 and len(segments) > 1):
            continue
        if (found := _names().get("/".join(segments[-length:]).lower())) is not None:
            return found
    return None


# The names known never change while the program runs.
_iana_name = lru_cache(maxsize=1024)(_found_name)


def present_name(name: str) -> str:
    """Return the present name of a zone that the tz database renamed.

    Google, Windows tables and phones still say the old ones; to compare, they are one.
    """
    return _RENAMED.get(name, name)


def resolve(tzid: str, calendar: ContentComponent, *, prefer: str, at: datetime) -> Zone:
    """Return the zone a TZID of this calendar means.

    Args:
        tzid: As it stands in the text.
        calendar: The VCALENDAR, asked for its VTIMEZONE.
        prefer: IANA name tried first when only offsets can tell the zone.
        at: The wall time concerned, without zone.

    Raises:
        ConversionError: It is no known name and the text does not define it (I17).
    """
    name = iana_name(tzid)
    if name is not None:
        return zone_named(name)
    definition = _definition(tzid, calendar)
    if definition is None:
        return _guessed(tzid)
    located = iana_name(definition.text("X-LIC-LOCATION"))
    return zone_named(located) if located else _by_offsets(definition, prefer, at)


def _guessed(tzid: str) -> Zone:
    """Return the zone of a name in words, or of one whose slash became a hyphen."""
    plain = tzid.strip().strip('"').strip()
    name = _names().get(plain.replace("-", "/", 1).lower()) or zone_in_words(plain)
    if name is None:
        raise ConversionError(f"unknown time zone: {tzid[:80]}", property_name="TZID")
    return zone_named(name)


def has_definition(calendar: ContentComponent, tzid: str) -> bool:
    """Return whether the calendar has a VTIMEZONE of that identifier."""
    return _definition(tzid, calendar) is not None


@lru_cache(maxsize=256)
def vtimezone_text(name: str, first_year: int, last_year: int) -> str:
    r"""Return a VTIMEZONE for an IANA name, CRLF line ends; right within these years.

    Reading programs that know the name use their own definition; this one serves the others.
    """
    component = Timezone.from_tzid(
        name, first_date=date(first_year, 1, 1), last_date=date(last_year, 12, 31)
    )
    component.pop("COMMENT", None)
    written: bytes = component.to_ical()
    return written.decode("utf-8")


def parse_offset(value: str) -> timedelta:
    """Read a UTC offset (RFC 5545 section 3.3.14).

    Raises:
        ConversionError: It is malformed or a day or longer (I18).
    """
    match = _OFFSET.fullmatch(value.strip())
    if match is None:
        raise ConversionError("not a UTC offset", property_name="TZOFFSETTO")
    hours, minutes, seconds = int(match[2]), int(match[3]), int(match[4] or 0)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= _DAY:
        raise ConversionError("a UTC offset of a day or more", property_name="TZOFFSETTO")
    return -offset if match[1] == "-" else offset


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _definition(tzid: str, calendar: ContentComponent) -> ContentComponent | None:
    for component in calendar.components:
        if component.name == "VTIMEZONE" and component.text("TZID").strip() == tzid.strip():
            return component
    return None


# Asked a dozen times for each time of a text, and the same of every text of a program that names
# zones in its own way. A definition never changes.
@lru_cache(maxsize=64)
def _by_offsets(definition: ContentComponent, prefer: str, at: datetime) -> Zone:
    """Choose the first zone that keeps the definition's offsets through the year of `at`."""
    samples = [at, *_middles(at.year)]
    wanted = [_offset_at(definition, at), *_offsets_in(definition, at.year)]
    for name in (prefer, *_candidates()):
        zone = ZoneInfo(name)
        if all(
            zone.utcoffset(wall) == offset for wall, offset in zip(samples, wanted, strict=True)
        ):
            return zone_named(name)
    fixed = timezone(wanted[0])
    return Zone(name=_fixed_name(wanted[0]), tz=fixed, exact=False)


@lru_cache(maxsize=32)
def _offsets_in(definition: ContentComponent, year: int) -> tuple[timedelta, ...]:
    """Return the definition's offsets in the middle of each month of a year."""
    return tuple(_offset_at(definition, wall) for wall in _middles(year))


def _middles(year: int) -> tuple[datetime, ...]:
    return tuple(datetime(year, month, 15, 12) for month in range(1, 13))  # noqa: DTZ001 (wall time, asked in several zones)


@cache
def _candidates() -> tuple[str, ...]:
    # One zone for each of those that Windows tells apart: the well-known cities.
    return tuple(dict.fromkeys(name for name in WINDOWS_TO_OLSON.values() if name != "UTC"))


def _fixed_name(offset: timedelta) -> str:
    hours, rest = divmod(offset, timedelta(hours=1))
    name = f"Etc/GMT{-hours:+d}"  # Etc names count westwards
    return name if not rest and hours and is_iana(name) else "UTC"


def _offset_at(definition: ContentComponent, wall: datetime) -> timedelta:
    """Return the definition's offset at a wall time: that of the latest onset before it."""
    best: tuple[datetime, timedelta] | None = None
    earliest: tuple[datetime, timedelta] | None = None
    for observance in definition.components:
        start = _local(observance.value("DTSTART"))
        if start is None:
            continue
        if earliest is None or start < earliest[0]:
            earliest = (start, parse_offset(observance.value("TZOFFSETFROM")))
        onset = _last_onset(observance, start, wall)
        if onset is not None and (best is None or onset > best[0]):
            best = (onset, parse_offset(observance.value("TZOFFSETTO")))
    found = best or earliest
    if found is None:
        raise ConversionError("a time zone without rules", property_name="TZID")
    return found[1]


def _last_onset(observance: ContentComponent, start: datetime, wall: datetime) -> datetime | None:
    onsets = [start, *(o for line in observance.all("RDATE") for o in _locals(line))]
    rule = observance.first("RRULE")
    if rule is not None and start <= wall:
        onsets.append(_last_by_rule(rule.value, start, wall) or start)
    return max((onset for onset in onsets if onset <= wall), default=None)


def _last_by_rule(rule: str, start: datetime, wall: datetime) -> datetime | None:
    """Return the last onset of a yearly rule; any other rule of a zone counts as its start."""
    if "FREQ=YEARLY" not in rule.upper() or "BYHOUR" in rule.upper():
        return None
    # A rule from 1601, as Windows writes them, need not be walked for four centuries.
    near = start.replace(year=max(start.year, wall.year - 2), day=min(start.day, 28))
    try:
        plain = re.sub(r";?(UNTIL|COUNT)=[^;]*", "", rule, flags=re.IGNORECASE)
        found: datetime | None = rrulestr(plain, dtstart=near).before(wall, inc=True)
    except (ValueError, OverflowError):
        return None
    until = re.search(r"UNTIL=(\d{8}T?\d{0,6})", rule, flags=re.IGNORECASE)
    if found is not None and until is not None and found.strftime("%Y%m%dT%H%M%S") > until[1]:
        return None
    return found


def _locals(line: ContentLine) -> list[datetime]:
    return [found for value in line.value.split(",") if (found := _local(value)) is not None]


def _local(value: str) -> datetime | None:
    match = _LOCAL.match(value.strip())
    try:
        return datetime(*(int(part) for part in match.groups())) if match else None  # type: ignore[arg-type]  # noqa: DTZ001 (six parts of a wall time)
    except ValueError:
        return None
