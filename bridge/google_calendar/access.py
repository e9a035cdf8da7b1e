"""Access tokens for the API, made anew from the refresh token whenever they run out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from google.auth.credentials import Credentials

from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.google_calendar.oauth import AccessToken, refresh_access_token
from bridge.google_calendar.transport import TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAccess:
    """Where Google is, as whom we come, and whose permission we bring.

    Attributes:
        refresh_token: Never shown by `repr`.
        access_token: One that may still be good, saves a request; None makes a new one.
    """

    addresses: GoogleAddresses
    client: GoogleClient
    refresh_token: str = field(repr=False)
    access_token: AccessToken | None = None


class RefreshingCredentials(Credentials):
    """Credentials that refresh through our own token request.

    google-auth's own class repeats failed refreshes with hidden waits and speaks through whatever
    transport it is handed; ours asks once, with our time-outs, and raises errors of ours.
    """

    def __init__(self, access: GoogleAccess, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        self._access = access
        self._timeout_seconds = timeout_seconds
        if access.access_token is not None:
            self._adopt(access.access_token)

    @property
    def access_token(self) -> AccessToken | None:
        """The token in use, for keeping; None before the first request."""
        if self.token is None or self.expiry is None:
            return None
        return AccessToken(token=self.token, expires_at=self.expiry.replace(tzinfo=UTC))

    def refresh(self, request: Any) -> None:
        """Fetch a new access token.

        Raises:
            NotConnected: The grant is dead.
            SideUnavailable: The token address gave no whole answer.
        """
        self._adopt(
            refresh_access_token(
                self._access.addresses,
                self._access.client,
                self._access.refresh_token,
                timeout_seconds=self._timeout_seconds,
            )
        )

    def _adopt(self, access_token: AccessToken) -> None:
        self.token = access_token.token
        # google-auth compares with a naive clock in UTC.
        self.expiry = access_token.expires_at.astimezone(UTC).replace(tzinfo=None)
