"""What stands in the fields of the form in which a person adds or changes an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bridge.rehearsal.calendars.access import WRITER_ROLES
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.page.repeat import Repeat, repeat_of

VISIBILITIES = {
    "default": "Default",
    "public": "Public",
    "private": "Private",
    "confidential": "Confidential",
}
REMINDERS = {"default": "Default", "none": "None", "own": "Own times"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForm:
    """What stands in the fields.

    Attributes:
        summary: Title.
        all_day: Whether the event lasts whole days.
        start_date: First day as yyyy-mm-dd.
        start_time: HH:MM in `zone`, "" for whole days.
        end_date: Last day as yyyy-mm-dd.
        end_time: HH:MM in `zone`, "" for whole days.
        zone: IANA name, "" for whole days.
        repeat: How often.
        location: Place.
        description: Text.
        guests: Their addresses.
        visibility: Key of `VISIBILITIES`.
        transparency: `opaque` for busy, `transparent` for free.
        reminders: Key of `REMINDERS`.
        reminder_list: Own reminders as `10, email 60`: minutes before the start.
        colour: Number of a colour, "" for the calendar's.
    """

    summary: str = ""
    all_day: bool = False
    start_date: str
    start_time: str = ""
    end_date: str
    end_time: str = ""
    zone: str = ""
    repeat: Repeat = field(default_factory=Repeat)
    location: str = ""
    description: str = ""
    guests: tuple[str, ...] = ()
    visibility: str = "default"
    transparency: str = "opaque"
    reminders: str = "default"
    reminder_list: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """What the person may not change here.

    Attributes:
        everything: The calendar may only be read.
        shared: Somebody else organises the event; only the own fields can change.
        organizer: Address of that somebody.
    """

    everything: bool = False
    shared: bool = False
    organizer: str = ""


def empty_form(day: date, calendar: Calendar) -> EventForm:
    """Return the form for a new event of an hour on a day."""
    text = day.isoformat()
    return EventForm(
        start_date=text, start_time="09:00", end_date=text, end_time="10:00", zone=calendar.zone
    )


def form_of(item: Json, lines: list[str], calendar: Calendar) -> EventForm:
    """Return the form filled with an event.

    Args:
        item: The event as the API shows it.
        lines: Recurrence lines of its series, [] for an event that does not repeat.
        calendar: Where it is.
    """
    days, times, zone = _shown_times(item, calendar)
    reminders = item.get("reminders", {"useDefault": True})
    overrides = reminders.get("overrides", [])
    kind = "default" if reminders.get("useDefault") else "own" if overrides else "none"
    return EventForm(
        summary=item.get("summary", ""),
        all_day="date" in item["start"],
        start_date=days[0],
        start_time=times[0],
        end_date=days[1],
        end_time=times[1],
        zone=zone,
        repeat=repeat_of(lines, zone=zone),
        location=item.get("location", ""),
        description=item.get("description", ""),
        guests=tuple(guest["email"] for guest in item.get("attendees", [])),
        visibility=item.get("visibility", "default"),
        transparency=item.get("transparency", "opaque"),
        reminders=kind,
        reminder_list=", ".join(map(_reminder, overrides)),
        colour=item.get("colorId", ""),
    )


def locks_of(item: Json, calendar: Calendar) -> Locks:
    """Return what of an event a person may not change."""
    organizer = item.get("organizer", {})
    own = organizer.get("self", False) or not item.get("attendees") or item.get("guestsCanModify")
    return Locks(
        everything=calendar.role not in WRITER_ROLES,
        shared=not own,
        organizer=organizer.get("email", ""),
    )


def _shown_times(item: Json, calendar: Calendar) -> tuple[list[str], list[str], str]:
    start, end = item["start"], item["end"]
    if "date" in start:
        # The form says the last day; Google's end is exclusive.
        last = date.fromisoformat(end["date"]) - timedelta(days=1)
        return [start["date"], last.isoformat()], ["", ""], ""
    zone = start.get("timeZone", calendar.zone)
    moments = [
        datetime.fromisoformat(each["dateTime"]).astimezone(zone_of(zone)) for each in (start, end)
    ]
    days = [f"{moment:%Y-%m-%d}" for moment in moments]
    return days, [f"{moment:%H:%M}" for moment in moments], zone


def _reminder(override: Json) -> str:
    minutes = str(override["minutes"])
    return minutes if override["method"] == "popup" else f"{override['method']} {minutes}"
