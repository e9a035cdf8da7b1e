"""Distinct types for the identifiers that pass between modules.

An `ETag` is always stored without its quotes. A `SyncToken` is opaque to everybody but the side
that made it (RFC 6578 section 3.2; Google `nextSyncToken`). An `Href` is the last path segment of
a resource, verbatim, and never a UID (RFC 4918). A `Uid` is the iCalendar UID (RFC 5545 3.8.4.7).
"""

from __future__ import annotations

import re
from hashlib import sha256
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

_LONGEST_PLAIN_NAME = 100
# Event ids are of such letters; a digest is too, and nobody has an event of that id.
_MADE_FOR = re.compile(rf"google-(\w{{5,{_LONGEST_PLAIN_NAME}}})@crmdav", re.ASCII)


def uid_of_google_event(name: str) -> Uid:
    """Return the UID here of an event that came from Google; its id is 5 to 1024 characters.

    All guests' copies of a meeting have one id at Google, and so one UID here.
    """
    if len(name) > _LONGEST_PLAIN_NAME:
        name = sha256(name.encode()).hexdigest()
    return Uid(f"google-{name}@crmdav")


def google_event_of(uid: Uid) -> GoogleEventId | None:
    """Return the event id a UID was made for; None where the UID does not hold one."""
    made_for = _MADE_FOR.fullmatch(uid)
    return None if made_for is None else GoogleEventId(made_for[1])
