"""Distinct types for the identifiers that pass between modules.

An `ETag` is always stored without its quotes. A `SyncToken` is opaque to everybody but the side
that made it (RFC 6578 section 3.2; Google `nextSyncToken`). An `Href` is the last path segment of
a resource, verbatim, and never a UID (RFC 4918). A `Uid` is the iCalendar UID (RFC 5545 3.8.4.7).
"""

from __future__ import annotations

from typing import NewType

ActivityId = NewType("ActivityId", int)
CalendarId = NewType("CalendarId", int)
CompanyId = NewType("CompanyId", int)
ConnectionId = NewType("ConnectionId", int)
ETag = NewType("ETag", str)
Fencing = NewType("Fencing", int)
GoogleCalendarId = NewType("GoogleCalendarId", str)
GoogleEventId = NewType("GoogleEventId", str)
Href = NewType("Href", str)
Login = NewType("Login", str)
RunId = NewType("RunId", str)
SyncToken = NewType("SyncToken", str)
Uid = NewType("Uid", str)
UserId = NewType("UserId", int)
