"""An activity in words: its time, whom it is with, how it stands with Google."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bridge.application.activity_draft import Draft
from bridge.application.reasons import REASONS, phrase
from bridge.domain.activity import ActivityType, Reply
from bridge.domain.activity_sync import ActivitySync, Standing
from bridge.domain.agenda import AgendaEntry
from bridge.domain.message import Message
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.web.activity_form import OWN_RULE, UNITS, WEEKDAYS, FormValues, shown
from bridge.web.labels import sentence
from bridge.web.languages import say, told, written
from bridge.web.type_colours import class_names

ICONS = frozenset(
    {
        *("call", "meeting", "lunch", "task", "deadline", "email"),
        *("bell", "car", "document", "star", "video"),
    }
)
OTHER_ICON = "activity"
NO_SUBJECT = Message("(no subject)")
_LEFT_ALONE = Message("it is left alone")
_REFUSED = Message("the other side refused it")
_FIELDS = {
    "type": Message("Type"),
    "subject": Message("Subject"),
    "date": Message("Date"),
    "time": Message("Time"),
    "all_day": Message("All day"),
    "last_date": Message("Last day"),
    "minutes": Message("Duration in minutes"),
    "repeat": Message("Repeat"),
    "interval": Message("Every"),
    "weekdays": Message("Weekdays"),
    "ends": Message("Ends"),
    "until": Message("Until"),
    "count": Message("Times"),
    "busy": Message("Shown as"),
    "private": Message("Private"),
    "do_not_sync": Message("Do not sync with Google"),
    "done": Message("Done"),
    "person": Message("Person"),
    "organization": Message("Organization"),
    "deal": Message("Deal"),
    "location": Message("Location"),
    "description": Message("Description"),
    "note": Message("Internal note"),
}
BUSY_CHOICES: dict[str, str] = {
    "": Message("Busy, unless it is all day"),
    "busy": Message("Busy"),
    "free": Message("Free"),
}
REPLIES: dict[Reply, str] = {
    Reply.NEEDS_ACTION: Message("needs action"),
    Reply.ACCEPTED: Message("accepted"),
    Reply.DECLINED: Message("declined"),
    Reply.TENTATIVE: Message("tentative"),
}
_ENDS = {
    "never": Message("Never"),
    "until": Message("On a day"),
    "count": Message("After so many times"),
}
_REPEATS = {
    "": Message("Does not repeat"),
    **{value: label for value, label, _ in UNITS},
    OWN_RULE: Message("By its own rule"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeLook:
    """How a type looks: the class of its colours, its icon, its name."""

    css: str
    icon: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that two versions of an activity say differently."""

    label: str
    mine: str
    theirs: str


class TypeLooks:
    """The looks of a company's types; a type nobody knows looks plain."""

    def __init__(self, types: tuple[ActivityType, ...]) -> None:
        css = class_names(types)
        self._looks = {
            kind.key: TypeLook(css=css[kind.key], icon=icon_of(kind), name=kind.name)
            for kind in types
        }

    def of(self, key: str) -> TypeLook:
        """Return the look of a type."""
        return self._looks.get(key) or TypeLook(css="plain", icon=OTHER_ICON, name=key)


def icon_of(kind: ActivityType) -> str:
    """Return the name of a type's icon, one that there is."""
    return kind.icon if kind.icon in ICONS else OTHER_ICON


def begins_at(entry: AgendaEntry, zone: ZoneInfo) -> str:
    """Return the time a day shows before the subject, "" for whole days."""
    if not isinstance(entry.span, TimedSpan):
        return ""
    moment = entry.span.end_utc if entry.todo else entry.span.start_utc
    return written(moment.astimezone(zone), "time")


def time_words(entry: AgendaEntry, zone: ZoneInfo) -> str:
    """Return when an entry is, besides its day."""
    match entry.span:
        case None:
            return say("No date")
        case TimedSpan():
            return _timed_words(entry, entry.span, zone)
        case AllDaySpan():
            last = entry.span.end - timedelta(days=1)
            if entry.todo:
                return say("Due this day")
            if entry.span.days == 1:
                return say("All day")
            return say("All day, until %(day)s", day=short_day(last))


def short_day(day: date) -> str:
    """Return a day without its year: `Tue 3 Mar`."""
    return written(day, "short")


def long_day(day: date) -> str:
    """Return a day in full: `Tuesday, 3 March 2026`."""
    return written(day, "long")


def contact_words(entry: AgendaEntry) -> str:
    """Return whom and what it is about."""
    return " · ".join(filter(None, (entry.person, entry.organization, entry.deal)))


def sync_words(sync: ActivitySync) -> str:
    """Return how an activity stands with Google, in one sentence; "" where nothing syncs."""
    where = sync.calendar or sync.account
    match sync.standing:
        case Standing.UNCONNECTED:
            return ""
        case Standing.AGREED:
            return say("In Google: %(where)s", where=where)
        case Standing.WAITING if sync.running:
            return say("Goes to Google with the next sync: %(where)s", where=where)
        case Standing.WAITING:
            return say("Waits, as the sync with Google does not run")
        case Standing.WITHHELD:
            why = phrase(sync.reason) or _LEFT_ALONE
            return say("Not in Google: %(why)s", why=why)
        case Standing.PARKED:
            why = sync.message or told(REASONS.get(sync.reason, _REFUSED))
            return say("Could not be carried over: %(why)s", why=sentence(why).removesuffix("."))


def differences(
    mine: FormValues, present: Draft, *, types: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Return the fields that what was entered and what is stored say differently."""
    theirs = shown(present)
    return tuple(
        Difference(label=label, mine=_said(mine, name, types), theirs=_said(theirs, name, types))
        for name, label in _FIELDS.items()
        if getattr(mine, name) not in {None, getattr(theirs, name)}
    )


def field_label(name: str | None) -> str:
    """Return the label of a field, "" for none."""
    return _FIELDS.get(name or "", "")


def _timed_words(entry: AgendaEntry, span: TimedSpan, zone: ZoneInfo) -> str:
    if entry.todo:
        return say("Due %(time)s", time=begins_at(entry, zone))
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    begins, ends = written(start, "time"), written(end, "time")
    if not span.duration:
        return begins
    if start.date() == end.date():
        return f"{begins}–{ends}"
    return f"{begins} – {short_day(end.date())} {ends}"


def _said(values: FormValues, name: str, types: Mapping[str, str]) -> str:
    value = getattr(values, name)
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, tuple):
        names = [
            told(WEEKDAYS[int(day)]) for day in value if day.isdigit() and int(day) < len(WEEKDAYS)
        ]
        return ", ".join(names) or "–"
    known = {"type": types, "repeat": _REPEATS, "busy": BUSY_CHOICES, "ends": _ENDS}.get(name, {})
    return str(told(known.get(value, value))) or "–"
