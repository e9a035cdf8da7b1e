"""Activity types of a company.

Rows of other programs that make no sense (a collection nobody knows, a text that is none) are left
out of every answer, so that one bad row never breaks the users of a company.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, update

from bridge.domain.activity import ActivityType
from bridge.domain.identifiers import CompanyId
from bridge.store.company_revisions import next_revision
from bridge.store.company_types import read_types
from bridge.store.schema import crm
from bridge.store.transaction import Transaction


class TypeRepository:
    """Lists and saves activity types, always of one company."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def list(self, company_id: CompanyId) -> tuple[ActivityType, ...]:
        """Return the company's types that make sense in their order, inactive ones too."""
        return read_types(self._connection, company_id)

    def get(self, company_id: CompanyId, key: str) -> ActivityType | None:
        """Return one type, None when the company has none of that key that makes sense."""
        return next((kind for kind in self.list(company_id) if kind.key == key), None)

    def save(self, company_id: CompanyId, kind: ActivityType) -> None:
        """Add the type, or change the one of its key.

        A change keeps `crmdav_revision`: the trigger notes it like one of another program, and
        reconciling carries a new name into the calendar objects.

        Raises:
            NotFound: No such company.
        """
        # Raised in both cases: the company's row is the lock that keeps two savers apart.
        revision = next_revision(self._connection, company_id)
        change = update(crm.ActivityType).where(
            crm.ActivityType.company_id == company_id, crm.ActivityType.key == kind.key
        )
        if not self._connection.execute(change.values(**_values(kind))).rowcount:
            insert_types(self._connection, company_id, (kind,), revision)


def insert_types(
    connection: Connection, company_id: CompanyId, kinds: Iterable[ActivityType], revision: int
) -> None:
    """Insert new types as our own writes, under a revision the company's counter has now."""
    rows = [
        {"company_id": company_id, "key": kind.key, "crmdav_revision": revision, **_values(kind)}
        for kind in kinds
    ]
    connection.execute(insert(crm.ActivityType), rows)


def _values(kind: ActivityType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "collection": kind.collection.value,
        "color": kind.color,
        "icon": kind.icon,
        "order_nr": kind.order,
        "active": kind.active,
    }
