"""An event from one line of English, for `events.quickAdd`.

Source: Google, Events: quickAdd, whose example is "Appointment at Somewhere on June 3rd
10am-10:25am"; what exactly Google understands is not documented. Here: days as `quick_dates` and
times as `quick_times` say; `every day`, `every Monday`, `every weekday`, `daily`, `weekly`,
`monthly`, `yearly`; e-mail addresses become guests; what follows the last `at` becomes the place.
The title is the text without the words for day, time, length and repetition. A time without a day
is the next such time; a day without a time is all day; with neither the event is all day today.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bridge.rehearsal.events.quick_dates import WEEKDAY, find_days
from bridge.rehearsal.events.quick_times import Times, find_length, find_times
from bridge.rehearsal.google_error import Json

_EVERY = re.compile(
    rf"(?<!\w)(?:every\s+(?:(?P<unit>day|week|month|year|weekday)|{WEEKDAY})|"
    r"(?P<word>daily|weekly|monthly|yearly))(?!\w)",
    re.IGNORECASE,
)
_RULES = {
    "day": "FREQ=DAILY", "daily": "FREQ=DAILY", "week": "FREQ=WEEKLY", "weekly": "FREQ=WEEKLY",
    "month": "FREQ=MONTHLY", "monthly": "FREQ=MONTHLY", "year": "FREQ=YEARLY",
    "yearly": "FREQ=YEARLY", "weekday": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
}  # fmt: skip
_PLACE = re.compile(r".*\bat\s+(?P<place>\S.*)$", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_EDGES = " ,;-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where and for whom a line is read.

    Attributes:
        now: The present moment in the calendar's zone.
        zone: IANA name of that zone.
        minutes: Length of an event that says none.
        day_first: Whether `6/3` is the sixth of March.
    """

    now: datetime
    zone: str
    minutes: int
    day_first: bool


def event_from_text(text: str, here: Here) -> Json:
    """Return the body of the event that a line describes."""
    guests = _ADDRESS.findall(text)
    recurrence, rest = _recurrence(text)
    length = find_length(rest)
    if length is not None:
        rest = length[1]
    days = find_days(rest, today=here.now.date(), day_first=here.day_first)
    if days is not None:
        rest = days.rest
    times = find_times(rest)
    if times is not None:
        rest = times.rest
    first = days.first if days is not None else None
    last = days.last if days is not None else None
    span = length[0] if length is not None else None
    body = _all_day(first, last, span, here) if times is None else _timed(times, first, span, here)
    return {**body, **_words(rest), **recurrence, **_guests(guests)}


def _recurrence(text: str) -> tuple[Json, str]:
    found = _EVERY.search(text)
    if found is None:
        return {}, text
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    if found["weekday"]:
        # The day itself stays in the text: it says when the series begins.
        day = found["weekday"]
        rule = f"FREQ=WEEKLY;BYDAY={day[:2].upper()}"
        rest = f"{text[: found.start()]} {day} {text[found.end() :]}"
    else:
        rule = _RULES[(found["unit"] or found["word"]).lower()]
    return {"recurrence": [f"RRULE:{rule}"]}, rest


def _all_day(first: date | None, last: date | None, span: timedelta | None, here: Here) -> Json:
    begins = first or here.now.date()
    days = max(span.days, 1) if span is not None else ((last or begins) - begins).days + 1
    ends = begins + timedelta(days=days)
    return {"start": {"date": begins.isoformat()}, "end": {"date": ends.isoformat()}}


def _timed(times: Times, day: date | None, span: timedelta | None, here: Here) -> Json:
    begins = datetime.combine(day or here.now.date(), times.start)
    if day is None and begins < here.now.replace(tzinfo=None):
        begins += timedelta(days=1)
    return {
        "start": {"dateTime": begins.isoformat(), "timeZone": here.zone},
        "end": {"dateTime": _end(begins, times.end, span, here), "timeZone": here.zone},
    }


def _end(begins: datetime, end: time | None, span: timedelta | None, here: Here) -> str:
    if end is None:
        return (begins + (span or timedelta(minutes=here.minutes))).isoformat()
    ends = datetime.combine(begins.date(), end)
    # `10pm-2am` ends on the next day.
    return (ends if ends > begins else ends + timedelta(days=1)).isoformat()


def _words(rest: str) -> Json:
    words = " ".join(rest.split()).strip(_EDGES)
    body: Json = {"summary": words} if words else {}
    place = _PLACE.fullmatch(words)
    if place is not None:
        body["location"] = place["place"]
    return body


def _guests(addresses: list[str]) -> Json:
    return {"attendees": [{"email": each} for each in addresses]} if addresses else {}
