"""Sign in to the pages: password check, throttling, browser sessions (threat model 3.2 and 3.7).

A session's cookie holds 256 random bits; only their hash is stored. A new session is begun at each
sign-in, so an id from before is of no use (S16), and ends after twelve hours without a request.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from bridge.application.passwords import verify_password
from bridge.domain.message import Message
from bridge.domain.throttle import Throttle
from bridge.domain.users import User
from bridge.errors import SignInRefused, SignInThrottled
from bridge.store.database import Database
from bridge.sync.ports import Clock

IDLE_LIMIT = timedelta(hours=12)
_TOUCH_EVERY = timedelta(minutes=5)  # a page view does not have to be a write
_TOKEN_BYTES = 32
_REFUSED = Message("Login or password is wrong.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A browser that is signed in.

    Attributes:
        csrf_token: What the session's forms must carry.
    """

    user: User
    csrf_token: str


class SignIn:
    """Who is it; safe for threads."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._throttle = Throttle()

    def enter(self, *, login: str, password: str, address: str) -> str:
        """Return the token of a new session.

        Args:
            login: As typed; case does not matter.
            password: As typed.
            address: Where the request came from.

        Raises:
            SignInThrottled: Too many failures; the password was not looked at.
            SignInRefused: Unknown login, wrong password or inactive user; the text is the same.
        """
        wait = self._throttle.wait_seconds(address, login, now=time.monotonic())
        if wait > 0:
            raise SignInThrottled(
                Message(
                    "Too many wrong passwords. Try again in %(seconds)s seconds.",
                    seconds=f"{wait:.0f}",
                ),
                retry_after=wait,
            )
        user = self._checked(login.strip().lower(), password)
        if user is None:
            self._throttle.failed(address, login, now=time.monotonic())
            raise SignInRefused(_REFUSED)
        self._throttle.succeeded(address, login)
        return self.begin_session(user)

    def begin_session(self, user: User) -> str:
        """Return the token of a new session of a user who has proved who it is."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock.now()
        csrf_token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._database.write() as work:
            work.sessions.purge(now - IDLE_LIMIT)
            work.sessions.add(user, session_digest(token), csrf_token=csrf_token, now=now)
        return token

    def session_of(self, token: str) -> SignedIn | None:
        """Return who carries this cookie value, None when it is unknown or idle for too long."""
        digest, now = session_digest(token), self._clock.now()
        with self._database.read() as work:
            session = work.sessions.get(digest)
            user = work.users.get(session.user_id) if session else None
        if session is None or user is None or session.last_seen_at < now - IDLE_LIMIT:
            return None
        if session.last_seen_at < now - _TOUCH_EVERY:
            with self._database.write() as work:
                work.sessions.touch(digest, now)
        return SignedIn(user=user, csrf_token=session.csrf_token)

    def leave(self, token: str) -> None:
        """End the session; one that is gone already is fine."""
        with self._database.write() as work:
            work.sessions.delete(session_digest(token))

    def _checked(self, login: str, password: str) -> User | None:
        with self._database.read() as work:
            user = work.users.by_login(login)
            stored = work.users.password_of(user.id) if user else None
        right = verify_password(stored.hash if stored else None, password)
        return user if user is not None and right and user.active else None


def session_digest(token: str) -> str:
    """Return the hash a session is kept under."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
