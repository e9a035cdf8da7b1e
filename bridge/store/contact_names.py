"""Contacts by their names, for those who type one instead of choosing from all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, func, or_, select

from bridge.domain.identifiers import CompanyId
from bridge.store.schema import crm
from bridge.store.transaction import Transaction


class ContactKind(StrEnum):
    """What may be linked to an activity."""

    PERSON = "person"
    ORGANIZATION = "organization"
    DEAL = "deal"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedContact:
    """One contact.

    Attributes:
        shared: Another one of the company has the same name.
    """

    id: int
    name: str
    shared: bool = False


_NAMES = {
    ContactKind.PERSON: crm.Person.name,
    ContactKind.ORGANIZATION: crm.Organization.name,
    ContactKind.DEAL: crm.Deal.title,
}


class ContactNameRepository:
    """Finds living contacts of one company by name."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def latest(
        self, kind: ContactKind, company_id: CompanyId, *, limit: int
    ) -> tuple[NamedContact, ...]:
        """Return the contacts added last, by name; one statement."""
        table, name = _NAMES[kind].class_, _NAMES[kind]
        shared = func.count().over(partition_by=name)
        query = (
            select(table.id, name.label("name"), shared.label("bearers"))
            .where(table.company_id == company_id, table.deleted_at.is_(None))
            .order_by(table.id.desc())
            .limit(limit)
        )
        found = [
            NamedContact(id=row.id, name=row.name, shared=row.bearers > 1)
            for row in self._connection.execute(query)
        ]
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))

    def named(
        self, kind: ContactKind, company_id: CompanyId, text: str
    ) -> tuple[NamedContact, ...]:
        """Return all contacts of a name; case counts beyond ASCII letters only on SQLite."""
        table, name = _NAMES[kind].class_, _NAMES[kind]
        same = or_(name == bindparam("name"), func.lower(name) == func.lower(bindparam("name")))
        query = (
            select(table.id, name.label("name"))
            .where(table.company_id == company_id, table.deleted_at.is_(None), same)
            .order_by(table.id)
        )
        rows = self._connection.execute(query, {"name": text}).all()
        return tuple(NamedContact(id=row.id, name=row.name, shared=len(rows) > 1) for row in rows)
