"""`C:calendar-data` in a report: which part of each object is told (RFC 4791 section 9.6)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from datetime import datetime
from http import client
from typing import TYPE_CHECKING

from bridge.errors import ConversionError, InvalidInput
from bridge.ical.expansion import limited
from bridge.store.calendar_values import StoredObject
from radicale_plugin.instances import Budget, ShownInstances
from radicale_plugin.live_properties import named
from radicale_plugin.multistatus import escaped
from radicale_plugin.partial_data import CompSelection, read_selection
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import Expansion
from radicale_plugin.time_range import read_time_range

if TYPE_CHECKING:
    from radicale_plugin.collection import CalendarCollection
    from radicale_plugin.live_properties import Context
    from radicale_plugin.resources import Resource

CALENDAR_DATA = named("C:calendar-data")
_COMP = named("C:comp")
_EXPAND = named("C:expand")
_LIMIT = named("C:limit-recurrence-set")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarData:
    """What is told of each object.

    Attributes:
        selection: Which components and properties; None for all.
        expand: Window whose instances stand in place of series; None for series as they are.
        limit: Half-open window, aware; overrides outside of it are left out.
        budget: One is spent for each instance.
        instances: What `expand` leads to; set once the calendar is known.
        zone: IANA name of the zone floating times and days are read in.
    """

    selection: CompSelection | None
    expand: Expansion | None
    limit: tuple[datetime, datetime] | None
    budget: Budget
    instances: ShownInstances | None = None
    zone: str = "UTC"

    def within(self, calendar: CalendarCollection, zone: str) -> CalendarData:
        """Return the same for the objects of a calendar; one statement if it asks to expand.

        Args:
            calendar: The calendar.
            zone: IANA name of the zone floating times and days are read in.
        """
        if self.expand is None:
            return replace(self, zone=zone)
        shown = ShownInstances(
            window=self.expand,
            budget=self.budget,
            zone=zone,
            known=calendar.occurrences(self.expand),
        )
        return replace(self, instances=shown, zone=zone)

    @property
    def is_of_text(self) -> bool:
        """Whether an object's text is all that has to be known of it."""
        return self.expand is None and self.limit is None

    def value(self, resource: Resource, _context: Context) -> str | None:
        """Return the property's value of a calendar object that was read with its text.

        None when none of its instances is in the window.

        Raises:
            Refusal: The budget is spent.
        """
        member = resource.member
        if member is None or member.text is None:
            return None
        text: str | None = member.text
        if isinstance(member, StoredObject):
            text = self.of(member)
        return None if text is None else escaped(self._selected(text))

    def of(self, stored: StoredObject) -> str | None:
        """Return what stands in place of an object's text, None when nothing does."""
        if self.instances is not None:
            return self.instances.of(stored)
        if self.limit is not None:
            return limited(stored.object, self.limit, floating_zone=self.zone)
        return stored.text

    def _selected(self, text: str) -> str:
        if self.selection is None:
            return text
        try:
            return self.selection.of(text)
        except ConversionError:
            return text


def read_calendar_data(root: ET.Element, budget: Budget) -> CalendarData | None:
    """Read what a report's `DAV:prop` says of calendar data, None when it asks for none.

    Raises:
        Refusal: It asks for another media type or version.
        InvalidInput: A window is none.
    """
    element = root.find(f"{{DAV:}}prop/{CALENDAR_DATA}")
    if element is None:
        return None
    media = element.get("content-type", "text/calendar").strip().lower()
    if media != "text/calendar" or element.get("version", "2.0").strip() != "2.0":
        raise Refusal(
            "calendar objects are text/calendar of version 2.0 here",
            status=client.FORBIDDEN,
            condition="C:supported-calendar-data",
        )
    comp = element.find(_COMP)
    expand = _window(element.find(_EXPAND))
    return CalendarData(
        selection=None if comp is None else read_selection(comp),
        expand=None if expand is None else Expansion(start=expand[0], end=expand[1]),
        limit=_window(element.find(_LIMIT)),
        budget=budget,
    )


def _window(element: ET.Element | None) -> tuple[datetime, datetime] | None:
    if element is None:
        return None
    window = read_time_range(element)
    if window.start is None or window.end is None:
        raise InvalidInput("expand and limit-recurrence-set have a start and an end")
    return window.start, window.end
