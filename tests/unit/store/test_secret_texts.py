"""The texts of app passwords and what is stored of them."""

from __future__ import annotations

import re

from bridge.store.secrets import digest, new_app_password, random_id


def test_app_password_has_160_bits_and_a_prefix_to_find_it_by() -> None:
    """32 characters that are easy to type, all different from each other."""
    made = [new_app_password() for _ in range(50)]
    assert all(re.fullmatch("[a-z2-7]{32}", secret) for secret, _ in made)
    assert all(secret[:8] == prefix for secret, prefix in made)
    assert len({secret for secret, _ in made}) == 50


def test_digest_depends_on_key_and_secret_and_tells_neither() -> None:
    """HMAC-SHA-256: without the server's key a dump is useless."""
    known = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    assert digest(b"key", "The quick brown fox jumps over the lazy dog") == known
    assert digest(b"other", "The quick brown fox jumps over the lazy dog") != known
    assert digest(b"key", "the quick brown fox jumps over the lazy dog") != known


def test_any_text_of_a_client_has_a_digest() -> None:
    """A lone surrogate in a password is refused by not matching, not by a crash."""
    assert len(digest(b"key", "\udc80 \x00 ž")) == 64


def test_random_ids_are_hex_and_differ() -> None:
    """They stand in ETags and UIDs, so only letters and digits."""
    assert re.fullmatch("[0-9a-f]{32}", random_id())
    assert random_id() != random_id()
