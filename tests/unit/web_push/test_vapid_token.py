"""The token that tells a push service who we are."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bridge.domain.web_push import decode_base64url
from bridge.web_push.vapid import VapidIdentity

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def read(header):
    """Check the signature and return claims and public key."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    fields = dict(part.split("=", 1) for part in rest.split(", "))
    head, claims, signature = fields["t"].split(".")
    raw = decode_base64url(signature)
    assert len(raw) == 64
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decode_base64url(fields["k"]))
    both = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(encode_dss_signature(*both), f"{head}.{claims}".encode(), ECDSA(SHA256()))
    assert json.loads(decode_base64url(head)) == {"typ": "JWT", "alg": "ES256"}
    return json.loads(decode_base64url(claims)), fields["k"]


def test_the_token_names_the_push_service_and_whom_to_ask():
    """Audience is the origin, the end within a day, the subject our contact (RFC 8292)."""
    identity = VapidIdentity(b"s" * 64, contact="mailto:admin@example.com")
    claims, key = read(identity.authorization("https://push.example.net", now=NOW))
    assert claims["aud"] == "https://push.example.net"
    assert claims["sub"] == "mailto:admin@example.com"
    assert NOW < datetime.fromtimestamp(claims["exp"], UTC) <= NOW + timedelta(hours=24)
    assert key == identity.public_key


def test_the_same_seed_gives_the_same_key_and_another_one_another():
    """Clients keep the public key, so it must outlive restarts and never be stored."""
    keys = [VapidIdentity(seed * 64, contact="").public_key for seed in (b"a", b"a", b"b")]
    assert keys[0] == keys[1] != keys[2]


def test_without_a_contact_the_token_has_no_subject():
    """An empty subject would be refused by some push services; none at all is allowed."""
    claims, _ = read(VapidIdentity(b"s" * 64, contact="").authorization("https://a", now=NOW))
    assert "sub" not in claims


def test_a_seed_that_would_bias_the_key_is_refused():
    """FIPS 186-5 asks for 64 bits more than the order has."""
    with pytest.raises(ValueError, match="seed"):
        VapidIdentity(b"s" * 32, contact="")
