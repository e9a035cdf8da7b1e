"""How use cases reach Google on behalf of one connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.connection import Connection
from bridge.domain.identifiers import UserId
from bridge.domain.message import Message
from bridge.errors import NotConnected
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.google_calendar.session import GoogleSession
from bridge.store.cipher import TokenCipher
from bridge.store.database import Database

_PROVIDER = "google"


class TokenColumn(StrEnum):
    """Where a ciphertext is kept; it can be read for no other place."""

    REFRESH_TOKEN = "connections.refresh_token"  # noqa: S105 - the name of a column
    CODE_VERIFIER = "oauth_attempts.code_verifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSetup:
    """What the administrator configured about Google.

    Attributes:
        addresses: Where Google is.
        client: As whom we come.
        redirect_uri: The one address Google sends people back to; never built from a request.
        testing: The consent screen is in testing mode, where grants end after 7 days.
    """

    addresses: GoogleAddresses
    client: GoogleClient
    redirect_uri: str
    testing: bool = False


def sealed(cipher: TokenCipher, text: str, *, user_id: UserId, column: TokenColumn) -> str:
    """Return the ciphertext of a secret Google gave us for this user."""
    return cipher.encrypt(text, user_id=user_id, provider=_PROVIDER, column=column.value)


def opened(cipher: TokenCipher, stored: str, *, user_id: UserId, column: TokenColumn) -> str:
    """Return the secret.

    Raises:
        NotConnected: It cannot be read with our key, or belongs to another place.
    """
    return cipher.decrypt(stored, user_id=user_id, provider=_PROVIDER, column=column.value)


def stored_access(
    database: Database, connection: Connection, *, google: GoogleSetup, cipher: TokenCipher
) -> GoogleAccess:
    """Return the access a connection's stored grant gives; nothing is sent.

    Raises:
        NotConnected: There is no grant, or it cannot be read with our key.
    """
    with database.read() as work:
        stored = work.connections.refresh_token(connection.id)
    if stored is None:
        raise NotConnected(
            Message(
                "there is no permission from Google for `%(account)s`",
                account=connection.account_email,
            ),
            hint=Message("open the settings page and choose Reconnect"),
        )
    token = opened(
        cipher, stored.ciphertext, user_id=connection.user_id, column=TokenColumn.REFRESH_TOKEN
    )
    return GoogleAccess(addresses=google.addresses, client=google.client, refresh_token=token)


@contextmanager
def google_session(access: GoogleAccess, *, guard: Callable[[], None]) -> Iterator[GoogleSession]:
    """Open a session and close it again.

    Args:
        access: Whose permission we bring.
        guard: Called before each request; raises if none may be made now.
    """
    session = GoogleSession(access, guard=guard)
    try:
        yield session
    finally:
        session.close()
