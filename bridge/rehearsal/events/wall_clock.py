"""Times as the clock on the wall shows them, to move events by what a person sees.

A wall-clock time is labelled UTC whatever its zone, so that two of them can be subtracted: the days
and hours between them are those of the calendar sheet, also over a change to summer time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from bridge.rehearsal.events.times import stored_instant, utc_text, zone_of
from bridge.rehearsal.google_error import Json


def wall_clock(stored: Json) -> datetime:
    """Return a stored time as its own zone's clock shows it; a day is its midnight."""
    if "date" in stored:
        return datetime.combine(date.fromisoformat(stored["date"]), time.min, tzinfo=UTC)
    moment = stored_instant(stored["dateTime"]).astimezone(zone_of(stored["timeZone"]))
    return moment.replace(tzinfo=UTC)


def time_patch(wall: datetime, *, like: Json) -> Json:
    """Return the patch of a start or end that sets a wall-clock time.

    Args:
        wall: What the clock shows.
        like: Stored time that lends its kind, day or moment, and its zone.
    """
    if "date" in like:
        return {"date": wall.date().isoformat(), "dateTime": None, "timeZone": None}
    moment = wall.replace(tzinfo=zone_of(like["timeZone"]))
    return {"date": None, "dateTime": utc_text(moment), "timeZone": like["timeZone"]}
