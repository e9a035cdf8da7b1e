"""One calendar object resource: the text as it came, its UID and its component."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.domain.identifiers import Uid


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
