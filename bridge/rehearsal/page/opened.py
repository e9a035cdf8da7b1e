"""An event a person has opened: as the API shows it, and as the form shows it."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import find_event
from bridge.rehearsal.events.showing import shown
from bridge.rehearsal.google_error import GoogleError, Json, not_found
from bridge.rehearsal.page.entries import Entry, entry_of
from bridge.rehearsal.page.event_form import EventForm, Locks, form_of, locks_of
from bridge.rehearsal.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An event with all that the page says of it.

    Attributes:
        event: As it is stored.
        item: As the API shows it to the viewer.
        entry: As the sheet shows it.
        form: What stands in the fields.
        locks: What cannot be changed.
    """

    event: StoredEvent
    item: Json
    entry: Entry
    form: EventForm
    locks: Locks

    @property
    def in_series(self) -> bool:
        """Whether an act on it may reach beyond it."""
        return bool(self.event.series_id)

    @property
    def guests(self) -> list[Json]:
        """The guests with their replies."""
        return list(self.item.get("attendees", []))


def open_event(world: World, calendar: Calendar, event_id: str) -> Opened:
    """Return an event or instance, also a deleted one.

    Raises:
        GoogleError: 404 when it never existed.
    """
    event = find_event_or_instance(world, calendar, event_id)
    if event is None:
        raise not_found()
    item = shown(world, event, calendar)
    entry = entry_of(item)
    if entry is None:
        raise GoogleError("Nothing of the event is left.", code=404, reason="notFound")
    return Opened(
        event=event,
        item=item,
        entry=entry,
        form=form_of(item, _lines(world, event), calendar),
        locks=locks_of(item, calendar),
    )


def _lines(world: World, event: StoredEvent) -> list[str]:
    series = event
    if event.series_id:
        series = find_event(world, event.calendar_id, event.series_id) or event
    return list(series.body.get("recurrence", []))
