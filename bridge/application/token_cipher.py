"""Encrypt Google's tokens so that a ciphertext is of use only in the place it was made for.

AES-256-GCM. The associated data names user, provider and column: a ciphertext copied to another
row does not decrypt (threats S10). Each ciphertext names its key.
"""

from __future__ import annotations

import base64
import binascii
import os
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.domain.identifiers import UserId
from bridge.errors import NotConnected

_VERSION = "v1"
_NONCE_BYTES = 12


class TokenColumn(StrEnum):
    """Where a ciphertext is kept."""

    REFRESH_TOKEN = "connections.refresh_token"  # noqa: S105 - the name of a column
    CODE_VERIFIER = "oauth_attempts.code_verifier"


class TokenCipher:
    """Encrypts and decrypts short secrets under one key."""

    def __init__(self, key: bytes) -> None:
        """Take a key of 32 bytes."""
        self._cipher = AESGCM(key)
        self._key_id = sha256(b"key id" + key).hexdigest()[:8]

    def encrypt(self, text: str, *, user_id: UserId, column: TokenColumn) -> str:
        """Return `v1.<key id>.<base64url of nonce and ciphertext>`."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), self._place(user_id, column))
        return f"{_VERSION}.{self._key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, *, user_id: UserId, column: TokenColumn) -> str:
        """Return the text.

        Raises:
            NotConnected: It was made with another key or for another place, or is damaged.
        """
        version, _, rest = stored.partition(".")
        key_id, _, encoded = rest.partition(".")
        if version != _VERSION or key_id != self._key_id:
            raise self._unreadable()
        try:
            raw = base64.urlsafe_b64decode(encoded)
            text = self._cipher.decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._place(user_id, column)
            )
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise self._unreadable() from error
        return text.decode()

    def _place(self, user_id: UserId, column: TokenColumn) -> bytes:
        return f"{self._key_id}|user {user_id}|google|{column.value}".encode()

    def _unreadable(self) -> NotConnected:
        return NotConnected(
            "the saved permission cannot be read with the present key file",
            hint="put the right key file back, or open the settings page and choose Reconnect",
        )
