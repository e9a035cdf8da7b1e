"""Google tokens at rest: AES-256-GCM, bound to the row they belong to (threat model 3.1).

A ciphertext reads `v1.<key id>.<base64url of nonce, ciphertext and tag>`. The associated data are
user, provider and column: copied to another user's row, or to another column, it does not decrypt.
The key is outside the database, so a dump holds no usable token.
"""

from __future__ import annotations

import binascii
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.domain.identifiers import UserId
from bridge.domain.message import Message
from bridge.errors import ConfigError, NotConnected

_VERSION = "v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D section 8.2: 96 bits, random for each message


class TokenCipher:
    """Encrypts and decrypts with one key."""

    def __init__(self, key: bytes) -> None:
        """Take the key.

        Args:
            key: 32 bytes, derived for this purpose only.

        Raises:
            ConfigError: It has another length.
        """
        if len(key) != _KEY_BYTES:
            raise ConfigError("the key for stored tokens must have 32 bytes")
        self._aead = AESGCM(key)
        self._key_id = sha256(b"crmdav token key " + key).hexdigest()[:12]

    @property
    def key_id(self) -> str:
        """Tells the key from others without telling the key; stands in each ciphertext."""
        return self._key_id

    def encrypt(self, plaintext: str, *, user_id: UserId, provider: str, column: str) -> str:
        """Return the ciphertext of a token for one column of one user; differs each time."""
        nonce = os.urandom(_NONCE_BYTES)
        bound = _associated_data(user_id, provider, column)
        sealed = self._aead.encrypt(nonce, plaintext.encode(), bound)
        return f"{_VERSION}.{self._key_id}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, ciphertext: str, *, user_id: UserId, provider: str, column: str) -> str:
        """Return the token.

        Raises:
            NotConnected: It was made with another key, for another row, or was changed; the user
                has to reconnect.
        """
        version, _, rest = ciphertext.partition(".")
        key_id, _, body = rest.partition(".")
        if version != _VERSION or key_id != self._key_id:
            raise _unreadable(Message("it was saved with another key"))
        try:
            sealed = urlsafe_b64decode(body)
            bound = _associated_data(user_id, provider, column)
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise _unreadable(Message("it does not belong to this user, or was changed")) from error


def _associated_data(user_id: UserId, provider: str, column: str) -> bytes:
    return json.dumps([int(user_id), provider, column]).encode()


def _unreadable(why: str) -> NotConnected:
    return NotConnected(
        Message("the saved Google permission cannot be read: %(why)s", why=why),
        hint=Message("open the settings page and choose Reconnect"),
    )
