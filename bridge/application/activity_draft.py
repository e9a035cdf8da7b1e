"""An activity as a person writes it in a form, on their own clock, and what that makes of it.

Only what the person changed changes: times that still read as before keep their seconds, their zone
and their place in an hour that the clock shows twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from bridge.domain.activity import Activity
from bridge.domain.message import Message
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import InvalidInput
from bridge.ical.repeat import First, Repeat, repeat_of, rule_line
from bridge.ical.series_dates import carried_lines

LONGEST_SUBJECT = 1000
LONGEST_TEXT = 20_000
LONGEST_MINUTES = 366 * 24 * 60
DEFAULT_MINUTES = 30
_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2199, 12, 31)
_NO_CONTENT = frozenset({"created_at", "updated_at"})
_MINUTE = timedelta(minutes=1)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a form says of an activity.

    Attributes:
        day: First day, of a timed to-do the day it is due; None for an undated one.
        at: Local time it begins, of a to-do when it is due; None for whole days.
        last_day: Of whole days; None for a single one.
        minutes: Length of a timed one; None takes the usual one.
        repeat: The plain rule of a series.
        own_rule: It keeps the rules it has, which say more than a plain one.
        busy: As in `Activity`.
        public_description: None leaves it as it is; so does the next one.
        person: Name of the person to link, "" for none; so are the next two.
    """

    type_key: str
    subject: str
    day: date | None = None
    at: time | None = None
    last_day: date | None = None
    minutes: int | None = None
    repeat: Repeat | None = None
    own_rule: bool = False
    busy: bool | None = None
    private: bool = False
    do_not_sync: bool = False
    done: bool = False
    location: str = ""
    public_description: str | None = ""
    note: str | None = ""
    person: str = ""
    organization: str = ""
    deal: str = ""


def draft_of(activity: Activity, *, todo: bool, zone: str) -> Draft:
    """Return an activity as the form shows it.

    Args:
        activity: A stored one.
        todo: Its time is when it is due.
        zone: IANA name of the user's zone.
    """
    first = first_of(activity.span, todo=todo)
    repeat = None
    if activity.recurrence and first is not None:
        repeat = repeat_of(activity.recurrence, first)
    draft = Draft(
        type_key=activity.type_key,
        subject=activity.subject,
        repeat=repeat,
        own_rule=bool(activity.recurrence) and repeat is None,
        busy=activity.busy,
        private=activity.private,
        do_not_sync=activity.do_not_sync,
        done=activity.done,
        location=activity.location,
        public_description=activity.public_description,
        note=activity.note,
        person=activity.person.name if activity.person else "",
        organization=activity.organization.name if activity.organization else "",
        deal=activity.deal.title if activity.deal else "",
    )
    return _with_times(draft, activity.span, todo=todo, zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How the times of a draft are meant.

    Attributes:
        zone: IANA name of the user's zone.
        was_todo: The time of the activity before is when it is due.
        todo: So is the time of the draft.
    """

    zone: str
    was_todo: bool
    todo: bool


def applied(draft: Draft, base: Activity, clocks: Clocks) -> Activity:
    """Return what a draft makes of an activity; contacts stay as they are.

    Args:
        draft: What the form says.
        base: The activity before; a new one begins blank.
        clocks: How the times are meant.

    Raises:
        InvalidInput: The draft contradicts itself; `field` names what.
    """
    span = _span(draft, base.span, clocks)
    recurrence = _recurrence(draft, base, span, clocks)
    if draft.done and recurrence and not (base.done and base.recurrence):
        raise InvalidInput(
            "a series is done date by date, not as a whole",
            field="done",
            hint=Message("take Done away, or let it not repeat"),
        )
    return replace(
        base,
        type_key=draft.type_key,
        subject=_text("subject", base.subject, draft.subject.strip()),
        span=span,
        recurrence=recurrence,
        busy=draft.busy,
        private=draft.private,
        do_not_sync=draft.do_not_sync,
        done=draft.done,
        done_at=base.done_at if draft.done else None,
        location=_text("location", base.location, draft.location.strip()),
        public_description=_text("description", base.public_description, draft.public_description),
        note=_text("note", base.note, draft.note),
    )


def version_of(activity: Activity) -> str:
    """Return a text that is another one as soon as anything of the activity is.

    It tells of contents, not of writes, so whoever wrote what stands there does not matter.
    """
    told = [
        getattr(activity, each.name) for each in fields(activity) if each.name not in _NO_CONTENT
    ]
    return sha256(repr(told).encode()).hexdigest()[:32]


def first_of(span: Span | None, *, todo: bool) -> First | None:
    """Return where a series of that span begins, times on its own clock."""
    if isinstance(span, TimedSpan):
        return span.local_end if todo else span.local_start
    return None if span is None else span.start


def _with_times(draft: Draft, span: Span | None, *, todo: bool, zone: str) -> Draft:
    if span is None:
        return draft
    if isinstance(span, AllDaySpan):
        last = span.end - timedelta(days=1)
        return replace(draft, day=span.start, last_day=None if last == span.start else last)
    shown = (span.end_utc if todo else span.start_utc).astimezone(ZoneInfo(zone))
    minutes = int(span.duration / _MINUTE)
    at = shown.time().replace(second=0, microsecond=0)
    return replace(draft, day=shown.date(), at=at, minutes=minutes)


def _span(draft: Draft, old: Span | None, clocks: Clocks) -> Span | None:
    if draft.day is None:
        return None
    if not _FIRST_DAY <= draft.day <= _LAST_DAY:
        raise InvalidInput("the date is not between 1970 and 2199", field="date")
    blank = Draft(type_key="", subject="")
    before = _with_times(blank, old, todo=clocks.was_todo, zone=clocks.zone)
    if old is not None and clocks.was_todo == clocks.todo and _when(before) == _when(draft):
        return old
    if draft.at is None:
        return _days(draft.day, draft.last_day or draft.day)
    return _timed(draft, draft.day, draft.at, old, clocks)


def _when(draft: Draft) -> tuple[object, ...]:
    last_day = None if draft.last_day == draft.day else draft.last_day
    return draft.day, draft.at, *((draft.minutes,) if draft.at is not None else (last_day,))


def _days(first: date, last: date) -> AllDaySpan:
    if not first <= last <= _LAST_DAY:
        raise InvalidInput("the last day lies before the first one", field="last_date")
    return AllDaySpan(start=first, end=last + timedelta(days=1))


def _timed(draft: Draft, day: date, at: time, old: Span | None, clocks: Clocks) -> TimedSpan:
    minutes = draft.minutes
    if minutes is None:
        minutes = 0 if clocks.todo else DEFAULT_MINUTES
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise InvalidInput("a duration is between nothing and a year", field="minutes")
    # A time that the clock skips is read as RFC 5545 section 3.3.5 says: by the offset before.
    moment = datetime.combine(day, at, tzinfo=ZoneInfo(clocks.zone)).astimezone(UTC)
    length = minutes * _MINUTE
    zone = old.zone if isinstance(old, TimedSpan) else clocks.zone
    if clocks.todo:
        return TimedSpan(start=moment - length, end=moment, zone=zone)
    return TimedSpan(start=moment, end=moment + length, zone=zone)


def _recurrence(draft: Draft, base: Activity, span: Span | None, clocks: Clocks) -> tuple[str, ...]:
    if draft.repeat is None and not (draft.own_rule and base.recurrence):
        return ()
    new = first_of(span, todo=clocks.todo)
    if new is None:
        raise InvalidInput("a series needs a date", field="date")
    old = first_of(base.span, todo=clocks.was_todo)
    if old is None or not base.recurrence:
        return () if draft.repeat is None else (rule_line(draft.repeat, new),)
    if old == new and draft.repeat == repeat_of(base.recurrence, old):
        return base.recurrence
    carried = carried_lines(base.recurrence, old, new)
    if draft.repeat is None:
        return _own_rule(carried, old, new)
    dates = tuple(line for line in carried if line.startswith("EXDATE"))
    return (rule_line(draft.repeat, new), *dates)


def _own_rule(lines: tuple[str, ...], old: First, new: First) -> tuple[str, ...]:
    if isinstance(old, datetime) != isinstance(new, datetime):
        raise InvalidInput(
            "the rule of this series does not fit both times and whole days",
            field="repeat",
            hint=Message("choose how it repeats anew"),
        )
    return lines


_NAMED = {
    "subject": Message("the subject"),
    "location": Message("the location"),
    "description": Message("the description"),
    "note": Message("the note"),
}


def _text(field: str, old: str, new: str | None) -> str:
    """Return the new text; the one before where a form shows it alike, whatever is in it."""
    if new is None or (old and _plain(old).strip() == _plain(new).strip()):
        return old
    new = _plain(new)
    if field == "subject" and not new:
        raise InvalidInput("an activity needs a subject", field=field)
    longest = LONGEST_TEXT if field in {"description", "note"} else LONGEST_SUBJECT
    if len(new) > longest:
        raise InvalidInput(
            Message(
                "%(what)s has more than %(longest)s characters", what=_NAMED[field], longest=longest
            ),
            field=field,
        )
    if _CONTROL.search(new):
        raise InvalidInput(
            Message("%(what)s has a character that no calendar takes", what=_NAMED[field]),
            field=field,
        )
    return new


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
