"""Keep the instances of recurring objects, so that time ranges need not follow rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# How each object is searched, as far as its columns tell; the worker looks again at all of them.
_CLASSIFY = {
    "sqlite": "UPDATE calendar_objects SET reach = CASE WHEN first_utc IS NULL THEN 0"
    " WHEN recurring THEN 3"
    " WHEN last_utc IS NULL OR julianday(last_utc) - julianday(first_utc) > 7 THEN 2 ELSE 1 END,"
    " extend_at = '1970-01-01 00:00:00.000000'",
    "postgresql": "UPDATE calendar_objects SET reach = CASE WHEN first_utc IS NULL THEN 0"
    " WHEN recurring THEN 3"
    " WHEN last_utc IS NULL OR last_utc - first_utc > interval '7 days' THEN 2 ELSE 1 END,"
    " extend_at = '1970-01-01 00:00:00+00'",
}
# No range is known of a series, so that whoever asks has to look at its text.
_FORGET = (
    "UPDATE calendar_objects SET known_since = '9999-12-29 00:00:00.000000',"
    " known_until = '0001-01-03 00:00:00.000000' WHERE reach = 3"
)


def upgrade() -> None:
    """Create the table and the columns; the worker fills both from the objects' texts."""
    _create_table()
    reach = sa.Column("reach", sa.SmallInteger(), server_default="0", nullable=False)
    op.add_column("calendar_objects", reach)
    op.add_column("calendar_objects", sa.Column("busy", sa.SmallInteger(), nullable=True))
    for name in ("known_since", "known_until", "extend_at"):
        instant = sa.Column(name, sa.DateTime(timezone=True), nullable=True)
        op.add_column("calendar_objects", instant)
    op.execute(_CLASSIFY[op.get_bind().dialect.name])
    op.execute(_FORGET)
    op.drop_index("ix_calendar_objects_span", "calendar_objects")
    op.create_index(
        "ix_calendar_objects_span",
        "calendar_objects",
        ["calendar_id", "reach", "first_utc", "last_utc"],
    )
    for name, columns in (
        ("known_since", ["calendar_id", "known_since"]),
        ("known_until", ["calendar_id", "known_until"]),
        ("extend_at", ["extend_at"]),
    ):
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_calendar_objects_{name}",
            "calendar_objects",
            columns,
            sqlite_where=given,
            postgresql_where=given,
        )


def _create_table() -> None:
    op.create_table(
        "occurrences",
        sa.Column("object_id", _BIG_ID, autoincrement=False, nullable=False),
        sa.Column("recurrence_id", sa.Text(), nullable=False),
        sa.Column("calendar_id", _BIG_ID, nullable=False),
        sa.Column("company_id", _BIG_ID, nullable=False),
        sa.Column("start_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_long", sa.Boolean(), nullable=False),
        sa.Column("busy", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_occurrences_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["calendar_objects.id"],
            name=op.f("fk_occurrences_object_id_calendar_objects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", "recurrence_id", name=op.f("pk_occurrences")),
    )
    op.create_index(op.f("ix_occurrences_company_id"), "occurrences", ["company_id"])
    op.create_index(
        "ix_occurrences_span",
        "occurrences",
        ["calendar_id", "is_long", "start_utc", "end_utc", "object_id"],
    )
