"""The form of an activity: what it shows of a draft, and what was entered as a draft again.

Values are kept as they were entered, so that a refused form comes back as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from bridge.application.activity_draft import LONGEST_TEXT, Draft
from bridge.domain.message import Message, template
from bridge.errors import InvalidInput
from bridge.ical.repeat import LARGEST_COUNT, LARGEST_INTERVAL, Frequency, Repeat

OWN_RULE = "own"
UNITS: tuple[tuple[str, str, str], ...] = (
    (Frequency.DAILY.value, Message("Every day"), Message("days")),
    (Frequency.WEEKLY.value, Message("Every week"), Message("weeks")),
    (Frequency.MONTHLY.value, Message("Every month"), Message("months")),
    (Frequency.YEARLY.value, Message("Every year"), Message("years")),
)
WEEKDAYS_SHORT = (
    Message("Mo"),
    Message("Tu"),
    Message("We"),
    Message("Th"),
    Message("Fr"),
    Message("Sa"),
    Message("Su"),
)
WEEKDAYS = (
    Message("Monday"),
    Message("Tuesday"),
    Message("Wednesday"),
    Message("Thursday"),
    Message("Friday"),
    Message("Saturday"),
    Message("Sunday"),
)
_NO_DATE = template("`%(text)s` is not a date")
_NO_TIME = template("`%(text)s` is not a time")
_BUSY = {"": None, "busy": True, "free": False}
_MOST_DIGITS = 9
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormValues:
    """The fields by their names in the form, as texts; ticks as truth.

    Attributes:
        description: None for a field that is not in the form, as the text is too long for it: it
            stays as it is. So does the next one.
    """

    type: str = ""
    subject: str = ""
    date: str = ""
    time: str = ""
    all_day: bool = False
    last_date: str = ""
    minutes: str = ""
    repeat: str = ""
    interval: str = "1"
    weekdays: tuple[str, ...] = ()
    ends: str = "never"
    until: str = ""
    count: str = ""
    busy: str = ""
    private: bool = False
    do_not_sync: bool = False
    done: bool = False
    location: str = ""
    description: str | None = None
    note: str | None = None
    person: str = ""
    organization: str = ""
    deal: str = ""


def shown(draft: Draft) -> FormValues:
    """Return what the form shows of a draft."""
    repeat = draft.repeat
    ends = "never"
    if repeat is not None:
        ends = "until" if repeat.until else "count" if repeat.count else "never"
    return FormValues(
        type=draft.type_key,
        subject=draft.subject,
        date=draft.day.isoformat() if draft.day else "",
        time=draft.at.isoformat("minutes") if draft.at else "",
        all_day=draft.day is not None and draft.at is None,
        last_date=draft.last_day.isoformat() if draft.last_day else "",
        minutes="" if draft.minutes is None else str(draft.minutes),
        repeat=OWN_RULE if draft.own_rule else repeat.frequency.value if repeat else "",
        interval=str(repeat.interval) if repeat else "1",
        weekdays=tuple(str(day) for day in sorted(repeat.weekdays)) if repeat else (),
        ends=ends,
        until=repeat.until.isoformat() if repeat and repeat.until else "",
        count=str(repeat.count) if repeat and repeat.count else "",
        busy={None: "", True: "busy", False: "free"}[draft.busy],
        private=draft.private,
        do_not_sync=draft.do_not_sync,
        done=draft.done,
        location=draft.location,
        description=_editable(draft.public_description),
        note=_editable(draft.note),
        person=draft.person,
        organization=draft.organization,
        deal=draft.deal,
    )


def entered(form: MultiDict[str, str]) -> FormValues:
    """Return what was sent; a field that is not there is as in an empty form."""

    def text(name: str, default: str = "") -> str:
        return form.get(name, default).replace("\r\n", "\n")

    return FormValues(
        type=text("type"),
        subject=text("subject"),
        date=text("date"),
        time=text("time"),
        all_day="all_day" in form,
        last_date=text("last_date"),
        minutes=text("minutes"),
        repeat=text("repeat"),
        interval=text("interval", "1"),
        weekdays=tuple(form.getlist("weekdays")),
        ends=text("ends", "never"),
        until=text("until"),
        count=text("count"),
        busy=text("busy"),
        private="private" in form,
        do_not_sync="do_not_sync" in form,
        done="done" in form,
        location=text("location"),
        description=text("description") if "description" in form else None,
        note=text("note") if "note" in form else None,
        person=text("person"),
        organization=text("organization"),
        deal=text("deal"),
    )


def draft_from(values: FormValues) -> Draft:
    """Return the draft that was entered.

    What belongs to a choice that was not made is not looked at: the time of whole days, the days
    of a rule that is not weekly.

    Raises:
        InvalidInput: A value cannot be read; `field` names it.
    """
    if values.busy not in _BUSY:
        raise InvalidInput("choose busy, free, or as usual", field="busy")
    day = _read(values.date, date.fromisoformat, "date", _NO_DATE)
    timed = bool(values.time) and not values.all_day
    at = _read(values.time, time.fromisoformat, "time", _NO_TIME) if timed else None
    if at is not None and day is None:
        raise InvalidInput("a time needs a date", field="date")
    last = None if timed else _read(values.last_date, date.fromisoformat, "last_date", _NO_DATE)
    return Draft(
        type_key=values.type,
        subject=values.subject,
        day=day,
        at=None if at is None else at.replace(second=0, microsecond=0, tzinfo=None),
        last_day=last,
        minutes=_number(values.minutes, "minutes") if timed else None,
        repeat=_repeat(values),
        own_rule=values.repeat == OWN_RULE,
        busy=_BUSY[values.busy],
        private=values.private,
        do_not_sync=values.do_not_sync,
        done=values.done,
        location=values.location,
        public_description=values.description,
        note=values.note,
        person=values.person,
        organization=values.organization,
        deal=values.deal,
    )


def _editable(text: str | None) -> str | None:
    return None if text is None or len(text) > LONGEST_TEXT else text.replace("\r\n", "\n")


def _repeat(values: FormValues) -> Repeat | None:
    if values.repeat in {"", OWN_RULE}:
        return None
    if values.repeat not in set(Frequency):
        raise InvalidInput("choose how it repeats", field="repeat")
    frequency = Frequency(values.repeat)
    weekly = frequency is Frequency.WEEKLY
    until, count = _ends(values)
    return Repeat(
        frequency=frequency,
        interval=_bounded(values.interval, "interval", LARGEST_INTERVAL),
        weekdays=_weekdays(values.weekdays) if weekly else frozenset(),
        until=until,
        count=count,
    )


def _ends(values: FormValues) -> tuple[date | None, int | None]:
    match values.ends:
        case "never":
            return None, None
        case "until":
            until = _read(values.until, date.fromisoformat, "until", _NO_DATE)
            if until is None:
                raise InvalidInput("say on which day the series ends", field="until")
            return until, None
        case "count":
            return None, _bounded(values.count, "count", LARGEST_COUNT)
        case _:
            raise InvalidInput("choose when the series ends", field="ends")


def _weekdays(given: tuple[str, ...]) -> frozenset[int]:
    known = {str(index): index for index in range(len(WEEKDAYS))}
    if not set(given) <= known.keys():
        raise InvalidInput("choose days of the week", field="weekdays")
    return frozenset(known[each] for each in given)


def _bounded(text: str, field: str, largest: int) -> int:
    number = _number(text, field)
    if number is None or not 1 <= number <= largest:
        raise InvalidInput(
            Message("write a number from 1 to %(largest)s", largest=largest), field=field
        )
    return number


def _number(text: str, field: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _MOST_DIGITS):
        raise InvalidInput("write a whole number", field=field)
    return int(plain)


def _read(text: str, read: Callable[[str], _Value], field: str, refusal: str) -> _Value | None:
    if not text.strip():
        return None
    try:
        return read(text.strip())
    except ValueError as error:
        raise InvalidInput(Message(refusal, text=text), field=field) from error
