"""Let users hand out secret addresses that read their activities as a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "calendar_links",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("user_id", _BIG_ID, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), server_default="", nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_calendar_links_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_calendar_links_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_links")),
    )
    for column in ("company_id", "user_id", "prefix"):
        op.create_index(op.f(f"ix_calendar_links_{column}"), "calendar_links", [column])
