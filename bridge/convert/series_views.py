"""What a calendar object or an item of Google shows as a whole: its master and its instances."""

from __future__ import annotations

from bridge.convert import views
from bridge.domain.view import View
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import is_recurring


def calendar_view(item: CalendarObject, *, zone: str, contacts: bool) -> View | None:
    """Return how Google should show a calendar object.

    Args:
        item: From the calendar side.
        zone: IANA name of the zone floating times are read in.
        contacts: Whether the block of linked contacts is added.

    Returns:
        None when it cannot be shown there.
    """
    if is_recurring(item):
        return None
    return views.calendar_view(item.head(), item.source(), zone=zone, contacts=contacts)


def google_view(item: CalendarObject, *, zone: str) -> View | None:
    """Return what Google shows; None when it has no time."""
    return None if is_recurring(item) else views.google_view(item.head(), item.source(), zone=zone)
