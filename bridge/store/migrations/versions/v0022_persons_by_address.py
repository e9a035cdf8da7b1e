"""Find persons by their addresses, as guests of activities are matched by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the index; no row changes."""
    op.create_index("ix_persons_address", "persons", ["company_id", sa.text("lower(email)")])
