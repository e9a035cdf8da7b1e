"""Dates, times and zones of events: reading what clients send, writing what Google answers.

Source: Google, "Calendars & events" and the EventDateTime resource. Stored form: `{"date":
"2026-03-10"}` or `{"dateTime": "2026-03-10T09:00:00Z", "timeZone": "Europe/Berlin"}`, the instant
always in UTC and without fractions of a second.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.rehearsal.google_error import GoogleError, Json, bad_request, invalid

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:[.,]\d+)?([Zz]|[+-]\d{2}:?\d{2})?"
)
# One year inside of what a date can hold, so that every instant can be told in every zone.
YEARS = range(2, 9999)
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*")


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        GoogleError: 400 for a name that is none; Windows names are none.
    """
    if _ZONE_NAME.fullmatch(name) is None:
        raise _bad_zone(name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        # OSError: the name of a folder of the zone database, such as `Europe`.
        raise _bad_zone(name) from error


def _bad_zone(name: str) -> GoogleError:
    return invalid(f"Invalid time zone definition for start time. ({name})")


def read_date(text: str, *, what: str) -> date:
    """Return the day of a text `yyyy-mm-dd`.

    Raises:
        GoogleError: 400 "Invalid <what> time.".
    """
    try:
        if _DATE.fullmatch(text) and int(text[:4]) in YEARS:
            return date.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"Invalid {what} time.") from error
    raise invalid(f"Invalid {what} time.")


def read_instant(text: str, *, zone: str, what: str) -> datetime:
    """Return the instant of an RFC 3339 text in UTC, to the second.

    Args:
        text: With or without an offset.
        zone: Zone of a text without offset.
        what: `start` or `end`, for the message.

    Raises:
        GoogleError: 400 "Invalid <what> time.".
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None or int(text[:4]) not in YEARS:
        raise invalid(f"Invalid {what} time.")
    try:
        if found[2]:
            moment = datetime.fromisoformat(found[1].upper() + found[2].upper())
        else:
            moment = datetime.fromisoformat(found[1].upper()).replace(tzinfo=zone_of(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(f"Invalid {what} time.") from error


def read_bound(text: str, *, name: str) -> datetime:
    """Return a query bound such as timeMin; it must carry an offset, fractions are ignored.

    Raises:
        GoogleError: 400 when it cannot be read.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None or not found[2]:
        raise bad_request(f"Bad Request: {name} must be an RFC 3339 time with an offset")
    try:
        return datetime.fromisoformat(found[1].upper() + found[2].upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_request(f"Bad Request: {name}") from error


def utc_text(moment: datetime) -> str:
    """Return the stored form of an instant."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def stored_instant(text: str) -> datetime:
    """Return the instant of a stored form."""
    return datetime.fromisoformat(text)


def stored_time(given: Json, *, what: str, calendar_zone: str) -> Json:
    """Return the stored form of a start or end as a client sent it.

    Args:
        given: EventDateTime without nulls.
        what: `start` or `end`.
        calendar_zone: Zone of a dateTime that names none.

    Raises:
        GoogleError: 400 when both or none of date and dateTime are there, or one cannot be read.
    """
    if ("date" in given) == ("dateTime" in given):
        raise invalid(f"Invalid {what} time.")
    if "date" in given:
        return {"date": read_date(given["date"], what=what).isoformat()}
    zone = given.get("timeZone") or calendar_zone
    zone_of(zone)
    return {
        "dateTime": utc_text(read_instant(given["dateTime"], zone=zone, what=what)),
        "timeZone": zone,
    }


def shown_time(stored: Json, *, zone: str) -> Json:
    """Return a stored time as an answer shows it: the instant with the offset of `zone`."""
    if "date" in stored:
        return dict(stored)
    return {"dateTime": shown_instant(stored_instant(stored["dateTime"]), zone), **_named(stored)}


def _named(stored: Json) -> Json:
    return {"timeZone": stored["timeZone"]} if "timeZone" in stored else {}


def shown_instant(moment: datetime, zone: str) -> str:
    """Return an instant with the offset of a zone; UTC is written as `Z`."""
    text = moment.astimezone(zone_of(zone)).isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def seconds_of(stored: Json, *, calendar_zone: str) -> int:
    """Return a stored time in seconds since 1970; a day begins in the calendar's zone."""
    if "date" in stored:
        day = date.fromisoformat(stored["date"])
        return int(datetime.combine(day, time.min, tzinfo=zone_of(calendar_zone)).timestamp())
    return int(stored_instant(stored["dateTime"]).timestamp())
