"""The event an act is about, with the series behind it."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.rehearsal.acts.span import Span
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_event
from bridge.rehearsal.events.splitting import is_first
from bridge.rehearsal.events.writing import Desk
from bridge.rehearsal.google_error import Json, deleted, invalid, not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an act reaches.

    Attributes:
        event: The event, instance or series that was named.
        series: Its series, the event itself when it is one; None for an event that does not repeat.
        span: How far the act reaches, after what Google makes of it.
    """

    event: StoredEvent
    series: StoredEvent | None
    span: Span

    @property
    def original_start(self) -> Json:
        """Stored original start of the instance."""
        start: Json = self.event.body["originalStartTime"]
        return start


def find_target(desk: Desk, event_id: str, span: Span) -> Target:
    """Return what an act on an event reaches.

    "This and following" of the first instance is all events, as on Google's page; a series named by
    its own id is all events, too.

    Raises:
        GoogleError: 404 when it never existed, 410 when it is deleted, 400 for a span it cannot
            have.
    """
    event = find_event_or_instance(desk.world, desk.calendar, event_id)
    if event is None:
        raise not_found()
    if event.cancelled:
        raise deleted()
    if event.is_series:
        if span is Span.FOLLOWING:
            raise invalid("Name the instance from which on: <id>_<original start>.")
        return Target(event=event, series=event, span=Span.ALL)
    series = find_event(desk.world, event.calendar_id, event.series_id)
    if not event.series_id or series is None or not series.is_series:
        # Also a lone instance of a series that was never shared with this calendar.
        return Target(event=event, series=None, span=Span.THIS)
    if span is Span.FOLLOWING and is_first(desk, series, event.body["originalStartTime"]):
        span = Span.ALL
    return Target(event=event, series=series, span=span)


def living_exceptions(desk: Desk, series: StoredEvent) -> list[StoredEvent]:
    """Return the exceptions of a series that are not cancelled."""
    found = exceptions_of(desk.world, series.calendar_id, series.event_id)
    return [exception for exception in found if not exception.cancelled]
