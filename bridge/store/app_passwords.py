"""App passwords and REST tokens: found by prefix, kept as a digest, revocable one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, insert, select, update

from bridge.domain.identifiers import CompanyId, Login, UserId
from bridge.domain.users import Role, User
from bridge.store.foreign_changes import waiting_for
from bridge.store.prepared import Prepared
from bridge.store.schema import access
from bridge.store.transaction import Transaction

_Table = type[access.AppPassword] | type[access.ApiToken]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """An app password or a REST token as it is kept.

    Attributes:
        login: Of the user it signs in.
        label: The name its user gave it.
        prefix: Leading characters of the secret.
        digest: See `bridge.store.secrets.digest`.
        last_used_at: Aware; None when it never was.
        revoked_at: Aware; None while it is good.
    """

    id: int
    user_id: UserId
    company_id: CompanyId
    login: Login
    label: str
    prefix: str
    digest: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Holder(NamedTuple):
    """What a sign-in is decided by.

    Attributes:
        digest: Of the secret.
        revoked: Whether the secret is good for nothing any more.
        user: Whom it signs in, active or not.
        pending: Whether what other programs wrote waits for the user's home.
    """

    secret_id: int
    digest: str
    revoked: bool
    user: User
    pending: bool


class SecretRepository:
    """Keeps one kind of secret."""

    def __init__(self, transaction: Transaction, table: _Table) -> None:
        """Work on one table.

        Args:
            transaction: The open transaction.
            table: `AppPassword` or `ApiToken` of the schema.
        """
        self._connection = transaction.connection
        self._table = table

    def add(self, user: User, label: str, prefix: str, digest: str, now: datetime) -> int:
        """Keep a new secret of the user and return its id."""
        row = {"label": label, "prefix": prefix, "digest": digest, "created_at": now}
        statement = insert(self._table).values(company_id=user.company_id, user_id=user.id, **row)
        return self._connection.execute(statement.returning(self._table.id)).scalar_one()

    def holders(self, prefix: str) -> Sequence[Holder]:
        """Return whom the secrets that begin so sign in; usually one, and one statement.

        The caller compares the digests in constant time and looks at the rest.
        """
        rows = _holders(self._table).rows(self._connection, {"prefix": prefix})
        return [_holder(row) for row in rows]

    def list(self, user_id: UserId) -> tuple[StoredSecret, ...]:
        """Return the user's secrets, the oldest first, revoked ones too."""
        found = self._secrets().where(self._table.user_id == user_id).order_by(self._table.id)
        return tuple(_secret(row) for row in self._connection.execute(found))

    def revoke(self, secret_id: int, user_id: UserId | None, now: datetime) -> bool:
        """Make the secret useless from now on.

        Args:
            secret_id: Which one.
            user_id: Only if it is this user's; None asks for no owner (command line).
            now: Aware.

        Returns:
            Whether there is such a secret; one that was revoked earlier stays as it is.
        """
        mine = [self._table.id == secret_id]
        if user_id is not None:
            mine.append(self._table.user_id == user_id)
        unrevoked = update(self._table).where(*mine, self._table.revoked_at.is_(None))
        if self._connection.execute(unrevoked.values(revoked_at=now)).rowcount:
            return True
        return self._connection.execute(select(self._table.id).where(*mine)).first() is not None

    def touch(self, secret_id: int, now: datetime) -> None:
        """Note that the secret was used."""
        used = update(self._table).where(self._table.id == secret_id).values(last_used_at=now)
        self._connection.execute(used)

    def _secrets(self) -> Select[*tuple[Any, ...]]:
        table = self._table
        return select(
            table.id,
            table.user_id,
            table.company_id,
            access.User.login,
            table.label,
            table.prefix,
            table.digest,
            table.created_at,
            table.last_used_at,
            table.revoked_at,
        ).join(access.User, access.User.id == table.user_id)


@cache
def _holders(table: _Table) -> Prepared:
    # Every request asks this: built once, it costs a seventh of building it each time.
    user = access.User
    return Prepared(
        select(table.id.label("secret_id"), table.digest, table.revoked_at)
        .add_columns(user.id, user.company_id, user.login, user.name, user.email)
        .add_columns(user.timezone, user.role, user.active, waiting_for(user.id))
        .join(user, user.id == table.user_id)
        .where(table.prefix == bindparam("prefix"))
    )


def _holder(row: Sequence[Any]) -> Holder:
    secret_id, digest, revoked_at, number, company_id, login, name, email, zone, *rest = row
    role, active, waiting = rest
    user = User(
        id=UserId(number),
        company_id=CompanyId(company_id),
        login=Login(login),
        name=name,
        email=email,
        timezone=zone,
        role=Role(role),
        active=active,
    )
    return Holder(secret_id, digest, revoked_at is not None, user, bool(waiting))


def _secret(row: Row[*tuple[Any, ...]]) -> StoredSecret:
    return StoredSecret(**row._asdict())
