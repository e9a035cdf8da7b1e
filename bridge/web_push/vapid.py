"""Who we are to a push service: a token signed with this installation's key (RFC 8292)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bridge.domain.web_push import encode_base64url
from bridge.web_push.encryption import uncompressed

LIFETIME = timedelta(hours=12)
"""How long a token is good for; RFC 8292 section 2 allows 24 hours."""

# Order of the base point (FIPS 186-5, SP 800-186 section 3.2.1.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_FEWEST_SEED_BYTES = 40  # FIPS 186-5 appendix A.2.1: 64 bits above the order's


class VapidIdentity:
    """An installation's key pair, made from its key file and so never stored."""

    def __init__(self, seed: bytes, *, contact: str) -> None:
        """Make the pair.

        Args:
            seed: At least 40 secret bytes, of this purpose only; the same seed gives the same pair.
            contact: `mailto:` or `https:` address of whoever runs this server, or "".

        Raises:
            ValueError: The seed is too short.
        """
        if len(seed) < _FEWEST_SEED_BYTES:
            raise ValueError("the seed is too short")
        number = int.from_bytes(seed, "big") % (_ORDER - 1) + 1
        self._key = derive_private_key(number, SECP256R1())
        self._contact = contact
        self.public_key = encode_base64url(uncompressed(self._key.public_key()))

    def authorization(self, origin: str, *, now: datetime) -> str:
        """Return the `Authorization` header of a request.

        Args:
            origin: Of the push service.
            now: Aware.
        """
        claims: dict[str, object] = {"aud": origin, "exp": int((now + LIFETIME).timestamp())}
        if self._contact:
            claims["sub"] = self._contact
        signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
        first, second = decode_dss_signature(self._key.sign(signed.encode(), ECDSA(SHA256())))
        signature = first.to_bytes(32, "big") + second.to_bytes(32, "big")
        return f"vapid t={signed}.{encode_base64url(signature)}, k={self.public_key}"


def _part(value: dict[str, object] | dict[str, str]) -> str:
    return encode_base64url(json.dumps(value, separators=(",", ":")).encode())
