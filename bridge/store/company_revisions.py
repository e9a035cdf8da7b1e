"""The counter of a company's persons, organizations, deals and activity types.

A row written with the counter's present value is known as ours to the triggers that note the
writes of other programs (design decision 15).
"""

from __future__ import annotations

from sqlalchemy import Connection, update

from bridge.domain.identifiers import CompanyId
from bridge.errors import NotFound
from bridge.store.schema.access import Company


def next_revision(connection: Connection, company_id: CompanyId) -> int:
    """Raise the counter and return it; the company's row stays locked until the end.

    Raises:
        NotFound: No such company.
    """
    statement = update(Company).where(Company.id == company_id)
    raised = statement.values(revision=Company.revision + 1).returning(Company.revision)
    revision = connection.execute(raised).scalar_one_or_none()
    if revision is None:
        raise NotFound(f"no company: {company_id}")
    return revision
