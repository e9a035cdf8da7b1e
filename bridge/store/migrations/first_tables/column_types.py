"""Column types of the first schema."""

from __future__ import annotations

import sqlalchemy as sa

# SQLite makes only INTEGER PRIMARY KEY columns its row id.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
