"""Companies and users: add, list, remove, and the first of each."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.application.passwords import hash_password
from bridge.domain.identifiers import Login
from bridge.domain.message import Message
from bridge.domain.users import Company, Role, User, parse_login
from bridge.errors import InvalidInput, NotFound
from bridge.store.database import Database
from bridge.sync.ports import Clock

FIRST_COMPANY = "My company"
FIRST_ADMIN = Login("admin")

PASSWORD_BYTES = 12
"""Of a page password that is made up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What is told about a user to be added.

    Attributes:
        login: Lower-cased before it is stored.
        timezone: IANA name.
        password: For the pages; None makes one up.
    """

    login: str
    name: str = ""
    email: str = ""
    timezone: str = "UTC"
    role: Role = Role.USER
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedUser:
    """A user just added.

    Attributes:
        password: For the pages, shown this once; never shown by `repr`.
    """

    user: User
    password: str = field(repr=False)


def add_company(database: Database, name: str, *, clock: Clock) -> Company:
    """Add a company with the stock activity types.

    Raises:
        InvalidInput: The name is empty.
        AlreadyExists: A company has that name.
    """
    if not name.strip():
        raise InvalidInput("a company needs a name", field="name")
    with database.write() as work:
        return work.companies.add(name.strip(), clock.now())


def list_companies(database: Database) -> Sequence[Company]:
    """Return all companies."""
    with database.read() as work:
        return work.companies.list()


def add_user(
    database: Database, new: NewUser, *, company: str | None = None, clock: Clock
) -> AddedUser:
    """Add a user with his calendar home and its two standard calendars.

    Args:
        database: Where.
        new: Who.
        company: Name of the company; None takes the only one.
        clock: For the time of creation.

    Raises:
        InvalidInput: A login or time zone that is refused, or several companies to choose from.
        NotFound: There is no such company.
        AlreadyExists: The login is taken.
    """
    login = parse_login(new.login)
    password = new.password or secrets.token_urlsafe(PASSWORD_BYTES)
    checked_zone(new.timezone)
    password_hash = hash_password(password)
    company_id = _company(database, company).id
    with database.write() as work:
        user = work.users.add(
            company_id,
            login,
            name=new.name or login,
            email=new.email,
            timezone=new.timezone,
            role=new.role,
            password_hash=password_hash,
            now=clock.now(),
        )
    return AddedUser(user=user, password=password)


def list_users(database: Database) -> Sequence[User]:
    """Return all users of the installation."""
    with database.read() as work:
        return work.users.list()


def remove_user(database: Database, login: str) -> None:
    """Remove a user and everything that is his; nothing is done at Google.

    Raises:
        NotFound: There is no such user.
    """
    user = user_of(database, login)
    with database.write([user.id]) as work:
        work.users.remove(user.id)


def reset_password(database: Database, login: str, password: str | None = None) -> str:
    """Give a user another page password, sign all browsers of the user out, and return it.

    Args:
        database: Where.
        login: Whose.
        password: None makes one up.

    Raises:
        NotFound: There is no such user.
    """
    user = user_of(database, login)
    password = password or secrets.token_urlsafe(PASSWORD_BYTES)
    password_hash = hash_password(password)
    with database.write() as work:
        work.users.set_password(user.id, password_hash)
        work.sessions.delete_for_user(user.id)
    return password


def user_of(database: Database, login: str) -> User:
    """Return the user of a login, in any case.

    Raises:
        NotFound: There is no such user.
    """
    with database.read() as work:
        user = work.users.by_login(Login(login.strip().lower()))
    if user is None:
        raise NotFound(
            Message("there is no user `%(login)s`", login=login),
            hint="`crmdav users list` shows all",
        )
    return user


def prepare_installation(database: Database, *, clock: Clock) -> AddedUser | None:
    """Give a new database its identity, its first company, and that company's admin.

    Returns:
        The admin with his password, or None when there is a company already.
    """
    with database.write() as work:
        work.installation.ensure(clock.now())
    if list_companies(database):
        return None
    company = add_company(database, FIRST_COMPANY, clock=clock)
    admin = NewUser(login=FIRST_ADMIN, name="Admin", role=Role.ADMIN)
    return add_user(database, admin, company=company.name, clock=clock)


def checked_zone(name: str) -> str:
    """Return the name of a time zone that exists.

    Raises:
        InvalidInput: There is no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            Message("there is no time zone `%(name)s`", name=name),
            field="timezone",
            hint=Message("use an IANA name such as `Europe/Prague`"),
        ) from error
    return name


def _company(database: Database, name: str | None) -> Company:
    companies = list_companies(database)
    found = [one for one in companies if name is None or one.name == name]
    if len(found) == 1:
        return found[0]
    if name is None and companies:
        raise InvalidInput(
            "there are several companies", field="company", hint="name one with `--company`"
        )
    raise NotFound(
        f"there is no company `{name}`" if name else "there is no company",
        hint="`crmdav companies list` shows all",
    )
