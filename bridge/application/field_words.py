"""Fields of an item and their values in words, for the history and for undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bridge.domain.activity import Attendee
from bridge.domain.spans import AllDaySpan, Span
from bridge.domain.view import Field, InstanceField, MergeField, Schedule, View, Visibility

NOTHING = "(nothing)"
"""Stands for an empty value."""

LABELS: Mapping[MergeField, str] = {
    MergeField.TITLE: "title",
    MergeField.SCHEDULE: "time",
    MergeField.LOCATION: "place",
    MergeField.DESCRIPTION: "description",
    MergeField.BUSY: "busy or free",
    MergeField.VISIBILITY: "visibility",
    MergeField.DONE: "done",
    MergeField.REMINDERS: "reminders",
    MergeField.CONFERENCE: "meeting link",
    MergeField.ATTENDEES: "guests",
    MergeField.REPLY: "reply",
}


def field_words(field: Field) -> str:
    """Return the name of a field; one of an instance says which one."""
    if isinstance(field, MergeField):
        return LABELS[field]
    what = LABELS[field.field] if field.field else "instance"
    return f"{what} on {_key_words(field.key)}"


def value_words(field: Field, value: object) -> str:
    """Return a value as `View.value_of` tells it, in words."""
    kind = field.field if isinstance(field, InstanceField) else field
    if value is None and isinstance(field, InstanceField):
        return "as the series says"
    if kind is None:
        return _instance_words(value)
    if value in (None, "", ()) and kind is not MergeField.REMINDERS:
        return NOTHING
    return _VALUES.get(kind, str)(value)


def span_words(span: Span) -> str:
    """Return when something is, on its own wall clock."""
    if isinstance(span, AllDaySpan):
        last = span.end - timedelta(days=1)
        return _day(span.start) if span.days == 1 else f"{_day(span.start)} to {_day(last)}"
    start, end = span.local_start, span.local_end
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{_day(end)} {end:%H:%M}"
    return f"{_day(start)} {start:%H:%M} to {until} ({span.zone})"


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _key_words(key: str) -> str:
    """Return which instance a key names; it is its original start."""
    pattern = "%Y%m%dT%H%M%SZ" if "T" in key else "%Y%m%d"
    return _day(datetime.strptime(key, pattern))  # noqa: DTZ007 - only shown, in the key's terms


def _schedule_words(schedule: Any) -> str:
    if not isinstance(schedule, Schedule):
        return NOTHING
    return "; ".join((span_words(schedule.span), *schedule.recurrence))


def _instance_words(value: object) -> str:
    if not isinstance(value, View):
        return str(value)
    return f"“{value.title}”, {span_words(value.schedule.span)}"


def _reminder_words(minutes: Any) -> str:
    if minutes is None:
        return "those of the calendar"
    return ", ".join(f"{each} min before" for each in minutes) or "none"


def _guest_words(attendees: Any) -> str:
    guests: tuple[Attendee, ...] = attendees
    return ", ".join(f"{guest.name or guest.email} ({guest.reply.value})" for guest in guests)


_VALUES: Mapping[MergeField, Callable[[Any], str]] = {
    MergeField.SCHEDULE: _schedule_words,
    MergeField.BUSY: lambda busy: "busy" if busy else "free",
    MergeField.DONE: lambda done: "done" if done else "open",
    MergeField.VISIBILITY: lambda value: Visibility(value).value,
    MergeField.REMINDERS: _reminder_words,
    MergeField.ATTENDEES: _guest_words,
    MergeField.REPLY: lambda reply: str(reply.value),
}
