"""The CRM's tables, as the first schema had them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store.migrations.first_tables.column_types import BIG_ID


def create() -> None:
    """Create them; the tables they refer to exist."""
    _foreign_changes()
    _activities()
    _activity_attendees()
    _activity_participants()
    _activity_types()
    _deals()
    _organizations()
    _persons()


def _foreign_changes() -> None:
    op.create_table(
        "foreign_changes",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=True),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", BIG_ID, nullable=True),
        sa.Column("old_owner_id", BIG_ID, nullable=True),
        sa.Column("new_owner_id", BIG_ID, nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_changes")),
    )
    op.create_index(
        op.f("ix_foreign_changes_new_owner_id"), "foreign_changes", ["new_owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_foreign_changes_old_owner_id"), "foreign_changes", ["old_owner_id"], unique=False
    )


def _activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("type_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("due_time", sa.Time(), nullable=True),
        sa.Column("duration_seconds", sa.BigInteger(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("recurrence", sa.Text(), server_default="", nullable=False),
        sa.Column("done", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("busy", sa.Boolean(), nullable=True),
        sa.Column("private", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("public_description", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("organization_id", BIG_ID, nullable=True),
        sa.Column("deal_id", BIG_ID, nullable=True),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("project_id", BIG_ID, nullable=True),
        sa.Column("conference_client", sa.Text(), server_default="", nullable=False),
        sa.Column("conference_url", sa.Text(), server_default="", nullable=False),
        sa.Column("conference_id", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crmdav_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_activities_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activities_company_id"), "activities", ["company_id"], unique=False)
    op.create_index("ix_activities_deal_id", "activities", ["deal_id"], unique=False)
    op.create_index(
        "ix_activities_organization_id", "activities", ["organization_id"], unique=False
    )
    op.create_index("ix_activities_owner_due", "activities", ["owner_id", "due_date"], unique=False)
    op.create_index("ix_activities_person_id", "activities", ["person_id"], unique=False)


def _activity_attendees() -> None:
    op.create_table(
        "activity_attendees",
        sa.Column("activity_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("reply", sa.Text(), server_default="needs-action", nullable=False),
        sa.Column("optional", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_activity_attendees_company_id_companies"),
        ),
        sa.PrimaryKeyConstraint("activity_id", "email", name=op.f("pk_activity_attendees")),
    )
    op.create_index(
        op.f("ix_activity_attendees_company_id"), "activity_attendees", ["company_id"], unique=False
    )


def _activity_participants() -> None:
    op.create_table(
        "activity_participants",
        sa.Column("activity_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("person_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_activity_participants_company_id_companies"),
        ),
        sa.PrimaryKeyConstraint("activity_id", "person_id", name=op.f("pk_activity_participants")),
    )
    op.create_index(
        op.f("ix_activity_participants_company_id"),
        "activity_participants",
        ["company_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_activity_participants_person_id"),
        "activity_participants",
        ["person_id"],
        unique=False,
    )


def _activity_types() -> None:
    op.create_table(
        "activity_types",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), server_default="", nullable=False),
        sa.Column("icon", sa.Text(), server_default="", nullable=False),
        sa.Column("order_nr", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("crmdav_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_activity_types_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_types")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_activity_types_company_id_key")),
    )
    op.create_index(
        op.f("ix_activity_types_company_id"), "activity_types", ["company_id"], unique=False
    )


def _deals() -> None:
    op.create_table(
        "deals",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("person_id", BIG_ID, nullable=True),
        sa.Column("organization_id", BIG_ID, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crmdav_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_deals_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deals_company_id"), "deals", ["company_id"], unique=False)


def _organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crmdav_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_organizations_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_organizations_company_id"), "organizations", ["company_id"], unique=False
    )


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("organization_id", BIG_ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=True,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crmdav_revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_persons_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_persons_company_id"), "persons", ["company_id"], unique=False)
