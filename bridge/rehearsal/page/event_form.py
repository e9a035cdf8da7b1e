"""The form in which a person adds or changes an event, and what it means to Google."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.times import read_date, shown_time
from bridge.rehearsal.google_error import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForm:
    """What stands in the fields; a day without times is all-day.

    Attributes:
        event_id: "" for a new event.
        summary: Title.
        start_date: First day as yyyy-mm-dd.
        start_time: HH:MM in the calendar's zone, "" for all day.
        end_date: Last day as yyyy-mm-dd.
        end_time: HH:MM in the calendar's zone, "" for all day.
        location: Place.
        description: Text.
    """

    event_id: str = ""
    summary: str = ""
    start_date: str
    start_time: str = ""
    end_date: str
    end_time: str = ""
    location: str = ""
    description: str = ""


def empty_form(day: date) -> EventForm:
    """Return the form for a new event of an hour on a day."""
    return EventForm(
        start_date=day.isoformat(), start_time="09:00", end_date=day.isoformat(), end_time="10:00"
    )


def form_of(event: StoredEvent, calendar: Calendar) -> EventForm:
    """Return the form filled with an event."""
    start, end = (shown_time(event.body[name], zone=calendar.zone) for name in ("start", "end"))
    if "date" in start:
        last = date.fromisoformat(end["date"]) - timedelta(days=1)
        days, times = (start["date"], last.isoformat()), ("", "")
    else:
        moments = [datetime.fromisoformat(each["dateTime"]) for each in (start, end)]
        days = (f"{moments[0]:%Y-%m-%d}", f"{moments[1]:%Y-%m-%d}")
        times = (f"{moments[0]:%H:%M}", f"{moments[1]:%H:%M}")
    return EventForm(
        event_id=event.event_id,
        summary=event.body.get("summary", ""),
        start_date=days[0],
        start_time=times[0],
        end_date=days[1],
        end_time=times[1],
        location=event.body.get("location", ""),
        description=event.body.get("description", ""),
    )


def patch_of(form: Mapping[str, str], calendar: Calendar) -> Json:
    """Return the fields a filled-in form sets, as a patch.

    Raises:
        GoogleError: 400 for a day or time that cannot be read.
    """
    first = read_date(form.get("start_date", ""), what="start")
    last = read_date(form.get("end_date") or first.isoformat(), what="end")
    texts = {name: form.get(name, "").strip() for name in ("summary", "location", "description")}
    if not form.get("start_time"):
        # The form says the last day; Google's end is exclusive.
        times: Json = {
            "start": {"date": first.isoformat(), "dateTime": None, "timeZone": None},
            "end": {
                "date": (last + timedelta(days=1)).isoformat(),
                "dateTime": None,
                "timeZone": None,
            },
        }
        return {**texts, **times}
    end_time = form.get("end_time") or form["start_time"]
    return {
        **texts,
        "start": _timed(first, form["start_time"], calendar),
        "end": _timed(last, end_time, calendar),
    }


def _timed(day: date, clock_time: str, calendar: Calendar) -> Json:
    return {
        "date": None,
        "dateTime": f"{day.isoformat()}T{clock_time[:5]}:00",
        "timeZone": calendar.zone,
    }
