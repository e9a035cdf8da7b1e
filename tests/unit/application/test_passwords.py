"""Page passwords are kept as argon2id and compared with equal work."""

from argon2 import PasswordHasher, extract_parameters

from bridge.application import passwords
from bridge.application.passwords import hash_password, verify_password


class WatchedHasher(PasswordHasher):
    """Notes how much work each comparison was."""

    def __init__(self):
        super().__init__()
        self.work = []

    def verify(self, hash, password):  # noqa: A002 - argon2's own name
        """Compare as always."""
        self.work.append(extract_parameters(hash))
        return super().verify(hash, password)


def test_the_right_password_is_accepted_and_a_wrong_one_is_not():
    """Only the password that was hashed is accepted."""
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "correct horse ")


def test_an_unknown_login_is_refused_whatever_the_password():
    """Nobody signs in as somebody who does not exist."""
    assert not verify_password(None, "nobody's password, compared for logins that do not exist")


def test_an_unknown_login_costs_what_a_known_one_costs(monkeypatch):
    """One hash of the same memory and passes: the time tells nobody who exists (S02)."""
    watched = WatchedHasher()
    stored = hash_password("correct horse")
    monkeypatch.setattr(passwords, "_HASHER", watched)
    verify_password(stored, "not it")
    verify_password(None, "not it")
    known, unknown = watched.work
    assert known == unknown


def test_an_overlong_password_is_refused_without_hashing():
    """A megabyte of password costs nothing (threat model 3.2)."""
    assert not verify_password(hash_password("x" * 2000), "x" * 2000)


def test_a_damaged_hash_refuses_instead_of_crashing():
    """A row damaged by another program does not let anybody in, and does not stop the page."""
    assert not verify_password("not a hash", "anything")
