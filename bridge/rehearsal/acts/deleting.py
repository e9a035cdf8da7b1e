"""Deleting and bringing back: this event, this and following, or all events.

Source: `google-calendar-facts` sections 5 and 8. A deleted instance is a cancelled exception, never
an EXDATE; "this and following" only shortens the series.
"""

from __future__ import annotations

from bridge.rehearsal.acts.span import Span
from bridge.rehearsal.acts.target import find_target
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.splitting import end_before
from bridge.rehearsal.events.writing import Desk, delete_event, patch_event
from bridge.rehearsal.google_error import invalid, not_found


def remove_event(desk: Desk, event_id: str, span: Span) -> None:
    """Delete an event as far as the span reaches.

    Raises:
        GoogleError: 404 when it never existed, 410 when it is deleted already, 400, 403.
    """
    target = find_target(desk, event_id, span)
    if target.series is None or target.span is Span.THIS:
        delete_event(desk, target.event.event_id)
    elif target.span is Span.FOLLOWING:
        end_before(desk, target.series, target.original_start)
    else:
        delete_event(desk, target.series.event_id)


def restore_event(desk: Desk, event_id: str) -> StoredEvent:
    """Bring a deleted event or instance back, as from Google's bin.

    Raises:
        GoogleError: 404 when it never existed, 400 when it is not deleted.
    """
    event = find_event_or_instance(desk.world, desk.calendar, event_id)
    if event is None:
        raise not_found()
    if not event.cancelled:
        raise invalid("The event is not deleted.")
    return patch_event(desk, event_id, {"status": "confirmed"})
