"""Pass Google's consent page and keep what it gives (threats 3.1).

OAuth's code flow with PKCE and a one-time `state`: the state is kept only as a hash, for ten
minutes, bound to the user and to the browser session that began, and is gone at its first use. The
code verifier and the refresh token are kept encrypted.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from bridge.application.google_account import GoogleSetup, TokenColumn, opened, sealed
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import ConnectionId, UserId
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.errors import ConfigError, InvalidInput, NotFound, SignInRefused
from bridge.google_calendar.oauth import (
    Grant,
    authorization_request,
    exchange_code,
    missing_scopes,
)
from bridge.store.cipher import TokenCipher
from bridge.store.database import Database
from bridge.store.oauth_attempts import OAuthAttempt
from bridge.sync.ports import Clock

ATTEMPT_LIFETIME = timedelta(minutes=10)
TESTING_GRANT_LIFETIME = timedelta(days=7)
_STATE_BYTES = 32
_VERIFIER_BYTES = 64  # 86 characters; RFC 7636 section 4.1 wants 43 to 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Google's redirect brought back.

    Attributes:
        state: The `state` parameter, "" when missing.
        code: The `code` parameter, "" when missing.
        error: The `error` parameter, "" when the person allowed.
    """

    state: str
    code: str = ""
    error: str = ""


class Consent:
    """From a user's wish to connect to a connection with a grant."""

    def __init__(
        self, database: Database, *, google: GoogleSetup, cipher: TokenCipher, clock: Clock
    ) -> None:
        self._database = database
        self._google = google
        self._cipher = cipher
        self._clock = clock

    def begin(
        self,
        user: User,
        *,
        session_digest: str,
        login_hint: str = "",
        connection_id: ConnectionId | None = None,
    ) -> str:
        """Return the address of Google's consent page for a new attempt.

        Args:
            user: Who connects.
            session_digest: Names the browser session; the same must finish.
            login_hint: Google address to preselect, or "".
            connection_id: The connection to reconnect, None for a new account.

        Raises:
            ConfigError: No OAuth client is configured.
            NotFound: The connection is not the user's.
        """
        if not self._google.client.client_id:
            raise ConfigError(
                Message("no Google client is configured"),
                hint=Message("set `google.client_id` and its secret"),
            )
        state, verifier = (
            secrets.token_urlsafe(_STATE_BYTES),
            secrets.token_urlsafe(_VERIFIER_BYTES),
        )
        if connection_id is not None:
            self.connection(user.id, connection_id)
        now = self._clock.now()
        with self._database.write() as work:
            work.oauth_attempts.purge(now - ATTEMPT_LIFETIME)
            work.oauth_attempts.add(
                OAuthAttempt(
                    state_digest=state_digest(state),
                    company_id=user.company_id,
                    user_id=user.id,
                    session_digest=session_digest,
                    code_verifier=sealed(
                        self._cipher, verifier, user_id=user.id, column=TokenColumn.CODE_VERIFIER
                    ),
                    login_hint=login_hint,
                    connection_id=connection_id,
                    created_at=now,
                )
            )
        return authorization_request(
            self._google.addresses,
            self._google.client,
            redirect_uri=self._google.redirect_uri,
            state=state,
            code_verifier=verifier,
            login_hint=login_hint,
        )

    def finish(self, user: User, answer: Answer, *, session_digest: str) -> Connection:
        """Take up what Google sent back; the connection then waits for its options.

        The same Google account keeps its connection, its links and its options.

        Raises:
            SignInRefused: The state is missing, foreign, used or too old; Google is not asked.
            InvalidInput: The person denied, left out a needed permission, or chose another
                account than the one to reconnect.
            NotConnected: Google refused the code.
            SideUnavailable: Google did not answer; nothing was stored.
        """
        attempt = self._taken(user, answer.state, session_digest)
        if answer.error or not answer.code:
            raise InvalidInput(
                "Google gave no permission",
                field="consent",
                hint=Message("try again and choose Allow"),
            )
        grant = exchange_code(
            self._google.addresses,
            self._google.client,
            code=answer.code,
            redirect_uri=self._google.redirect_uri,
            code_verifier=opened(
                self._cipher,
                attempt.code_verifier,
                user_id=user.id,
                column=TokenColumn.CODE_VERIFIER,
            ),
        )
        _demand_scopes(grant)
        return self._stored(user, grant, reconnect=attempt.connection_id)

    def connection(self, user_id: UserId, connection_id: ConnectionId) -> Connection:
        """Return a connection of this user.

        Raises:
            NotFound: There is none of that id, or it is somebody else's.
        """
        with self._database.read() as work:
            connection = work.connections.get(connection_id, user_id=user_id)
        if connection is None:
            raise _no_connection()
        return connection

    def _taken(self, user: User, state: str, session_digest: str) -> OAuthAttempt:
        with self._database.write() as work:
            attempt = work.oauth_attempts.take(state_digest(state))
        now = self._clock.now()
        if (
            attempt is None
            or attempt.user_id != user.id
            or not hmac.compare_digest(attempt.session_digest, session_digest)
            or not now - ATTEMPT_LIFETIME <= attempt.created_at <= now
        ):
            raise SignInRefused(
                "this answer from Google belongs to no open attempt",
                hint=Message("open the Calendar sync page and connect again"),
            )
        return attempt

    def _stored(self, user: User, grant: Grant, *, reconnect: ConnectionId | None) -> Connection:
        now = self._clock.now()
        with self._database.write() as work:
            mine = work.connections.of_user(user.id)
            kept = _same_account(mine, grant, reconnect)
            connection = kept or work.connections.add(
                user,
                account_email=grant.email,
                google_subject=grant.subject,
                granted_scopes=grant.scopes,
                now=now,
            )
            connection = _granted(connection, grant)
            work.connections.save(connection)
            work.connections.set_refresh_token(
                connection.id,
                sealed(
                    self._cipher,
                    grant.refresh_token,
                    user_id=user.id,
                    column=TokenColumn.REFRESH_TOKEN,
                ),
                self._grant_end(grant, now),
            )
        return connection

    def _grant_end(self, grant: Grant, now: datetime) -> datetime | None:
        if grant.refresh_token_expires_at is None and self._google.testing:
            return now + TESTING_GRANT_LIFETIME
        return grant.refresh_token_expires_at


def state_digest(state: str) -> str:
    """Return the hash an attempt is kept under."""
    return sha256(state.encode()).hexdigest()


def _demand_scopes(grant: Grant) -> None:
    missing = missing_scopes(grant.scopes).fatal
    if missing:
        names = ", ".join(f"`{scope.rpartition('/')[2]}`" for scope in missing)
        raise InvalidInput(
            Message("Google did not give all permissions: %(names)s missing", names=names),
            field="consent",
            hint=Message("connect again and leave every box on Google's page ticked"),
        )


def _same_account(
    mine: Sequence[Connection], grant: Grant, reconnect: ConnectionId | None
) -> Connection | None:
    if reconnect is not None:
        wanted = next((one for one in mine if one.id == reconnect), None)
        if wanted is None:
            raise _no_connection()
        if wanted.google_subject != grant.subject:
            raise InvalidInput(
                Message(
                    "this is another Google account than `%(account)s`",
                    account=wanted.account_email,
                ),
                field="account",
                hint=Message(
                    "choose that account on Google's page, or `Add new account` for this one"
                ),
            )
        return wanted
    return next((one for one in mine if one.google_subject == grant.subject), None)


def _granted(connection: Connection, grant: Grant) -> Connection:
    reopened = (
        connection.moved_to(ConnectionState.NEW)
        if connection.state is ConnectionState.STOPPED
        else connection
    )
    return replace(
        reopened,
        account_email=grant.email or connection.account_email,
        google_subject=grant.subject,
        granted_scopes=grant.scopes,
    )


def _no_connection() -> NotFound:
    return NotFound("there is no such connection")
