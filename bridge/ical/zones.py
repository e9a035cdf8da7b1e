"""Time zone identifiers of calendar texts, mapped to IANA names, and VTIMEZONEs for them.

A TZID is what the text's author called the zone. The tz database's own definition is taken
wherever the identifier can be recognised; a VTIMEZONE is only asked when nothing else helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bridge.errors import ConversionError
from bridge.ical.outlook_zones import zone_in_words
from bridge.ical.scanner import ContentComponent
from bridge.ical.zone_rules import offset_at

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


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _definition(tzid: str, calendar: ContentComponent) -> ContentComponent | None:
    for component in calendar.components:
        if component.name == "VTIMEZONE" and component.text("TZID").strip() == tzid.strip():
            return component
    return None


def _by_offsets(definition: ContentComponent, prefer: str, at: datetime) -> Zone:
    """Choose the first zone that keeps the definition's offsets through the year of `at`."""
    offset, known = offset_at(definition, at), _fitting(definition)
    if (prefer, at.year) not in known:
        known[prefer, at.year] = _fit(definition, prefer, at.year)
    for name in known[prefer, at.year]:
        if zone_named(name).tz.utcoffset(at) == offset:
            return zone_named(name)
    return Zone(name=_fixed_name(offset), tz=timezone(offset), exact=False)


# Every time of a text asks again, and the same of every text of a program that names zones in its
# own way. A definition never changes; there are as many entries as years, and few zones to prefer.
@lru_cache(maxsize=32)
def _fitting(_definition: ContentComponent) -> dict[tuple[str, int], tuple[str, ...]]:
    return {}


def _fit(definition: ContentComponent, prefer: str, year: int) -> tuple[str, ...]:
    """Return the zones that have the definition's offsets in the middle of each month."""
    wanted = [(wall, offset_at(definition, wall)) for wall in _middles(year)]
    return tuple(
        name
        for name in (prefer, *_candidates())
        if all(zone_named(name).tz.utcoffset(wall) == offset for wall, offset in wanted)
    )


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
