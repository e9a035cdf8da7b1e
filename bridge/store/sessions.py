"""Signed-in browsers; the cookie's value is only here as a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from bridge.domain.identifiers import CompanyId, UserId
from bridge.domain.users import User
from bridge.store.schema import access
from bridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """A browser that is signed in.

    Attributes:
        digest: Hash of the cookie's value.
        csrf_token: What its forms must carry.
        last_seen_at: Aware; the idle limit counts from here.
    """

    digest: str
    user_id: UserId
    company_id: CompanyId
    csrf_token: str
    created_at: datetime
    last_seen_at: datetime


class SessionRepository:
    """Adds, finds and ends browser sessions."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def add(self, user: User, digest: str, *, csrf_token: str, now: datetime) -> WebSession:
        """Sign a browser in; `digest` is the hash of its new cookie."""
        session = WebSession(
            digest=digest,
            user_id=user.id,
            company_id=user.company_id,
            csrf_token=csrf_token,
            created_at=now,
            last_seen_at=now,
        )
        self._connection.execute(
            insert(access.WebSession).values(
                digest=digest,
                user_id=user.id,
                company_id=user.company_id,
                csrf_token=csrf_token,
                created_at=now,
                last_seen_at=now,
            )
        )
        return session

    def get(self, digest: str) -> WebSession | None:
        """Return the session of an active user, None when there is none; the age is not judged."""
        table = access.WebSession
        columns = (table.digest, table.user_id, table.company_id, table.csrf_token)
        found = select(*columns, table.created_at, table.last_seen_at)
        joined = found.join(access.User, access.User.id == table.user_id)
        mine = joined.where(table.digest == digest, access.User.active)
        row = self._connection.execute(mine).one_or_none()
        if row is None:
            return None
        return WebSession(
            digest=row.digest,
            user_id=UserId(row.user_id),
            company_id=CompanyId(row.company_id),
            csrf_token=row.csrf_token,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
        )

    def touch(self, digest: str, now: datetime) -> None:
        """Note that the browser was seen."""
        mine = update(access.WebSession).where(access.WebSession.digest == digest)
        self._connection.execute(mine.values(last_seen_at=now))

    def delete(self, digest: str) -> None:
        """Sign the browser out; one that is gone already is fine."""
        self._connection.execute(
            delete(access.WebSession).where(access.WebSession.digest == digest)
        )

    def delete_for_user(self, user_id: UserId, *, but: str = "") -> None:
        """Sign the user's browsers out, except the one with the digest `but`."""
        mine = access.WebSession.user_id == user_id
        others = access.WebSession.digest != but
        self._connection.execute(delete(access.WebSession).where(mine, others))

    def purge(self, idle_since: datetime) -> int:
        """Remove sessions not seen since then and return how many."""
        idle = access.WebSession.last_seen_at < idle_since
        return self._connection.execute(delete(access.WebSession).where(idle)).rowcount
