"""Keep what waits for a person's word because of guests, and every write that mailed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables; links withheld for guests so far are judged anew by the next run."""
    op.create_table(
        "held_changes",
        sa.Column("link_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("connection_id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("wish", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered", sa.Text()),
        sa.Column("answered_at", _MOMENT),
        *_parents("held_changes", link="links", company="companies", connection="connections"),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_held_changes")),
    )
    op.create_table(
        "guest_mails",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("connection_id", _BIG_ID, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        *_parents("guest_mails", company="companies", connection="connections"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_guest_mails")),
    )
    for table in ("held_changes", "guest_mails"):
        for column in ("company_id", "connection_id"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    links = sa.table("links", sa.column("withheld"), sa.column("judged"))
    op.execute(links.update().where(links.c.withheld == "guests").values(judged=""))


def _parents(table: str, **parents: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return tuple(
        sa.ForeignKeyConstraint(
            [f"{parent}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{parent}_id_{other}")
        )
        for parent, other in parents.items()
    )
