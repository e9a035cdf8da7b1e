"""Views as they stand in a JSON column; keys that are added later do no harm.

Instants are ISO 8601 with their offset. The zone object they were made with is named beside them:
Python holds two datetimes of a repeated hour for different when only their zone objects differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.domain.activity import Attendee, Reply
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.view import (
    Field,
    Instance,
    InstanceField,
    MergeField,
    Schedule,
    View,
    Visibility,
)


def view_to_json(view: View) -> dict[str, Any]:
    """Return the view as JSON values."""
    return {
        "title": view.title,
        "span": _span_to_json(view.schedule.span),
        "recurrence": list(view.schedule.recurrence),
        "location": view.location,
        "description": view.description,
        "busy": view.busy,
        "visibility": view.visibility.value,
        "done": view.done,
        **_where_told(view),
    }


def _where_told(view: View) -> dict[str, Any]:
    """Return what few items have, only where they have it."""
    told: dict[str, Any] = {
        "reminders": None if view.reminders is None else list(view.reminders),
        "conference": view.conference or None,
        "attendees": [_attendee_to_json(attendee) for attendee in view.attendees] or None,
        "reply": view.reply.value if view.reply is not None else None,
        "colour": view.colour or None,
        "instances": {
            instance.key: view_to_json(instance.view) if instance.view is not None else None
            for instance in view.instances
        }
        or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def view_from_json(stored: Mapping[str, Any]) -> View:
    """Return the view; unknown keys are ignored, missing ones have their default."""
    return View(
        title=stored["title"],
        schedule=Schedule(
            span=_span_from_json(stored["span"]), recurrence=tuple(stored.get("recurrence", ()))
        ),
        location=stored.get("location", ""),
        description=stored.get("description", ""),
        busy=stored.get("busy", True),
        visibility=Visibility(stored.get("visibility", Visibility.DEFAULT)),
        done=stored.get("done", False),
        reminders=tuple(stored["reminders"]) if "reminders" in stored else None,
        conference=stored.get("conference", ""),
        attendees=tuple(_attendee_from_json(entry) for entry in stored.get("attendees", ())),
        reply=Reply(stored["reply"]) if "reply" in stored else None,
        colour=stored.get("colour", ""),
        instances=tuple(
            Instance(key=key, view=None if told is None else view_from_json(told))
            for key, told in sorted(stored.get("instances", {}).items())
        ),
    )


def field_to_json(field: Field) -> dict[str, Any]:
    """Return a field as JSON values; one of an instance names the instance by its key."""
    if isinstance(field, MergeField):
        return {"field": field.value}
    return {"field": field.field.value if field.field else None, "key": field.key}


def field_from_json(stored: Mapping[str, Any]) -> Field:
    """Return the field that `field_to_json` told."""
    told = stored["field"]
    kind = None if told is None else MergeField(told)
    if "key" in stored:
        return InstanceField(key=stored["key"], field=kind)
    return MergeField(told)


def _attendee_to_json(attendee: Attendee) -> dict[str, Any]:
    return {
        "email": attendee.email,
        "name": attendee.name,
        "reply": attendee.reply.value,
        "optional": attendee.optional,
    }


def _attendee_from_json(stored: Mapping[str, Any]) -> Attendee:
    return Attendee(
        email=stored["email"],
        name=stored.get("name", ""),
        reply=Reply(stored.get("reply", Reply.NEEDS_ACTION)),
        optional=stored.get("optional", False),
    )


def _span_to_json(span: Span) -> dict[str, Any]:
    if isinstance(span, AllDaySpan):
        return {"first_day": span.start.isoformat(), "end_day": span.end.isoformat()}
    return {
        "start": span.start.isoformat(),
        "end": span.end.isoformat(),
        "zone": span.zone,
        "start_in": _zone_key(span.start),
        "end_in": _zone_key(span.end),
    }


def _span_from_json(stored: Mapping[str, Any]) -> Span:
    if "first_day" in stored:
        return AllDaySpan(
            start=date.fromisoformat(stored["first_day"]), end=date.fromisoformat(stored["end_day"])
        )
    return TimedSpan(
        start=_instant(stored["start"], stored.get("start_in", "")),
        end=_instant(stored["end"], stored.get("end_in", "")),
        zone=stored.get("zone", "UTC"),
    )


def _zone_key(instant: datetime) -> str:
    zone = instant.tzinfo
    return (zone.key or "") if isinstance(zone, ZoneInfo) else ""


def _instant(text: str, zone_key: str) -> datetime:
    instant = datetime.fromisoformat(text)
    zone = _zone(zone_key) if zone_key else None
    if zone is not None:
        return instant.astimezone(zone)
    return instant if instant.utcoffset() else instant.astimezone(UTC)


@cache
def _zone(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except ZoneInfoNotFoundError:
        return None  # a newer tz database dropped the name; the offset still tells the instant
