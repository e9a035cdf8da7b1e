"""The words of the Calendar sync page (contract section 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.message import Message
from bridge.domain.rules import EVENT_COLOURS, NO_COLOUR
from bridge.domain.sync_settings import (
    SPECIAL_EVENT_TYPES,
    IncomingVisibility,
    PrivateEvents,
    SyncType,
)
from bridge.domain.users import User
from bridge.web.languages import stored, written

SYNC_TYPES: tuple[tuple[str, str], ...] = (
    (SyncType.TWO_WAY.value, Message("Two-way")),
    (SyncType.CRM_TO_GOOGLE.value, Message("One-way: CRM to Google")),
    (SyncType.GOOGLE_TO_CRM.value, Message("One-way: Google to CRM")),
)
PRIVATE_EVENTS: tuple[tuple[str, str], ...] = (
    (PrivateEvents.SAVE_AS_PRIVATE.value, Message("Save as private")),
    (PrivateEvents.SAVE_AS_PUBLIC.value, Message("Save as public")),
    (PrivateEvents.DO_NOT_SYNC.value, Message("Do not sync")),
)
INCOMING_VISIBILITY: tuple[tuple[str, str], ...] = (
    (IncomingVisibility.EVERYONE.value, Message("Everyone")),
    (IncomingVisibility.ONLY_ME.value, Message("Only me")),
)
CALENDAR_DEFAULTS: tuple[tuple[str, str], ...] = (
    ("public", Message("Public")),
    ("private", Message("Private")),
)
_EVENT_TYPE_NAMES = {
    "birthday": Message("Birthdays"),
    "workingLocation": Message("Working location"),
    "focusTime": Message("Focus time"),
    "outOfOffice": Message("Out of office"),
    "fromGmail": Message("From Gmail"),
}
EVENT_TYPES: tuple[tuple[str, str], ...] = tuple(
    (kind, _EVENT_TYPE_NAMES[kind]) for kind in SPECIAL_EVENT_TYPES
)
TYPE_COLOURS: dict[str, str] = {
    colour: name for colour, name in EVENT_COLOURS.items() if colour != NO_COLOUR
}
PUSH_WORDS: dict[str, str] = {
    "on": Message("Google tells us at once"),
    "silent": Message("Google is asked; its messages have not come yet"),
    "off": Message("Google is asked from time to time"),
    "refused": Message("Google is asked from time to time; it refuses to send messages"),
}
DIRECTIONS: dict[SyncType, str] = {
    SyncType.TWO_WAY: Message("both ways"),
    SyncType.CRM_TO_GOOGLE: Message("from the CRM to Google only"),
    SyncType.GOOGLE_TO_CRM: Message("from Google to the CRM only"),
}
_STATES: dict[ConnectionState, str] = {
    ConnectionState.NEW: Message("Not started yet"),
    ConnectionState.ACTIVE: Message("Active"),
    ConnectionState.PAUSED: Message("Paused"),
    ConnectionState.NEEDS_ATTENTION: Message("Needs attention"),
    ConnectionState.STOPPED: Message("Stopped"),
}


def state_label(connection: Connection) -> str:
    """Return the state in the words of the page."""
    return _STATES[connection.state]


def sentence(text: str | None) -> str:
    """Return an error's message or hint as a sentence: "choose one" becomes "Choose one."."""
    words = stored(text or "").strip()
    if not words:
        return ""
    end = "" if words[-1] in ".!?" else "."
    return words[0].upper() + words[1:] + end


def hint_words(hint: str | None) -> str:
    """Return a hint as a sentence; what to type at a command line is none for a page."""
    return "" if hint and "`crmdav " in hint else sentence(hint)


def clock_of(user: User) -> Callable[[datetime], str]:
    """Return how this user reads an instant: "2026-03-02 10:00", by the own clock."""
    zone = ZoneInfo(user.timezone)

    def told(instant: datetime) -> str:
        return written(instant.astimezone(zone), "moment")

    return told
