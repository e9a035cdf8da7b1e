"""Message encryption for Web Push (RFC 8291) in one record of `aes128gcm` (RFC 8188).

Written over `cryptography`, which is here anyway: the libraries for it bring HTTP clients of their
own, or the two older encodings that nobody asks for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.domain.web_push import PushTarget

LONGEST_PLAINTEXT = 3_993
"""RFC 8291 section 4: a push service may refuse bodies of more than 4,096 bytes."""

_RECORD_SIZE = 4_096
_SALT_BYTES = 16
_LAST_RECORD = b"\x02"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKeys:
    """What is made anew for each message.

    Attributes:
        private_key: Of P-256, for this message only.
        salt: 16 bytes.
    """

    private_key: EllipticCurvePrivateKey = field(repr=False)
    salt: bytes


def fresh_keys() -> MessageKeys:
    """Return random keys for one message."""
    return MessageKeys(private_key=generate_private_key(SECP256R1()), salt=os.urandom(_SALT_BYTES))


def encrypted(plaintext: bytes, target: PushTarget, keys: MessageKeys) -> bytes:
    """Return the body of a push message that only the target can read.

    Args:
        plaintext: At most `LONGEST_PLAINTEXT` bytes.
        target: Whom it is for.
        keys: Used for no other message.

    Raises:
        ValueError: The plaintext is too long.
    """
    if len(plaintext) > LONGEST_PLAINTEXT:
        raise ValueError("the message is too long for one record")
    ours = uncompressed(keys.private_key.public_key())
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), target.public_key)
    shared = keys.private_key.exchange(ECDH(), theirs)
    info = b"WebPush: info\0" + target.public_key + ours
    secret = _hkdf(shared, salt=target.auth_secret, info=info, length=32)
    key = _hkdf(secret, salt=keys.salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _hkdf(secret, salt=keys.salt, info=b"Content-Encoding: nonce\0", length=12)
    header = keys.salt + _RECORD_SIZE.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, plaintext + _LAST_RECORD, None)


def uncompressed(key: EllipticCurvePublicKey) -> bytes:
    """Return a public key as 65 bytes (SEC 1 section 2.3.3)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _hkdf(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
