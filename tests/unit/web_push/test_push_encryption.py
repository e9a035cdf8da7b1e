"""Encryption of push messages, held against the worked example of the standard."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from bridge.domain.web_push import PushTarget, decode_base64url, encode_base64url
from bridge.errors import InvalidInput
from bridge.web_push.encryption import LONGEST_PLAINTEXT, MessageKeys, encrypted, fresh_keys

PUBLIC_KEY = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH_SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def target(**values):
    """Return the receiver of the standard's example."""
    told = {
        "address": "https://push.example.net/abc",
        "public_key": decode_base64url(PUBLIC_KEY),
        "auth_secret": decode_base64url(AUTH_SECRET),
        **values,
    }
    return PushTarget(**told)


def test_the_example_of_the_standard_gives_its_body():
    """RFC 8291 section 5 and appendix A, byte for byte."""
    number = int.from_bytes(decode_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    keys = MessageKeys(
        private_key=derive_private_key(number, SECP256R1()),
        salt=decode_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    body = encrypted(b"When I grow up, I want to be a watermelon", target(), keys)
    assert encode_base64url(body) == BODY


def test_no_two_messages_share_salt_or_key():
    """The same text is encrypted to something else each time, and starts with another salt."""
    bodies = [encrypted(b"x", target(), fresh_keys()) for _ in range(3)]
    assert len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 3


def test_a_message_that_fits_no_push_service_is_refused():
    """RFC 8291 section 4: the longest text makes a body of 4,096 bytes, one byte more none."""
    assert len(encrypted(b"x" * LONGEST_PLAINTEXT, target(), fresh_keys())) == 4096
    with pytest.raises(ValueError, match="too long"):
        encrypted(b"x" * (LONGEST_PLAINTEXT + 1), target(), fresh_keys())


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_key": b"\x04" + b"\x01" * 64},
        {"public_key": b""},
        {"public_key": b"\x02" + decode_base64url(PUBLIC_KEY)[1:33]},
        {"auth_secret": b"short"},
    ],
)
def test_keys_nobody_can_encrypt_for_are_refused(wrong):
    """A point off the curve, a compressed key and a secret of another length make no target."""
    with pytest.raises(InvalidInput):
        target(**wrong)


def test_a_target_tells_neither_address_nor_secret_by_repr():
    """Both let anybody send messages, so no log may show them."""
    assert "push.example.net" not in repr(target())
    assert "auth_secret" not in repr(target())
