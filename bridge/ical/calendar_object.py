"""One calendar object resource: the text as it came, its UID and its component."""

from __future__ import annotations

from dataclasses import dataclass

from icalendar import Calendar, Component

from bridge.domain.identifiers import Uid
from bridge.ical.limits import DEFAULT_LIMITS, Limits
from bridge.ical.scanner import ContentComponent, scan, scanned
from bridge.ical.validity import check, parse_calendar

COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarObject:
    """Everything with one UID: a master and its overrides (RFC 4791 section 4.1).

    Attributes:
        uid: RFC 5545 section 3.8.4.7.
        component: `VEVENT`, `VTODO` or `VJOURNAL`.
        text: The iCalendar text, exactly as received or patched.
    """

    uid: Uid
    component: str
    text: str

    @classmethod
    def parse(cls, text: str, *, limits: Limits = DEFAULT_LIMITS) -> CalendarObject:
        """Accept a text as a calendar object resource and keep it as it is.

        Raises:
            InvalidCalendarData: It is none (RFC 4791 section 4.1, RFC 5545), is beyond the
                limits, or holds what no program can carry on safely (threats, section 5).
        """
        tree = scanned(text) if limits == DEFAULT_LIMITS else scan(text, limits=limits)
        uid, component = check(text, tree, limits)
        return cls(uid=uid, component=component, text=text)

    def source(self) -> ContentComponent:
        """Return the VCALENDAR as an immutable tree of content lines.

        Raises:
            InvalidCalendarData: The text was never accepted and is no calendar.
        """
        return scanned(self.text)

    def members(self) -> tuple[ContentComponent, ...]:
        """Return the master and the overrides, in the order of the text."""
        return tuple(part for part in self.source().components if part.name == self.component)

    def master_source(self) -> ContentComponent | None:
        """Return the component without RECURRENCE-ID, or None when there are overrides only."""
        return next((m for m in self.members() if m.first("RECURRENCE-ID") is None), None)

    def head(self) -> ContentComponent:
        """Return the component that stands for the object: the master, else the first override."""
        return self.master_source() or self.members()[0]

    def calendar(self) -> Calendar:
        """Return the whole text parsed anew; the caller may change the tree."""
        return parse_calendar(self.text)

    def components(self) -> tuple[Component, ...]:
        """Return master and overrides as parsed anew, in the order of the text."""
        return tuple(part for part in self.calendar().subcomponents if part.name == self.component)

    def master(self) -> Component | None:
        """Return the master as parsed anew, or None when there are overrides only."""
        return next((part for part in self.components() if "RECURRENCE-ID" not in part), None)
