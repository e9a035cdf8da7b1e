"""Create all tables of the first schema."""

from __future__ import annotations

from bridge.store.migrations.first_tables import access, crm, dav, google

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; each module only refers to those before it."""
    access.create()
    crm.create()
    dav.create()
    google.create()
