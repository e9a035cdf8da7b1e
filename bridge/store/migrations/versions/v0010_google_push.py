"""Let Google tell us of changes: channels, hints, and when to look after them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables; every connection there is gets its row."""
    _create_push()
    _create_channels()
    connections = sa.table("connections", sa.column("id"), sa.column("company_id"))
    push = sa.table("google_push", sa.column("connection_id"), sa.column("company_id"))
    given = sa.select(connections.c.id, connections.c.company_id)
    op.execute(push.insert().from_select(["connection_id", "company_id"], given))


def _create_push() -> None:
    op.create_table(
        "google_push",
        sa.Column("connection_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("told", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("taken_at", _MOMENT),
        sa.Column("flood_until", _MOMENT),
        sa.Column("active_at", _MOMENT),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("look_at", _MOMENT),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refusal", sa.Text(), server_default="", nullable=False),
        *_parents("google_push"),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_google_push")),
    )
    for column in ("company_id", "look_at"):
        op.create_index(op.f(f"ix_google_push_{column}"), "google_push", [column])


def _create_channels() -> None:
    op.create_table(
        "google_channels",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("connection_id", _BIG_ID, nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("google_calendar_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("heard_at", _MOMENT),
        sa.Column("closed_at", _MOMENT),
        *_parents("google_channels"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_google_channels")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_google_channels_channel_id")),
    )
    for column in ("company_id", "connection_id"):
        op.create_index(op.f(f"ix_google_channels_{column}"), "google_channels", [column])


def _parents(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return tuple(
        sa.ForeignKeyConstraint(
            [f"{parent}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{parent}_id_{other}")
        )
        for parent, other in (("company", "companies"), ("connection", "connections"))
    )
