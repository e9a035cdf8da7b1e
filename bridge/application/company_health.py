"""How the Google connections of a company do, and whether Google takes the installation's client.

The check is the one that costs nothing: a refresh with a token that was never given. Google looks
at the client first, so "no such grant" says that the client is right (RFC 6749 section 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.application.administration import colleague, demand_admin
from bridge.application.connecting import Connecting
from bridge.application.google_account import GoogleSetup
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import ConnectionId
from bridge.domain.users import User
from bridge.errors import ConfigError, NotConnected, NotFound, SideError
from bridge.google_calendar.oauth import refresh_access_token
from bridge.store.database import Database
from bridge.sync.ports import Clock

_CHECK_SECONDS = 5.0
_NEVER_GIVEN = "crmdav-client-check"


class ClientState(StrEnum):
    """What is known of the installation's OAuth client."""

    NOT_CONFIGURED = "not-configured"
    CONFIGURED = "configured"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionHealth:
    """A connection as an admin sees it; nothing of what it carries.

    Attributes:
        push: How it stands with Google's push, in a word or two.
        failures: How many runs in a row have failed.
        next_run_at: Aware; None when none is due.
    """

    connection: Connection
    push: str
    failures: int
    next_run_at: datetime | None


class CompanyHealth:
    """What an admin looks at when a sync does not go."""

    def __init__(
        self, database: Database, *, google: GoogleSetup, connecting: Connecting, clock: Clock
    ) -> None:
        self._database = database
        self._google = google
        self._connecting = connecting
        self._clock = clock

    def connections(self, admin: User) -> Sequence[Connection]:
        """Return the connections of the company, those that need attention first.

        Raises:
            NotFound: The user is no admin.
        """
        demand_admin(admin)
        with self._database.read() as work:
            return sorted(work.connections.list(admin.company_id), key=_urgency)

    def look_at(self, admin: User, connections: Sequence[Connection]) -> Sequence[ConnectionHealth]:
        """Return how some of them do, in their order.

        Raises:
            NotFound: The user is no admin, or one of them is not of the company.
        """
        demand_admin(admin)
        if any(one.company_id != admin.company_id for one in connections):
            raise NotFound("there is no such connection")
        now = self._clock.now()
        with self._database.read() as work:
            return [
                ConnectionHealth(
                    connection=one,
                    push=work.google_push.state(one.id, now).word,
                    failures=work.connections.failures(one.id),
                    next_run_at=work.connections.next_run_at(one.id),
                )
                for one in connections
            ]

    def stop(self, admin: User, connection_id: int) -> Connection:
        """Stop a user's syncing at once; both sides stay as they are.

        Raises:
            NotFound: The user is no admin, or the company has no such connection.
        """
        with self._database.read() as work:
            found = work.connections.get(ConnectionId(connection_id))
            if found is None:
                raise NotFound("there is no such connection")
            colleague(work, admin, found.user_id)
        return self._connecting.stop(found)

    def client(self, admin: User) -> ClientState:
        """Return whether a client is configured; Google is not asked.

        Raises:
            NotFound: The user is no admin.
        """
        demand_admin(admin)
        configured = bool(self._google.client.client_id)
        return ClientState.CONFIGURED if configured else ClientState.NOT_CONFIGURED

    def check_client(self, admin: User) -> ClientState:
        """Return what Google says of the client; takes some seconds at most.

        Raises:
            NotFound: The user is no admin.
        """
        if self.client(admin) is ClientState.NOT_CONFIGURED:
            return ClientState.NOT_CONFIGURED
        try:
            refresh_access_token(
                self._google.addresses,
                self._google.client,
                _NEVER_GIVEN,
                timeout_seconds=_CHECK_SECONDS,
            )
        except NotConnected:
            return ClientState.ACCEPTED
        except ConfigError:
            return ClientState.REFUSED
        except SideError:
            return ClientState.UNREACHABLE
        return ClientState.ACCEPTED


def _urgency(connection: Connection) -> tuple[bool, bool, str]:
    return (
        connection.state is not ConnectionState.NEEDS_ATTENTION,
        connection.state is ConnectionState.STOPPED,
        connection.login,
    )
