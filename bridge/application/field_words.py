"""Fields of an item and their values in words, for the history and for undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bridge.domain.activity import Attendee, Reply
from bridge.domain.message import DayText, Message, joined
from bridge.domain.rules import EVENT_COLOURS
from bridge.domain.spans import AllDaySpan, Span
from bridge.domain.view import Field, InstanceField, MergeField, Schedule, View, Visibility

NOTHING = Message("(nothing)")
"""Stands for an empty value."""

LABELS: Mapping[MergeField, str] = {
    MergeField.TITLE: Message("title"),
    MergeField.SCHEDULE: Message("time"),
    MergeField.LOCATION: Message("place"),
    MergeField.DESCRIPTION: Message("description"),
    MergeField.BUSY: Message("busy or free"),
    MergeField.VISIBILITY: Message("visibility"),
    MergeField.DONE: Message("done"),
    MergeField.REMINDERS: Message("reminders"),
    MergeField.CONFERENCE: Message("meeting link"),
    MergeField.ATTENDEES: Message("guests"),
    MergeField.REPLY: Message("reply"),
    MergeField.COLOUR: Message("colour"),
}


def field_words(field: Field) -> str:
    """Return the name of a field; one of an instance says which one."""
    if isinstance(field, MergeField):
        return LABELS[field]
    what = LABELS[field.field] if field.field else Message("instance")
    return Message("%(field)s on %(day)s", field=what, day=_key_words(field.key))


def value_words(field: Field, value: object) -> str:
    """Return a value as `View.value_of` tells it, in words."""
    kind = field.field if isinstance(field, InstanceField) else field
    if value is None and isinstance(field, InstanceField):
        return Message("as the series says")
    if kind is None:
        return _instance_words(value)
    if value in (None, "", ()) and kind is not MergeField.REMINDERS:
        return NOTHING
    return _VALUES.get(kind, str)(value)


def span_words(span: Span) -> str:
    """Return when something is, on its own wall clock."""
    if isinstance(span, AllDaySpan):
        last = span.end - timedelta(days=1)
        if span.days == 1:
            return _day(span.start)
        return Message("%(first)s to %(last)s", first=_day(span.start), last=_day(last))
    start, end = span.local_start, span.local_end
    begins = joined(" ", (_day(start), f"{start:%H:%M}"))
    ends = f"{end:%H:%M}"
    until = ends if end.date() == start.date() else joined(" ", (_day(end), ends))
    return Message("%(begins)s to %(until)s (%(zone)s)", begins=begins, until=until, zone=span.zone)


def _day(day: date) -> str:
    return DayText(f"{day:%a} {day.day} {day:%b %Y}", day, "short_year")


def _key_words(key: str) -> str:
    """Return which instance a key names; it is its original start."""
    pattern = "%Y%m%dT%H%M%SZ" if "T" in key else "%Y%m%d"
    return _day(datetime.strptime(key, pattern))  # noqa: DTZ007 - only shown, in the key's terms


def _schedule_words(schedule: Any) -> str:
    if not isinstance(schedule, Schedule):
        return NOTHING
    return joined("; ", (span_words(schedule.span), *schedule.recurrence))


def _instance_words(value: object) -> str:
    if not isinstance(value, View):
        return str(value)
    return Message("“%(title)s”, %(when)s", title=value.title, when=span_words(value.schedule.span))


def _reminder_words(minutes: Any) -> str:
    if minutes is None:
        return Message("those of the calendar")
    told = [Message("%(minutes)s min before", minutes=each) for each in minutes]
    return joined(", ", told) or Message("none")


def _guest_words(attendees: Any) -> str:
    guests: tuple[Attendee, ...] = attendees
    return joined(", ", (_guest(guest) for guest in guests))


def _visibility_words(value: Any) -> str:
    plain = Visibility(value).value
    return _VISIBILITIES.get(plain, plain)


def _guest(guest: Attendee) -> Message:
    name, reply = guest.name or guest.email, _REPLIES[guest.reply]
    return Message("%(name)s (%(reply)s)", name=name, reply=reply)


_REPLIES: Mapping[Reply, str] = {
    Reply.NEEDS_ACTION: Message("needs-action"),
    Reply.ACCEPTED: Message("accepted"),
    Reply.DECLINED: Message("declined"),
    Reply.TENTATIVE: Message("tentative"),
}
_VISIBILITIES: Mapping[str, str] = {
    "default": Message("default"),
    "public": Message("public"),
    "private": Message("private"),
    "confidential": Message("confidential"),
}
_VALUES: Mapping[MergeField, Callable[[Any], str]] = {
    MergeField.SCHEDULE: _schedule_words,
    MergeField.BUSY: lambda busy: Message("busy") if busy else Message("free"),
    MergeField.DONE: lambda done: Message("done") if done else Message("open"),
    MergeField.VISIBILITY: _visibility_words,
    MergeField.REMINDERS: _reminder_words,
    MergeField.ATTENDEES: _guest_words,
    MergeField.REPLY: lambda reply: _REPLIES[reply],
    MergeField.COLOUR: lambda colour: EVENT_COLOURS.get(colour, colour),
}
