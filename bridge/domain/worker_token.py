"""The token with which the worker signs in to our own CalDAV server (design decision 1).

The worker is an ordinary CalDAV client and signs in as the user it works for. In the password field
it sends a token made anew for every request:

    crmdav-worker.<connection>.<expiry>.<signature>

With another first word it comes for a person who takes something back while nothing syncs.
`expiry` is in seconds since 1970-01-01 UTC, `signature` is HMAC-SHA-256 in lower-case hex over
login, connection and expiry. Nothing is stored; what the server also demands of such a sign-in (the
connection lives, the socket's address is trusted) is the server's own business.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridge.domain.identifiers import ConnectionId

PURPOSE = "worker sign-in"
"""What `derive_key` is told for the key of these tokens."""

LIFETIME = timedelta(seconds=60)
"""How long a token is good for; only clock differences and slow requests need it."""

_LONGEST = 160  # first word, two numbers of at most 20 digits, 64 hex digits, dots


class Errand(StrEnum):
    """What the worker comes for; the first word of its token, and signed with it."""

    SYNC = "crmdav-worker"
    UNDO = "crmdav-undo"  # for a person, in the calendar alone, also while the sync is stopped


def derive_key(secret: bytes, purpose: str) -> bytes:
    """Return a 32 byte key for one purpose from the installation's secret (RFC 5869, SHA-256).

    Args:
        secret: The bytes of the key file; at least 16.
        purpose: Names the use; different purposes give unrelated keys.
    """
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


def errand_of(password: str) -> Errand | None:
    """Return what a token says to come for, None for what is no token; it may be forged."""
    word, dot, _ = password.partition(".")
    return next((errand for errand in Errand if dot and word == errand.value), None)


def worker_password(
    key: bytes, *, login: str, connection_id: int, now: datetime, errand: Errand = Errand.SYNC
) -> str:
    """Return the token to send as password, good for `LIFETIME` from `now`.

    Args:
        key: From `derive_key(secret, PURPOSE)`.
        login: Login of the user the worker works for.
        connection_id: The connection it works on.
        now: Aware.
        errand: What it comes for.
    """
    expiry = int((now + LIFETIME).timestamp())
    said = f"{errand.value}.{connection_id}.{expiry}"
    return f"{said}.{_signature(key, login, said)}"


def verify_worker_password(
    key: bytes, *, login: str, password: str, now: datetime
) -> ConnectionId | None:
    """Return the connection a token was made for, None for anything else than a live token.

    The signature is compared in constant time.

    Args:
        key: From `derive_key(secret, PURPOSE)`.
        login: Login the request names.
        password: What stands in the password field, of any origin.
        now: Aware.
    """
    parts = password.split(".") if len(password) <= _LONGEST and password.isascii() else []
    if len(parts) != 4 or errand_of(password) is None:  # noqa: PLR2004 - the four parts named above
        return None
    if not (_is_number(parts[1]) and _is_number(parts[2])):
        return None
    connection_id, expiry = int(parts[1]), int(parts[2])
    expected = _signature(key, login, ".".join(parts[:3]))
    genuine = hmac.compare_digest(expected.encode(), parts[3].encode())
    return ConnectionId(connection_id) if genuine and now.timestamp() < expiry else None


def _signature(key: bytes, login: str, said: str) -> str:
    # The login goes last: it is the only part that could hold more dots.
    return hmac.new(key, f"{said}.{login}".encode(), sha256).hexdigest()


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 19 and text.isdigit() and (text == "0" or text[0] != "0")  # noqa: PLR2004 - fits 63 bits
