"""Activity types that other programs wrote and that make no sense, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bridge.domain.activity import STOCK_TYPES
from bridge.domain.users import Company
from bridge.store.database import Database

INSERT = sa.text(
    "INSERT INTO activity_types (company_id, key, name, collection, crmdav_revision)"
    " VALUES (:company, :key, :name, :collection, 0)"
)


@pytest.mark.parametrize("collection", ["", "events", "ACTIVITIES"])
def test_type_of_an_unknown_collection_is_left_out_and_breaks_nobody(
    database: Database, company: Company, collection: str
) -> None:
    """The company's other types are listed and found as ever."""
    odd = {"company": company.id, "key": "odd", "name": "Odd", "collection": collection}
    with database.write() as work:
        work.connection.execute(INSERT, odd)
        assert work.types.list(company.id) == STOCK_TYPES
        assert work.types.get(company.id, "odd") is None
        assert work.types.get(company.id, "call") == STOCK_TYPES[0]


@pytest.mark.parametrize("dialect", ["sqlite"])  # PostgreSQL stores no broken text
def test_type_whose_name_is_no_text_is_left_out(database: Database, company: Company) -> None:
    """SQLite takes any bytes for a text."""
    odd = {"company": company.id, "key": "odd", "name": b"\xff\xfe", "collection": "tasks"}
    with database.write() as work:
        work.connection.execute(INSERT, odd)
        assert work.types.list(company.id) == STOCK_TYPES
