"""Let options hold from now on only, keep equal items two, and let a stopped sync tidy up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns and a table; every link is judged by the present options."""
    op.add_column("links", sa.Column("era", sa.Integer()))
    op.add_column("connections", sa.Column("farewell", sa.Text()))
    op.create_table(
        "kept_apart",
        sa.Column("connection_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("google_event_id", sa.Text(), nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{parent}_id"], [f"{other}.id"], name=op.f(f"fk_kept_apart_{parent}_id_{other}")
            )
            for parent, other in (("company", "companies"), ("connection", "connections"))
        ),
        sa.PrimaryKeyConstraint(
            "connection_id", "uid", "google_event_id", name=op.f("pk_kept_apart")
        ),
    )
    op.create_index(op.f("ix_kept_apart_company_id"), "kept_apart", ["company_id"])
