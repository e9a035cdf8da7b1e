"""What an admin does with the users of the own company: add, change, switch off, remove.

A user who is switched off signs in nowhere, neither here nor from a calendar program, and syncs no
more; everything else stays and comes back with the switch. Nobody does these things to oneself, so
a company that has an admin keeps one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from bridge.application.administration import colleague, demand_admin
from bridge.application.connecting import Connecting
from bridge.application.passwords import hash_password
from bridge.application.users import PASSWORD_BYTES, AddedUser, NewUser, add_user
from bridge.domain.connection import ConnectionState
from bridge.domain.message import Message
from bridge.domain.users import Role, User
from bridge.errors import InvalidInput, NotFound
from bridge.store.database import Database
from bridge.sync.ports import Clock

_LONGEST_TEXT = 200


class CompanyPeople:
    """The users of an admin's company; every method asks for the admin first."""

    def __init__(self, database: Database, *, connecting: Connecting, clock: Clock) -> None:
        self._database = database
        self._connecting = connecting
        self._clock = clock

    def list(self, admin: User) -> Sequence[User]:
        """Return all users of the company, by login.

        Raises:
            NotFound: The user is no admin.
        """
        demand_admin(admin)
        with self._database.read() as work:
            return work.users.list(admin.company_id)

    def get(self, admin: User, user_id: int) -> User:
        """Return one of them.

        Raises:
            NotFound: The user is no admin, or there is no such user in the company.
        """
        with self._database.read() as work:
            return colleague(work, admin, user_id)

    def add(self, admin: User, new: NewUser) -> AddedUser:
        """Add a user to the company; the password is made up.

        Raises:
            NotFound: The user is no admin.
            InvalidInput: A login, name, address or time zone that is refused.
            AlreadyExists: The login is taken, in whichever company.
        """
        demand_admin(admin)
        for field, text in (("name", new.name), ("email", new.email)):
            _demand_text(text, field=field)
        with self._database.read() as work:
            company = work.companies.get(admin.company_id)
        if company is None:
            raise NotFound("the company is not there any more")
        return add_user(self._database, new, company=company.name, clock=self._clock)

    def reset_password(self, admin: User, user_id: int) -> str:
        """Give a user another page password and return it; the user's browsers are signed out.

        App passwords of calendar programs stay.

        Raises:
            NotFound: The user is no admin, or there is no such user in the company.
        """
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        self.get(admin, user_id)  # before the slow hash
        password_hash = hash_password(password)
        with self._database.write() as work:
            user = colleague(work, admin, user_id)
            work.users.set_password(user.id, password_hash)
            work.sessions.delete_for_user(user.id)
        return password

    def set_role(self, admin: User, user_id: int, role: Role) -> User:
        """Make a user an admin of the company, or a plain user again.

        Raises:
            NotFound: The user is no admin, or there is no such user in the company.
            InvalidInput: It is oneself.
        """
        with self._database.write() as work:
            user = _another(colleague(work, admin, user_id), admin)
            work.users.set_role(user.id, role)
        return user

    def switch(self, admin: User, user_id: int, *, active: bool) -> User:
        """Switch a user off or on again; syncing starts again only by the user's own word.

        Raises:
            NotFound: The user is no admin, or there is no such user in the company.
            InvalidInput: It is oneself.
        """
        with self._database.write() as work:
            user = _another(colleague(work, admin, user_id), admin)
            work.users.set_active(user.id, active=active)
            if not active:
                work.sessions.delete_for_user(user.id)
        if not active:
            self._stop_syncing(user)
        return user

    def remove(self, admin: User, user_id: int) -> User:
        """Remove a user and everything that is the user's; nothing is done at Google.

        Raises:
            NotFound: The user is no admin, or there is no such user in the company.
            InvalidInput: It is oneself.
        """
        user = _another(self.get(admin, user_id), admin)
        with self._database.write([user.id]) as work:
            colleague(work, admin, user_id)
            work.users.remove(user.id)
        return user

    def _stop_syncing(self, user: User) -> None:
        with self._database.read() as work:
            mine = work.connections.of_user(user.id)
        for connection in mine:
            if connection.state is not ConnectionState.STOPPED:
                self._connecting.stop(connection)


def _another(user: User, admin: User) -> User:
    if user.id == admin.id:
        raise InvalidInput(
            "nobody does this to the own account",
            hint=Message("let another admin do it"),
            field="user",
        )
    return user


def _demand_text(text: str, *, field: str) -> None:
    if len(text) > _LONGEST_TEXT or not (text.isprintable() or not text):
        raise InvalidInput(
            Message(
                "that has more than %(longest)s characters, or one that cannot be shown",
                longest=_LONGEST_TEXT,
            ),
            field=field,
        )
