"""Keep the instances of recurring objects, so that time ranges need not follow rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table; the worker fills it from the objects."""
    op.create_table(
        "occurrences",
        sa.Column("object_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("recurrence_id", sa.Text(), nullable=False),
        sa.Column("calendar_id", _BIG_ID, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("start_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_utc", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_occurrences_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["calendar_objects.id"],
            name=op.f("fk_occurrences_object_id_calendar_objects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", "recurrence_id", name=op.f("pk_occurrences")),
    )
    op.create_index(op.f("ix_occurrences_company_id"), "occurrences", ["company_id"])
    op.create_index("ix_occurrences_span", "occurrences", ["calendar_id", "start_utc", "end_utc"])
