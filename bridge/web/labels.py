"""The words of the Calendar sync page (contract section 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.sync_settings import (
    SPECIAL_EVENT_TYPES,
    IncomingVisibility,
    PrivateEvents,
    SyncType,
)
from bridge.domain.users import User

SYNC_TYPES: tuple[tuple[str, str], ...] = (
    (SyncType.TWO_WAY.value, "Two-way"),
    (SyncType.CRM_TO_GOOGLE.value, "One-way: CRM to Google"),
    (SyncType.GOOGLE_TO_CRM.value, "One-way: Google to CRM"),
)
PRIVATE_EVENTS: tuple[tuple[str, str], ...] = (
    (PrivateEvents.SAVE_AS_PRIVATE.value, "Save as private"),
    (PrivateEvents.SAVE_AS_PUBLIC.value, "Save as public"),
    (PrivateEvents.DO_NOT_SYNC.value, "Do not sync"),
)
INCOMING_VISIBILITY: tuple[tuple[str, str], ...] = (
    (IncomingVisibility.EVERYONE.value, "Everyone"),
    (IncomingVisibility.ONLY_ME.value, "Only me"),
)
CALENDAR_DEFAULTS: tuple[tuple[str, str], ...] = (("public", "Public"), ("private", "Private"))
_EVENT_TYPE_NAMES = {
    "birthday": "Birthdays",
    "workingLocation": "Working location",
    "focusTime": "Focus time",
    "outOfOffice": "Out of office",
    "fromGmail": "From Gmail",
}
EVENT_TYPES: tuple[tuple[str, str], ...] = tuple(
    (kind, _EVENT_TYPE_NAMES[kind]) for kind in SPECIAL_EVENT_TYPES
)
PUSH_WORDS: dict[str, str] = {
    "on": "Google tells us at once",
    "silent": "Google is asked; its messages have not come yet",
    "off": "Google is asked from time to time",
    "refused": "Google is asked from time to time; it refuses to send messages",
}
DIRECTIONS: dict[SyncType, str] = {
    SyncType.TWO_WAY: "both ways",
    SyncType.CRM_TO_GOOGLE: "from the CRM to Google only",
    SyncType.GOOGLE_TO_CRM: "from Google to the CRM only",
}
_STATES: dict[ConnectionState, str] = {
    ConnectionState.NEW: "Not started yet",
    ConnectionState.ACTIVE: "Active",
    ConnectionState.PAUSED: "Paused",
    ConnectionState.NEEDS_ATTENTION: "Needs attention",
    ConnectionState.STOPPED: "Stopped",
}


def state_label(connection: Connection) -> str:
    """Return the state in the words of the page."""
    return _STATES[connection.state]


def sentence(text: str | None) -> str:
    """Return an error's message or hint as a sentence: "choose one" becomes "Choose one."."""
    words = (text or "").strip()
    if not words:
        return ""
    end = "" if words[-1] in ".!?" else "."
    return words[0].upper() + words[1:] + end


def clock_of(user: User) -> Callable[[datetime], str]:
    """Return how this user reads an instant: "2026-03-02 10:00", by the own clock."""
    zone = ZoneInfo(user.timezone)

    def told(instant: datetime) -> str:
        return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return told
