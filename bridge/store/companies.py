"""Companies: the tenants of an installation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Row, insert, select
from sqlalchemy.exc import IntegrityError

from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import CompanyId
from bridge.domain.users import Company
from bridge.errors import AlreadyExists, InvalidInput
from bridge.store.company_revisions import next_revision
from bridge.store.schema import access
from bridge.store.transaction import Transaction
from bridge.store.types import insert_types

_COMPANIES = select(access.Company.id, access.Company.name)


class CompanyRepository:
    """Adds and finds companies, and counts the changes of their shared records."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def add(self, name: str, now: datetime) -> Company:
        """Add a company with the stock activity types.

        Raises:
            InvalidInput: The name is empty.
            AlreadyExists: Another company has the name.
        """
        if not name.strip():
            raise InvalidInput("a company needs a name", field="name")
        statement = insert(access.Company).values(name=name, created_at=now)
        added = statement.returning(access.Company.id)
        try:
            with self._transaction.savepoint():
                new_id = self._connection.execute(added).scalar_one()
        except IntegrityError as error:
            raise AlreadyExists(f"there is a company `{name}` already") from error
        company = Company(id=CompanyId(new_id), name=name)
        insert_types(self._connection, company.id, STOCK_TYPES, self.next_revision(company.id))
        return company

    def get(self, company_id: CompanyId) -> Company | None:
        """Return the company, None when there is none."""
        return self._one(access.Company.id == company_id)

    def by_name(self, name: str) -> Company | None:
        """Return the company of that exact name, None when there is none."""
        return self._one(access.Company.name == name)

    def list(self) -> tuple[Company, ...]:
        """Return all companies, the oldest first."""
        rows = self._connection.execute(_COMPANIES.order_by(access.Company.id))
        return tuple(_company(row) for row in rows)

    def next_revision(self, company_id: CompanyId) -> int:
        """Raise the counter of the company's shared records, return it, and hold its row.

        Raises:
            NotFound: No such company.
        """
        return next_revision(self._connection, company_id)

    def _one(self, condition: ColumnElement[bool]) -> Company | None:
        row = self._connection.execute(_COMPANIES.where(condition)).one_or_none()
        return _company(row) if row else None


def _company(row: Row[int, str]) -> Company:
    return Company(id=CompanyId(row.id), name=row.name)
