"""Remember where calendar programs want to be told of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table; nobody had asked before, and no change of properties was noted apart."""
    op.add_column(
        "calendars",
        sa.Column("properties_revision", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("user_id", _BIG_ID, nullable=False),
        sa.Column("calendar_id", _BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("auth_secret", sa.Text(), nullable=False),
        sa.Column("wants_content", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("wants_properties", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("told_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_push_subscriptions_company_id_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_push_subscriptions_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["calendars.id"],
            name=op.f("fk_push_subscriptions_calendar_id_calendars"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("name", name=op.f("uq_push_subscriptions_name")),
        sa.UniqueConstraint(
            "calendar_id",
            "user_id",
            "address_digest",
            name=op.f("uq_push_subscriptions_calendar_id_user_id_address_digest"),
        ),
    )
    for column in ("company_id", "user_id"):
        op.create_index(op.f(f"ix_push_subscriptions_{column}"), "push_subscriptions", [column])
