"""Calendars, their objects and tombstones, as the first schema had them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store.migrations.first_tables.column_types import BIG_ID


def create() -> None:
    """Create them; the tables they refer to exist."""
    _reported_rows()
    _calendars()
    _calendar_objects()
    _tombstones()


def _reported_rows() -> None:
    op.create_table(
        "reported_rows",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "row_id", name=op.f("pk_reported_rows")),
    )


def _calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="standard", nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("default_type", sa.Text(), server_default="", nullable=False),
        sa.Column("properties", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_calendars_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_calendars_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("owner_id", "slug", name=op.f("uq_calendars_owner_id_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_calendars_company_id"), "calendars", ["company_id"], unique=False)
    op.create_index(op.f("ix_calendars_owner_id"), "calendars", ["owner_id"], unique=False)


def _calendar_objects() -> None:
    op.create_table(
        "calendar_objects",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("calendar_id", BIG_ID, nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("first_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recurring", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("private", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("origin", sa.Text(), server_default="crm", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["calendars.id"],
            name=op.f("fk_calendar_objects_calendar_id_calendars"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_calendar_objects_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_calendar_objects_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_objects")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_calendar_objects_activity_id")),
        sa.UniqueConstraint(
            "calendar_id", "href", name=op.f("uq_calendar_objects_calendar_id_href")
        ),
        sa.UniqueConstraint("calendar_id", "uid", name=op.f("uq_calendar_objects_calendar_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_calendar_objects_company_id"), "calendar_objects", ["company_id"], unique=False
    )
    op.create_index(
        op.f("ix_calendar_objects_owner_id"), "calendar_objects", ["owner_id"], unique=False
    )
    op.create_index(
        "ix_calendar_objects_revision",
        "calendar_objects",
        ["calendar_id", "revision"],
        unique=False,
    )
    op.create_index(
        "ix_calendar_objects_span",
        "calendar_objects",
        ["calendar_id", "first_utc", "last_utc"],
        unique=False,
    )


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("calendar_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_tombstones_calendar_id_calendars")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_tombstones_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("calendar_id", "href", name=op.f("pk_tombstones")),
    )
    op.create_index(op.f("ix_tombstones_company_id"), "tombstones", ["company_id"], unique=False)
    op.create_index(
        "ix_tombstones_revision", "tombstones", ["calendar_id", "revision"], unique=False
    )
