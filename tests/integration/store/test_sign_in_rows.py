"""App passwords, REST tokens, browser sessions and consent trips on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge.domain.identifiers import ConnectionId
from bridge.domain.users import User
from bridge.store.app_passwords import SecretRepository
from bridge.store.database import Database
from bridge.store.oauth_attempts import OAuthAttempt
from bridge.store.schema import access
from bridge.store.unit_of_work import UnitOfWork

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["app_passwords", "api_tokens"])
def kind(request: pytest.FixtureRequest) -> Callable[[UnitOfWork], SecretRepository]:
    """Both kinds of secret in turn."""
    name: str = request.param
    return lambda work: getattr(work, name)


def test_secret_is_found_by_prefix_with_its_user(
    database: Database, user: User, kind: Callable[[UnitOfWork], SecretRepository], now: datetime
) -> None:
    """What the sign-in needs comes in one statement; nothing of it is the secret."""
    with database.write() as work:
        new_id = kind(work).add(user, "phone", "abcdefgh", "digest-1", now)
        kind(work).touch(new_id, now + MINUTE)
        (holder,) = kind(work).holders("abcdefgh")
        assert kind(work).holders("abcdefg") == []
        (found,) = kind(work).list(user.id)
    assert holder == (new_id, "digest-1", False, user, False)
    assert (found.id, found.user_id, found.login) == (new_id, user.id, "anna")
    assert (found.digest, found.label, found.revoked_at) == ("digest-1", "phone", None)
    assert (found.created_at, found.last_used_at) == (now, now + MINUTE)


def test_two_secrets_of_one_prefix_are_both_found(
    database: Database, user: User, make_user: Callable[..., User], now: datetime
) -> None:
    """The prefix only narrows the search; the digest decides."""
    with database.write() as work:
        work.app_passwords.add(user, "phone", "abcdefgh", "digest-1", now)
    boris = make_user("boris")
    with database.write() as work:
        work.app_passwords.add(boris, "phone", "abcdefgh", "digest-2", now)
        found = work.app_passwords.holders("abcdefgh")
    assert {each.user.login for each in found} == {"anna", "boris"}


def test_secret_is_revoked_by_its_owner_once_and_for_all(
    database: Database,
    user: User,
    make_user: Callable[..., User],
    kind: Callable[[UnitOfWork], SecretRepository],
    now: datetime,
) -> None:
    """Another user's secret is as absent; the first time of revoking stays."""
    boris = make_user("boris")
    with database.write() as work:
        secrets = kind(work)
        new_id = secrets.add(user, "phone", "abcdefgh", "digest", now)
        assert not secrets.revoke(new_id, boris.id, now)
        assert not secrets.holders("abcdefgh")[0].revoked
        assert secrets.revoke(new_id, user.id, now)
        assert secrets.revoke(new_id, None, now + MINUTE)
        assert secrets.holders("abcdefgh")[0].revoked
        assert secrets.list(user.id)[0].revoked_at == now
        assert not secrets.revoke(new_id + 1, None, now)


def test_user_who_is_not_active_has_neither_secrets_nor_sessions(
    database: Database, user: User, now: datetime
) -> None:
    """Switching a user off ends every way in; a sign-in by secret is told so."""
    with database.write() as work:
        work.app_passwords.add(user, "phone", "abcdefgh", "digest", now)
        work.sessions.add(user, "digest", csrf_token="csrf", now=now)
        work.connection.execute(sa.update(access.User).values(active=False))
        assert [found.user.active for found in work.app_passwords.holders("abcdefgh")] == [False]
        assert work.sessions.get("digest") is None


def test_session_lives_until_it_is_ended(database: Database, user: User, now: datetime) -> None:
    """Adding, seeing and ending a browser; ending twice is fine."""
    with database.write() as work:
        added = work.sessions.add(user, "digest", csrf_token="csrf", now=now)
        assert work.sessions.get("digest") == added
        work.sessions.touch("digest", now + MINUTE)
        seen = work.sessions.get("digest")
        assert seen is not None
        assert (seen.last_seen_at, seen.created_at) == (now + MINUTE, now)
        work.sessions.delete("digest")
        work.sessions.delete("digest")
        assert work.sessions.get("digest") is None


def test_other_sessions_of_the_user_end_but_not_those_of_others(
    database: Database, user: User, make_user: Callable[..., User], now: datetime
) -> None:
    """After a change of the password only the browser that changed it stays."""
    boris = make_user("boris")
    with database.write() as work:
        for digest, owner in (("a1", user), ("a2", user), ("b1", boris)):
            work.sessions.add(owner, digest, csrf_token="csrf", now=now)
        work.sessions.delete_for_user(user.id, but="a2")
        left = [digest for digest in ("a1", "a2", "b1") if work.sessions.get(digest)]
        work.sessions.delete_for_user(user.id)
        assert work.sessions.get("a2") is None
    assert left == ["a2", "b1"]


def test_idle_sessions_are_purged(database: Database, user: User, now: datetime) -> None:
    """Only what was not seen since then goes."""
    with database.write() as work:
        work.sessions.add(user, "old", csrf_token="csrf", now=now)
        work.sessions.add(user, "new", csrf_token="csrf", now=now + MINUTE)
        assert work.sessions.purge(now + MINUTE) == 1
        assert work.sessions.get("new") is not None


def _attempt(user: User, state: str, now: datetime) -> OAuthAttempt:
    return OAuthAttempt(
        state_digest=state,
        company_id=user.company_id,
        user_id=user.id,
        session_digest="session",
        code_verifier="verifier",
        login_hint="anna@gmail.example",
        connection_id=ConnectionId(7),
        created_at=now,
    )


def test_consent_trip_is_taken_once(database: Database, user: User, now: datetime) -> None:
    """A second use of the same `state` finds nothing."""
    attempt = _attempt(user, "state", now)
    with database.write() as work:
        work.oauth_attempts.add(attempt)
    with database.write() as work:
        assert work.oauth_attempts.take("state") == attempt
    with database.write() as work:
        assert work.oauth_attempts.take("state") is None


def test_consent_trip_is_taken_by_one_of_several_at_once(
    database: Database, user: User, now: datetime
) -> None:
    """A replay in the same instant loses."""
    with database.write() as work:
        work.oauth_attempts.add(_attempt(user, "state", now))

    def take(_number: int) -> bool:
        with database.write() as work:
            return work.oauth_attempts.take("state") is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(4))) == 1


def test_old_consent_trips_are_purged(database: Database, user: User, now: datetime) -> None:
    """Ten minutes later nobody comes back."""
    with database.write() as work:
        work.oauth_attempts.add(_attempt(user, "old", now))
        work.oauth_attempts.add(_attempt(user, "new", now + MINUTE))
        assert work.oauth_attempts.purge(now + MINUTE) == 1
        assert work.oauth_attempts.take("new") is not None
