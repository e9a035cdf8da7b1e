"""Replying to an invitation: to one event, or to all events of a series.

Source: `google-calendar-facts` section 9: the own entry of `attendees` with `attendeesOmitted`.
"""

from __future__ import annotations

from bridge.rehearsal.acts.span import Span
from bridge.rehearsal.acts.target import find_target, living_exceptions
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.writing import Desk, patch_event
from bridge.rehearsal.google_error import GoogleError, Json, invalid


def own_entry(desk: Desk, event: StoredEvent) -> Json | None:
    """Return the guest an account is in an event, or None."""
    own = {desk.calendar.calendar_id, desk.email}
    guests: list[Json] = event.body.get("attendees", [])
    return next((guest for guest in guests if guest["email"] in own), None)


def reply_to_event(
    desk: Desk, event_id: str, reply: str, span: Span, *, comment: str | None = None
) -> StoredEvent:
    """Set the own reply and return the event.

    Args:
        desk: Who replies where.
        event_id: An event, an instance or a series.
        reply: `accepted`, `tentative`, `declined` or `needsAction`.
        span: This event or all events.
        comment: Note to the organizer; None leaves the one that is there.

    Raises:
        GoogleError: 404, 410; 403 for somebody who is no guest; 400 for another reply or span.
    """
    if span is Span.FOLLOWING:
        raise invalid("A reply is for this event or for all events.")
    target = find_target(desk, event_id, span)
    answered = target.event
    others: list[StoredEvent] = []
    if target.series is not None and target.span is Span.ALL:
        answered, others = target.series, living_exceptions(desk, target.series)
    if own_entry(desk, answered) is None:
        raise GoogleError(
            "You are not a guest of this event.", code=403, reason="forbidden", domain="calendar"
        )
    for other in others:
        if own_entry(desk, other) is not None:
            patch_event(desk, other.event_id, _patch(desk, other, reply, comment))
    return patch_event(desk, answered.event_id, _patch(desk, answered, reply, comment))


def _patch(desk: Desk, event: StoredEvent, reply: str, comment: str | None) -> Json:
    entry = {**(own_entry(desk, event) or {}), "responseStatus": reply}
    if comment is not None:
        entry["comment"] = comment
    return {"attendees": [entry], "attendeesOmitted": True}
