"""The worker's sign-in token."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.worker_token import (
    LIFETIME,
    PURPOSE,
    Errand,
    derive_key,
    errand_of,
    verify_worker_password,
    worker_password,
)

KEY = derive_key(b"k" * 32, PURPOSE)
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def token(**changes):
    """Return a token of Anna for connection 7."""
    return worker_password(KEY, **({"login": "anna", "connection_id": 7, "now": NOW} | changes))


def verified(password, *, key=KEY, login="anna", now=NOW):
    """Return what verifying says."""
    return verify_worker_password(key, login=login, password=password, now=now)


def test_a_live_token_names_its_connection():
    """What the worker makes, the server accepts."""
    assert verified(token()) == 7


def test_the_form_is_the_documented_one():
    """Prefix, connection, expiry in 60 s, hex of 256 bits."""
    prefix, connection, expiry, signature = token().split(".")
    assert (prefix, connection) == ("crmdav-worker", "7")
    assert int(expiry) == int(NOW.timestamp()) + 60
    assert len(bytes.fromhex(signature)) == 32


def test_a_token_says_what_it_comes_for_and_that_is_signed():
    """Nobody makes one for a stopped sync of one for a running one."""
    undo = token(errand=Errand.UNDO)
    assert (verified(undo), errand_of(undo), errand_of(token())) == (7, Errand.UNDO, Errand.SYNC)
    assert verified(undo.replace("crmdav-undo", "crmdav-worker")) is None
    assert verified(token().replace("crmdav-worker", "crmdav-undo")) is None
    assert errand_of("crmdav-undo") is errand_of("secret") is errand_of("") is None


def test_a_token_ends_after_its_lifetime():
    """A second before the end it lives, at the end it is dead."""
    assert verified(token(), now=NOW + LIFETIME - timedelta(seconds=1)) == 7
    assert verified(token(), now=NOW + LIFETIME) is None


def test_a_token_is_for_one_login():
    """Nobody signs in as a colleague with it."""
    assert verified(token(), login="bert") is None
    assert verified(token(login="anna.x"), login="anna") is None


def test_a_token_of_another_key_is_refused():
    """Another installation's token means nothing here."""
    assert verified(token(), key=derive_key(b"x" * 32, PURPOSE)) is None


@pytest.mark.parametrize("index", range(4))
def test_no_part_can_be_exchanged(index):
    """Each part is signed."""
    parts = token().split(".")
    parts[index] = (
        worker_password(KEY, login="anna", connection_id=8, now=NOW + timedelta(seconds=5)).split(
            "."
        )[index]
        if index
        else "crmdav-other"
    )
    assert verified(".".join(parts)) is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "secret",
        "crmdav-worker",
        "crmdav-worker.7.1.",
        "crmdav-worker.x.1773140460.00",
        "crmdav-worker.-7.1773140460.00",
        "crmdav-worker.07.1773140460.00",
        "crmdav-worker.٧.1773140460.00",
        "crmdav-worker.7.1773140460.\ud800",
        "crmdav-worker." + "9" * 5000 + ".1.00",
    ],
)
def test_anything_else_is_refused_without_a_sound(password):
    """The field may hold whatever a stranger types."""
    assert verified(password) is None


def test_keys_of_different_purposes_are_unrelated():
    """One secret serves many uses; knowing one key tells nothing of another."""
    assert derive_key(b"k" * 32, "a") != derive_key(b"k" * 32, "b")
    assert len(derive_key(b"k" * 32, "a")) == 32
