"""What the sync remembers, as the first schema had it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store.migrations.first_tables.column_types import BIG_ID


def create() -> None:
    """Create them; the tables they refer to exist."""
    _connections()
    _oauth_attempts()
    _collection_tokens()
    _journal()
    _leases()
    _links()
    _runs()
    _link_events()
    _parked_items()


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attention", sa.Text(), server_default="", nullable=False),
        sa.Column("account_email", sa.Text(), nullable=False),
        sa.Column("google_subject", sa.Text(), server_default="", nullable=False),
        sa.Column("granted_scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("refresh_token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("google_calendar_id", sa.Text(), nullable=True),
        sa.Column("google_calendar_name", sa.Text(), server_default="", nullable=False),
        sa.Column("google_calendar_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("settings", sa.JSON(), nullable=True),
        sa.Column("home_revision_seen", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_connections_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_connections_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_connections_company_id"), "connections", ["company_id"], unique=False)
    op.create_index(op.f("ix_connections_user_id"), "connections", ["user_id"], unique=False)


def _oauth_attempts() -> None:
    op.create_table(
        "oauth_attempts",
        sa.Column("state_digest", sa.Text(), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("session_digest", sa.Text(), nullable=False),
        sa.Column("code_verifier", sa.Text(), nullable=False),
        sa.Column("login_hint", sa.Text(), server_default="", nullable=False),
        sa.Column("connection_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_oauth_attempts_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_oauth_attempts_user_id_users")
        ),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_oauth_attempts")),
    )
    op.create_index(
        op.f("ix_oauth_attempts_company_id"), "oauth_attempts", ["company_id"], unique=False
    )
    op.create_index(op.f("ix_oauth_attempts_user_id"), "oauth_attempts", ["user_id"], unique=False)


def _collection_tokens() -> None:
    op.create_table(
        "collection_tokens",
        sa.Column("connection_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_collection_tokens_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_collection_tokens_connection_id_connections"),
        ),
        sa.PrimaryKeyConstraint("connection_id", "collection", name=op.f("pk_collection_tokens")),
    )
    op.create_index(
        op.f("ix_collection_tokens_company_id"), "collection_tokens", ["company_id"], unique=False
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("connection_id", BIG_ID, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_journal_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_journal_connection_id_connections")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_company_id"), "journal", ["company_id"], unique=False)
    op.create_index("ix_journal_connection_at", "journal", ["connection_id", "at"], unique=False)
    op.create_index(op.f("ix_journal_run_id"), "journal", ["run_id"], unique=False)
    op.create_index("ix_journal_uid", "journal", ["connection_id", "uid"], unique=False)


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("connection_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("fencing", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_leases_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_leases_connection_id_connections")
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_leases")),
    )
    op.create_index(op.f("ix_leases_company_id"), "leases", ["company_id"], unique=False)


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("connection_id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("withheld", sa.Text(), server_default="", nullable=False),
        sa.Column("put_backs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("judged", sa.Text(), server_default="", nullable=False),
        sa.Column("calendar_presence", sa.Text(), server_default="absent", nullable=False),
        sa.Column("calendar_collection", sa.Text(), server_default="", nullable=False),
        sa.Column("calendar_href", sa.Text(), server_default="", nullable=False),
        sa.Column("calendar_seen", sa.Text(), nullable=True),
        sa.Column("calendar_synced", sa.Text(), nullable=True),
        sa.Column("calendar_object", sa.JSON(), nullable=True),
        sa.Column("calendar_base", sa.JSON(), nullable=True),
        sa.Column("google_presence", sa.Text(), server_default="absent", nullable=False),
        sa.Column("google_collection", sa.Text(), server_default="", nullable=False),
        sa.Column("google_object", sa.JSON(), nullable=True),
        sa.Column("google_base", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_links_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_links_connection_id_connections")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("connection_id", "uid", name=op.f("uq_links_connection_id_uid")),
    )
    op.create_index(op.f("ix_links_company_id"), "links", ["company_id"], unique=False)


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("connection_id", BIG_ID, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="running", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("counts", sa.JSON(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_runs_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_runs_connection_id_connections")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_company_id"), "runs", ["company_id"], unique=False)
    op.create_index(
        "ix_runs_connection_started", "runs", ["connection_id", "started_at"], unique=False
    )


def _link_events() -> None:
    op.create_table(
        "link_events",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("connection_id", BIG_ID, nullable=False),
        sa.Column("link_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("google_event_id", sa.Text(), nullable=False),
        sa.Column("recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("etag_seen", sa.Text(), nullable=True),
        sa.Column("etag_synced", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_link_events_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_link_events_connection_id_connections"),
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name=op.f("fk_link_events_link_id_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_events")),
        sa.UniqueConstraint(
            "connection_id",
            "google_event_id",
            name=op.f("uq_link_events_connection_id_google_event_id"),
        ),
    )
    op.create_index(op.f("ix_link_events_company_id"), "link_events", ["company_id"], unique=False)
    op.create_index(op.f("ix_link_events_link_id"), "link_events", ["link_id"], unique=False)


def _parked_items() -> None:
    op.create_table(
        "parked_items",
        sa.Column("link_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("connection_id", BIG_ID, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_parked_items_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_parked_items_connection_id_connections"),
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["links.id"], name=op.f("fk_parked_items_link_id_links")
        ),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_parked_items")),
    )
    op.create_index(
        op.f("ix_parked_items_company_id"), "parked_items", ["company_id"], unique=False
    )
    op.create_index(
        op.f("ix_parked_items_connection_id"), "parked_items", ["connection_id"], unique=False
    )
