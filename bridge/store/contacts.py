"""Persons, organizations and deals of a company; soft-deleted ones are not told of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select

from bridge.domain.activity import Deal, Organization, Person
from bridge.domain.identifiers import CompanyId, UserId
from bridge.store.company_revisions import next_revision
from bridge.store.schema import crm
from bridge.store.transaction import Transaction

_Table = type[crm.Person] | type[crm.Organization] | type[crm.Deal]
_PERSONS = select(crm.Person.id, crm.Person.name, crm.Person.email, crm.Person.phone)
_ORGANIZATIONS = select(crm.Organization.id, crm.Organization.name, crm.Organization.address)
_DEALS = select(crm.Deal.id, crm.Deal.title)


class ContactRepository:
    """Adds and finds the contacts of one company; those of another one are absent."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def add_person(  # noqa: PLR0913 - what a person is
        self,
        company_id: CompanyId,
        name: str,
        *,
        email: str = "",
        phone: str = "",
        owner_id: UserId | None = None,
        now: datetime,
    ) -> Person:
        """Add a person, without an owner unless one is named.

        Raises:
            NotFound: No such company.
        """
        values = {"name": name, "email": email, "phone": phone, "owner_id": owner_id}
        new_id = self._add(crm.Person, company_id, at=now, **values)
        return Person(id=new_id, name=name, email=email, phone=phone)

    def add_organization(
        self, company_id: CompanyId, name: str, *, address: str = "", now: datetime
    ) -> Organization:
        """Add an organization.

        Raises:
            NotFound: No such company.
        """
        new_id = self._add(crm.Organization, company_id, name=name, address=address, at=now)
        return Organization(id=new_id, name=name, address=address)

    def add_deal(self, company_id: CompanyId, title: str, *, now: datetime) -> Deal:
        """Add an open deal.

        Raises:
            NotFound: No such company.
        """
        return Deal(id=self._add(crm.Deal, company_id, title=title, at=now), title=title)

    def person(self, company_id: CompanyId, person_id: int) -> Person | None:
        """Return one person, None when the company has no such person."""
        return next(iter(self._persons(company_id, crm.Person.id == person_id)), None)

    def persons(self, company_id: CompanyId) -> tuple[Person, ...]:
        """Return the persons of the company by name."""
        return self._persons(company_id)

    def organization(self, company_id: CompanyId, organization_id: int) -> Organization | None:
        """Return one organization, None when the company has no such organization."""
        wanted = crm.Organization.id == organization_id
        return next(iter(self._organizations(company_id, wanted)), None)

    def organizations(self, company_id: CompanyId) -> tuple[Organization, ...]:
        """Return the organizations of the company by name."""
        return self._organizations(company_id)

    def deal(self, company_id: CompanyId, deal_id: int) -> Deal | None:
        """Return one deal, None when the company has no such deal."""
        return next(iter(self._deals(company_id, crm.Deal.id == deal_id)), None)

    def deals(self, company_id: CompanyId) -> tuple[Deal, ...]:
        """Return the deals of the company by title."""
        return self._deals(company_id)

    def _add(self, table: _Table, company_id: CompanyId, *, at: datetime, **values: Any) -> int:
        revision = next_revision(self._connection, company_id)
        row = {"company_id": company_id, "created_at": at, "crmdav_revision": revision, **values}
        statement = insert(table).values(**row).returning(table.id)
        return self._connection.execute(statement).scalar_one()

    def _persons(
        self, company_id: CompanyId, *conditions: ColumnElement[bool]
    ) -> tuple[Person, ...]:
        mine = _PERSONS.where(*_living(crm.Person, company_id), *conditions)
        rows = self._connection.execute(mine.order_by(crm.Person.name, crm.Person.id))
        return tuple(
            Person(id=row.id, name=row.name, email=row.email, phone=row.phone) for row in rows
        )

    def _organizations(
        self, company_id: CompanyId, *conditions: ColumnElement[bool]
    ) -> tuple[Organization, ...]:
        mine = _ORGANIZATIONS.where(*_living(crm.Organization, company_id), *conditions)
        rows = self._connection.execute(mine.order_by(crm.Organization.name, crm.Organization.id))
        return tuple(Organization(id=row.id, name=row.name, address=row.address) for row in rows)

    def _deals(self, company_id: CompanyId, *conditions: ColumnElement[bool]) -> tuple[Deal, ...]:
        mine = _DEALS.where(*_living(crm.Deal, company_id), *conditions)
        rows = self._connection.execute(mine.order_by(crm.Deal.title, crm.Deal.id))
        return tuple(Deal(id=row.id, title=row.title) for row in rows)


def _living(table: _Table, company_id: CompanyId) -> tuple[ColumnElement[bool], ...]:
    return table.company_id == company_id, table.deleted_at.is_(None)
