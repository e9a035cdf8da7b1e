"""Random secrets and how they are kept: the text is shown once, the database has a keyed digest.

App passwords and REST tokens are random, so a fast keyed hash is enough (threat model 3.2); a
digest without the server's key is of no use to anybody.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from hashlib import sha256

PREFIX_LENGTH = 8
"""How many leading characters of a secret are stored in clear to find its row."""

_SECRET_BYTES = 20  # 160 bits are 32 characters of base32; 120 bits remain behind the prefix


def new_app_password() -> tuple[str, str]:
    """Return a new secret, 32 characters of a-z and 2-7, and its prefix to find it by."""
    secret = b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()
    return secret, secret[:PREFIX_LENGTH]


def digest(key: bytes, secret: str) -> str:
    """Return what is stored of a secret: HMAC-SHA-256 under the server's key, lower-case hex."""
    return hmac.new(key, secret.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def random_id() -> str:
    """Return 128 random bits as 32 lower-case hex digits."""
    return secrets.token_hex(16)
