"""From a submitted form to the patch that a person means by it: only what was changed.

Fields that were not sent stay as they are, so that a script may send those it cares for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.times import read_date
from bridge.rehearsal.google_error import Json, invalid
from bridge.rehearsal.page.event_form import EventForm
from bridge.rehearsal.page.repeat import Repeat, lines_of

_TEXTS = ("summary", "location", "description", "visibility", "transparency", "colour")
_REMINDER = re.compile(r"(?:(popup|email)\s+)?(\d{1,6})")


def submitted_form(given: Mapping[str, str], before: EventForm, calendar: Calendar) -> EventForm:
    """Return the form as a person sent it.

    Args:
        given: Fields of the request.
        before: What stands for the fields that were not sent.
        calendar: Lends its zone to times without one.
    """
    form = _with_texts(before, given)
    if "start_date" in given:
        form = _with_times(form, given, calendar)
    if "repeat" in given:
        form = replace(form, repeat=_repeat(given))
    if "guests" in given:
        found = re.split(r"[\s,;]+", given["guests"].strip().lower())
        form = replace(form, guests=tuple(dict.fromkeys(filter(None, found))))
    if "reminders" in given:
        chosen = given["reminders"]
        listed = given.get("reminder_list", "").strip() if chosen == "own" else ""
        form = replace(form, reminders=chosen, reminder_list=listed)
    return form


def body_of(form: EventForm, calendar: Calendar) -> Json:
    """Return the body of a new event, with nulls where there is nothing.

    Raises:
        GoogleError: 400 for a day, time or reminder that cannot be read.
    """
    body: Json = {}
    for _, part in _PARTS:
        body |= part(form)
    return body | {"attendees": _guests(form, [], calendar)}


def patch_of(form: EventForm, before: EventForm, item: Json, calendar: Calendar) -> Json:
    """Return the patch of what differs between two forms.

    Args:
        form: As the person sent it.
        before: As the event stands.
        item: The event as the API shows it.
        calendar: Where it is.

    Raises:
        GoogleError: 400 for a day, time or reminder that cannot be read.
    """
    patch: Json = {}
    for names, part in _PARTS:
        if any(getattr(form, name) != getattr(before, name) for name in names):
            patch |= part(form)
    if form.guests != before.guests:
        patch["attendees"] = _guests(form, item.get("attendees", []), calendar)
    return patch


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _with_texts(form: EventForm, given: Mapping[str, str]) -> EventForm:
    texts: dict[str, Any] = {name: _text(given[name]) for name in _TEXTS if name in given}
    return replace(form, **texts)


def _repeat(given: Mapping[str, str]) -> Repeat:
    # Fields of a choice that was not taken mean nothing.
    if given["repeat"] == "own":
        return Repeat(choice="own", rule=_text(given.get("rule", "")))
    return Repeat(choice=given["repeat"], until=given.get("repeat_until", ""))


def _with_times(form: EventForm, given: Mapping[str, str], calendar: Calendar) -> EventForm:
    start_date = given["start_date"]
    end_date = given.get("end_date") or start_date
    if "all_day" in given or not given.get("start_time"):
        return replace(
            form,
            all_day=True,
            start_date=start_date,
            start_time="",
            end_date=end_date,
            end_time="",
            zone="",
        )
    return replace(
        form,
        all_day=False,
        start_date=start_date,
        start_time=given["start_time"][:5],
        end_date=end_date,
        end_time=(given.get("end_time") or given["start_time"])[:5],
        zone=given.get("zone", "").strip() or form.zone or calendar.zone,
    )


def _times(form: EventForm) -> Json:
    first = read_date(form.start_date, what="start")
    last = read_date(form.end_date, what="end")
    if form.all_day:
        return {"start": _day(first), "end": _day(last + timedelta(days=1))}
    return {
        "start": _moment(first, form.start_time, form.zone),
        "end": _moment(last, form.end_time, form.zone),
    }


def _day(day: date) -> Json:
    return {"date": day.isoformat(), "dateTime": None, "timeZone": None}


def _moment(day: date, clock_time: str, zone: str) -> Json:
    return {"date": None, "dateTime": f"{day.isoformat()}T{clock_time}:00", "timeZone": zone}


def _recurrence(form: EventForm) -> Json:
    return {"recurrence": lines_of(form.repeat, zone=form.zone)}


def _guests(form: EventForm, known: list[Json], calendar: Calendar) -> list[Json]:
    present = {guest["email"]: guest for guest in known}
    guests = [present.get(email, {"email": email}) for email in form.guests]
    own = calendar.calendar_id
    if guests and not known and calendar.is_primary and own not in form.guests:
        # Google's page makes the organizer the first guest; the API does not.
        guests.insert(0, {"email": own, "responseStatus": "accepted"})
    return guests


def _reminders(form: EventForm) -> Json:
    if form.reminders != "own":
        return {"reminders": {"useDefault": form.reminders == "default", "overrides": None}}
    overrides = []
    for text in filter(None, (each.strip() for each in form.reminder_list.split(","))):
        found = _REMINDER.fullmatch(text)
        if found is None:
            raise invalid(f"A reminder is a number of minutes, or `email 60`; not `{text}`.")
        overrides.append({"method": found[1] or "popup", "minutes": int(found[2])})
    return {"reminders": {"useDefault": False, "overrides": overrides}}


_Part = Callable[[EventForm], Json]
_PARTS: tuple[tuple[tuple[str, ...], _Part], ...] = (
    (("summary",), lambda form: {"summary": form.summary}),
    (("location",), lambda form: {"location": form.location}),
    (("description",), lambda form: {"description": form.description}),
    (("visibility",), lambda form: {"visibility": form.visibility}),
    (("transparency",), lambda form: {"transparency": form.transparency}),
    (("colour",), lambda form: {"colorId": form.colour or None}),
    (("all_day", "start_date", "start_time", "end_date", "end_time", "zone"), _times),
    (("repeat",), _recurrence),
    (("reminders", "reminder_list"), _reminders),
)
