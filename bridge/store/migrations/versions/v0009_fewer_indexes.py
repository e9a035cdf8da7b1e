"""Drop indexes that every write paid for and no question needed.

Rows of calendars and guests are always found by their calendar, object or activity. Most activities
have no deal, person or organization: only those that do need an entry.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_UNUSED = (
    ("calendar_objects", "company_id"),
    ("calendar_objects", "owner_id"),
    ("tombstones", "company_id"),
    ("occurrences", "company_id"),
    ("activity_attendees", "company_id"),
)


def upgrade() -> None:
    """Drop them, and make those of the links partial."""
    for table, column in _UNUSED:
        op.drop_index(f"ix_{table}_{column}", table)
    for column in ("person_id", "organization_id", "deal_id"):
        name, given = f"ix_activities_{column}", sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, "activities")
        op.create_index(name, "activities", [column], sqlite_where=given, postgresql_where=given)
