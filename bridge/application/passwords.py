"""Page passwords: argon2id, a bounded number at a time, and equal work for unknown logins.

Parameters are OWASP's minimum for argon2id (19 MiB, two passes, one lane). App passwords and
tokens are random and need no slow hash; they are not checked here.
"""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_A_TIME = threading.BoundedSemaphore(4)  # a flood of sign-ins cannot eat all memory
LONGEST_PASSWORD_BYTES = 1024
"""Longer ones are refused without hashing (threat model 3.2)."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, salted anew each time."""
    with _AT_A_TIME:
        return _HASHER.hash(password)


_NOBODY = hash_password("nobody's password, compared for logins that do not exist")


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether the password is the stored one.

    Args:
        stored: Hash, or None for an unknown login: the same work is done, the answer is False.
        password: As typed; longer than 1 KiB is refused without hashing.
    """
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD_BYTES:
        return False
    with _AT_A_TIME:
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None
