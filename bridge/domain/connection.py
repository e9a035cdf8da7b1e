"""A user's connection to one Google calendar, its states, and the lawful steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bridge.domain.identifiers import CompanyId, ConnectionId, GoogleCalendarId, Login, UserId
from bridge.domain.message import Message
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import InvalidTransition


class ConnectionState(StrEnum):
    """Where a connection is in its life; the page says these words (contract section 5).

    `NEW` is an account that passed Google's consent and has no options yet.
    """

    NEW = "new"
    ACTIVE = "active"
    PAUSED = "paused"
    NEEDS_ATTENTION = "needs-attention"
    STOPPED = "stopped"

    @property
    def may_sync(self) -> bool:
        """Whether runs may happen in this state."""
        return self is ConnectionState.ACTIVE


class Farewell(StrEnum):
    """What a person wants taken away after a sync has ended (features A5)."""

    COPIES = "copies"  # our copies at Google
    INCOMING = "incoming"  # the activities that were made of Google's events


STATE_WORDS: Mapping[ConnectionState, str] = {
    ConnectionState.NEW: Message("not started yet"),
    ConnectionState.ACTIVE: Message("active"),
    ConnectionState.PAUSED: Message("paused"),
    ConnectionState.NEEDS_ATTENTION: Message("waiting for your attention"),
    ConnectionState.STOPPED: Message("stopped"),
}
"""The states within a sentence."""
_NEXT: dict[ConnectionState, frozenset[ConnectionState]] = {
    ConnectionState.NEW: frozenset({ConnectionState.ACTIVE, ConnectionState.STOPPED}),
    ConnectionState.ACTIVE: frozenset(
        {ConnectionState.PAUSED, ConnectionState.NEEDS_ATTENTION, ConnectionState.STOPPED}
    ),
    ConnectionState.PAUSED: frozenset(
        {ConnectionState.ACTIVE, ConnectionState.NEEDS_ATTENTION, ConnectionState.STOPPED}
    ),
    ConnectionState.NEEDS_ATTENTION: frozenset({ConnectionState.ACTIVE, ConnectionState.STOPPED}),
    ConnectionState.STOPPED: frozenset({ConnectionState.ACTIVE, ConnectionState.NEW}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One user's link to one Google calendar.

    Attributes:
        login: Login of the user it works for.
        account_email: Address of the Google account.
        google_subject: Google's stable id of the account (`sub`).
        google_calendar_id: Resolved id, never `primary`; None until chosen.
        settings: None until chosen.
        attention: Why it needs attention, in words for the user; "" otherwise.
        last_success_at: End of the last run without error, aware.
        compared_at: When both sides were last compared in full, aware; None before.
        differences: What that found, and mended; 0 is the proof that both sides agreed.
        farewell: What is still to be taken away although it is stopped; None when nothing is.
    """

    id: ConnectionId
    company_id: CompanyId
    user_id: UserId
    login: Login
    state: ConnectionState
    account_email: str
    google_subject: str = ""
    granted_scopes: frozenset[str] = frozenset()
    google_calendar_id: GoogleCalendarId | None = None
    google_calendar_name: str = ""
    google_calendar_zone: str = "UTC"
    settings: SyncSettings | None = None
    attention: str = ""
    last_success_at: datetime | None = None
    compared_at: datetime | None = None
    differences: int = 0
    created_at: datetime | None = None
    stopped_at: datetime | None = None
    farewell: Farewell | None = None

    @property
    def may_run(self) -> bool:
        """Whether a worker may work for it: it syncs, or takes away what it left behind."""
        leaving = self.state is ConnectionState.STOPPED and self.farewell is not None
        return leaving or self.state.may_sync

    @property
    def may_undo(self) -> bool:
        """Whether there may be something to take back: it syncs, or did so once."""
        return self.settings is not None and self.google_calendar_id is not None

    def moved_to(self, state: ConnectionState, *, attention: str = "") -> Connection:
        """Return the connection in another state; the same state is allowed and idempotent.

        Raises:
            InvalidTransition: The step is not a lawful one, or it would start without options.
        """
        if state is not self.state and state not in _NEXT[self.state]:
            raise InvalidTransition(
                Message(
                    "a connection that is %(state)s cannot become %(other)s",
                    state=STATE_WORDS[self.state],
                    other=STATE_WORDS[state],
                )
            )
        if state is ConnectionState.ACTIVE and not (self.settings and self.google_calendar_id):
            raise InvalidTransition(
                "a connection cannot start before a calendar and options are chosen",
                hint=Message("choose a Google calendar and options first"),
            )
        return replace(self, state=state, attention=attention, farewell=None)
