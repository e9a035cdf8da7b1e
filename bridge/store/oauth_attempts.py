"""Trips to Google's consent page that did not come back yet; each is used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert

from bridge.domain.identifiers import CompanyId, ConnectionId, UserId
from bridge.store.schema.google import OAuthAttempt as Table
from bridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthAttempt:
    """One trip.

    Attributes:
        state_digest: Hash of the `state` parameter; the parameter itself is nowhere.
        session_digest: Hash of the cookie of the browser that set out.
        code_verifier: For PKCE (RFC 7636), good for this trip only.
        login_hint: Address of the account that is wanted, or "".
        connection_id: The connection to give a new grant, None for a new connection.
        created_at: Aware; the caller judges the age.
    """

    state_digest: str
    company_id: CompanyId
    user_id: UserId
    session_digest: str
    code_verifier: str
    created_at: datetime
    login_hint: str = ""
    connection_id: ConnectionId | None = None


class OAuthAttemptRepository:
    """Adds and takes attempts."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def add(self, attempt: OAuthAttempt) -> None:
        """Keep an attempt until its browser comes back."""
        self._connection.execute(
            insert(Table).values(
                state_digest=attempt.state_digest,
                company_id=attempt.company_id,
                user_id=attempt.user_id,
                session_digest=attempt.session_digest,
                code_verifier=attempt.code_verifier,
                login_hint=attempt.login_hint,
                connection_id=attempt.connection_id,
                created_at=attempt.created_at,
            )
        )

    def take(self, state_digest: str) -> OAuthAttempt | None:
        """Remove the attempt and return it; of two takers at once only one gets it."""
        columns = Table.__table__.columns
        taken = delete(Table).where(Table.state_digest == state_digest).returning(*columns)
        row = self._connection.execute(taken).one_or_none()
        if row is None:
            return None
        return OAuthAttempt(
            state_digest=row.state_digest,
            company_id=CompanyId(row.company_id),
            user_id=UserId(row.user_id),
            session_digest=row.session_digest,
            code_verifier=row.code_verifier,
            login_hint=row.login_hint,
            connection_id=None if row.connection_id is None else ConnectionId(row.connection_id),
            created_at=row.created_at,
        )

    def purge(self, older_than: datetime) -> int:
        """Remove attempts that set out before then and return how many."""
        return self._connection.execute(delete(Table).where(Table.created_at < older_than)).rowcount
