"""What users do with their own account: another page password, and signing out elsewhere.

Whoever finds a browser that is signed in does not get the account for good: a new password asks for
the present one, and failures are slowed down as at the sign-in page. App passwords of calendar
programs stay; each is revoked on its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bridge.application.passwords import LONGEST_PASSWORD_BYTES, hash_password, verify_password
from bridge.application.sign_in import session_digest
from bridge.domain.message import Message
from bridge.domain.throttle import Throttle
from bridge.domain.users import User
from bridge.errors import InvalidInput, SignInThrottled
from bridge.store.database import Database

SHORTEST_PASSWORD = 8  # NIST SP 800-63B section 5.1.1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A wish for another password; nothing of it is shown by `repr`."""

    present: str = field(repr=False)
    wanted: str = field(repr=False)
    repeated: str = field(repr=False)


class OwnAccount:
    """The account of the user who asks; safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._throttle = Throttle()

    def change_password(
        self, user: User, new: NewPassword, *, session_token: str, address: str
    ) -> None:
        """Change the page password, and sign all other browsers of the user out.

        Args:
            user: Who asks.
            new: The present password and the wanted one.
            session_token: Of the browser that stays signed in.
            address: Where the request came from.

        Raises:
            SignInThrottled: Too many wrong passwords; the present one was not looked at.
            InvalidInput: The present password is wrong, or the wanted one is refused.
        """
        self._demand_present(user, new.present, address)
        _demand_good(user, new)
        password_hash = hash_password(new.wanted)
        with self._database.write() as work:
            work.users.set_password(user.id, password_hash)
            work.sessions.delete_for_user(user.id, but=session_digest(session_token))

    def sign_out_elsewhere(self, user: User, *, session_token: str) -> None:
        """Sign the user's browsers out, but for the one that asks."""
        with self._database.write() as work:
            work.sessions.delete_for_user(user.id, but=session_digest(session_token))

    def _demand_present(self, user: User, password: str, address: str) -> None:
        wait = self._throttle.wait_seconds(address, user.login, now=time.monotonic())
        if wait > 0:
            raise SignInThrottled(
                Message(
                    "Too many wrong passwords. Try again in %(seconds)s seconds.",
                    seconds=f"{wait:.0f}",
                ),
                retry_after=wait,
            )
        with self._database.read() as work:
            stored = work.users.password_of(user.id).hash
        if not verify_password(stored, password):
            self._throttle.failed(address, user.login, now=time.monotonic())
            raise InvalidInput("the present password is wrong", field="present")
        self._throttle.succeeded(address, user.login)


def _demand_good(user: User, new: NewPassword) -> None:
    size = len(new.wanted.encode("utf-8", "surrogatepass"))
    if len(new.wanted) < SHORTEST_PASSWORD or size > LONGEST_PASSWORD_BYTES:
        raise InvalidInput(
            Message(
                "a password has %(least)s characters or more, and at most %(most)s bytes",
                least=SHORTEST_PASSWORD,
                most=LONGEST_PASSWORD_BYTES,
            ),
            field="wanted",
        )
    if new.wanted.casefold() in {user.login, user.email.casefold(), new.present.casefold()}:
        raise InvalidInput("choose one that is not guessed so easily", field="wanted")
    if new.wanted != new.repeated:
        raise InvalidInput("the new password is not the same twice", field="repeated")
