"""Stored Google tokens open only where they belong (bad input S10 of the threat model)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from bridge.domain.identifiers import UserId
from bridge.errors import ConfigError, NotConnected
from bridge.store.cipher import TokenCipher

TOKEN = "1//refresh-token-of-anna"
ANNA: dict[str, Any] = {"user_id": UserId(1), "provider": "google", "column": "refresh_token"}


@pytest.fixture
def cipher() -> TokenCipher:
    """A cipher with a fixed key."""
    return TokenCipher(bytes(range(32)))


def test_token_opens_for_its_own_row(cipher: TokenCipher) -> None:
    """What was encrypted comes back, and the ciphertext shows none of it."""
    sealed = cipher.encrypt(TOKEN, **ANNA)
    assert cipher.decrypt(sealed, **ANNA) == TOKEN
    assert TOKEN not in sealed
    assert f".{cipher.key_id}." in sealed


@pytest.mark.parametrize(
    "other", [{"user_id": UserId(2)}, {"provider": "other"}, {"column": "access_token"}]
)
def test_token_copied_to_another_row_asks_to_reconnect(
    cipher: TokenCipher, other: dict[str, Any]
) -> None:
    """Another user, provider or column does not open it."""
    sealed = cipher.encrypt(TOKEN, **ANNA)
    with pytest.raises(NotConnected) as refusal:
        cipher.decrypt(sealed, **{**ANNA, **other})
    assert "Reconnect" in (refusal.value.hint or "")


def test_token_of_another_key_asks_to_reconnect(cipher: TokenCipher) -> None:
    """The key file was replaced; the text says so."""
    sealed = TokenCipher(b"k" * 32).encrypt(TOKEN, **ANNA)
    with pytest.raises(NotConnected, match="another key"):
        cipher.decrypt(sealed, **ANNA)


def test_changed_or_cut_ciphertext_asks_to_reconnect(cipher: TokenCipher) -> None:
    """No byte can be flipped and no part left out."""
    head, _, body = cipher.encrypt(TOKEN, **ANNA).rpartition(".")
    raw = bytearray(urlsafe_b64decode(body))
    for position in (0, 12, len(raw) - 1):
        flipped = bytearray(raw)
        flipped[position] ^= 1
        with pytest.raises(NotConnected):
            cipher.decrypt(f"{head}.{urlsafe_b64encode(bytes(flipped)).decode()}", **ANNA)
    for broken in ("", "v1", head, f"{head}.", f"{head}.{body[:8]}", f"{head}.x", "v2.a.b"):
        with pytest.raises(NotConnected):
            cipher.decrypt(broken, **ANNA)


def test_same_token_gives_different_ciphertexts(cipher: TokenCipher) -> None:
    """Nobody sees from a dump that two rows hold the same token."""
    assert cipher.encrypt(TOKEN, **ANNA) != cipher.encrypt(TOKEN, **ANNA)


def test_key_of_wrong_length_is_refused() -> None:
    """A password is no key."""
    with pytest.raises(ConfigError):
        TokenCipher(b"short")
