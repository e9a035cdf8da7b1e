"""Companies, users, grants between colleagues, secrets, sessions, and the installation itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bridge.store.schema.base import (
    Base,
    BigId,
    CompanyKey,
    Instant,
    OptionalInstant,
    PrimaryKey,
    UserKey,
)


class Installation(Base):
    """The one row that tells this database from its copies (design decisions 13 and 26)."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    database_id: Mapped[str] = mapped_column(Text)
    epoch: Mapped[str] = mapped_column(Text)
    base_url: Mapped[str] = mapped_column(Text, server_default="")
    machine_id: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[Instant]


class Company(Base):
    """A tenant; `revision` counts changes of its persons, organizations, deals and types."""

    __tablename__ = "companies"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(Text, unique=True)
    revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[Instant]


class User(Base):
    """A person of the CRM; the login is unique in the whole installation, lower case."""

    __tablename__ = "users"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    login: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default="")
    email: Mapped[str] = mapped_column(Text, server_default="")
    timezone: Mapped[str] = mapped_column(Text, server_default="UTC")
    language: Mapped[str] = mapped_column(Text, server_default="")
    role: Mapped[str] = mapped_column(Text, server_default="user")
    active: Mapped[bool] = mapped_column(server_default="1")
    password_hash: Mapped[str | None] = mapped_column(Text)
    auth_version: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Instant]


class Home(Base):
    """A user's calendar home; its row is the lock and the counter of every change below it."""

    __tablename__ = "homes"

    user_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    company_id: Mapped[CompanyKey]
    revision: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Grant(Base):
    """What an owner lets a colleague see; `version` is part of the colleague's sync tokens."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("owner_id", "grantee_id"),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    owner_id: Mapped[UserKey]
    grantee_id: Mapped[UserKey]
    level: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Instant]


class AppPassword(Base):
    """A CalDAV password, found by its prefix, kept as HMAC-SHA-256 under the server's key."""

    __tablename__ = "app_passwords"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    label: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text, index=True)
    digest: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    last_used_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]


class ApiToken(Base):
    """A REST token, kept like an app password."""

    __tablename__ = "api_tokens"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    label: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text, index=True)
    digest: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    last_used_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]


class CalendarLink(Base):
    """A subscription link: who knows its secret address reads one user's activities as a file.

    `types` is a comma-separated list of activity type keys, "" for all. The secret is kept like
    an app password.
    """

    __tablename__ = "calendar_links"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    label: Mapped[str] = mapped_column(Text)
    types: Mapped[str] = mapped_column(Text, server_default="")
    prefix: Mapped[str] = mapped_column(Text, index=True)
    digest: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    last_used_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]


class PushSubscription(Base):
    """Where a calendar program wants to be told that a collection changed (WebDAV-Push).

    `name` is the last segment of the registration URL. `address` and `auth_secret` let anybody
    send messages, so they are kept encrypted; `address_digest` finds the subscription of an address
    again. `told_revision` and `told_version` are the calendar's revision and, for a colleague, the
    grant's version that the program knows of. `retry_at` is the earliest time of the next message,
    also while one is under way; `failures` counts refused messages in a row.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (UniqueConstraint("calendar_id", "user_id", "address_digest"),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("calendars.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text, unique=True)
    address: Mapped[str] = mapped_column(Text)
    address_digest: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    auth_secret: Mapped[str] = mapped_column(Text)
    wants_content: Mapped[bool] = mapped_column(server_default="1")
    wants_properties: Mapped[bool] = mapped_column(server_default="0")
    told_revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    told_version: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    retry_at: Mapped[OptionalInstant]
    expires_at: Mapped[Instant]
    created_at: Mapped[Instant]


class WebSession(Base):
    """A signed-in browser; the cookie's value is only here as a hash."""

    __tablename__ = "web_sessions"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    csrf_token: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
