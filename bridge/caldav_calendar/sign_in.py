"""What we sign in with at a CalDAV server, asked anew for every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bridge.domain.identifiers import ConnectionId, Fencing, Login
from bridge.domain.worker_token import Errand, worker_password


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicCredentials:
    """User name and password of one request (RFC 7617).

    Attributes:
        fencing: Of the lease under which it is made; None where the server does not ask for it.
    """

    login: str
    password: str = field(repr=False)
    fencing: Fencing | None = None


SignIn = Callable[[], BasicCredentials]


def worker_sign_in(  # noqa: PLR0913  # who, for what, and by which clock, each by its name
    key: bytes,
    *,
    login: Login,
    connection_id: ConnectionId,
    now: Callable[[], datetime],
    fencing: Fencing | None = None,
    errand: Errand = Errand.SYNC,
) -> SignIn:
    """Return the worker's sign-in to our own server: a new token for every request.

    Args:
        key: From `derive_key(secret, PURPOSE)` of `bridge.domain.worker_token`.
        login: Login of the user the worker works for.
        connection_id: The connection it works on.
        now: Tells the time, aware.
        fencing: Of the lease of the run; None for one that only looks.
        errand: What the worker comes for.
    """

    def credentials() -> BasicCredentials:
        """Sign in anew: a token holds for a short time only."""
        token = worker_password(
            key, login=login, connection_id=connection_id, now=now(), errand=errand
        )
        return BasicCredentials(login=login, password=token, fencing=fencing)

    return credentials


def password_sign_in(login: str, password: str) -> SignIn:
    """Return the sign-in to another CalDAV server, with the same password every time."""
    credentials = BasicCredentials(login=login, password=password)
    return lambda: credentials
