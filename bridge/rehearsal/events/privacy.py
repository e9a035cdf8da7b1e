"""What of an event a caller with little access may see.

Source: Google, AclRule resource: with `freeBusyReader` access nothing but busy times, with `reader`
and `writerWithoutPrivateAccess` private events without their details, unless one is a guest there
(Events resource, `visibility`).
"""

from __future__ import annotations

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.google_error import Json

_PRIVATE = ("private", "confidential")
_SEE_PRIVATE = ("owner", "writer")
_KEPT = (
    "kind", "etag", "id", "status", "htmlLink", "updated", "start", "end", "recurrence",
    "recurringEventId", "originalStartTime", "transparency", "iCalUID", "sequence", "eventType",
)  # fmt: skip


def is_hidden(body: Json, calendar: Calendar) -> bool:
    """Return whether the caller may not see the details of an event.

    Args:
        body: The event in stored form.
        calendar: Where it is, as the caller sees it.
    """
    if calendar.role in _SEE_PRIVATE:
        return False
    if calendar.role == "freeBusyReader":
        return True
    # A private event is for its guests all the same.
    is_guest = any(guest["email"] == calendar.viewer for guest in body.get("attendees", []))
    return body.get("visibility") in _PRIVATE and not is_guest


def reduced(shown: Json, body: Json, calendar: Calendar) -> Json:
    """Return an event resource without what the caller may not see.

    Args:
        shown: The full `calendar#event` resource.
        body: The event in stored form.
        calendar: Where it is, as the caller sees it.
    """
    if not is_hidden(body, calendar):
        return shown
    husk = {name: shown[name] for name in _KEPT if name in shown}
    if calendar.busy_title:
        husk["summary"] = calendar.busy_title
    return {**husk, "visibility": "private"}
