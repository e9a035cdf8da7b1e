"""The people of the CRM."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bridge.domain.activity import DEFAULT_TYPES, CollectionName
from bridge.domain.identifiers import CompanyId, Login, UserId
from bridge.domain.message import Message
from bridge.domain.users import Role, User, parse_login
from bridge.errors import AlreadyExists, InvalidInput, NotFound
from bridge.store.schema import access, dav
from bridge.store.transaction import Transaction
from bridge.store.user_removal import remove_user

_USERS = select(
    access.User.id,
    access.User.company_id,
    access.User.login,
    access.User.name,
    access.User.email,
    access.User.timezone,
    access.User.role,
    access.User.active,
)


class PagePassword(NamedTuple):
    """How a user signs in to the pages.

    Attributes:
        hash: argon2id, None for a user without page password.
        auth_version: Raised by every change of the password.
    """

    hash: str | None
    auth_version: int


class UserRepository:
    """Adds, finds and removes users."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def add(  # noqa: PLR0913 - what a user is made of; all by keyword
        self,
        company_id: CompanyId,
        login: str,
        *,
        name: str,
        email: str,
        timezone: str,
        role: Role,
        password_hash: str | None,
        now: datetime,
    ) -> User:
        """Add a user with an empty home and its two standard calendars.

        Raises:
            InvalidInput: The login or the time zone is not allowed.
            AlreadyExists: The login is taken, in whichever company.
            NotFound: No such company.
        """
        values = {
            "login": parse_login(login),
            "name": name,
            "email": email,
            "timezone": _known_zone(timezone),
            "role": role.value,
            "password_hash": password_hash,
            "created_at": now,
        }
        self._demand_company(company_id)
        statement = insert(access.User).values(company_id=company_id, **values)
        try:
            with self._transaction.savepoint():
                new_id = self._connection.execute(statement.returning(access.User.id)).scalar_one()
        except IntegrityError as error:
            raise AlreadyExists(
                Message("the login `%(login)s` is taken", login=values["login"])
            ) from error
        user = self._present(access.User.id == new_id)
        self._add_home(user, now)
        return user

    def by_login(self, login: str) -> User | None:
        """Return the user of that exact login, active or not; None when there is none."""
        return self._one(access.User.login == login)

    def get(self, user_id: UserId) -> User | None:
        """Return the user, active or not; None when there is none."""
        return self._one(access.User.id == user_id)

    def list(self, company_id: CompanyId | None = None) -> tuple[User, ...]:
        """Return the users of a company, or of all, by login."""
        users = _USERS if company_id is None else _USERS.where(access.User.company_id == company_id)
        return tuple(_user(row) for row in self._connection.execute(users.order_by("login")))

    def password_of(self, user_id: UserId) -> PagePassword:
        """Return the hash of the page password and its version.

        Raises:
            NotFound: No such user.
        """
        columns = select(access.User.password_hash, access.User.auth_version)
        row = self._connection.execute(columns.where(access.User.id == user_id)).one_or_none()
        if row is None:
            raise NotFound(f"no user: {user_id}")
        return PagePassword(row.password_hash, row.auth_version)

    def set_password(self, user_id: UserId, password_hash: str | None) -> int:
        """Change the page password and return its new version; sessions are the caller's to end.

        Raises:
            NotFound: No such user.
        """
        mine = update(access.User).where(access.User.id == user_id)
        raised = access.User.auth_version + 1
        changed = mine.values(password_hash=password_hash, auth_version=raised)
        version = self._connection.scalar(changed.returning(access.User.auth_version))
        if version is None:
            raise NotFound(f"no user: {user_id}")
        return int(version)

    def set_role(self, user_id: UserId, role: Role) -> None:
        """Let the user be an admin of the company, or a plain user.

        Raises:
            NotFound: No such user.
        """
        self._change(user_id, {"role": role.value})

    def set_active(self, user_id: UserId, *, active: bool) -> None:
        """Let the user sign in, or not; sessions are the caller's to end.

        Raises:
            NotFound: No such user.
        """
        self._change(user_id, {"active": active})

    def remove(self, user_id: UserId) -> None:
        """Remove the user with calendars, activities, secrets, grants and connections.

        Only the home's counter stays, so that somebody with the same login later does not repeat
        revisions that clients remember.

        Raises:
            NotFound: No such user.
        """
        user = self.get(user_id)
        if user is None:
            raise NotFound(f"no user: {user_id}")
        remove_user(self._connection, user)

    def _change(self, user_id: UserId, values: dict[str, Any]) -> None:
        mine = update(access.User).where(access.User.id == user_id)
        if not self._connection.execute(mine.values(**values)).rowcount:
            raise NotFound(f"no user: {user_id}")

    def _add_home(self, user: User, now: datetime) -> None:
        revision = self._unused_revision()
        self._connection.execute(
            insert(access.Home).values(
                user_id=user.id, company_id=user.company_id, revision=revision
            )
        )
        calendars = [
            {
                "company_id": user.company_id,
                "owner_id": user.id,
                "slug": name.value,
                "components": name.component,
                "default_type": DEFAULT_TYPES[name],
                "revision": revision,
                "floor": revision,
                "created_at": now,
                "modified_at": now,
            }
            for name in CollectionName
        ]
        self._connection.execute(insert(dav.Calendar), calendars)

    def _unused_revision(self) -> int:
        # 0, or above every home whose user was removed.
        highest = func.max(access.Home.revision)
        left_behind = access.Home.user_id.not_in(select(access.User.id))
        revision = self._connection.scalar(select(highest).where(left_behind))
        return 0 if revision is None else int(revision) + 1

    def _demand_company(self, company_id: CompanyId) -> None:
        company = select(access.Company.id).where(access.Company.id == company_id)
        if self._connection.scalar(company) is None:
            raise NotFound(f"no company: {company_id}")

    def _one(self, condition: ColumnElement[bool]) -> User | None:
        row = self._connection.execute(_USERS.where(condition)).one_or_none()
        return _user(row) if row else None

    def _present(self, condition: ColumnElement[bool]) -> User:
        return _user(self._connection.execute(_USERS.where(condition)).one())


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(
        id=UserId(row.id),
        company_id=CompanyId(row.company_id),
        login=Login(row.login),
        name=row.name,
        email=row.email,
        timezone=row.timezone,
        role=Role(row.role),
        active=row.active,
    )


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"no such time zone: `{name}`",
            field="timezone",
            hint="write it like `Europe/Prague`",
        ) from error
    return name
